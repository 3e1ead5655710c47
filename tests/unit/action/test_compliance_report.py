# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest
from action_harness import HOST, Script, run_action
from compliance import INCIDENT, Estate, control_data
from service_facts import NOW

from ansible_collections.agentfoundry.incident_response.plugins.action.compliance_report import ActionModule

WAIVER = {"control": "image.pinned", "owner": "ada", "reason": "so", "expires": "2026-12-31"}
FAULTY = Estate(web={"privileged": True})
EARLIER = [{"at": "2026-02-26T00:00:00Z", "results": {"container.privileged": "pass"}}]


def script(*answers: dict[str, Any]) -> Script:
    return Script({"compliance_history": answers or [{"at": "2026-02-27T13:46:40Z", "runs": EARLIER}]}, now=NOW)


def judge(estate: Estate = FAULTY, running: Script | None = None, **options: Any) -> dict[str, Any]:
    arguments = {
        "observed": estate.observed(), "incidents": [INCIDENT], "controls": list(control_data()), "show": "none",
        "state_dir": "/srv/state", **options,
    }  # fmt: skip
    return run_action(ActionModule, arguments, running or script())


def test_the_run_is_kept_and_compared_with_the_earlier_ones() -> None:
    running = script()
    result = judge(running=running)

    (call,) = running.called("compliance_history")
    assert call.arguments["platform"] == "shop"
    assert call.arguments["state_dir"] == "/srv/state"
    assert call.arguments["results"]["container.privileged"] == "fail"
    assert result["report"]["changes"]["newly_failing"] == ["container.privileged"]
    assert (result["changed"], result["passes"], result["report"]["failing"]) == (
        False, False, ["container.privileged"],
    )  # fmt: skip


def test_machines_read_the_report_by_host_and_platform() -> None:
    result = judge(Estate())

    data = result["ansible_stats"]["data"]["incident_response"][f"{HOST}/shop"]["compliance"]
    assert data["passes"]
    assert data["at"] == "2026-02-27T13:46:40Z"
    assert json.loads(result["sarif"])["version"] == "2.1.0"


def test_a_record_that_cannot_be_used_costs_the_history_and_not_the_report() -> None:
    result = judge(running=script({"failed": True, "msg": "The record is damaged."}))

    assert result["report"]["history_error"] == "The record is damaged."
    assert result["report"]["changes"]["since"] is None
    assert not result.get("failed")


def test_the_history_can_be_left_out() -> None:
    running = script()

    assert judge(running=running, history=False)["report"]["changes"]["since"] is None
    assert running.calls == []


def test_without_incidents_reviews_cannot_be_told() -> None:
    results = {one["id"]: one["status"] for one in judge(incidents=None)["report"]["results"]}

    assert results["review.written"] == "unknown"


@pytest.mark.parametrize(
    "options, named",
    [
        (
            {"waivers": [{"control": "no.such", "owner": "ada", "reason": "so", "expires": "2026-12-31"}]},
            "waivers[0].control",
        ),
        ({"waivers": ["image.pinned"]}, "waivers[0]"),
        ({"limits": {"backup_age_h": -1}}, "limits.backup_age_h"),
        ({"allowed_ports": {"web": ["80"]}}, "allowed_ports.web"),
    ],
)
def test_what_the_inventory_says_wrong_is_an_error_before_anything_is_kept(options: dict[str, Any], named: str) -> None:
    running = script()
    result = judge(running=running, **options)

    assert result["failed"]
    assert named in result["msg"]
    assert running.calls == []


def test_a_control_of_the_users_own_is_judged_with_the_others() -> None:
    own = {
        "id": "acme.health", "title": "Every service answers well", "severity": "critical", "step": "SC-4",
        "rationale": "Our customers see it.", "fix": "See the finding.", "findings": ["http.health"], "kind": "service",
    }  # fmt: skip
    results = judge(controls=[*control_data(), own])["report"]["results"]

    assert results[-1]["status"] == "pass"


def test_the_table_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    judge(show="problems")

    assert "container.privileged" in capsys.readouterr().out
