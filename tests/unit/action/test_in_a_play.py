# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugins inside a real play: Ansible's own values come and go, and a rescue runs for a lost host."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from findings import critical, fine
from observations import observation

from checkout import ROOT

HERE = Path(__file__).parent
LADDER = [{"action": "restart", "tier": "disruptive", "findings": ["model_server.*"], "deadline": "{{ 60 + 30 }}"}]


def play(tasks: str, tmp_path: Path, connection: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a list of tasks of this folder in a play on one host that is called lost-host."""
    tasks_of_the_play = [{"name": "Do it", "ansible.builtin.import_tasks": str(HERE / "tasks" / tasks)}]
    content = {"name": "Test", "hosts": "all", "gather_facts": False, "connection": connection}
    playbook = tmp_path / "playbook.json"
    playbook.write_text(json.dumps([{**content, "tasks": tasks_of_the_play}]))
    return subprocess.run(
        [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "lost-host,", str(playbook), *options],
        cwd=ROOT,
        env={
            **os.environ,
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_CONNECTION_PLUGINS": str(HERE / "connection_plugins"),
            "ANSIBLE_REMOTE_TMP": str(tmp_path / "remote"),
            "ANSIBLE_LOCAL_TEMP": str(tmp_path / "local"),
            "ANSIBLE_SHOW_CUSTOM_STATS": "true",
            "ANSIBLE_NOCOLOR": "true",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def stats_of(ran: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return what was handed on for machines."""
    (line,) = (line for line in ran.stdout.splitlines() if line.startswith("\tRUN: "))
    stats: dict[str, Any] = json.loads(line.removeprefix("\tRUN: "))
    return stats


def test_the_rescue_runs_when_the_host_is_lost_in_the_middle(tmp_path: Path) -> None:
    ran = play("lost_host.yml", tmp_path, "cut_off")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = stats_of(ran)
    lost = "lost-host cannot be reached any more."
    assert told["guard"].startswith(f"The guard cannot be asked: {lost}")
    assert told["verify"].startswith(f"Whether it is healed cannot be told: {lost}")
    assert "the cable was cut" in told["guard"]


@pytest.mark.parametrize(
    "options, status, ending, code",
    [
        ([], "critical", "escalated", 2),
        (["--check"], "critical", "diagnosed", 2),
        ([], "ok", "healthy", 0),
        (["--check"], "ok", "healthy", 0),
    ],
)
def test_a_run_ends_with_a_report_an_artifact_and_an_exit_code(
    tmp_path: Path, options: list[str], status: str, ending: str, code: int
) -> None:
    finding = critical("model_server.canary") if status == "critical" else fine("model_server.canary")
    variables = {
        "observed": observation(finding),
        "ladder": LADDER,
        "attempted": [],
        "named_services": None,
    }
    (tmp_path / "vars.json").write_text(json.dumps(variables))

    ran = play("decide.yml", tmp_path, "local", "-e", f"@{tmp_path / 'vars.json'}", *options)

    assert ran.returncode == code, ran.stdout + ran.stderr
    (artifact,) = stats_of(ran)["incident_response"]["lost-host/shop"].values()
    assert artifact["outcome"]["ending"] == ending
    assert [step["deadline"] for step in artifact["plan"]["steps"]] == ([90.0] if status == "critical" else [])
    assert "Model server timeout: shop on lost-host" in ran.stdout.splitlines()


@pytest.mark.parametrize("playbook", ["triage", "respond"])
def test_tags_diagnose_triages_and_goes_no_further(playbook: str, tmp_path: Path) -> None:
    state, no_client = tmp_path / "state", tmp_path / "docker"
    options = {"remediation_hosts": "all", "triage_hosts": "all", "platform_state_dir": str(state)}

    ran = subprocess.run(
        [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "shop,", "-c", "local", "--tags", "diagnose",
         str(ROOT / "playbooks" / f"{playbook}.yml"),
         "--extra-vars", json.dumps({**options, "platform_docker_cli": str(no_client)})],
        cwd=ROOT,
        env={
            **os.environ,
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_NOCOLOR": "true",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )  # fmt: skip

    assert "Triage: " in ran.stdout, ran.stdout + ran.stderr
    assert f"The Docker client '{no_client}' cannot be run" in ran.stdout
    assert "Carry out the scenario" not in ran.stdout
    assert not state.exists()
