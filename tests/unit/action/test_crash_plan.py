# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ladder of service_crash, planned from observations: which rung answers which crash, and who is left alone."""

from __future__ import annotations

from typing import Any

import pytest
from action_harness import run_action
from findings import critical, fine, unknown, warning
from observations import observation, service

from ansible_collections.agentfoundry.incident_response.plugins.action.remediation_plan import ActionModule
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import KINDS
from checkout import ROOT, load_yaml

ROLE = ROOT / "roles" / "service_crash"
LADDER = load_yaml(ROLE / "defaults" / "main.yml")["service_crash_ladder"]
TASK = load_yaml(ROLE / "tasks" / "main.yml")[0]
DEPENDANTS = ("a", "b", "c", "d", "e")
SERVICES = {
    "db": service("postgres"),
    "web": service(),
    **{name: service(depends_on=["db"]) for name in DEPENDANTS},
    "both": service(depends_on=["db", "web"]),
}


def plan(*findings: Finding, named: list[str] | None = None, **services: dict[str, Any]) -> dict[str, Any]:
    return run_action(
        ActionModule,
        {
            "observed": observation(*findings, services={**SERVICES, **services}),
            "scenario": "service_crash",
            "kinds": TASK["vars"]["remediation_kinds"],
            "services": named,
            "ladder": LADDER,
        },
    )


def steps(result: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(step["action"], step["services"]) for step in result["plan"]["steps"]]


def test_every_kind_of_service_is_looked_after() -> None:
    assert sorted(TASK["vars"]["remediation_kinds"]) == sorted(KINDS)


DRIFT = warning("container.config_drift", "web")
CHANGED = warning("crash.image_changed", "web")
LOOP = critical("crash.loop", "web")
REFUSED = critical("service.credentials", "web")


@pytest.mark.parametrize(
    "findings, actions",
    [
        ([critical("container.state", "web"), critical("container.exit_code", "web")], ["start"]),
        ([critical("container.state", "web"), warning("container.exit_code", "web")], ["start"]),
        ([critical("container.state", "web"), critical("container.oom", "web")], ["start"]),
        ([critical("container.paused", "web")], ["unpause"]),
        ([critical("http.health", "web")], ["restart"]),
        ([critical("model_server.health", "web")], ["restart"]),
        ([critical("http.health", "web"), warning("crash.history", "web")], ["restart"]),
        ([unknown("http.health", "web")], ["wait"]),
        ([critical("http.health", "web"), DRIFT], ["restart", "recreate"]),
        ([critical("http.health", "web"), DRIFT, CHANGED], ["restart", "recreate", "rollback"]),
        ([critical("service.missing", "web")], ["recreate"]),
        # In a loop nothing but another configuration or image helps.
        ([LOOP, critical("container.state", "web")], []),
        ([LOOP, unknown("container.health", "web"), critical("http.health", "web")], []),
        ([LOOP, critical("container.state", "web"), DRIFT], ["recreate"]),
        ([LOOP, critical("container.state", "web"), CHANGED], ["rollback"]),
        # Nor does a restart help one whose password a database refuses.
        ([REFUSED, critical("http.health", "web")], []),
        ([REFUSED, critical("container.state", "web")], []),
        ([REFUSED, critical("http.health", "web"), DRIFT], ["recreate"]),
        # What has changed is no trouble by itself.
        ([DRIFT, CHANGED, warning("crash.rolled_back", "web")], []),
    ],
)
def test_which_rungs_answer(findings: list[Finding], actions: list[str]) -> None:
    result = plan(*findings)
    assert steps(result) == [(action, ["web"]) for action in actions]


def test_a_rollback_needs_approval_and_nothing_else_does() -> None:
    assert {rung["action"] for rung in LADDER if rung["tier"] == "destructive"} == {"rollback"}


def test_of_a_dead_dependency_and_five_that_suffer_only_the_dependency_is_touched() -> None:
    result = plan(critical("container.state", "db"), *(critical("http.health", name) for name in DEPENDANTS))
    assert steps(result) == [("start", ["db"])]
    assert result["services"] == ["db"]
    assert result["plan"]["suffering"] == {name: ["db"] for name in DEPENDANTS}


def test_who_was_removed_while_its_dependency_is_paused_is_in_the_plan_as_well() -> None:
    result = plan(critical("container.paused", "db"), critical("service.missing", "a"), critical("http.health", "b"))

    assert steps(result) == [("unpause", ["db"]), ("recreate", ["a"])]
    assert result["services"] == ["a", "db"]
    assert result["plan"]["suffering"] == {"b": ["db"]}


def test_after_the_dependency_those_that_suffered_from_it_alone_are_waited_for() -> None:
    """Otherwise they would be taken for sick themselves, and restarted, while they get well."""
    result = plan(critical("container.state", "db"), critical("http.health", "a"), fine("http.health", "b"))
    assert result["verify"] == ["db", "a"]


def test_who_suffers_from_somebody_out_of_reach_as_well_is_not_waited_for() -> None:
    result = plan(
        critical("container.state", "db"), critical("http.health", "both"), critical("http.health", "a"),
        named=["a", "both", "db"], web=service(declared="stopped", state="exited"),
    )  # fmt: skip
    assert result["plan"]["suffering"]["both"] == ["db", "web"]
    assert result["verify"] == ["db", "a"]


def test_a_named_service_that_only_suffers_is_left_alone() -> None:
    result = plan(critical("container.state", "db"), critical("http.health", "a"), named=["a"])
    assert (steps(result), result["in_trouble"]) == ([], True)
    assert result["root_cause"] == "a suffers from db, which is to be healed first."


def test_no_service_named_is_none() -> None:
    result = plan(critical("container.state", "db"), named=[])
    assert (result["condition"], steps(result)) == ("nothing_in_scope", [])
