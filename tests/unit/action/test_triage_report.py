# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from action_harness import run_action
from findings import critical, fine, unknown
from observations import observation, service

from ansible_collections.agentfoundry.incident_response.plugins.action.remediation_plan import (
    ActionModule as RemediationPlan,
)
from ansible_collections.agentfoundry.incident_response.plugins.action.triage_report import ActionModule
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import ENGINE_SCENARIO

SERVICES = {
    "web": service(depends_on=["model", "db"], user_facing=True),
    "model": service("model_server"),
    "db": service("postgres"),
}
SCENARIOS = [
    {"name": "model_server", "role": "a.b.model_server", "playbook": "remediate_model_server.yml"},
    {"name": "database_connection", "role": "a.b.database_connection", "playbook": "remediate_database.yml"},
    {
        "name": "high_latency",
        "role": "a.b.high_latency",
        "playbook": "remediate_high_latency.yml",
        "findings": ["latency.*", "redis.*"],
    },
    {"name": "service_crash", "role": "a.b.service_crash", "playbook": "remediate_service_crash.yml"},
]
KINDS = {
    "model_server": ["model_server"],
    "database_connection": ["postgres"],
    "high_latency": ["redis", "http"],
    "service_crash": ["model_server", "postgres", "http", "redis"],
}
LADDERS = {
    "model_server": [
        {"action": "restart", "tier": "disruptive", "findings": ["model_server.*"]},
        {"action": "restore_model", "tier": "destructive", "findings": ["model_server.file_corrupt"]},
    ],
    "database_connection": [{"action": "start", "tier": "disruptive", "findings": ["container.state"]}],
    "high_latency": [{"action": "restart", "tier": "disruptive", "findings": ["latency.saturated"]}],
    "service_crash": [{"action": "start", "tier": "disruptive", "findings": ["container.state", "http.*"]}],
}
HUNG = critical("model_server.canary", "model", message="model does not infer.")
DOWN = critical("container.state", "db", message="db has stopped.")
SUFFERS = critical("http.health", "web", message="web answers 503.")


def triage(*findings: Any, show: bool = False, services: dict[str, Any] = SERVICES, **seen: Any) -> dict[str, Any]:
    observed = observation(*findings, services=services, **seen)
    diagnoses = {
        name: run_action(
            RemediationPlan, {"observed": observed, "scenario": name, "kinds": KINDS[name], "ladder": LADDERS[name]}
        )
        for name in KINDS
    }
    return run_action(
        ActionModule, {"observed": observed, "scenarios": SCENARIOS, "diagnoses": diagnoses, "show": show}
    )


def test_each_fault_calls_for_its_scenario_and_who_suffers_for_none() -> None:
    result = triage(HUNG, DOWN, SUFFERS)

    assert [(call["scenario"], call["services"]) for call in result["calls"]] == [
        ("database_connection", ["db"]),
        ("model_server", ["model"]),
    ]
    assert result["report"]["seen_as_well_by"] == ["high_latency", "service_crash"]
    assert result["report"]["severity"]["level"] == "P1"


def test_a_call_says_what_to_run_why_and_what_an_approval_is_bound_to() -> None:
    (call,) = triage(DOWN)["calls"]

    assert (call["role"], call["playbook"]) == ("a.b.database_connection", "remediate_database.yml")
    assert call["root_cause"] == "db has stopped."
    assert call["plan"]["steps"][0]["action"] == "start"
    assert len(call["plan"]["steps"][0]["digest"]) == 64


def test_without_a_scenario_nobody_would_have_looked_and_that_is_refused() -> None:
    result = run_action(ActionModule, {"observed": observation(DOWN), "scenarios": [], "diagnoses": {}})

    assert result["failed"] is True
    assert result["msg"] == (
        "scenarios has the value [], which cannot be used. Give at least one scenario, with its name and role."
    )


def test_a_healthy_platform_calls_for_nothing() -> None:
    result = triage(fine("http.health", "web"))

    assert result["calls"] == []
    assert result["report"]["healthy"] == list(KINDS)


def test_what_no_scenario_can_heal_is_still_called_so_that_it_is_escalated() -> None:
    result = triage(critical("postgres.disk", "db", message="The disk of db is full."))

    assert [(call["scenario"], call["plan"]["steps"]) for call in result["calls"]] == [("database_connection", [])]


def test_the_result_is_handed_on_by_host_and_platform() -> None:
    result = triage(DOWN)

    assert result["ansible_stats"]["data"] == {
        "incident_response": {"docker-1/shop": {"triage": result["report"]}},
        "incident_response_approvable": {"docker-1/shop": {"triage": []}},
    }
    assert result["changed"] is False


def test_what_needs_an_approval_is_handed_on_with_its_digest() -> None:
    result = triage(critical("model_server.file_corrupt", "model", message="model.json is damaged."), DOWN)

    (step,) = result["ansible_stats"]["data"]["incident_response_approvable"]["docker-1/shop"]["triage"]
    planned = {one["action"]: one for call in result["calls"] for one in call["plan"]["steps"]}
    assert step == {
        "platform": "shop",
        "scenario": "model_server",
        "action": "restore_model",
        "services": ["model"],
        "digest": planned["restore_model"]["digest"],
        "reason": planned["restore_model"]["reason"],
    }


def test_a_person_reads_what_to_run_in_which_order(capsys: pytest.CaptureFixture[str]) -> None:
    triage(HUNG, DOWN, SUFFERS, show=True)

    shown = capsys.readouterr().out
    assert "1. remediate_database.yml for db" in shown
    assert "2. remediate_model_server.yml for model" in shown
    assert "web only suffers from" in shown


def test_a_person_reads_the_digest_of_each_step_that_waits_for_an_approval(capsys: pytest.CaptureFixture[str]) -> None:
    result = triage(critical("model_server.file_corrupt", "model", message="model.json is damaged."), DOWN, show=True)

    shown = capsys.readouterr().out
    waiting = [step for call in result["calls"] for step in call["plan"]["steps"] if step["needs_approval"]]
    assert [step["action"] for step in waiting] == ["restore_model"]
    assert f"to approve: restore_model model, digest {waiting[0]['digest']}" in shown
    assert shown.count("to approve:") == 1


def test_a_scenario_without_a_diagnosis_is_refused_by_name() -> None:
    result = run_action(
        ActionModule, {"observed": observation(DOWN, services=SERVICES), "scenarios": SCENARIOS, "diagnoses": {}}
    )

    assert result["failed"] is True
    assert "diagnoses has none of model_server" in result["msg"]


def test_who_is_left_alone_is_named_with_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    services = {
        **SERVICES,
        "db": {**SERVICES["db"], "declared": "maintenance"},
        "jobs": {**service(), "declared": "stopped"},
        "old": {**service(), "declared": "maintenance"},
    }

    result = triage(fine("http.health", "web"), services=services, show=True)

    assert result["report"]["left_alone"] == {"db": "maintenance", "jobs": "stopped", "old": "maintenance"}
    shown = capsys.readouterr().out
    assert "db, old: in maintenance, which a person began" in shown
    assert "jobs: stopped on purpose" in shown


def test_nobody_is_left_alone_where_nothing_is_declared() -> None:
    assert triage(fine("http.health", "web"))["report"]["left_alone"] == {}


OPEN = [
    {"id": "INC-1", "scenario": "service_crash", "services": ["db", "web"]},
    {"id": "INC-2", "scenario": "database_connection", "services": ["db"]},
    {"id": "INC-3", "scenario": ENGINE_SCENARIO, "services": []},
    {"id": "INC-4", "scenario": "data_breach", "services": ["db"]},
]


@pytest.mark.parametrize(
    "findings, over",
    [
        pytest.param([fine("http.health", "web")], ["INC-1", "INC-2", "INC-3"], id="all is well"),
        pytest.param([HUNG], ["INC-2", "INC-3"], id="none of a scenario that sees trouble"),
        pytest.param([HUNG, DOWN], ["INC-3"], id="the engine answers whatever else is wrong"),
    ],
)
def test_the_open_incidents_that_no_longer_hold_are_named_each_once(
    findings: list[Any], over: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    result = triage(*findings, show=True, record={"available": True, "open_incidents": OPEN, "lease": None})

    assert [one["id"] for one in result["no_longer_hold"]] == over
    assert result["report"]["no_longer_hold"] == result["no_longer_hold"]
    assert ("INC-2 (database_connection of db) no longer holds" in capsys.readouterr().out) is ("INC-2" in over)


JOBS = {
    "migrate": service("other"),
    "jobs": service(),
    "sessions": service("redis"),
    "mq": service(),
}
ENDED = critical("container.exit_code", "jobs", message="jobs ended with exit code 137.")
STOPPED = critical("container.state", "mq", message="mq has stopped.")
SLOW = critical("latency.p95", "jobs", message="jobs is slow.")
UNTOLD = unknown("redis.answers", "sessions", message="sessions asks for a password.")


@pytest.mark.parametrize(
    "findings, calls",
    [
        pytest.param(
            [STOPPED, UNTOLD], [("service_crash", ["mq", "sessions"], "mq has stopped.")], id="one fault, one incident"
        ),
        pytest.param([UNTOLD], [("high_latency", ["sessions"], "sessions asks for a password.")], id="alone"),
        pytest.param(
            [ENDED], [("service_crash", ["jobs"], "jobs ended with exit code 137.")], id="a crash is no latency"
        ),
        pytest.param(
            [STOPPED, SLOW],
            [("high_latency", ["jobs"], "jobs is slow."), ("service_crash", ["mq"], "mq has stopped.")],
            id="each call has the reason of its own services",
        ),
    ],
)
def test_a_call_is_of_the_scenario_that_is_meant_for_it_and_its_reason_is_of_its_own_services(
    findings: list[Any], calls: list[tuple[str, list[str], str]]
) -> None:
    found = triage(*findings, services=JOBS)["calls"]

    assert [(call["scenario"], call["services"], call["root_cause"]) for call in found] == calls
