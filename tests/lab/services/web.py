# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small JSON web server: routes by method and path prefix, with /live, /health and /whoami on every service."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .logs import log

MAX_BODY_BYTES = 1 << 20


class HttpError(Exception):
    """An answer other than 200: `status` and a sentence for the client."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Request:
    """A request: its JSON body is an object (empty when there was none), header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Response:
    status: int
    body: Mapping[str, Any]


Route = Callable[[Request], Response]
Check = Callable[[], object]


@dataclass
class Application:
    """What a service serves: routes by (method, path prefix), and the checks of its own dependencies by name."""

    service: str
    routes: dict[tuple[str, str], Route] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    # Set while the service is up but cannot work yet: /health then says so without asking the checks.
    loading: Callable[[], bool] = lambda: False

    def handle(self, request: Request) -> Response:
        """Answer one request; never raises."""
        try:
            return self._route(request)
        except HttpError as error:
            return Response(error.status, {"error": str(error)})
        except Exception as error:
            return Response(500, {"error": f"{type(error).__name__}: {str(error).strip()}"})

    def _route(self, request: Request) -> Response:
        if request.path == "/live":
            return Response(200, {"status": "alive", "service": self.service})
        if request.path == "/health":
            return self.health()
        for (method, prefix), route in self.routes.items():
            if request.method == method and request.path.startswith(prefix):
                return route(request)
        raise HttpError(404, f"no route for {request.method} {request.path}")

    def health(self) -> Response:
        """200 {"status": "ok"} when every check passes, else 503 {"status": "degraded"} with the failed ones."""
        if self.loading():
            return Response(503, {"status": "loading", "service": self.service})
        results = {name: _run(check) for name, check in self.checks.items()}
        ok = all(result["ok"] for result in results.values())
        body = {"status": "ok" if ok else "degraded", "service": self.service, "checks": results}
        return Response(200 if ok else 503, body)


def _run(check: Check) -> dict[str, Any]:
    started = time.monotonic()
    error = ""
    try:
        check()
    except Exception as raised:
        error = f"{type(raised).__name__}: {str(raised).strip()}"[:300]
    result: dict[str, Any] = {"ok": not error, "ms": round((time.monotonic() - started) * 1000, 1)}
    if error:
        result["error"] = error
    return result


class Handler(BaseHTTPRequestHandler):
    """One connection of a client; the server bears the application."""

    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, format: str, *args: object) -> None:
        """Only failed requests are logged, by `_answer`."""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        started = time.monotonic()
        try:
            response = self.server.application.handle(self._read())
        except HttpError as error:
            response = Response(error.status, {"error": str(error)})
        if response.status >= 400:
            detail = response.body.get("error") or response.body.get("checks") or response.body.get("status")
            elapsed = round((time.monotonic() - started) * 1000)
            log("error", "request failed", path=self.path, status=response.status, detail=detail, ms=elapsed)
        raw = json.dumps(response.body).encode()
        try:
            self.send_response(response.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)
        except (BrokenPipeError, ConnectionResetError):
            log("warn", "the client went away before the answer", path=self.path)

    def _read(self) -> Request:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY_BYTES:
            raise HttpError(413, f"the body is larger than {MAX_BODY_BYTES} bytes")
        try:
            body = json.loads(self.rfile.read(length)) if length else {}
        except ValueError:
            raise HttpError(400, "the body is not JSON") from None
        if not isinstance(body, dict):
            raise HttpError(400, "the body is not a JSON object")
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, self.path, headers, body)


class Server(ThreadingHTTPServer):
    """Each request in a thread of its own; threads that hang do not keep the process from ending."""

    daemon_threads = True

    def __init__(self, application: Application, port: int) -> None:
        super().__init__(("0.0.0.0", port), Handler)
        self.application = application


def serve(application: Application, port: int) -> None:
    """Serve until the process ends."""
    server = Server(application, port)
    log("info", "listening", port=port)
    server.serve_forever()
