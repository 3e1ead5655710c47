# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/examples/extending as docs/extending.md tells it: an own probe, an own action and an own scenario, in files."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab_record import LabRecord, attempts
from playbook_run import PlaybookRun, run_playbook
from quick import QUICK

from checkout import ROOT
from labtool.lab import Lab
from labtool.platform import PYTHON_IMAGE

EXAMPLE = ROOT / "docs" / "examples" / "extending"


@pytest.fixture
def project(running_lab: Lab, state_dir: Path) -> Iterator[dict[str, str]]:
    """The example's project, up; what its inventory and its Compose file read from the environment."""
    environment = {
        "COMPOSE_PROJECT_NAME": f"{running_lab.project}-extending",
        "EXAMPLE_IMAGE": PYTHON_IMAGE,
        "INCIDENT_RESPONSE_STATE_DIR": str(state_dir),
    }

    def compose(*words: str) -> None:
        subprocess.run(
            ["docker", "compose", *words],
            cwd=EXAMPLE,
            env={**os.environ, **environment},
            check=True,
            capture_output=True,
        )

    try:
        compose("up", "--detach")
        yield environment
    finally:
        compose("down", "--timeout", "1", "--volumes")


def test_an_own_check_an_own_action_and_an_own_scenario_heal_what_only_they_know(
    project: dict[str, str], record: LabRecord, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def play(*options: str) -> PlaybookRun:
        return run_playbook(
            str(EXAMPLE / "remediate_stale_report.yml"),
            tmp_path_factory.mktemp("runner"),
            variables=QUICK,
            options=options,
            environment=project,
            inventory=EXAMPLE / "hosts.yml",
        )

    rehearsed = play("--check")

    assert (rehearsed.rc, rehearsed.ending, rehearsed.changed) == (2, "diagnosed", 0), rehearsed.output
    assert [step["action"] for step in rehearsed.artifact["plan"]["steps"]] == ["publish_report", "restart"]
    assert not record.was_written

    healed = play()

    assert (healed.rc, healed.ending, healed.actions) == (0, "healed", ["publish_report"]), healed.output
    assert (record.only["scenario"], record.only["state"]) == ("stale_report", "resolved")
    assert attempts(record.only) == [("publish_report", "done")]

    again = play()

    assert (again.rc, again.ending, again.changed) == (0, "healthy", 0), again.output
