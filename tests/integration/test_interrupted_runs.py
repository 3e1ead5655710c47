# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are killed between two tasks, and runs that meet: no action is doubled, and the record ends true."""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import subprocess
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
from checkout import load_yaml
from labtool import broker
from labtool.commands import wait_until
from labtool.lab import Lab

PLAYBOOK = "remediate_model_server.yml"
QUEUE_LADDER = load_yaml(ROOT / "roles" / "queue_backlog" / "defaults" / "main.yml")["queue_backlog_ladder"]
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


QUEUE, PARKING = "notifications", "notifications.quarantine"


def waiting(lab: Lab) -> tuple[int, int]:
    """Return how many messages are in the queue and in its parking queue."""
    found = broker.queues(lab)
    return int(found[QUEUE]["messages"]), int(found.get(PARKING, {}).get("messages", 0))


def test_a_quarantine_that_is_killed_in_the_middle_loses_no_message_and_the_next_run_finishes_it(
    lab: Lab, play: Play, record: LabRecord, environment: dict[str, str]
) -> None:
    lab.inject("queue-poison")
    lab.fault_point("compliance-monitor", "publish", queue=QUEUE, text='{"kind": "good"}', count=20)
    wait_until("all messages", lambda: waiting(lab) == (23, 0))
    # Until the next message would be parked it waits for so long, so that it is killed in the middle for certain.
    ladder = [
        {**rung, "parameters": {"at_most": 10, "settle": 60.0}} if rung["action"] == "quarantine_messages" else rung
        for rung in QUEUE_LADDER
    ]
    approved = {"remediation_approved_actions": ["quarantine_messages"], "queue_backlog_drain_limit": 3600}
    variables = {**QUICK, **approved, "queue_backlog_ladder": ladder}

    killed = start_playbook("playbooks/remediate_queue_backlog.yml", variables=variables, environment=environment)
    wait_until("a parked message", lambda: waiting(lab)[1] >= 1, deadline=120)
    kill_with_all_that_it_started(killed)

    left, parked = waiting(lab)
    assert parked in (1, 2)
    assert left + parked in (23, 24), "a message may be there twice, and never not at all"
    assert (record.only["state"], attempts(record.only)) == ("open", [("quarantine_messages", None)])

    # The consumer dies of the next message within a moment; a window shorter than that would not see it.
    run = play("remediate_queue_backlog.yml", remediation_stability_window=8.0, **approved)

    assert run.rc == 0, run.output
    assert run.actions[-1] == "quarantine_messages"
    wait_until("the good messages to be worked off", lambda: waiting(lab)[0] == 0)
    assert waiting(lab)[1] in (3, 4)
    assert {message["payload"] for message in broker.messages(lab, PARKING)} == {
        base64.b64encode(b"this is not JSON").decode()
    }
    assert record.only["state"] == "resolved"
    action, outcome = attempts(record.only)[0]
    assert (action, outcome) in {("quarantine_messages", DONE), ("quarantine_messages", NOT_DONE)}


def kill_with_all_that_it_started(process: subprocess.Popen[str]) -> None:
    """As a power cut would: the run, its workers and the modules that they have started, in groups of their own."""
    mine = [process.pid]
    for pid in mine:
        mine += [child for child, parent in parents().items() if parent == pid]
    for pid in mine:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert finish(process)[0] == -signal.SIGKILL


def parents() -> dict[int, int]:
    """Return process -> its parent, of everything that runs here."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            found[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    return found


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
