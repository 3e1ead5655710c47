# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
import time

import pytest
from bad_servers import Answer, drips, floods, hangs, ok, says, server

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import (
    Failure,
    HttpAnswer,
    SocketHttpClient,
)

DEADLINE = 0.5


def get(port: int, path: str = "/health", host: str = "127.0.0.1", deadline: float = 10.0) -> HttpAnswer:
    return SocketHttpClient().request("GET", f"http://{host}:{port}{path}", deadline=deadline)


@pytest.mark.parametrize(
    "answer, status, body",
    [
        (ok(b'{"status": "ok"}'), 200, b'{"status": "ok"}'),
        (ok(b"down", "503 Service Unavailable"), 503, b"down"),
        (ok(b"", "204 No Content"), 204, b""),
        (says(b"HTTP/1.0 200 OK\r\n\r\nuntil the end"), 200, b"until the end"),
        (says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"), 200, b"hi"),
        (says(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), 200, b"hi"),
    ],
)
def test_an_answer_is_read(answer: Answer, status: int, body: bytes) -> None:
    with server(answer) as port:
        found = get(port)
    assert (found.status, found.body, found.failure) == (status, body, Failure.NONE)
    assert found.connected
    assert 0 < found.latency < 10


def test_ipv6_is_spoken() -> None:
    with server(ok(b"six"), "::1") as port:
        assert get(port, host="[::1]").body == b"six"


@pytest.mark.parametrize(
    "answer, failure",
    [
        (says(b""), Failure.CLOSED),
        (says(b"\x00\xff\xfe garbage\r\n\r\n"), Failure.NOT_HTTP),
        (says(b"HTTP/1.1 9999 Nonsense\r\n\r\n"), Failure.NOT_HTTP),
        (says(b"SSH-2.0-OpenSSH_9.2\r\n"), Failure.NOT_HTTP),
        (says(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nshort"), Failure.CLOSED),
        (says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), Failure.CLOSED),
        (says(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 10_000), Failure.NOT_HTTP),
        (says(b"HTTP/1.1 200 OK\r\nA: " + b"b" * 200_000), Failure.NOT_HTTP),
        (says(b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000), Failure.CLOSED),
    ],
)
def test_an_answer_that_is_none_is_told_apart_and_never_raises(answer: Answer, failure: Failure) -> None:
    with server(answer) as port:
        found = get(port)
    assert found.failure is failure
    assert found.error


@pytest.mark.parametrize("answer", [hangs, drips])
def test_one_deadline_holds_for_the_whole_request(answer: Answer) -> None:
    begin = time.monotonic()
    with server(answer) as port:
        found = get(port, deadline=DEADLINE)
    assert found.failure is Failure.DEADLINE
    assert found.connected
    assert DEADLINE <= time.monotonic() - begin < DEADLINE + 30


def test_of_a_body_of_ten_megabytes_only_the_beginning_is_read() -> None:
    with server(floods) as port:
        found = get(port)
    assert found.status == 200
    assert found.truncated
    assert found.body == b"x" * 65536


def test_a_port_without_a_listener_refuses() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        found = get(unused.getsockname()[1])
    assert found.failure is Failure.REFUSED
    assert not found.connected


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999/", "http://[::1/", "http://"])
def test_an_address_that_is_none_never_raises(url: str) -> None:
    assert SocketHttpClient().request("GET", url, deadline=DEADLINE).failure is not Failure.NONE


@pytest.mark.parametrize("location", ["https://elsewhere.example/login", "//elsewhere.example/", "http://127.0.0.1:1/"])
def test_a_redirect_to_another_place_is_not_followed(location: str) -> None:
    with server(says(f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())) as port:
        found = get(port)
    assert (found.status, found.failure, found.location) == (302, Failure.REDIRECT, location)


def test_a_redirect_on_the_same_host_is_followed() -> None:
    def answer(connection: socket.socket) -> None:
        seen.append(True)
        if len(seen) == 1:
            connection.sendall(b"HTTP/1.1 301 Moved\r\nLocation: /health/\r\nContent-Length: 0\r\n\r\n")
        else:
            ok(b"there")(connection)

    seen: list[bool] = []
    with server(answer) as port:
        found = get(port)
    assert (found.status, found.body) == (200, b"there")
    assert found.url.endswith("/health/")


def test_redirects_in_a_circle_end() -> None:
    with server(says(b"HTTP/1.1 302 Found\r\nLocation: /health\r\nContent-Length: 0\r\n\r\n")) as port:
        assert get(port).failure is Failure.REDIRECT


def test_the_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with server(ok(b"direct")) as port:
        assert get(port).body == b"direct"


def test_a_body_and_headers_are_sent() -> None:
    received = bytearray()

    def answer(connection: socket.socket) -> None:
        while b"[1.0]" not in received:
            received.extend(connection.recv(65536))
        ok(b"thanks")(connection)

    with server(answer, reads=False) as port:
        found = SocketHttpClient().request(
            "POST",
            f"http://127.0.0.1:{port}/predict?x=1",
            deadline=10,
            body=b"[1.0]",
            headers={"Content-Type": "application/json"},
        )
    assert found.body == b"thanks"
    assert received.startswith(b"POST /predict?x=1 HTTP/1.1\r\n")
    assert b"Content-Type: application/json" in received
    assert b"Content-Length: 5" in received
