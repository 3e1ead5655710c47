# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are killed between two tasks, and runs that meet: no action is doubled, and the record ends true."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from pathlib import Path

import pytest
from lab_record import LabRecord, attempts, kinds
from pictures import picture, touched
from playbook_run import ROOT, Play, finish, start_playbook
from quick import QUICK

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.lease import Holder
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import guard_begin
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import (
    LeaseWish,
    Platform,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.host import (
    LocalProcesses,
    SystemClock,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import open_record
from labtool.lab import Lab

PLAYBOOK = "remediate_model_server.yml"
NOT_DONE = "interrupted: not done"
DONE = "interrupted: done"


def killed_run(environment: Mapping[str, str], before: str) -> None:
    """A run that is killed before the task of that name."""
    killing = {
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests" / "support" / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "kill_run",
        "KILL_BEFORE": before,
    }
    run = start_playbook(f"playbooks/{PLAYBOOK}", variables=QUICK, environment={**environment, **killing})
    code, output = finish(run)
    assert code == -signal.SIGKILL, output


@pytest.mark.parametrize(
    "before, restarts",
    [
        pytest.param("Take the lease and open or join the incident", ["done"], id="before the lease"),
        pytest.param("Climb the ladder", ["done"], id="with the incident open"),
        pytest.param("Forget the action before", [NOT_DONE, "done"], id="with the intent written"),
        pytest.param("Verify until it is healed and stays so", [DONE], id="after the act"),
        pytest.param("Record how the rung ended", [DONE], id="healed and verified, but not recorded"),
        pytest.param("Say how the run ended", ["done"], id="with the outcome recorded"),
        pytest.param("Report", ["done"], id="before the report"),
    ],
)
def test_a_run_after_a_killed_one_goes_on_from_what_is_true(
    lab: Lab, play: Play, record: LabRecord, environment: dict[str, str], before: str, restarts: list[str]
) -> None:
    lab.inject("model-hang")
    broken = picture(lab)

    killed_run(environment, before)
    between = picture(lab)
    run = play(PLAYBOOK)
    after = picture(lab)

    assert run.rc == 0, run.output
    changes = [touched(broken, between), touched(between, after)]
    assert sorted(changes, key=len) == [set(), {"model-server"}]
    incident = record.only
    assert (incident["state"], incident["escalated"]) == ("resolved", False)
    assert [outcome for action, outcome in attempts(incident) if action == "restart"] == restarts
    assert kinds(incident).count("opened") == 1

    again = play(PLAYBOOK)
    assert (again.rc, again.ending, again.changed) == (0, "healthy", 0), again.output


def test_of_two_runs_at_once_one_waits_and_none_doubles_the_action(
    lab: Lab, record: LabRecord, environment: dict[str, str]
) -> None:
    lab.inject("model-hang")
    broken = picture(lab)
    variables = {**QUICK, "remediation_stability_window": 3.0, "remediation_lease_wait": 120}

    runs = [start_playbook(f"playbooks/{PLAYBOOK}", variables=variables, environment=environment) for _ in range(2)]
    ends = [finish(run) for run in runs]

    assert [code for code, _output in ends] == [0, 0], "\n".join(output for _code, output in ends)
    assert touched(broken, picture(lab)) == {"model-server"}
    incident = record.only
    assert incident["state"] == "resolved"
    assert attempts(incident).count(("restart", "done")) == 1
    assert {action for action, _outcome in attempts(incident)} <= {"restart", "wait"}


@pytest.mark.parametrize("seconds", [0, 2], ids=["at once", "after its patience"])
def test_a_run_that_meets_another_one_refuses_and_names_it(
    lab: Lab, play: Play, state_dir: Path, record: LabRecord, seconds: int
) -> None:
    lab.inject("model-hang")
    broken = picture(lab)
    held = Platform(lab.project, open_record(str(state_dir)), SystemClock(), LocalProcesses())
    trouble = guard_begin.Trouble("model_server", ("model-server",), "P2", "a service fails", root_cause="It hangs.")
    guard_begin.begin(held, trouble, LeaseWish(Holder("night-shift", user="bob", host="controller-2"), ttl=600))

    run = play(PLAYBOOK, remediation_lease_wait=seconds)

    assert (run.rc, run.ending, run.actions) == (2, "refused", []), run.output
    assert "is being remediated by run night-shift of bob on controller-2" in run.failures[-1]
    assert touched(broken, picture(lab)) == set()
    assert attempts(record.only) == []
    assert record.only["state"] == "open"
