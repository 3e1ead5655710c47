# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""redis_health_info, redis_key and redis_unblock as Ansible runs them: by exec, and over TCP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fake_docker import Answer
from fake_platform import inspected
from fake_platform_client import platform
from module_run import run_main
from redis_server import RedisInMemory, encode, resp_server

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts import (
    redis_unblock as redis_unblock_act,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_reply import (
    RedisError,
    Reply,
    read_formatted,
)
from ansible_collections.agentfoundry.incident_response.plugins.modules import (
    redis_health_info,
    redis_key,
    redis_unblock,
)
from checkout import ROOT

RECORDED = ROOT / "tests" / "fixtures" / "redis"
HEALTHY = (RECORDED / "healthy.stdout").read_bytes()


def run(main: Callable[[], None], folder: Path, *first: Answer, check_mode: bool = False, **options: Any) -> Any:
    docker = platform(folder, inspected("redis"), inspected("web"), first=first)
    if main is redis_health_info.main:
        options["state_dir"] = str(folder / "no-state")
    # Nothing here is about a deadline, and a machine that stands still for a moment must not make one.
    patient = {"docker_cli": docker.path, "probe_deadline": 60.0}
    result = run_main(main, {**patient, **options}, check_mode=check_mode, diff=True)
    return {**result, "calls": docker.calls}


def judged(result: dict[str, Any]) -> dict[str, str]:
    return {one["id"]: one["status"] for one in result["findings"] if one["id"].startswith("redis.")}


def managed(port: int, **settings: Any) -> dict[str, Any]:
    """Options that lead to a server on this machine."""
    return {
        "name": "cache",
        "services": {"cache": {"redis": {"host": "127.0.0.1", "port": port, **settings}}},
    }


@contextmanager
def serving(answer: Callable[[Sequence[str]], Reply]) -> Iterator[tuple[int, list[list[str]]]]:
    """A server that gives these replies; yields its port and what it hears."""
    heard: list[list[str]] = []

    def say(words: list[str]) -> bytes:
        heard.append(words)
        return encode(answer(words))

    with resp_server(say) as port:
        yield port, heard


def said(words: Sequence[str], healthy: Sequence[Reply] = read_formatted(HEALTHY)) -> Reply:
    """What the recorded server answers to the commands of a look."""
    return healthy[["PING", "INFO", "CONFIG", "SLOWLOG", "LATENCY", "SET", "DEL"].index(words[0])]


# redis_health_info


def test_the_same_server_tells_the_same_by_exec_and_over_tcp(tmp_path: Path) -> None:
    (tmp_path / "exec").mkdir()
    by_exec = run(redis_health_info.main, tmp_path / "exec", Answer("exec*", HEALTHY.decode()))
    with serving(said) as (port, _heard):
        by_tcp = run(redis_health_info.main, tmp_path, **managed(port))
    assert judged(by_exec) == judged(by_tcp)
    one, other = by_exec["redis"], by_tcp["redis"]
    for looked, via, state in ((one, "exec", "running"), (other, "tcp", "managed")):
        assert (looked.pop("via"), looked.pop("state")) == (via, state)
        for item in (*looked["slow_commands"], *looked["latency_spikes"]):
            item["age"] = 0
    assert one == other
    assert one["server"]["version"] == "7.0.15"


def test_check_mode_writes_nothing(tmp_path: Path) -> None:
    with serving(said) as (port, heard):
        result = run(redis_health_info.main, tmp_path, check_mode=True, **managed(port))
    assert {words[0] for words in heard} == {"PING", "INFO", "CONFIG", "SLOWLOG", "LATENCY"}
    assert judged(result)["redis.write"] == "not_configured"


def test_a_password_is_used_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("s3cret-word\n", encoding="utf-8")
    with serving(lambda words: "OK" if words[0] == "AUTH" else said(words)) as (port, heard):
        result = run(redis_health_info.main, tmp_path, **managed(port, password_file=str(tmp_path / "password")))
    assert heard[0] == ["AUTH", "s3cret-word"]
    assert result["redis"]["answer"] == "ok"
    assert "s3cret-word" not in json.dumps(result)


def test_a_managed_server_that_does_not_answer_is_a_finding_and_no_error(tmp_path: Path) -> None:
    with serving(said) as (port, _heard):
        pass
    result = run(redis_health_info.main, tmp_path, **managed(port))
    assert result["redis"]["answer"] == "refused"
    assert judged(result) == {"redis.answers": "critical", "redis.managed": "warning"}


def test_a_service_without_a_container_is_a_finding(tmp_path: Path) -> None:
    result = run(redis_health_info.main, tmp_path, name="cahce")
    assert (result["redis"], result["findings"][0]["id"]) == ({}, "service.missing")


@pytest.mark.parametrize(
    "options, told",
    [
        ({"services": {"redis": {"redis": {"prot": 1}}}}, "services.redis.redis.prot"),
        ({"thresholds": {"redis_comand_ms": 5}}, "redis_comand_ms"),
    ],
)
def test_an_option_that_is_wrong_is_named(tmp_path: Path, options: dict[str, Any], told: str) -> None:
    result = run(redis_health_info.main, tmp_path, **options)
    assert result["failed"]
    assert told in result["msg"]


# redis_key


def memory(server: RedisInMemory) -> Callable[[Sequence[str]], Reply]:
    return lambda words: server.ask([words])[0]


def test_keys_are_deleted_by_their_prefix_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    server = RedisInMemory("page:1", "session:1", "page:2", "page:3")
    with serving(memory(server)) as (port, _heard):
        first = run(redis_key.main, tmp_path, prefix="page:", **managed(port))
        second = run(redis_key.main, tmp_path, prefix="page:", **managed(port))
    assert (first["changed"], first["count"], server.keys) == (True, 3, ["session:1"])
    assert first["actions"] == [{"what": "keys", "id": "page:", "status": "deleted", "service": "cache", "count": 3}]
    assert first["diff"] == {"before": "cache: 3 keys that begin with page:\n", "after": ""}
    assert (second["changed"], second["actions"]) == (False, [])


@pytest.mark.parametrize("options", [{"prefix": "page:"}, {"action": "flush"}])
def test_check_mode_counts_and_deletes_nothing(tmp_path: Path, options: dict[str, Any]) -> None:
    server = RedisInMemory("page:1", "page:2")
    with serving(memory(server)) as (port, _heard):
        result = run(redis_key.main, tmp_path, check_mode=True, **options, **managed(port, cache=True))
    assert (result["changed"], result["count"], server.keys) == (True, 2, ["page:1", "page:2"])


@pytest.mark.parametrize("prefix", ["", "*", "page:*", "?", "::", " "])
def test_a_prefix_that_could_mean_every_key_is_refused_before_the_server_is_asked(tmp_path: Path, prefix: str) -> None:
    server = RedisInMemory("page:1")
    with serving(memory(server)) as (port, heard):
        result = run(redis_key.main, tmp_path, prefix=prefix, **managed(port))
    assert result["failed"]
    assert "prefix" in result["msg"]
    assert heard == []


def test_without_a_prefix_nothing_is_deleted(tmp_path: Path) -> None:
    result = run(redis_key.main, tmp_path)
    assert result["failed"]
    assert "prefix" in result["msg"]


def test_only_a_declared_cache_is_flushed_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    server = RedisInMemory("page:1", "session:1")
    with serving(memory(server)) as (port, heard):
        refused = run(redis_key.main, tmp_path, action="flush", **managed(port))
        assert (refused["failed"], heard, len(server.keys)) == (True, [], 2)
        assert "services.cache.redis.cache" in refused["msg"]
        first = run(redis_key.main, tmp_path, action="flush", **managed(port, cache=True, database=3))
        second = run(redis_key.main, tmp_path, action="flush", **managed(port, cache=True, database=3))
    assert ["FLUSHDB", "ASYNC"] in heard
    assert heard.index(["SELECT", "3"]) < heard.index(["FLUSHDB", "ASYNC"])
    assert "FLUSHALL" not in {words[0] for words in heard}
    assert "changed" in first, first
    assert (first["changed"], first["count"], second["changed"]) == (True, 2, False)


def test_by_exec_the_prefix_is_one_quoted_word(tmp_path: Path) -> None:
    result = run(redis_key.main, tmp_path, Answer("exec*", '1) "0"\n2) (empty array)\n'), prefix="a b: $(id)")
    assert not result["changed"]
    assert not [call for call in result["calls"] if "$(id)" in call], "what varies goes to standard input"


@pytest.mark.parametrize(
    "answer, told",
    [
        (RedisError("NOPERM this user has no permissions to run the 'scan' command"), "refused a command: NOPERM"),
        ("nonsense", "another shape"),
    ],
)
def test_a_refusal_of_the_server_is_told(tmp_path: Path, answer: Reply, told: str) -> None:
    with serving(lambda _words: answer) as (port, _heard):
        result = run(redis_key.main, tmp_path, prefix="page:", **managed(port))
    assert result["failed"]
    assert told in result["msg"]


# redis_unblock


def test_a_pause_is_ended_only_where_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paused = [True]

    def answer(words: Sequence[str]) -> Reply:
        if words[0] == "INFO":
            return "role:master\r\nmaster_failover_state:no-failover\r\n"
        if words[0] == "CLIENT":
            paused.clear()
            return "OK"
        return 0

    def say(words: list[str]) -> bytes | None:
        return None if paused and words[0] == "DEL" else encode(answer(words))

    with resp_server(say) as port:
        rehearsed = run(redis_unblock.main, tmp_path, action="unpause", check_mode=True, **managed(port))
        assert (rehearsed["changed"], bool(paused)) == (True, True)
        first = run(redis_unblock.main, tmp_path, action="unpause", **managed(port))
        # This answer comes, however busy the machine is.
        monkeypatch.setattr(redis_unblock_act, "_WRITE_SECONDS", 60.0)
        second = run(redis_unblock.main, tmp_path, action="unpause", **managed(port))
    assert first["actions"] == [{"what": "clients", "id": "cache", "status": "unpaused", "service": "cache"}]
    assert (second["changed"], second["actions"]) == (False, [])


def test_a_script_is_killed_only_where_one_runs(tmp_path: Path) -> None:
    runs = [True]

    def answer(words: Sequence[str]) -> Reply:
        if not runs:
            return RedisError("NOTBUSY No scripts in execution right now.")
        runs.clear()
        return "OK"

    with serving(answer) as (port, _heard):
        first = run(redis_unblock.main, tmp_path, action="kill_script", **managed(port))
        second = run(redis_unblock.main, tmp_path, action="kill_script", **managed(port))
    assert (first["changed"], first["actions"][0]["status"], second["changed"]) == (True, "killed", False)


@pytest.mark.parametrize(
    "main, options", [(redis_key.main, {"prefix": "page:"}), (redis_unblock.main, {"action": "unpause"})]
)
def test_a_server_that_is_not_there_is_named_with_those_that_are(
    tmp_path: Path, main: Callable[[], None], options: dict[str, Any]
) -> None:
    result = run(main, tmp_path, name="cahce", **options)
    assert result["failed"]
    assert "has no service cahce. Its services are: redis, web." in result["msg"]
