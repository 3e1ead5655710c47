# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from redis_server import resp_server
from scripted_runner import ScriptedRunner, answered
from vendor_proxy import server_context

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.redis_client import (
    RedisCli,
    RedisTcp,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_reply import (
    Conversation,
    End,
    RedisError,
    Reply,
)


def by_exec(runner: ScriptedRunner, *commands: tuple[str, ...], password: str = "") -> Conversation:
    return RedisCli(DockerCli(runner), "id", port=6379, database=2, password=password).ask(commands, seconds=2.0)


def test_the_container_is_asked_with_a_time_limit_of_its_own() -> None:
    runner = ScriptedRunner(("exec", "PONG\n"))
    assert by_exec(runner, ("PING",)).replies == ("PONG",)
    assert runner.calls[0][-4:] == ("6379", "2", "", "2.0")


@pytest.mark.parametrize(
    "said, replies, end",
    [
        (answered("PONG\n", exit_code=124), ("PONG",), End.TIMED_OUT),
        (answered("", exit_code=-9, timed_out=True), (), End.TIMED_OUT),
        (answered("PONG\n"), ("PONG",), End.FAILED),
        (answered("PONG\nOK\n"), ("PONG", "OK"), End.COMPLETE),
    ],
)
def test_an_early_end_keeps_what_was_answered(said: object, replies: tuple[Reply, ...], end: End) -> None:
    told = by_exec(ScriptedRunner(("exec", said)), ("PING",), ("SET", "a", "b"))  # type: ignore[arg-type]
    assert (told.replies, told.end) == (replies, end)


def test_a_password_of_two_lines_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="hidden"):
        by_exec(ScriptedRunner(), ("PING",), password="a\nFLUSHALL")


ANSWERS = {
    "PING": b"+PONG\r\n",
    "GET": b"$5\r\na\r\nb\xff\r\n",
    "NONE": b"$-1\r\n",
    "LIST": b"*3\r\n:1\r\n*1\r\n$1\r\nx\r\n*0\r\n",
    "BAD": b"-OOM command not allowed\r\n",
}


def test_the_protocol_brings_the_same_answers() -> None:
    with resp_server(lambda words: ANSWERS[words[0]]) as port:
        told = RedisTcp("127.0.0.1", port).ask([(name,) for name in ANSWERS], seconds=2.0)
    assert told.end is End.COMPLETE
    assert told.replies == ("PONG", "a\r\nb\udcff", None, [1, ["x"], []], RedisError("OOM command not allowed"))


def test_user_password_and_database_come_first_and_are_no_answers() -> None:
    heard: list[list[str]] = []

    def answer(words: list[str]) -> bytes:
        heard.append(words)
        return b"+OK\r\n"

    with resp_server(answer) as port:
        client = RedisTcp("127.0.0.1", port, database=3, user="monitor", password="s3cret")
        told = client.ask([("PING",)], seconds=2.0)
    assert heard == [["AUTH", "monitor", "s3cret"], ["SELECT", "3"], ["PING"]]
    assert told.replies == ("OK",)


def test_a_refused_password_is_the_answer() -> None:
    with resp_server(lambda _words: b"-WRONGPASS invalid username-password pair\r\n") as port:
        told = RedisTcp("127.0.0.1", port, password="wrong").ask([("PING",)], seconds=2.0)
    assert told.end is End.FAILED
    assert told.reply(0) == RedisError("WRONGPASS invalid username-password pair")


@pytest.mark.parametrize(
    "said, end, error",
    [
        (None, End.TIMED_OUT, "in time"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", End.FAILED, "no Redis"),
        (b"$99999999999\r\n", End.FAILED, "larger"),
        (b"*1\r\n" * 40, End.FAILED, "no Redis"),
        (b"x" * 70_000, End.FAILED, "no Redis"),
    ],
)
def test_a_server_that_misbehaves_costs_the_deadline_at_most(said: bytes | None, end: End, error: str) -> None:
    with resp_server(lambda _words: said) as port:
        told = RedisTcp("127.0.0.1", port).ask([("PING",)], seconds=0.3 if said is None else 60.0)
    assert (told.replies, told.end) == ((), end)
    assert error in told.error
    assert told.seconds < 30


def test_a_port_where_nobody_listens_is_refused() -> None:
    with resp_server(lambda _words: None) as port:
        pass
    assert RedisTcp("127.0.0.1", port).ask([("PING",)], seconds=30.0).end is End.REFUSED


@pytest.mark.parametrize(
    "trusted, host, end, told",
    [
        (True, "localhost", End.COMPLETE, ""),
        (False, "localhost", End.FAILED, "certificate verify failed"),
        (True, "127.0.0.1", End.FAILED, "certificate"),
    ],
    ids=["trusted", "unknown authority", "another name"],
)
def test_over_tls_only_a_server_that_is_who_it_says_is_talked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool, host: str, end: End, told: str
) -> None:
    authority, heard = tmp_path / "ca.pem", []
    context = server_context(["localhost"], tmp_path, authority)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))

    def answer(words: list[str]) -> bytes:
        heard.append(words)
        return b"+PONG\r\n"

    with resp_server(answer, context) as port:
        found = RedisTcp(host, port, tls=True, password="s3cret").ask([("PING",)], seconds=5.0)
    assert found.end is end
    assert told in found.error
    assert bool(heard) is (end is End.COMPLETE), "a password goes to nobody else"


def test_a_server_without_tls_is_told_and_does_not_hang() -> None:
    with resp_server(lambda _words: b"+PONG\r\n") as port:
        found = RedisTcp("localhost", port, tls=True).ask([("PING",)], seconds=1.0)
    assert (found.end in (End.FAILED, End.TIMED_OUT), found.replies) == (True, ())
    assert found.seconds < 30
