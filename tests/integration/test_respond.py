# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health check, triage and autopilot: several faults at once are told apart, and healed by one run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from lab_record import LabRecord
from pictures import picture, touched
from playbook_run import Play, PlaybookRun

from labtool.lab import Lab

FAULTS = ("db-slots-full", "queue-no-consumer", "model-hang")
CALLED = {"database_connection", "queue_backlog", "model_server"}
# How quick the lab is depends on what else the machine does; latency has tests of its own.
PATIENT = {"platform_thresholds": {"latency_p95_ms": 20_000.0, "http_latency_ms": 10_000.0}}
SERVICES = ("api-gateway", "postgres", "rabbitmq", "redis", "model-server")


def handed_on(run: PlaybookRun, key: str) -> dict[str, Any]:
    """Return what the run handed on under this key, of the only platform."""
    (about,) = run.artifacts.values()
    return dict(about[key])


def test_a_healthy_platform_passes_its_health_check_and_calls_for_no_scenario(
    lab: Lab, play: Play, record: LabRecord, tmp_path: Path
) -> None:
    files = {name: str(tmp_path / f"health.{name}") for name in ("json", "junit", "prometheus", "html")}

    checked = play("health_check.yml", health_check_files=files)

    assert (checked.rc, checked.changed) == (0, 0), checked.output
    assert len(checked.calls("platform_info")) == 1
    written = json.loads(Path(files["json"]).read_text())
    assert {row["service"] for row in written["rows"]} > set(SERVICES)
    assert written["status"] in ("ok", "warning")
    suites = ElementTree.fromstring(Path(files["junit"]).read_text())  # noqa: S314
    assert (suites.get("failures"), suites.get("errors")) == ("0", "0")
    assert f'platform="{lab.project}",service="model-server"' in Path(files["prometheus"]).read_text()
    assert "http://" not in Path(files["html"]).read_text().split("</style>")[0]

    triaged = play("triage.yml", **PATIENT)

    assert (triaged.rc, triaged.changed) == (0, 0), triaged.output
    assert len(triaged.calls("platform_info")) == 1
    assert handed_on(triaged, "triage")["calls"] == []

    responded = play("respond.yml", **PATIENT)

    assert (responded.rc, responded.changed) == (0, 0), responded.output
    assert record.incidents() == []


@pytest.mark.parametrize("level", ["critical", "never"])
def test_a_health_check_fails_from_the_threshold_on_and_names_the_service(lab: Lab, play: Play, level: str) -> None:
    lab.inject("crash-stopped")

    run = play("health_check.yml", health_check_fail_on=level)

    assert run.rc == (0 if level == "never" else 2), run.output
    report = handed_on(run, "health_check")
    assert report["status"] == "critical"
    assert "user-service" in {row["service"] for row in report["rows"] if row["status"] == "critical"}
    assert bool(run.failures) is (level != "never")


def test_three_faults_at_once_are_told_apart_and_healed_by_one_run(lab: Lab, play: Play, record: LabRecord) -> None:
    for fault in FAULTS:
        lab.inject(fault)
    broken = picture(lab)

    triaged = play("triage.yml", **PATIENT)

    assert (triaged.rc, triaged.changed) == (0, 0), triaged.output
    report = handed_on(triaged, "triage")
    assert {call["scenario"] for call in report["calls"]} >= CALLED
    assert all(step["digest"] for call in report["calls"] for step in call["plan"]["steps"])
    assert touched(broken, picture(lab)) == set()
    assert not record.was_written

    responded = play("respond.yml", **PATIENT)

    assert responded.rc == 0, responded.output
    (platform,) = responded.artifacts.values()
    assert {name for name in CALLED if platform[name]["outcome"]["ending"] == "healed"} == CALLED
    assert {incident["state"] for incident in record.incidents()} == {"resolved"}
    assert {incident["scenario"] for incident in record.incidents()} >= CALLED

    again = play("respond.yml", **PATIENT)

    assert (again.rc, again.changed) == (0, 0), again.output


def test_an_open_incident_of_a_scenario_that_sees_no_trouble_any_more_is_resolved_but_not_by_a_look(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    lab.inject("crash-stopped")
    escalated = play("remediate_service_crash.yml", remediation_attempt_limit=0, **PATIENT)
    assert record.only["state"] == "open", escalated.output
    lab.undo("crash-stopped")

    for looked in (play("respond.yml", "--check", **PATIENT), play("respond.yml", "--tags", "diagnose", **PATIENT)):
        assert (looked.rc, looked.changed) == (0, 0), looked.output
        assert f"{record.only['id']} (service_crash" in looked.output
        assert record.only["state"] == "open"

    responded = play("respond.yml", **PATIENT)
    again = play("respond.yml", **PATIENT)

    assert (responded.rc, responded.changed) == (0, 1), responded.output
    assert record.only["state"] == "resolved"
    assert (again.rc, again.changed) == (0, 0), again.output
    assert again.calls("incident") == []
