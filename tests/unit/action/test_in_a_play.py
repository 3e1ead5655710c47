# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugins inside a real play: Ansible's own values come and go, and a rescue runs for a lost host."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from findings import critical, fine
from observations import observation
from real_play import run_play

from checkout import ROOT

HERE = Path(__file__).parent
LADDER = [{"action": "restart", "tier": "disruptive", "findings": ["model_server.*"], "deadline": "{{ 60 + 30 }}"}]


def play(tasks: str, tmp_path: Path, connection: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a list of tasks of this folder in a play on one host that is called lost-host."""
    tasks_of_the_play = [{"name": "Do it", "ansible.builtin.import_tasks": str(HERE / "tasks" / tasks)}]
    content = {"name": "Test", "hosts": "all", "gather_facts": False, "connection": connection}
    playbook = tmp_path / "playbook.json"
    playbook.write_text(json.dumps([{**content, "tasks": tasks_of_the_play}]))
    return run_play(
        playbook,
        "-i", "lost-host,", *options,
        ANSIBLE_CONNECTION_PLUGINS=str(HERE / "connection_plugins"),
        ANSIBLE_REMOTE_TMP=str(tmp_path / "remote"),
        ANSIBLE_LOCAL_TEMP=str(tmp_path / "local"),
        ANSIBLE_SHOW_CUSTOM_STATS="true",
    )  # fmt: skip


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


def run_playbook(playbook: str, variables: dict[str, Any], *options: str) -> subprocess.CompletedProcess[str]:
    """Run a playbook of the collection on this machine, which is called shop."""
    given = json.dumps(variables)
    return run_play(
        ROOT / "playbooks" / f"{playbook}.yml", "-i", "shop,", "-c", "local", "--extra-vars", given, *options
    )


@pytest.mark.parametrize("playbook", ["triage", "respond"])
def test_tags_diagnose_triages_and_goes_no_further(playbook: str, tmp_path: Path) -> None:
    state, no_client = tmp_path / "state", tmp_path / "docker"
    hosts = {"remediation_hosts": "all", "triage_hosts": "all"}
    platform = {"platform_state_dir": str(state), "platform_docker_cli": str(no_client)}
    scenarios = [{"name": "model_server", "role": "model_server"}]

    ran = run_playbook(playbook, {**hosts, **platform, "triage_scenarios": scenarios}, "--tags", "diagnose")

    assert "Triage: " in ran.stdout, ran.stdout + ran.stderr
    assert f"The Docker client '{no_client}' cannot be run" in ran.stdout
    assert "Carry out the scenario" not in ran.stdout
    assert not state.exists()


@pytest.mark.parametrize(
    "playbook, option, values, told",
    [
        ("triage", "triage_scenarios", [[], "model_server"], "Give a list of scenarios, at least one"),
        ("respond", "triage_scenarios", [[], "model_server"], "Give a list of scenarios, at least one"),
        ("compliance", "compliance_extra_controls", ["id=own"], "Give a list of mappings"),
    ],
)
def test_a_list_that_cannot_be_used_ends_the_run_before_anybody_looks(
    playbook: str, option: str, values: list[Any], told: str, tmp_path: Path
) -> None:
    hosts = {f"shop-{number}": {option: value} for number, value in enumerate(values)}
    inventory = tmp_path / "inventory.json"
    inventory.write_text(json.dumps({"platforms": {"hosts": hosts}}))

    all_at_once = ["--extra-vars", "remediation_serial=100%"]
    ran = run_play(ROOT / "playbooks" / f"{playbook}.yml", "-i", str(inventory), "-c", "local", *all_at_once)

    assert ran.returncode != 0
    for host, value in zip(hosts, values, strict=True):
        assert f"fatal: [{host}]" in ran.stdout
        assert f"{option} has the value {value!r}, which cannot be used. {told}" in ran.stdout + ran.stderr
    assert "TASK [Observe the whole platform" not in ran.stdout


def test_an_id_that_is_given_as_text_is_one_incident_and_not_its_letters(tmp_path: Path) -> None:
    number = "INC-2026-02-27-001"
    options = {"incidents_hosts": "all", "platform_state_dir": str(tmp_path / "state"), "review_incidents": number}

    ran = run_playbook("review", options, "--check")

    assert f"The record holds no incident {number}." in ran.stdout + ran.stderr
