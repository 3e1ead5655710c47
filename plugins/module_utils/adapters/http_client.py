# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a service over HTTP that may be broken in any way: one deadline for the whole, bounded bytes, no proxy."""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

_HEADER_LIMIT = 1 << 16
_MOST_REDIRECTS = 3
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Failure(str, Enum):
    """Why there is no good answer."""

    NONE = ""
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    DEADLINE = "deadline"
    CLOSED = "closed"
    NOT_HTTP = "not_http"
    REDIRECT = "redirect"


@dataclass(frozen=True)
class HttpAnswer:
    """What came back.

    :param url: the address that gave the answer, after redirects within the same host.
    :param status: HTTP status, None without an answer.
    :param body: at most ``limit`` bytes.
    :param truncated: True when the body is longer than ``limit``.
    :param latency: seconds until the body (or its first ``limit`` bytes) was there, or until the failure.
    :param connected: True when the TCP connection was accepted; tells a dead server from a silent one.
    :param failure: what went wrong, ``Failure.NONE`` when a complete answer came, whatever its status.
    :param error: one sentence about the failure. Not redacted.
    :param location: where a redirect to another host points to. Not redacted.
    :param headers: name in lower case -> value. Not redacted.
    """

    url: str
    status: int | None = None
    body: bytes = b""
    truncated: bool = False
    latency: float = 0.0
    connected: bool = False
    failure: Failure = Failure.NONE
    error: str = ""
    location: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class HttpClient(Protocol):
    """Where HTTP requests go; a test hands in one that answers from a table."""

    def request(
        self,
        method: str,
        url: str,
        *,
        deadline: float,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        limit: int = 1 << 16,
    ) -> HttpAnswer:
        """One request; redirects are followed on the same host only, and only for GET.

        :param deadline: seconds for everything: connection, request, headers and body, redirects included.
        :param limit: bytes of the body that are read.
        """


class SocketHttpClient:
    """The real thing, on the standard library's parser. Proxies of the environment are not used."""

    def request(
        self,
        method: str,
        url: str,
        *,
        deadline: float,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        limit: int = 1 << 16,
    ) -> HttpAnswer:
        """See :class:`HttpClient`."""
        begin = time.monotonic()
        end = begin + deadline
        answer = _once(method, url, end, body, headers or {}, limit)
        for _turn in range(_MOST_REDIRECTS):
            target = urljoin(answer.url, answer.location) if answer.location else ""
            if answer.failure is not Failure.REDIRECT or method != "GET" or not _is_same_host(answer.url, target):
                break
            answer = _once(method, target, end, b"", headers or {}, limit)
        return replace(answer, latency=time.monotonic() - begin)


def _once(method: str, url: str, end: float, body: bytes, headers: Mapping[str, str], limit: int) -> HttpAnswer:
    answer = HttpAnswer(url)
    sock: socket.socket | None = None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        sock = _connect(host, port, parts.scheme, end)
        answer = replace(answer, connected=True)
        connection = http.client.HTTPConnection(host, port)
        connection.sock = _DeadlineSocket(sock, end, limit + _HEADER_LIMIT)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body or None, {"Connection": "close", "Accept": "*/*", **headers})
        return _read(connection.getresponse(), answer, limit)
    except (OSError, http.client.HTTPException, ValueError) as error:
        failure, text = _explain(error, answer)
        return replace(answer, failure=failure, error=text)
    finally:
        if sock is not None:
            sock.close()


def _read(response: http.client.HTTPResponse, answer: HttpAnswer, limit: int) -> HttpAnswer:
    answer = replace(
        answer,
        status=response.status,
        headers={name.lower(): value for name, value in response.getheaders()},
    )
    location = response.getheader("Location") if 300 <= response.status < 400 else None
    if location:
        return replace(answer, location=location, failure=Failure.REDIRECT, error=f"It redirects to {location}.")
    content = response.read(limit + 1)
    if response.length and len(content) <= limit:
        raise http.client.IncompleteRead(content, response.length)
    return replace(answer, body=content[:limit], truncated=len(content) > limit)


def _connect(host: str, port: int, scheme: str, end: float) -> socket.socket:
    sock = socket.create_connection((host, port), timeout=_left(end))
    if scheme != "https":
        return sock
    import ssl

    # Reached by address on this host or a container network, where no certificate names it: the question is whether
    # the service answers, not who it is, and nothing secret is sent.
    context = ssl._create_unverified_context()  # noqa: S323
    try:
        return context.wrap_socket(sock, server_hostname=host)
    except BaseException:
        sock.close()
        raise


class _DeadlineSocket:
    """A socket whose every wait ends at one deadline: a peer that drips a byte a second gains nothing by it.

    Who made the socket closes it; the parser closes its file early, while the body is still to be read.
    """

    def __init__(self, sock: socket.socket, end: float, limit: int) -> None:
        self._sock = sock
        self._end = end
        self._limit = limit

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(_left(self._end))
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_DeadlineReader(self._sock, self._end, self._limit))

    def close(self) -> None:
        """Nothing: see above."""


class _DeadlineReader(io.RawIOBase):
    def __init__(self, sock: socket.socket, end: float, limit: int) -> None:
        super().__init__()
        self._sock = sock
        self._end = end
        self._left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._left <= 0:
            return 0
        self._sock.settimeout(_left(self._end))
        count = self._sock.recv_into(memoryview(buffer)[: self._left])
        self._left -= count
        return count


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError("deadline")
    return left


def _is_same_host(url: str, target: str) -> bool:
    try:
        old, new = urlsplit(url), urlsplit(target)
        ports = [part.port or (443 if part.scheme == "https" else 80) for part in (old, new)]
    except ValueError:
        return False
    hosts = ["localhost" if part.hostname in _LOOPBACK else part.hostname for part in (old, new)]
    return old.scheme == new.scheme and hosts[0] == hosts[1] and ports[0] == ports[1]


def _explain(error: Exception, answer: HttpAnswer) -> tuple[Failure, str]:
    if isinstance(error, (TimeoutError, socket.timeout)):
        where = "sent no complete answer" if answer.connected else "did not accept the connection"
        return Failure.DEADLINE, f"It {where} before the deadline."
    if isinstance(error, ConnectionRefusedError):
        return Failure.REFUSED, "It refuses connections: nothing listens on that port."
    if isinstance(error, (http.client.RemoteDisconnected, ConnectionError)):
        return Failure.CLOSED, "It closed the connection without an answer."
    if isinstance(error, http.client.IncompleteRead):
        return Failure.CLOSED, "It closed the connection in the middle of its answer."
    if isinstance(error, (http.client.HTTPException, ValueError)):
        return Failure.NOT_HTTP, f"Its answer is no HTTP ({type(error).__name__})."
    return Failure.UNREACHABLE, f"It cannot be reached: {getattr(error, 'strerror', None) or type(error).__name__}."
