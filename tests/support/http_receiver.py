# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP receivers on loopback that stand for vendors, and hold what they get to the vendors' documents."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Request:
    """A request as it came in; header names in lower case."""

    host: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form, each of which has to stand there once."""
        fields = parse_qs(self.body.decode(), strict_parsing=True)
        assert all(len(values) == 1 for values in fields.values())
        return {name: values[0] for name, values in fields.items()}


@dataclass(frozen=True)
class Answer:
    """What a vendor answers."""

    status: int
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()


Vendor = Callable[[Request], Answer]
"""Checks a request against the vendor's document; an AssertionError is a complaint and answered by 400."""


class Receivers:
    """Vendors by their host name, behind one server or proxy; keeps what came in.

    :param down: hosts that answer 503, whatever comes.
    """

    def __init__(self, vendors: Mapping[str, Vendor]) -> None:
        self.vendors = dict(vendors)
        self.requests: list[Request] = []
        self.complaints: list[str] = []
        self.down: set[str] = set()

    def taken(self, host: str) -> list[Request]:
        """What the vendor took."""
        return [request for request in self.requests if request.host == host]

    def answer(self, request: Request) -> Answer:
        if request.host in self.down:
            return Answer(503, "down")
        try:
            answer = self.vendors[request.host](request)
        except (AssertionError, KeyError, ValueError) as error:
            self.complaints.append(f"{request.method} {request.host}{request.path}: {error!r} {request.body!r}")
            return Answer(400, "bad request")
        if answer.status < 300:
            self.requests.append(request)
        return answer


class LoopbackServer:
    """Plain HTTP for one vendor, whose address can be configured. Use it as a context manager."""

    def __init__(self, receivers: Receivers, host: str) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler(receivers, host))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> LoopbackServer:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def handler(receivers: Receivers, host: str) -> type[BaseHTTPRequestHandler]:
    """A request handler for one vendor."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 20

        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = receivers.answer(Request(host, self.command, self.path, headers, body))
            content = answer.body.encode()
            self.send_response(answer.status)
            for name, value in (*answer.headers, ("Content-Length", str(len(content)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = _take  # noqa: N815, as http.server calls them

        def log_message(self, *_arguments: Any) -> None:
            """Nothing on the terminal."""

    return Handler
