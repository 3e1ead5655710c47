# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways in which people and AWX start a playbook, and what they see of it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from lab_record import LabRecord
from pictures import picture, touched
from playbook_run import Play, finish, run_playbook, start_playbook
from quick import QUICK

from checkout import ROOT
from labtool.lab import Lab

PLAYBOOK = "remediate_model_server.yml"
COLOUR = "\x1b["


@pytest.mark.parametrize(
    "folder, name",
    [
        (ROOT, f"playbooks/{PLAYBOOK}"),
        (ROOT / "playbooks", PLAYBOOK),
        (ROOT, "agentfoundry.incident_response.remediate_model_server"),
    ],
    ids=["by file from the root", "from inside playbooks", "by its full name"],
)
def test_a_playbook_is_found_however_it_is_named_and_the_platform_is_healthy(
    lab: Lab, environment: dict[str, str], folder: Path, name: str
) -> None:
    code, output = finish(start_playbook(name, variables=QUICK, environment=environment, folder=folder))

    assert code == 0, output
    assert f"Model server timeout: {lab.project} on agentfoundry" in output.splitlines()
    assert COLOUR not in output
    assert "[WARNING]" not in output
    assert "[DEPRECATION" not in output


def test_tags_diagnose_ends_after_the_plan_and_writes_nothing(lab: Lab, play: Play, record: LabRecord) -> None:
    lab.inject("model-hang")
    before = picture(lab)

    run = play(PLAYBOOK, "--tags", "diagnose")

    assert (run.rc, run.ending, run.changed) == (2, "diagnosed", 0), run.output
    assert run.artifact["plan"]["steps"][0]["action"] == "restart"
    assert "without --check and without --tags diagnose" in run.failures[-1]
    assert not record.was_written
    assert touched(before, picture(lab)) == set()


def test_the_terminal_shows_the_report_in_colour_and_the_progress_of_a_long_wait(
    lab: Lab, environment: dict[str, str]
) -> None:
    lab.inject("model-hang")
    controller, terminal = pty.openpty()
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    variables = [f"-e{key}={value}" for key, value in QUICK.items()]
    run = subprocess.Popen(
        [program, f"playbooks/{PLAYBOOK}", *variables],
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm-256color", **environment},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    output = _read_all(controller)

    assert run.wait(60) == 0, output
    (result,) = (line for line in output.splitlines() if "result      healed" in line)
    assert COLOUR in result
    assert "... [agentfoundry]" in output


def _read_all(descriptor: int) -> str:
    parts: list[bytes] = []
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        while True:
            try:
                part = stream.read(65536)
            except OSError:
                # How a pseudo terminal ends on Linux.
                part = b""
            if not part:
                return b"".join(parts).decode("utf-8", "replace")
            parts.append(part)


TWO_HOSTS = """
platforms:
  hosts:
    east:
      platform_state_dir: {folder}/east
    west:
      platform_state_dir: {folder}/west
  vars:
    ansible_connection: local
    ansible_python_interpreter: "{{{{ ansible_playbook_python }}}}"
"""


@pytest.fixture
def two_hosts(tmp_path: Path) -> Path:
    """An inventory of two hosts that both are this machine, each with a record of its own."""
    inventory = tmp_path / "inventory"
    inventory.mkdir()
    (inventory / "hosts.yml").write_text(TWO_HOSTS.format(folder=tmp_path))
    (inventory / "group_vars").symlink_to(ROOT / "inventory" / "group_vars")
    return inventory


@pytest.mark.parametrize(
    "variables, batches",
    [({}, [["east"], ["west"]]), ({"remediation_serial": "100%"}, [["east", "west"]])],
    ids=["half of a fleet at once", "all at once when asked for"],
)
def test_a_fleet_is_worked_on_in_batches_and_each_host_hands_on_its_own_artifact(
    lab: Lab, tmp_path: Path, environment: dict[str, str], two_hosts: Path,
    variables: dict[str, str], batches: list[list[str]],
) -> None:  # fmt: skip
    run = run_playbook(
        PLAYBOOK,
        tmp_path / "runner",
        variables={**QUICK, **variables},
        environment=environment,
        inventory=two_hosts,
    )

    assert (run.rc, run.changed) == (0, 0), run.output
    assert sorted(run.artifacts) == [f"east/{lab.project}", f"west/{lab.project}"]
    assert {one["model_server"]["outcome"]["ending"] for one in run.artifacts.values()} == {"healthy"}
    assert run.batches("platform_info") == batches


def test_limit_keeps_to_the_named_hosts(lab: Lab, tmp_path: Path, environment: dict[str, str], two_hosts: Path) -> None:
    run = run_playbook(
        PLAYBOOK,
        tmp_path / "runner",
        variables=QUICK,
        options=["--limit", "west"],
        environment=environment,
        inventory=two_hosts,
    )

    assert run.rc == 0, run.output
    assert list(run.artifacts) == [f"west/{lab.project}"]
