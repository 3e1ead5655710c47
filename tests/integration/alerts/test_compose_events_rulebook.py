# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Self-healing with nothing but Docker: a killed service is healed by the rulebook of Docker's events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from lab_record import LabRecord, attempts, kinds
from monitoring import needs_java
from quick import QUICK
from rulebook import running, until

from checkout import ROOT
from labtool.lab import Lab

pytestmark = needs_java


def quick_inventory(folder: Path) -> Path:
    """The checkout's inventory, with windows small enough for a test."""
    host = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}", **QUICK}
    known: dict[str, Any] = yaml.safe_load((ROOT / "inventory" / "group_vars" / "platforms.yml").read_text("utf-8"))
    path = folder / "hosts.yml"
    path.write_text(yaml.safe_dump({"platforms": {"hosts": {"agentfoundry": host}, "vars": known}}), encoding="utf-8")
    return path


def test_a_killed_service_is_started_again_by_one_run_and_the_record_says_what_docker_told(
    lab: Lab, record: LabRecord, environment: dict[str, str], tmp_path: Path
) -> None:
    variables = {"compose_platforms": {lab.project: "agentfoundry"}, "compose_die_hold": 1, "compose_pause": 1}

    with running("compose_events", tmp_path, variables, environment, inventory=quick_inventory(tmp_path)) as rulebook:
        killed = lab.container_id("user-service")
        lab.docker("kill", killed)
        until(lambda: [one["state"] for one in record.incidents()] == ["resolved"], "the incident is resolved")
        rulebook.says("PLAY RECAP")

    assert record.only["services"] == ["user-service"]
    assert (record.only["scenario"], attempts(record.only)[0]) == ("service_crash", ("start", "done"))
    assert (kinds(record.only)[0], kinds(record.only)[-1]) == ("opened", "resolved")
    assert rulebook.output.count("PLAY RECAP") == 1
    assert "user-service died with exit code 137" in str(record.only["detected"])
    assert "user-service" not in lab.unhealthy()
    assert lab.container_id("user-service") == killed
