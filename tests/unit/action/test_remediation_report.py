# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report for a person and, with the same content, for machines."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from action_harness import HOST, run_action
from findings import critical, fine, warning
from observations import observation
from record_fakes import an_incident

from ansible_collections.agentfoundry.incident_response.plugins.action.remediation_plan import (
    ActionModule as Plan,
)
from ansible_collections.agentfoundry.incident_response.plugins.action.remediation_report import ActionModule
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import State

OBSERVED = observation(
    critical("model_server.canary", message="The canary does not answer."),
    warning("log.timeout"),
    fine("container.state"),
)
LADDER = [{"action": "restart", "tier": "disruptive", "findings": ["model_server.*"]}]
OUTCOME = {"ending": "healed", "passes": True, "reason": "restart of model-server healed it.", "remedy": ""}
HISTORY = [
    {
        "action": "restart",
        "services": ["model-server"],
        "tier": "disruptive",
        "message": "healed and stable for 15 s",
        "healed": True,
        "outlook": [],
        "restored_after": 2.0,
    }
]
INCIDENT = an_incident(id="INC-2026-03-01-001", state=State.RESOLVED).to_data()


def report(**options: Any) -> dict[str, Any]:
    diagnosis = run_action(
        Plan, {"observed": OBSERVED, "scenario": "model_server", "kinds": ["model_server"], "ladder": LADDER}
    )
    defaults = {
        "title": "Model server timeout",
        "observed": OBSERVED,
        "diagnosis": {**diagnosis, "at": time.monotonic() - 20},
        "history": HISTORY,
        "outcome": OUTCOME,
        "incident": INCIDENT,
        "record_file": "/srv/state/incident_response.sqlite",
    }
    return run_action(ActionModule, {**defaults, **options})


def test_machines_read_the_same_as_a_person_keyed_by_host_and_platform() -> None:
    result = report()

    stats = result["ansible_stats"]
    assert (stats["per_host"], stats["aggregate"]) == (False, True)
    artifact = result["artifact"]
    assert stats["data"] == {
        "incident_response": {f"{HOST}/shop": {artifact["scenario"]: artifact}},
        "incident_response_incidents": {f"{HOST}/shop": {artifact["scenario"]: INCIDENT["id"]}},
    }
    assert {key: artifact[key] for key in ("schema_version", "host", "platform", "scenario", "root_causes")} == {
        "schema_version": 1,
        "host": HOST,
        "platform": "shop",
        "scenario": "model_server",
        "root_causes": ["model-server"],
    }
    assert artifact["outcome"] == OUTCOME
    assert artifact["history"] == HISTORY
    assert artifact["incident"] == INCIDENT
    assert artifact["plan"]["steps"][0]["action"] == "restart"
    assert [finding["id"] for finding in artifact["findings"]] == ["model_server.canary", "log.timeout"]
    assert 20 <= artifact["duration_s"] < 60
    assert json.loads(json.dumps(result)) == result


def test_a_person_reads_it_without_escape_codes_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    report()

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"Model server timeout: shop on {HOST}"
    assert "  done        restart model-server: healed and stable for 15 s; serving again after 2.0 s" in lines
    assert all(line.isprintable() for line in lines)


def test_nothing_is_shown_when_nobody_wants_to_read_it(capsys: pytest.CaptureFixture[str]) -> None:
    result = report(show=False)

    assert capsys.readouterr().out == ""
    assert result["artifact"]["outcome"] == OUTCOME


@pytest.mark.parametrize("incident", [None, {}])
def test_a_run_without_an_incident_names_none(
    incident: dict[str, Any] | None, capsys: pytest.CaptureFixture[str]
) -> None:
    result = report(incident=incident, history=[])

    assert result["artifact"]["incident"] is None
    assert "incident" not in capsys.readouterr().out


def test_a_run_without_an_incident_hands_on_no_incident() -> None:
    assert set(report(incident={})["ansible_stats"]["data"]) == {"incident_response"}
