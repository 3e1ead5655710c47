# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ladder of high_latency, planned from what was seen: which rung answers which trouble, on whom."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from action_harness import run_action
from findings import critical, unknown, warning
from observations import observation, service

from ansible_collections.agentfoundry.incident_response.plugins.action.remediation_plan import ActionModule
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_facts import (
    Answer,
    Memory,
    Persistence,
    RedisFacts,
    Server,
    Write,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.redis import judge_redis
from checkout import ROOT, load_yaml

ROLE = ROOT / "roles" / "high_latency"
LADDER = load_yaml(ROLE / "defaults" / "main.yml")["high_latency_ladder"]
TASK = load_yaml(ROLE / "tasks" / "main.yml")[0]
SERVICES = {
    "gateway": service(depends_on=["users", "cache"]),
    "users": service(depends_on=["db", "cache"]),
    "db": service("postgres"),
    "cache": service("redis"),
}
SERVER = Server(version="7.0.15", failover="no-failover", most_clients=100, memory=Memory(1, 100, "noeviction"))
WELL = RedisFacts("cache", "running", Answer.OK, server=SERVER, write=Write.OK, persistence=Persistence.RDB)


def plan(*findings: Finding, attempted: tuple[tuple[str, str], ...] = ()) -> dict[str, Any]:
    return run_action(
        ActionModule,
        {
            "observed": observation(*findings, services=SERVICES),
            "scenario": "high_latency",
            "kinds": TASK["vars"]["remediation_kinds"],
            "ladder": LADDER,
            "attempted": [{"action": action, "service": name} for action, name in attempted],
        },
    )


def steps(result: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    return [(step["action"], step["tier"], step["services"]) for step in result["plan"]["steps"]]


def silent(answer: Answer, recorded: Persistence, state: str = "running") -> RedisFacts:
    return RedisFacts("cache", state, answer, recorded=recorded)


KEPT, LOST, UNTOLD = Persistence.AOF, Persistence.NONE, Persistence.UNKNOWN
RESTART = ("restart", "disruptive", ["cache"])
RESTART_AND_LOSE = ("restart_redis", "destructive", ["cache"])
UNPAUSE, KILL = ("unpause_clients", "safe", ["cache"]), ("kill_script", "safe", ["cache"])
DELETE, FLUSH = ("delete_keys", "destructive", ["cache"]), ("flush_cache", "destructive", ["cache"])
WAIT = ("wait", "safe", ["cache"])


@pytest.mark.parametrize(
    "seen, rungs",
    [
        (WELL, []),
        (replace(WELL, persistence=LOST), []),
        (replace(WELL, write=Write.HELD), [UNPAUSE]),
        (replace(WELL, write=Write.HELD, persistence=LOST), [UNPAUSE, RESTART_AND_LOSE]),
        (replace(WELL, write=Write.HELD, server=replace(SERVER, failover="waiting-for-sync")), []),
        (silent(Answer.BUSY, KEPT), [KILL, RESTART]),
        (silent(Answer.BUSY, LOST), [KILL, RESTART_AND_LOSE]),
        (silent(Answer.HELD, KEPT), [RESTART]),
        (silent(Answer.HELD, LOST), [RESTART_AND_LOSE]),
        (silent(Answer.HELD, UNTOLD), [RESTART_AND_LOSE]),
        (silent(Answer.STOPPED, KEPT), [RESTART]),
        (silent(Answer.TIMED_OUT, KEPT), [RESTART]),
        (silent(Answer.LOADING, KEPT), [WAIT]),
        (silent(Answer.LOADING, LOST), [WAIT]),
        (silent(Answer.TIMED_OUT, KEPT, state="managed"), []),
        (silent(Answer.TIMED_OUT, LOST, state="managed"), []),
        (replace(WELL, write=Write.HELD, state="managed"), [UNPAUSE]),
        (replace(WELL, write=Write.NO_MEMORY), []),
        (replace(WELL, write=Write.NO_MEMORY, cache=True), [FLUSH]),
        (replace(WELL, write=Write.NO_MEMORY, disposable_prefixes=("page:",)), [DELETE]),
        (replace(WELL, write=Write.NO_MEMORY, disposable_prefixes=("page:",), cache=True), [DELETE, FLUSH]),
        (replace(WELL, write=Write.NOT_SAVED), []),
        (replace(WELL, write=Write.NOT_SAVED, persistence=LOST), []),
        (replace(WELL, write=Write.READ_ONLY, persistence=LOST), []),
        (silent(Answer.AUTHENTICATION, LOST), []),
    ],
)  # fmt: skip
def test_each_trouble_of_redis_is_answered_from_the_least_harmful_end(
    seen: RedisFacts, rungs: list[tuple[str, str, list[str]]]
) -> None:
    assert steps(plan(*judge_redis(seen, Thresholds()))) == rungs


def test_a_redis_that_is_full_and_keeps_nothing_is_emptied_before_it_is_restarted() -> None:
    full = replace(WELL, write=Write.NO_MEMORY, cache=True, persistence=LOST)
    assert steps(plan(*judge_redis(full, Thresholds()))) == [FLUSH, RESTART_AND_LOSE]


SLOW = critical("latency.p95", "users")
BOTTLENECK = critical("latency.bottleneck", "db")


@pytest.mark.parametrize(
    "findings, rungs",
    [
        ([SLOW], []),
        ([SLOW, critical("latency.saturated", "users")], [("restart", "disruptive", ["users"])]),
        ([SLOW, critical("latency.config_drift", "users")], [("recreate", "disruptive", ["users"])]),
        ([SLOW, critical("latency.config_drift", "users"), critical("latency.saturated", "users")],
         [("recreate", "disruptive", ["users"]), ("restart", "disruptive", ["users"])]),
        ([BOTTLENECK, warning("postgres.runaway_statement", "db"), warning("latency.p95", "users")],
         [("cancel_statement", "safe", ["db"])]),
        ([BOTTLENECK, warning("postgres.missing_index", "db")], [("create_index", "destructive", ["db"])]),
        ([BOTTLENECK, warning("postgres.missing_index", "db"), warning("postgres.runaway_statement", "db")],
         [("cancel_statement", "safe", ["db"]), ("create_index", "destructive", ["db"])]),
        ([critical("latency.bottleneck", "cache"), warning("latency.p95", "users")], []),
    ],
)  # fmt: skip
def test_each_bottleneck_is_answered_from_the_least_harmful_end(
    findings: list[Finding], rungs: list[tuple[str, str, list[str]]]
) -> None:
    assert steps(plan(*findings)) == rungs


@pytest.mark.parametrize("name", ["postgres.runaway_statement", "postgres.missing_index", "postgres.dead_rows"])
def test_a_database_for_which_nobody_waits_is_left_alone(name: str) -> None:
    result = plan(warning(name, "db"))
    assert (result["in_trouble"], steps(result)) == (False, [])


def test_what_has_been_tried_is_not_tried_again_in_this_run() -> None:
    busy = judge_redis(silent(Answer.BUSY, LOST), Thresholds())
    assert steps(plan(*busy, attempted=(("kill_script", "cache"),))) == [RESTART_AND_LOSE]


def test_whatever_loses_data_or_costs_disk_space_needs_approval() -> None:
    tiers = {rung["action"]: rung["tier"] for rung in LADDER}
    destructive = {action for action, tier in tiers.items() if tier == "destructive"}
    assert destructive == {"delete_keys", "flush_cache", "restart_redis", "create_index"}
    result = plan(BOTTLENECK, warning("postgres.missing_index", "db"))
    assert result["plan"]["steps"][0]["needs_approval"]


STARTING = unknown("container.health", "cache")


@pytest.mark.parametrize(
    "findings, first",
    [
        ([STARTING], WAIT),
        ([STARTING, critical("redis.answers", "cache")], RESTART),
    ],
    ids=["it has just been started", "it answers nobody"],
)
def test_what_has_just_been_started_is_waited_for_unless_it_answers_nobody(
    findings: list[Finding], first: tuple[str, str, list[str]]
) -> None:
    assert steps(plan(*findings))[0] == first
