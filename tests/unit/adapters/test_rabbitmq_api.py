# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64

import pytest
from bad_servers import Answer, drips, floods, hangs, ok, says, server

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import (
    SocketHttpClient,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.rabbitmq_api import (
    ApiError,
    RabbitmqApi,
    part,
)

PASSWORD = "s3cret-word"


def api(port: int, deadline: float = 5.0) -> RabbitmqApi:
    base = f"http://127.0.0.1:{port}"
    return RabbitmqApi(SocketHttpClient(), base, "monitor", PASSWORD, via="published port", deadline=deadline)


def test_a_json_answer_is_read() -> None:
    with server(ok(b'{"name": "monitor"}')) as port:
        assert api(port).get("whoami") == {"name": "monitor"}


def test_an_empty_answer_is_none() -> None:
    with server(ok(b"", "204 No Content")) as port:
        assert api(port).put("queues/%2F/jobs", {"durable": True}) is None


@pytest.mark.parametrize(
    "answer, said, refused",
    [
        (ok(b'{"error":"not_authorised"}', "401 Unauthorized"), "does not take these credentials", True),
        (ok(b"{}", "403 Forbidden"), "does not take these credentials", True),
        (ok(b"{}", "500 Internal Server Error"), "HTTP 500", False),
        (ok(b"not found", "404 Not Found"), "HTTP 404", False),
        (ok(b"<html>Welcome</html>"), "no JSON", False),
        (ok(b"\xff\xfe"), "no JSON", False),
        (ok(b"[" * 100_000), "no JSON", False),
        (says(b"SSH-2.0-OpenSSH_9.2\r\n"), "", False),
        (hangs, "", False),
        (drips, "", False),
    ],
)
def test_each_way_of_giving_no_good_answer_is_told(answer: Answer, said: str, refused: bool) -> None:
    with server(answer) as port, pytest.raises(ApiError) as failed:
        api(port, deadline=0.5).get("nodes")
    assert said in str(failed.value)
    assert failed.value.refused is refused
    assert PASSWORD not in str(failed.value)


def test_an_answer_that_is_too_long_is_not_half_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{RabbitmqApi.__module__}._LIMIT", 1 << 20)
    with server(floods) as port, pytest.raises(ApiError, match="longer than 1048576 bytes"):
        api(port).get("queues")


@pytest.mark.parametrize("body", [b"{}", b"null", b"7", b'"x"'])
def test_what_is_no_list_does_not_come_from_a_broker(body: bytes) -> None:
    with server(ok(body)) as port, pytest.raises(ApiError, match="no management API"):
        api(port).get_list("nodes")


def test_the_password_is_in_the_header_and_nowhere_else() -> None:
    seen: list[bytes] = []

    def keep(connection: object) -> None:
        seen.append(connection.recv(65536))  # type: ignore[attr-defined]
        ok(b"[]")(connection)  # type: ignore[arg-type]

    with server(keep, reads=False) as port:
        asked = api(port)
        asked.get("nodes")
    login = base64.b64encode(f"monitor:{PASSWORD}".encode())
    assert b"Authorization: Basic " + login in seen[0]
    assert PASSWORD.encode() not in seen[0]
    assert PASSWORD not in repr(asked)


@pytest.mark.parametrize("name, escaped", [("/", "%2F"), ("jobs", "jobs"), ("a/b?c=d#e f", "a%2Fb%3Fc%3Dd%23e%20f")])
def test_a_name_is_one_part_of_a_path(name: str, escaped: str) -> None:
    assert part(name) == escaped
