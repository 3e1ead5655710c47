# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_facts import (
    Persistence,
    Server,
    SlowCommand,
    Spike,
    Write,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_info import (
    read_info,
    read_persistence,
    read_slow_log,
    read_spikes,
    read_write,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_reply import RedisError

NOW = 1_000.0
RECURSIVE = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=6), max_leaves=12
)


def server(*lines: str) -> Server:
    found = read_info("\r\n".join(("# Server", "redis_version:7.2.4", *lines)))
    assert found is not None
    return found


def test_what_is_not_told_is_nothing() -> None:
    assert server() == Server(version="7.2.4")


def test_memory_keys_and_costs_are_read() -> None:
    found = server(
        "used_memory:50", "maxmemory:200", "maxmemory_policy:allkeys-lru", "mem_fragmentation_ratio:1.5",
        "evicted_keys:7", "db0:keys=3,expires=1,avg_ttl=0", "db12:keys=4",
        "cmdstat_get:calls=10,usec=5000,usec_per_call=500.00", "cmdstat_keys:calls=1,usec=90000",
        "cmdstat_never:calls=0,usec=0", "cmdstat_odd:calls=²,usec=" + "9" * 5000, "db²:keys=1",
    )  # fmt: skip
    assert found.memory.percent == 25.0
    assert (found.memory.policy, found.memory.fragmentation, found.memory.evicted) == ("allkeys-lru", 1.5, 7)
    assert found.keys == {"0": 3, "12": 4}
    assert [(cost.name, cost.calls, cost.mean_ms) for cost in found.costs] == [("keys", 1, 90.0), ("get", 10, 0.5)]


def test_a_pause_is_read_where_the_version_tells_it() -> None:
    found = server("paused_reason:client_pause", "paused_actions:write", "paused_timeout_milliseconds:9000")
    assert (found.held, found.held_for, found.held_ms) == ("write", "client_pause", 9000)
    assert server("paused_reason:none", "paused_actions:none", "paused_timeout_milliseconds:0").held_ms is None


@pytest.mark.parametrize(
    "line, well",
    [
        ("rdb_last_bgsave_status:err", False),
        ("aof_last_write_status:err", False),
        ("aof_last_bgrewrite_status:err", False),
        ("rdb_last_bgsave_status:ok", True),
    ],
)
def test_a_save_that_failed_is_read(line: str, well: bool) -> None:
    assert server(line).last_save_ok is well


@pytest.mark.parametrize("fraction", ["x", "nan", "1e999"])
@pytest.mark.parametrize("value", ["", "x", "-1", "1.5", "²", "9" * 5000])
def test_a_number_that_is_none_is_not_believed(value: str, fraction: str) -> None:
    found = server(
        f"used_memory:{value}", f"connected_clients:{value}", f"db0:keys={value}", "mem_fragmentation_ratio:x"
    )
    assert (found.memory.used, found.clients, found.memory.fragmentation) == (0, 0, None)


@pytest.mark.parametrize("reply", [None, RedisError("NOPERM"), "", "no info at all", ["redis_version:7"], 7])
def test_without_an_answer_there_is_no_server(reply: Any) -> None:
    assert read_info(reply) is None


INFO = "redis_version:7.2.4\naof_enabled:0"


@pytest.mark.parametrize(
    "info, config, kept",
    [
        ("redis_version:7.2.4\r\naof_enabled:1\r\n", RedisError("NOPERM"), Persistence.AOF),
        (INFO, ["save", "3600 1 300 100"], Persistence.RDB),
        (INFO, ["save", ""], Persistence.NONE),
        (INFO, RedisError("ERR unknown command 'CONFIG'"), Persistence.UNKNOWN),
        (INFO, [], Persistence.UNKNOWN),
        (None, ["save", ""], Persistence.UNKNOWN),
    ],
)
def test_what_survives_a_restart(info: Any, config: Any, kept: Persistence) -> None:
    assert read_persistence(info, config) is kept


@pytest.mark.parametrize(
    "reply, wanted, answered, write",
    [
        ("OK", True, True, Write.OK),
        ("OK", False, True, Write.SKIPPED),
        (None, True, False, Write.HELD),
        (RedisError("OOM command not allowed"), True, True, Write.NO_MEMORY),
        (RedisError("MISCONF Redis is configured to save"), True, True, Write.NOT_SAVED),
        (RedisError("READONLY You can't write against a read only replica"), True, True, Write.READ_ONLY),
        (RedisError("NOPERM this user has no permissions"), True, True, Write.REFUSED),
        (7, True, True, Write.REFUSED),
    ],
)
def test_what_became_of_a_write(reply: Any, wanted: bool, answered: bool, write: Write) -> None:
    assert read_write(reply, wanted=wanted, answered=answered) is write


@pytest.mark.parametrize(
    "words, text",
    [
        (["SET", "session:4711", "eyJhbGciOi"], "SET session:… (2 arguments)"),
        (["get", "4711"], "GET … (1 argument)"),
        (["KEYS", "*"], "KEYS … (1 argument)"),
        (["EVAL", "return redis.call('get', 'secret')", "0"], "EVAL (2 arguments)"),
        (["AUTH", "user", "password"], "AUTH (2 arguments)"),
        (["CONFIG", "SET", "requirepass", "x"], "CONFIG (3 arguments)"),
        (["FLUSHALL"], "FLUSHALL (0 arguments)"),
        (["\x1b[31m", "x"], "? … (1 argument)"),
    ],
)
def test_a_slow_command_is_shown_without_its_values(words: list[str], text: str) -> None:
    entry = [1, 990, 12_500, words, "172.18.0.4:5555", ""]
    assert read_slow_log([entry], NOW, {"172.18.0.4": "web"}, str) == (SlowCommand(text, 12.5, 10.0, "web"),)


def test_the_slowest_comes_first_and_an_old_version_tells_no_client() -> None:
    found = read_slow_log([[1, 990, 1_000, ["GET", "a"]], [2, 2_000, 9_000, ["GET", "b"]]], NOW, {}, str)
    assert [(item.ms, item.age, item.service) for item in found] == [(9.0, 0.0, ""), (1.0, 10.0, "")]


def test_spikes_are_read_the_newest_length_first() -> None:
    found = read_spikes([["fork", 900, 20, 400], ["command", 990, 300, 300]], NOW)
    assert found == (Spike("command", 300.0, 300.0, 10.0), Spike("fork", 20.0, 400.0, 100.0))


@given(RECURSIVE)
def test_an_answer_of_any_shape_is_read_without_an_error(reply: Any) -> None:
    assert isinstance(read_info(reply), (Server, type(None)))
    for answer in (reply, [reply]):
        assert all(isinstance(item.ms, float) for item in read_slow_log(answer, NOW, {}, str))
        assert all(isinstance(item.ms, float) for item in read_spikes(answer, NOW))
    assert isinstance(read_persistence(reply, reply), Persistence)
