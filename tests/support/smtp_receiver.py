# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server on loopback that holds its client to RFC 5321 and keeps what it is given."""

from __future__ import annotations

import re
import socketserver
import threading
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

_PATH = re.compile(rb"(?:FROM|TO):<([^<>]*)>", re.IGNORECASE)


@dataclass(frozen=True)
class Mail:
    """A mail as it came in: the envelope and the message."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """The plain text."""
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content())


class SmtpReceiver:
    """Takes mails for every recipient but those in ``refused``. Use it as a context manager."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.complaints: list[str] = []
        self.refused: set[str] = set()
        self._server = socketserver.ThreadingTCPServer(
            ("127.0.0.1", 0), type("Session", (_Session,), {"receiver": self})
        )
        self._server.daemon_threads = True

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> SmtpReceiver:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Session(socketserver.StreamRequestHandler):
    """One session: greeting, EHLO, MAIL, RCPT, DATA, QUIT, in the order of section 4.1.4 of the RFC."""

    timeout = 20
    receiver: SmtpReceiver

    def handle(self) -> None:
        self._sender: str | None = None
        self._recipients: list[str] = []
        self._greeted = False
        self._say(220, "receiver ESMTP")
        while line := self.rfile.readline(1000):
            verb, _, argument = line.strip().partition(b" ")
            if verb.upper() == b"QUIT":
                self._say(221, "bye")
                return
            self._answer(verb.upper(), argument)

    def _answer(self, verb: bytes, argument: bytes) -> None:
        if verb in (b"EHLO", b"HELO"):
            self._greeted = True
            self._say(250, "receiver")
        elif verb == b"MAIL" and self._greeted:
            self._sender = self._path(argument)
            self._say(250, "ok")
        elif verb == b"RCPT" and self._sender is not None:
            recipient = self._path(argument)
            if recipient in self.receiver.refused:
                self._say(550, "no such user")
            else:
                self._recipients.append(recipient)
                self._say(250, "ok")
        elif verb == b"DATA" and self._recipients:
            self._data()
        elif verb in (b"RSET", b"NOOP"):
            self._say(250, "ok")
        else:
            self.receiver.complaints.append(f"bad sequence of commands: {verb!r}")
            self._say(503, "bad sequence of commands")

    def _data(self) -> None:
        self._say(354, "go on")
        lines: list[bytes] = []
        while (line := self.rfile.readline(2000)) not in (b".\r\n", b""):
            if len(line) > 1000:
                self.receiver.complaints.append("a line of more than 998 characters (RFC 5322, 2.1.1)")
            lines.append(line[1:] if line.startswith(b"..") else line)
        parsed: Any = message_from_bytes(b"".join(lines), policy=policy.default)
        for header in ("From", "Date"):
            if parsed[header] is None:
                self.receiver.complaints.append(f"no header {header} (RFC 5322, 3.6)")
        self.receiver.mails.append(Mail(self._sender or "", tuple(self._recipients), parsed))
        self._say(250, "taken")

    def _path(self, argument: bytes) -> str:
        match = _PATH.match(argument)
        if match is None:
            self.receiver.complaints.append(f"no path in {argument!r}")
            return ""
        return match[1].decode()

    def _say(self, code: int, text: str) -> None:
        self.wfile.write(f"{code} {text}\r\n".encode())
