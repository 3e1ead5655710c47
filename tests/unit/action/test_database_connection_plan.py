# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ladder of database_connection, planned from observations: which rung answers which failure, on whom."""

from __future__ import annotations

from typing import Any

import pytest
from action_harness import run_action
from findings import critical, fine, unknown, warning
from observations import observation, service

from ansible_collections.agentfoundry.incident_response.plugins.action.remediation_plan import ActionModule
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from checkout import ROOT, load_yaml

ROLE = ROOT / "roles" / "database_connection"
DEFAULTS = load_yaml(ROLE / "defaults" / "main.yml")
IDLE_LIMIT = DEFAULTS["database_connection_idle_limit"]
LADDER = [
    {**rung, "deadline": IDLE_LIMIT if rung["deadline"] == "{{ database_connection_idle_limit }}" else rung["deadline"]}
    for rung in DEFAULTS["database_connection_ladder"]
]
TASK = load_yaml(ROLE / "tasks" / "main.yml")[0]
SERVICES = {
    "db": service("postgres"),
    "web": service(depends_on=["db"]),
    "jobs": service(depends_on=["db"]),
    "cache": service("redis"),
}

SLOTS = critical("postgres.slots", "db")
LEAK = critical("postgres.leak", "db", targets=("web",))
HOLDERS = critical("postgres.slot_holders", "db", targets=("jobs", "web"))
IDLE = critical("postgres.idle_in_transaction", "db")
BLOCKED = critical("postgres.blocked", "db")
ROOT_BLOCKER = critical("postgres.root_blocker", "db")
BY_TURNS = critical("postgres.blocking_transaction", "db")
BACKUP = critical("postgres.protected_blocker", "db")
SILENT = critical("postgres.answers", "db")
REFUSED = critical("postgres.refused", "db")
DEAF = critical("postgres.listen_addresses", "db", message="db listens on localhost only.")
DEAF_NO_LONGER = critical("postgres.listen_addresses_changed", "db", message="Only a restart loads it.")
DOWN = critical("postgres.running", "db")
STATE = critical("container.state", "db")
PAUSED = critical("container.paused", "db")
DISK = critical("postgres.disk", "db")
RECOVERING = critical("postgres.recovering", "db")
DRIFT = warning("container.config_drift", "db")
LOOP = critical("crash.loop", "db")
UNHEALTHY = critical("container.health", "db")

END_SESSIONS = ("terminate_idle_sessions", ["db"])
END_TRANSACTION = ("terminate_blocking_transaction", ["db"])
LAST = ("restart", ["db"])
LOOK_AGAIN = ("wait", ["db"])


def plan(
    *findings: Finding, named: list[str] | None = None, attempted: tuple[tuple[str, str], ...] = ()
) -> dict[str, Any]:
    return run_action(
        ActionModule,
        {
            "observed": observation(*findings, services=SERVICES),
            "scenario": "database_connection",
            "kinds": TASK["vars"]["remediation_kinds"],
            "services": named,
            "ladder": LADDER,
            "attempted": [{"action": action, "service": name} for action, name in attempted],
        },
    )


def steps(result: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(step["action"], step["services"]) for step in result["plan"]["steps"]]


@pytest.mark.parametrize(
    "findings, rungs",
    [
        ([SLOTS, LEAK, IDLE], [END_SESSIONS, ("restart", ["web"]), LAST]),
        ([SLOTS, LEAK], [("restart", ["web"]), LAST]),
        ([SLOTS, LEAK, critical("postgres.slot_holders", "db", targets=("jobs",))],
         [("restart", ["web"]), ("restart_dependants", ["jobs"]), LAST]),
        ([SLOTS, HOLDERS], [("restart_dependants", ["jobs", "web"]), LAST]),
        ([SLOTS], [LAST]),
        ([BLOCKED, IDLE], [END_SESSIONS]),
        ([BLOCKED, ROOT_BLOCKER], [("cancel_root_blocker", ["db"])]),
        ([BLOCKED, BY_TURNS], [LOOK_AGAIN, END_TRANSACTION]),
        ([BLOCKED, BACKUP], []),
        ([BLOCKED, BACKUP, SLOTS], []),
        ([SILENT, DOWN, STATE], [("start", ["db"])]),
        ([SILENT, DOWN, STATE, DISK], []),
        ([SILENT, DOWN, PAUSED], [("unpause", ["db"])]),
        ([SILENT], [LOOK_AGAIN, LAST]),
        ([SILENT, REFUSED], [LOOK_AGAIN, LAST]),
        ([SILENT, REFUSED, DRIFT], [("recreate", ["db"])]),
        ([REFUSED, DEAF], []),
        ([REFUSED, DEAF, UNHEALTHY], []),
        ([REFUSED, DEAF, DRIFT], [("recreate", ["db"])]),
        ([REFUSED, DEAF_NO_LONGER], [LAST]),
        ([REFUSED, DEAF_NO_LONGER, DISK], []),
        ([critical("service.missing", "db")], [("recreate", ["db"])]),
        ([SILENT, DOWN, STATE, LOOP], []),
        ([SILENT, DOWN, STATE, LOOP, DRIFT], [("recreate", ["db"])]),
        ([SILENT, RECOVERING, DRIFT], [("wait", ["db"])]),
        ([DISK], []),
        ([DISK, UNHEALTHY, DRIFT], []),
        ([UNHEALTHY], [LOOK_AGAIN, LAST]),
        ([critical("postgres.authentication", "db")], []),
        ([critical("postgres.write", "db")], []),
    ],
    ids=lambda value: "+".join(one.id.partition(".")[2] for one in value) if isinstance(value, list) and value
    and isinstance(value[0], Finding) else "",
)  # fmt: skip
def test_each_failure_is_answered_from_the_least_harmful_end(
    findings: list[Finding], rungs: list[tuple[str, list[str]]]
) -> None:
    assert steps(plan(*findings)) == rungs


def test_one_that_listens_to_nobody_but_itself_is_escalated_with_the_reason_and_not_restarted() -> None:
    result = plan(DEAF, REFUSED, fine("postgres.answers", "db"), critical("http.health", "web"))
    assert (result["in_trouble"], result["services"], steps(result)) == (True, ["db"], [])
    assert result["root_cause"] == DEAF.message
    assert plan(UNHEALTHY, DEAF, REFUSED)["root_cause"] == DEAF.message, "whatever stands first"
    withheld = {one["reason"] for one in result["plan"]["skipped"] if one["action"] in ("wait", "restart")}
    assert f"it would not help: {DEAF.message}" in withheld


def test_a_change_of_where_it_listens_is_the_reason_of_the_restart_that_loads_it() -> None:
    assert plan(REFUSED, DEAF_NO_LONGER)["root_cause"] == DEAF_NO_LONGER.message


def test_what_has_been_tried_is_not_tried_again_in_this_run() -> None:
    tried = (("terminate_idle_sessions", "db"), ("restart", "web"))
    assert steps(plan(SLOTS, LEAK, IDLE, attempted=tried)) == [LAST]


def test_a_database_that_was_late_once_is_looked_at_again_before_it_is_restarted() -> None:
    assert steps(plan(SILENT, attempted=(("wait", "db"),))) == [LAST]


def test_postgresql_itself_comes_last_and_gets_two_minutes_to_stop() -> None:
    last = [rung for rung in LADDER if "postgres.answers" in rung["findings"] and rung["action"] != "wait"]
    assert [rung["action"] for rung in last] == ["restart"]
    assert all(LADDER.index(last[0]) > LADDER.index(rung) for rung in LADDER if "postgres.leak" in rung["findings"])
    for rung in LADDER:
        if rung["action"] in ("restart", "recreate") and "postgres.leak" not in rung["findings"]:
            assert rung["parameters"]["stop_timeout"] == 120


def test_nothing_in_the_ladder_is_destructive_but_to_end_a_transaction_that_is_at_work() -> None:
    assert [rung["action"] for rung in LADDER if rung["tier"] == "destructive"] == ["terminate_blocking_transaction"]


def test_a_transaction_that_has_become_idle_for_long_enough_meanwhile_is_ended_without_approval() -> None:
    assert steps(plan(BLOCKED, IDLE, attempted=(("wait", "db"),))) == [END_SESSIONS]


@pytest.mark.parametrize("finding", [warning("postgres.idle_in_transaction", "db"), warning("postgres.slots", "db")])
def test_a_warning_calls_for_nothing(finding: Finding) -> None:
    result = plan(finding, fine("postgres.answers", "db"))
    assert (result["in_trouble"], steps(result)) == (False, [])


def test_a_server_that_cannot_be_asked_is_in_trouble_but_not_restarted_for_that() -> None:
    result = plan(unknown("postgres.answers", "db"))
    assert result["in_trouble"]
    assert steps(result) == []


def test_a_service_in_trouble_of_its_own_is_left_to_its_own_scenario() -> None:
    assert steps(plan(critical("http.health", "web"), critical("redis.answers", "cache"))) == []


def test_the_services_that_only_suffer_are_verified_but_never_acted_upon() -> None:
    result = plan(SILENT, STATE, critical("http.health", "web"), critical("http.health", "jobs"))
    assert steps(result) == [("start", ["db"])]
    assert result["verify"] == ["db", "jobs", "web"]
