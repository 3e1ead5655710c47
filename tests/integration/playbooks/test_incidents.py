# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""incidents.yml on the records of several hosts, one of which cannot be reached."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from guard_runs import Host
from healed_runs import heal
from html_check import faults_of
from playbook_run import PlaybookRun, run_playbook
from record_fakes import FakeClock, FakeProcesses


def play(folder: Path, name: str, **variables: Any) -> PlaybookRun:
    return run_playbook(
        "incidents.yml",
        folder / name,
        variables={"incidents_hosts": "all", "ansible_python_interpreter": sys.executable, **variables},
        inventory=folder / "inventory.json",
    )


def two_hosts(folder: Path, **more: dict[str, Any]) -> None:
    """Two hosts with the same incident each, and perhaps more hosts."""
    hosts: dict[str, dict[str, Any]] = dict(more)
    for name in ("shop1", "shop2"):
        heal(Host(folder / name, FakeClock(), FakeProcesses()))
        hosts[name] = {"ansible_connection": "local", "platform_state_dir": str(folder / name)}
    (folder / "inventory.json").write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")


def test_the_incidents_of_all_hosts_are_shown_together_and_a_host_that_is_lost_is_told(tmp_path: Path) -> None:
    two_hosts(tmp_path, gone={"ansible_host": "192.0.2.1", "ansible_ssh_common_args": "-o ConnectTimeout=1"})

    run = play(tmp_path, "run")

    assert run.rc != 0
    assert "Incidents (2)" in run.output
    assert "! gone gave no answer" in run.output
    assert run.changed == 0


def test_the_page_and_the_data_are_written_and_one_incident_is_shown_with_its_timeline(tmp_path: Path) -> None:
    two_hosts(tmp_path)
    page, data = tmp_path / "incidents.html", tmp_path / "incidents.json"

    runs = [
        play(tmp_path, "html", incidents_format="html", incidents_file=str(page)),
        play(tmp_path, "json", incidents_format="json", incidents_file=str(data)),
        play(tmp_path, "one", incident_id="INC-2026-02-27-001"),
    ]

    assert [run.rc for run in runs] == [0, 0, 0], "\n".join(run.output for run in runs)
    assert faults_of(page.read_text(encoding="utf-8")) == []
    assert json.loads(data.read_text(encoding="utf-8"))["statistics"]["all"]["count"] == 2
    assert "restart of model-server: done, healed" in runs[2].output
