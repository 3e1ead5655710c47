# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan as the flow reads it: plain data, made on the controller from one observation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from action_harness import run_action
from findings import critical, fine
from observations import observation, service

from ansible_collections.agentfoundry.incident_response.plugins.action.remediation_plan import ActionModule
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.fingerprint import (
    incident_fingerprint,
)

LADDER = [
    {"action": "restart", "tier": "disruptive", "findings": ["model_server.*"]},
    {"action": "restore_model", "tier": "destructive", "findings": ["model_server.file_corrupt"]},
]
SERVICES = {
    "model-server": service("model_server"),
    "gateway": service(depends_on=["model-server"], user_facing=True),
    "cache": service("redis", declared="stopped", state="exited"),
}
HANG = critical("model_server.canary", message="The canary does not answer.")
SICK = observation(HANG, critical("http.health", "gateway"), services=SERVICES)
WELL = observation(fine("model_server.canary"), services=SERVICES)
DOWN = observation(
    critical("engine.answers", "", message="The engine is stopped."), services={}, engine_answers=False, project=""
)


def plan(observed: dict[str, Any] = SICK, **options: Any) -> dict[str, Any]:
    defaults = {"observed": observed, "scenario": "model_server", "kinds": ["model_server"], "ladder": LADDER}
    return run_action(ActionModule, {**defaults, **options})


def test_trouble_is_told_with_all_that_the_flow_needs() -> None:
    result = plan()

    assert {key: result[key] for key in ("changed", "condition", "in_trouble", "platform", "scenario")} == {
        "changed": False,
        "condition": "in_trouble",
        "in_trouble": True,
        "platform": "shop",
        "scenario": "model_server",
    }
    assert result["services"] == ["model-server"]
    assert result["dependants"] == ["gateway"]
    assert (result["verify"], result["later"]) == (["model-server", "gateway"], [])
    assert result["root_cause"] == "The canary does not answer."
    assert result["fingerprint"] == incident_fingerprint("shop", "model_server", ["model-server"])
    assert result["severity"]["level"] == "P1"
    assert result["declared"] == {"cache": "stopped"}
    assert result["containers"]["model-server"] == [{"id": "model_server-1", "started_at": "2026-03-01T08:00:00Z"}]
    assert result["next_step"] == result["plan"]["steps"][0]
    assert result["next_step"]["action"] == "restart"
    assert result["next_step"]["attempts"] == [{"action": "restart", "service": "model-server"}]
    assert json.loads(json.dumps(result)) == result


def test_a_service_that_is_touched_for_another_s_sake_has_to_be_well_afterwards() -> None:
    leak = critical("model_server.leak", targets=("reports",))

    result = plan(observation(leak, services={**SERVICES, "reports": service()}))

    assert result["next_step"]["services"] == ["reports"]
    assert result["verify"] == ["model-server", "reports"]


def test_a_service_that_has_a_step_of_its_own_to_come_is_handed_on_apart() -> None:
    ladder = [{"action": "start", "tier": "disruptive", "findings": ["container.state"]}, *LADDER]
    seen = observation(
        critical("container.state", "reports"),
        critical("model_server.canary"),
        services={**SERVICES, "reports": service()},
    )

    result = plan(seen, ladder=ladder, services=["model-server", "reports"])

    assert result["next_step"]["services"] == ["reports"]
    assert (result["verify"], result["later"]) == (["reports"], ["model-server"])


def test_what_was_attempted_leads_to_no_second_attempt() -> None:
    result = plan(attempted=[{"action": "restart", "service": "model-server"}])

    assert result["in_trouble"] is True
    assert result["next_step"] is None


def test_a_healthy_platform_needs_no_step() -> None:
    result = plan(WELL)

    assert (result["condition"], result["in_trouble"], result["next_step"]) == ("healthy", False, None)
    assert result["verify"] == []


@pytest.mark.parametrize(
    "options, condition",
    [
        ({"kinds": ["postgres"]}, "nothing_in_scope"),
        ({"services": []}, "nothing_in_scope"),
        ({"services": ["gateway"], "ladder": []}, "in_trouble"),
        ({"services": ["cache"]}, "nothing_in_scope"),
        ({"services": None}, "in_trouble"),
    ],
)
def test_the_scope_is_what_is_named_else_by_kind_and_never_all(options: dict[str, Any], condition: str) -> None:
    result = plan(**options)

    assert result["condition"] == condition
    assert result["next_step"] is None or result["next_step"]["services"] == ["model-server"]


def test_a_service_that_is_not_there_is_named_by_the_option_that_the_user_set() -> None:
    result = plan(services=["model-sever"], services_option="model_server_services")

    assert result["failed"] is True
    assert result["msg"].startswith("model_server_services has the value 'model-sever'")
    assert "cache, gateway, model-server" in result["msg"]


def test_an_engine_that_does_not_answer_is_one_incident_whichever_scenario_meets_it() -> None:
    results = [plan(DOWN, scenario=name, services=["model-server"]) for name in ("model_server", "service_crash")]

    assert [result["condition"] for result in results] == ["engine_unavailable"] * 2
    assert [result["scenario"] for result in results] == ["engine"] * 2
    assert results[0]["fingerprint"] == results[1]["fingerprint"]
    assert results[0]["platform"] == "docker"
    assert results[0]["root_cause"] == "The engine is stopped."
    assert results[0]["severity"]["level"] == "P1"
    assert results[0]["next_step"] is None


OPEN = [
    {"id": "INC-1", "scenario": "model_server", "services": ["model-server"]},
    {"id": "INC-2", "scenario": "model_server", "services": ["another-model-server"]},
    {"id": "INC-3", "scenario": "service_crash", "services": ["model-server"]},
    {"id": "INC-4", "scenario": "engine", "services": []},
]
RECORD = {"available": True, "open_incidents": OPEN}


@pytest.mark.parametrize(
    "observed, over",
    [
        ({**WELL, "record": RECORD}, ["INC-1", "INC-4"]),
        ({**SICK, "record": RECORD}, []),
        ({**WELL, "record": {"available": False, "reason": "no state directory"}}, []),
        ({key: value for key, value in WELL.items() if key != "record"}, []),
    ],
)
def test_open_incidents_of_the_scenario_are_over_when_it_is_healthy(observed: dict[str, Any], over: list[str]) -> None:
    assert [incident["id"] for incident in plan(observed)["no_longer_holds"]] == over


def test_an_incident_of_another_service_is_not_over_because_the_named_ones_are_well() -> None:
    observed = {**SICK, "record": RECORD}

    assert [incident["id"] for incident in plan(observed, services=["cache"])["no_longer_holds"]] == ["INC-4"]


def test_what_is_declared_is_left_alone_and_its_incident_stays() -> None:
    alone = service("model_server", declared="maintenance", state="running")
    observed = {**SICK, "services": {**SICK["services"], "model-server": alone}, "record": RECORD}

    result = plan(observed)

    assert (result["condition"], result["in_trouble"]) == ("nothing_in_scope", False)
    assert result["left_alone"] == {"model-server": "maintenance"}
    assert [incident["id"] for incident in result["no_longer_holds"]] == ["INC-4"]


def test_each_action_has_its_task_file_and_the_first_folder_wins(tmp_path: Path) -> None:
    own, shared = tmp_path / "own", tmp_path / "shared"
    for path in (own / "restart.yml", shared / "restart.yml", shared / "restore_model.yml"):
        path.parent.mkdir(exist_ok=True)
        path.write_text("---\n[]\n")

    result = plan(action_dirs=[str(own), str(shared)])

    assert result["next_step"]["file"] == str(own / "restart.yml")


def test_an_action_without_a_task_file_is_found_before_anything_is_touched(tmp_path: Path) -> None:
    (tmp_path / "restart.yml").write_text("---\n[]\n")

    result = plan(WELL, action_dirs=[str(tmp_path)], ladder_option="model_server_ladder")

    assert result["failed"] is True
    assert result["msg"].startswith("model_server_ladder[1].action has the value 'restore_model'")
    assert str(tmp_path) in result["msg"]


def test_a_ladder_that_is_wrong_is_named_by_the_option_that_the_user_set() -> None:
    result = plan(ladder=[{**LADDER[0], "tier": "mild"}], ladder_option="model_server_ladder")

    assert result["msg"].startswith("model_server_ladder[0].tier has the value 'mild'")


@pytest.mark.parametrize(
    "observed, message",
    [
        ({"failed": True, "msg": "services.auth.helath is unknown."}, "no engine. services.auth.helath is unknown."),
        ({}, "no engine."),
        ({key: value for key, value in WELL.items() if key != "services"}, "no services."),
    ],
)
def test_without_an_observation_there_is_no_plan(observed: dict[str, Any], message: str) -> None:
    result = plan(observed)

    assert result["failed"] is True
    assert result["msg"].startswith(f"observed is no observation: it has {message}")
