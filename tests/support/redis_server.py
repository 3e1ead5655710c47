# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small RESP server on loopback, and a Redis in memory for what acts on keys."""

from __future__ import annotations

import fnmatch
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_reply import (
    Command,
    RedisError,
    Reply,
)

Answer = Callable[[list[str]], bytes | None]


@contextmanager
def resp_server(answer: Answer, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve one connection after the other; yields the port. No bytes from ``answer`` means silence.

    :param context: the server speaks TLS by it.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                plain, _address = listener.accept()
            except OSError:
                return
            try:
                connection = context.wrap_socket(plain, server_side=True) if context else plain
            except OSError:
                plain.close()
                continue  # the client does not trust it
            with connection, connection.makefile("rb") as lines:
                while header := lines.readline():
                    if not header.startswith(b"*"):
                        connection.sendall(b"-ERR Protocol error: unbalanced quotes in request\r\n")
                        break
                    words = []
                    for _number in range(int(header[1:])):
                        size = int(lines.readline()[1:])
                        words.append(lines.read(size + 2)[:-2].decode())
                    said = answer(words)
                    if said:
                        connection.sendall(said)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)  # also wakes the thread that waits in accept
        listener.close()


def encode(reply: Reply) -> bytes:
    """Write a reply as the server does (RESP2)."""
    if reply is None:
        return b"$-1\r\n"
    if isinstance(reply, RedisError):
        return b"-" + reply.message.encode() + b"\r\n"
    if isinstance(reply, int):
        return b":%d\r\n" % reply
    if isinstance(reply, list):
        return b"*%d\r\n" % len(reply) + b"".join(encode(one) for one in reply)
    data = str(reply).encode("utf-8", "surrogateescape")
    return b"$%d\r\n%s\r\n" % (len(data), data)


class RedisInMemory:
    """Keys, and the commands by which they are found and deleted. SCAN gives two at a time."""

    service = "redis"

    def __init__(self, *keys: str) -> None:
        self.keys = list(keys)
        self.given: list[Command] = []

    def ask(self, commands: Sequence[Command]) -> tuple[Reply, ...]:
        """Answer each of them."""
        self.given += commands
        return tuple(self._answer(list(command)) for command in commands)

    def _answer(self, command: list[str]) -> Reply:
        name, *rest = command
        if name == "SCAN":
            at = int(rest[0])
            page, after = self._snapshot[at : at + 2], at + 2
            found = [key for key in page if fnmatch.fnmatchcase(key, rest[2].replace("\\", ""))]
            return [str(after) if after < len(self._snapshot) else "0", found]
        if name == "UNLINK":
            gone = [key for key in rest if key in self.keys]
            self.keys = [key for key in self.keys if key not in gone]
            return len(gone)
        if name == "DBSIZE":
            return len(self.keys)
        if name == "FLUSHDB":
            self.keys = []
        return "OK"

    @property
    def _snapshot(self) -> list[str]:
        """The order of the scan, which deletions do not change."""
        self.__dict__.setdefault("_order", list(self.keys))
        return list(self.__dict__["_order"])
