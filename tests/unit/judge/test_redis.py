# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_facts import (
    Answer,
    Memory,
    Persistence,
    RedisFacts,
    Server,
    SlowCommand,
    Spike,
    Write,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.redis import judge_redis

ROOM = Memory(used=10 << 20, limit=64 << 20, policy="noeviction")
FULL = replace(ROOM, used=64 << 20)
SERVER = Server(version="7.0.15", role="master", failover="no-failover", clients=3, most_clients=100, memory=ROOM)
WELL = RedisFacts("redis", "running", Answer.OK, via="exec", server=SERVER, write=Write.OK, persistence=Persistence.RDB)


def judged(**fields: Any) -> dict[str, Finding]:
    found = judge_redis(replace(WELL, **fields), Thresholds())
    assert len({finding.id for finding in found}) == len(found)
    assert {finding.step for finding in found} <= {"HL-2", "HL-6"}
    return {finding.id: finding for finding in found}


def bad(**fields: Any) -> dict[str, Status]:
    return {name: finding.status for name, finding in judged(**fields).items() if finding.is_bad}


def unwell(answer: Answer) -> dict[str, Any]:
    return {"answer": answer, "server": None, "write": Write.SKIPPED, "persistence": Persistence.UNKNOWN}


def test_a_server_that_is_well_has_nothing_bad() -> None:
    assert bad() == {}
    assert {"redis.answers", "redis.write", "redis.memory", "redis.volatile"} <= set(judged())


CRITICAL, WARNING, UNKNOWN = Status.CRITICAL, Status.WARNING, Status.UNKNOWN


@pytest.mark.parametrize(
    "answer, expected",
    [
        (Answer.HELD, {"redis.commands_held": CRITICAL, "redis.answers": CRITICAL}),
        (Answer.BUSY, {"redis.busy": CRITICAL, "redis.answers": CRITICAL}),
        (Answer.STOPPED, {"redis.process_stopped": CRITICAL, "redis.answers": CRITICAL}),
        (Answer.LOADING, {"redis.loading": CRITICAL, "redis.answers": CRITICAL}),
        (Answer.TIMED_OUT, {"redis.answers": CRITICAL}),
        (Answer.REFUSED, {"redis.answers": CRITICAL}),
        (Answer.NOT_RUNNING, {"redis.answers": CRITICAL}),
        (Answer.AUTHENTICATION, {"redis.answers": UNKNOWN}),
        (Answer.NO_CLIENT, {"redis.answers": UNKNOWN}),
        (Answer.FAILED, {"redis.answers": UNKNOWN}),
    ],
)
def test_each_way_of_not_answering_has_its_finding(answer: Answer, expected: dict[str, Status]) -> None:
    told = {"redis.volatile": WARNING} if CRITICAL in expected.values() else {}
    assert bad(**unwell(answer)) == {**expected, **told}


@pytest.mark.parametrize(
    "fields, expected",
    [
        ({"write": Write.HELD}, {"redis.writes_held": CRITICAL}),
        ({"write": Write.NO_MEMORY}, {"redis.memory": CRITICAL}),
        ({"write": Write.NO_MEMORY, "cache": True}, {"redis.memory": CRITICAL, "redis.cache_full": CRITICAL}),
        ({"write": Write.NO_MEMORY, "disposable_prefixes": ("page:",)},
         {"redis.memory": CRITICAL, "redis.disposable_keys": CRITICAL}),
        ({"write": Write.NOT_SAVED}, {"redis.saving": CRITICAL}),
        ({"write": Write.READ_ONLY}, {"redis.read_only": CRITICAL}),
        ({"write": Write.REFUSED}, {"redis.write": UNKNOWN}),
        ({"write": Write.HELD, "server": replace(SERVER, failover="waiting-for-sync")}, {"redis.failover": CRITICAL}),
        ({"write": Write.HELD, "server": replace(SERVER, held="write", held_for="slot_migration_in_progress")},
         {"redis.failover": CRITICAL}),
        ({"write": Write.SKIPPED, "server": replace(SERVER, held="write", held_for="client_pause", held_ms=9000)},
         {"redis.writes_held": CRITICAL}),
        ({"write": Write.SKIPPED, "server": replace(SERVER, held="none", held_for="none")}, {}),
        ({"write": Write.SKIPPED}, {}),
        ({"write": Write.SKIPPED, "server": replace(SERVER, blocked_clients=2)}, {"redis.write": WARNING}),
        ({"write": Write.SKIPPED, "server": replace(SERVER, memory=FULL)}, {"redis.memory": CRITICAL}),
        ({"write": Write.SKIPPED, "server": replace(SERVER, memory=FULL), "cache": True},
         {"redis.memory": CRITICAL, "redis.cache_full": CRITICAL}),
    ],
)  # fmt: skip
def test_each_way_of_not_taking_writes_has_its_finding(fields: dict[str, Any], expected: dict[str, Status]) -> None:
    assert bad(**fields) == expected


def test_a_pause_that_the_server_tells_of_is_seen_without_a_write() -> None:
    paused = replace(SERVER, held="write", held_for="client_pause", held_ms=9000, blocked_clients=2)
    told = judged(write=Write.SKIPPED, server=paused)["redis.writes_held"]
    assert told.evidence == ("2 clients waiting before that", "by its own word for 9 s more")


@pytest.mark.parametrize(
    "server, expected",
    [
        (replace(SERVER, memory=replace(ROOM, used=60 << 20)), {"redis.memory": WARNING}),
        (replace(SERVER, memory=replace(ROOM, used=64 << 20, policy="allkeys-lru")), {}),
        (replace(SERVER, memory=replace(ROOM, limit=None)), {}),
        (replace(SERVER, clients=95), {"redis.clients": WARNING}),
        (replace(SERVER, last_save_ok=False, changes=12), {"redis.saving": WARNING}),
    ],
)
def test_what_explains_slowness_is_a_warning(server: Server, expected: dict[str, Status]) -> None:
    assert bad(server=server) == expected


def test_only_recent_slow_commands_count_and_their_client_is_named() -> None:
    recent = SlowCommand("KEYS … (1 argument)", 900.0, 12.0, "reporting-service")
    found = judged(slow=(recent, replace(recent, age=4000.0), replace(recent, ms=20.0)))["redis.slow_commands"]
    assert (found.status, found.value) == (WARNING, 900.0)
    assert found.evidence == ("900 ms, 12 s ago, by reporting-service: KEYS … (1 argument)",)
    assert bad(slow=(replace(recent, age=4000.0),)) == {}


def test_spikes_of_its_own_monitor_are_told() -> None:
    assert bad(spikes=(Spike("fork", 400.0, 900.0, 3.0), Spike("command", 1.0, 1.0, 3.0))) == {
        "redis.latency_spikes": WARNING
    }


@pytest.mark.parametrize(
    "persistence, recorded, status, words",
    [
        (Persistence.NONE, Persistence.UNKNOWN, WARNING, "would lose every key."),
        (Persistence.UNKNOWN, Persistence.NONE, WARNING, "would lose every key."),
        (Persistence.UNKNOWN, Persistence.UNKNOWN, WARNING, "cannot be told"),
        (Persistence.UNKNOWN, Persistence.AOF, Status.OK, "survive a restart"),
        (Persistence.RDB, Persistence.NONE, Status.OK, "survive a restart"),
    ],
)
def test_in_trouble_it_is_told_what_a_restart_would_lose(
    persistence: Persistence, recorded: Persistence, status: Status, words: str
) -> None:
    found = judged(**{**unwell(Answer.HELD), "persistence": persistence, "recorded": recorded})["redis.volatile"]
    assert found.status is status
    assert words in found.message


@pytest.mark.parametrize("recorded", [Persistence.NONE, Persistence.AOF, Persistence.UNKNOWN])
def test_a_managed_server_in_trouble_is_not_restarted_from_here(recorded: Persistence) -> None:
    found = bad(**{**unwell(Answer.TIMED_OUT), "state": "managed", "recorded": recorded})
    assert found == {"redis.answers": CRITICAL, "redis.managed": WARNING}
    assert bad(state="managed") == {}


@pytest.mark.parametrize("persistence", [Persistence.NONE, Persistence.UNKNOWN])
def test_a_cache_that_is_well_bears_no_warning_for_keeping_nothing(persistence: Persistence) -> None:
    assert bad(persistence=persistence) == {}
