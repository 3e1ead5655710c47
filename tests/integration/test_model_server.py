# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MS-1 to MS-5: each fault of the model server is told apart, and healed or escalated as the ladder says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from lab_record import LabRecord, attempts, kinds
from pictures import picture, touched
from playbook_run import Play, PlaybookRun

from checkout import ROOT, load_yaml
from labtool.lab import Lab
from labtool.model import KNOWN_GOOD

PLAYBOOK = "remediate_model_server.yml"
APPROVED = {"remediation_approved_actions": ["restore_model"], "model_server_known_good": str(KNOWN_GOOD)}
SERVER = {"model-server"}
NO_ADDRESS = "the container"


@dataclass(frozen=True)
class Case:
    """A fault, the finding that tells it from the others, words of the root cause, and the rungs that heal it."""

    fault: str
    finding: str
    cause: str
    actions: tuple[str, ...]

    def __str__(self) -> str:
        return self.fault


HEALED = (
    Case("model-hang", "model_server.process_stopped", "is stopped (state T)", ("restart",)),
    Case("model-lock", "model_server.held", "a lock that is never released", ("restart",)),
    Case("model-paused", "container.paused", "is paused, and nothing declares that", ("unpause",)),
    Case("model-stopped", "container.state", "has stopped", ("start",)),
)
DAMAGED = (
    Case("model-corrupt", "model_server.file_corrupt", "SHA-256", ("restore_model",)),
    Case("model-truncated", "model_server.file_truncated", "truncated", ("restore_model",)),
    Case("model-lfs-pointer", "model_server.file_lfs_pointer", "Git LFS pointer", ("restore_model",)),
    Case("model-crash-loop", "model_server.file_corrupt", "SHA-256", ("restore_model",)),
)


def critical(run: PlaybookRun) -> set[str]:
    """Return the ids of the critical findings about the model server."""
    found = run.artifact["findings"]
    return {one["id"] for one in found if one["status"] == "critical" and one["service"] == "model-server"}


def ladder(deadline: float) -> list[dict[str, Any]]:
    """Return the role's ladder, each rung of which gives up after so many seconds."""
    rungs = load_yaml(ROOT / "roles" / "model_server" / "defaults" / "main.yml")["model_server_ladder"]
    return [{**rung, "deadline": deadline} for rung in rungs if rung["action"] != "restore_model"]


def test_a_hang_is_not_waited_for_when_a_process_is_stopped_however_young_the_server_is(lab: Lab, play: Play) -> None:
    lab.docker("restart", "-t", "1", lab.container_id("model-server"))
    lab.wait_healthy(["model-server"])
    lab.inject("model-hang")

    run = play(PLAYBOOK, "--check")

    assert [step["action"] for step in run.artifact["plan"]["steps"]] == ["restart"], run.output
    assert "is stopped (state T)" in run.artifact["root_cause"]


@pytest.mark.parametrize("case", HEALED, ids=str)
def test_a_fault_is_told_apart_then_healed_and_a_second_run_changes_nothing(
    lab: Lab, play: Play, record: LabRecord, case: Case
) -> None:
    lab.inject(case.fault)
    broken = picture(lab)

    rehearsed = play(PLAYBOOK, "--check", "--diff")

    assert (rehearsed.rc, rehearsed.ending, rehearsed.changed) == (2, "diagnosed", 0), rehearsed.output
    assert touched(broken, picture(lab)) == set()
    assert not record.was_written
    assert case.finding in critical(rehearsed)
    assert not {other.finding for other in (*HEALED, *DAMAGED)} - {case.finding} & critical(rehearsed)
    assert case.cause in rehearsed.artifact["root_cause"]
    assert rehearsed.artifact["plan"]["steps"][0]["action"] == case.actions[0]

    first = play(PLAYBOOK)

    assert (first.rc, first.ending, first.actions) == (0, "healed", list(case.actions)), first.output
    assert first.changed > 0
    assert touched(broken, picture(lab)) == SERVER
    incident = record.only
    assert (incident["state"], incident["severity"], incident["services"]) == ("resolved", "P2", ["model-server"])
    assert kinds(incident) == ["opened", "intent", "outcome", "resolved"]
    assert case.cause in incident["root_cause"]
    assert not incident["escalated"]

    healed = picture(lab)
    second = play(PLAYBOOK)

    assert (second.rc, second.ending, second.changed) == (0, "healthy", 0), second.output
    assert touched(healed, picture(lab)) == set()
    assert record.only == incident


@pytest.mark.parametrize("case", DAMAGED, ids=str)
def test_a_damaged_model_file_is_told_apart_and_replaced_only_with_approval(
    lab: Lab, play: Play, record: LabRecord, case: Case
) -> None:
    lab.inject(case.fault)
    others = {name: seen for name, seen in picture(lab).items() if name not in SERVER}

    refused = play(PLAYBOOK, model_server_known_good=str(KNOWN_GOOD))

    assert (refused.rc, refused.ending, refused.actions) == (2, "refused", []), refused.output
    assert case.finding in critical(refused)
    assert not {other.finding for other in DAMAGED} - {case.finding} & critical(refused)
    assert case.cause in refused.artifact["root_cause"]
    assert "restore_model" in refused.failures[-1]
    pending = record.only
    assert (pending["state"], pending["escalated"]) == ("open", True)
    assert kinds(pending) == ["opened", "refused", "escalated"]
    assert attempts(pending) == []

    healed = play(PLAYBOOK, **APPROVED)

    assert (healed.rc, healed.ending, healed.actions) == (0, "healed", list(case.actions)), healed.output
    assert lab.http("model-server", "/predict", {"features": [1.0, 2.0, 3.0]})[0] == 200
    assert touched(others, {name: seen for name, seen in picture(lab).items() if name not in SERVER}) == set()
    incident = record.only
    assert (incident["id"], incident["state"]) == (pending["id"], "resolved")
    assert attempts(incident) == [("restore_model", "done")]
    assert "by naming the action for this run" in incident["attempts"][0]["approved_by"]


def test_an_incident_that_waits_for_approval_is_joined_without_a_change(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    lab.inject("model-corrupt")
    first = play(PLAYBOOK, model_server_known_good=str(KNOWN_GOOD))
    broken = picture(lab)

    second = play(PLAYBOOK, model_server_known_good=str(KNOWN_GOOD))

    assert first.changed > 0
    assert (second.rc, second.ending, second.changed) == (2, "refused", 0), second.output
    assert kinds(record.only)[:5] == ["opened", "refused", "escalated", "joined", "refused"]
    assert touched(broken, picture(lab)) == set()


def test_a_damaged_model_file_without_a_known_good_copy_is_escalated_and_says_what_to_name(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    lab.inject("model-corrupt")
    broken = picture(lab)

    run = play(PLAYBOOK, remediation_approved_actions=["restore_model"])

    assert (run.rc, run.ending) == (2, "escalated"), run.output
    assert "model_server_known_good" in run.output
    assert (record.only["state"], record.only["escalated"]) == ("open", True)
    assert attempts(record.only) == [("restore_model", "failed")]
    assert touched(broken, picture(lab)) == set()


def test_a_crash_loop_by_configuration_is_told_from_one_by_a_bad_file_and_recreated(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    lab.inject("model-bad-config")
    others = set(lab.containers()) - SERVER

    run = play(PLAYBOOK)

    assert (run.rc, run.ending, run.actions) == (0, "healed", ["recreate"]), run.output
    assert not {case.finding for case in DAMAGED} & critical(run)
    assert "model_server.crash_loop" in critical(run)
    assert "JWT_SECRET is empty" in run.output
    assert record.only["state"] == "resolved"
    assert lab.drifted() == []
    assert set(lab.containers()) == others | SERVER


def test_a_slow_server_of_a_changed_configuration_is_restarted_first_and_then_recreated(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    lab.inject("model-slow")

    run = play(PLAYBOOK, model_server_ladder=ladder(deadline=5.0))

    assert (run.rc, run.ending) == (0, "healed"), run.output
    assert [action for action in run.actions if action != "wait"] in (["restart", "recreate"], ["recreate"])
    assert [entry["healed"] for entry in run.artifact["history"]][-1] is True
    assert kinds(record.only).count("intent") == len(run.actions)
    assert lab.drifted() == []


def test_a_server_that_is_loading_is_waited_for_and_not_touched(lab: Lab, play: Play, record: LabRecord) -> None:
    lab.inject("model-loading")
    loading = picture(lab)

    run = play(PLAYBOOK)

    assert (run.rc, run.ending, run.actions) == (0, "healed", ["wait"]), run.output
    assert touched(loading, picture(lab)) == set()
    assert record.only["state"] == "resolved"
