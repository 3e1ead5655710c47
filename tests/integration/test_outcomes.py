# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every row of the table 'What a run answers': the exit code, and what the record says afterwards."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab_record import LabRecord, attempts, kinds
from pictures import picture, touched
from playbook_run import Play, PlaybookRun, playbook_of, run_playbook

from checkout import ROOT
from labtool.lab import Lab
from labtool.platform import SERVICES

PLAYBOOK = "remediate_model_server.yml"
DEAD_ENGINE = "unix:///nowhere/docker.sock"


@pytest.fixture
def hung(lab: Lab) -> Lab:
    """The lab with a hung model server."""
    lab.inject("model-hang")
    return lab


def end_of(run: PlaybookRun) -> tuple[int, str, list[str]]:
    return run.rc, run.ending, run.actions


# Nothing wrong


def test_a_healthy_platform_costs_one_probing_call_and_no_guard_call_and_leaves_no_incident(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    before = picture(lab)

    run = play(PLAYBOOK)

    assert (*end_of(run), run.changed) == (0, "healthy", [], 0), run.output
    assert len(run.calls("platform_info")) == 1
    assert run.calls("guard") == []
    assert run.calls("remediation_verify") == []
    assert record.incidents() == []
    assert touched(before, picture(lab)) == set()


def test_once_all_is_known_a_healthy_run_has_nothing_new_to_remember(lab: Lab, play: Play) -> None:
    # A service is remembered as good only when it was quick as well: on a busy machine that takes another look.
    for _ in range(6):
        run = play(PLAYBOOK)
        assert (run.rc, run.changed) == (0, 0), run.output
        if not run.calls("record_samples"):
            return
    pytest.fail(f"still something new: {run.calls('record_samples')[0]['invocation']['module_args']['samples']}")


def test_an_open_incident_that_no_longer_holds_is_resolved(hung: Lab, play: Play, record: LabRecord) -> None:
    escalated = play(PLAYBOOK, remediation_attempt_limit=0)
    assert record.only["state"] == "open", escalated.output
    hung.undo("model-hang")

    run = play(PLAYBOOK)
    again = play(PLAYBOOK)

    assert (run.rc, run.ending) == (0, "healthy"), run.output
    assert run.changed == 1
    assert record.only["state"] == "resolved"
    assert (again.rc, again.changed) == (0, 0), again.output


# Not healed


@pytest.mark.parametrize(
    "variables, rule, advice",
    [
        ({"remediation_attempt_limit": 0}, "budget", "raise remediation_attempt_limit"),
        ({"remediation_service_cap": 0}, "cap", "raise remediation_service_cap"),
        ({"model_server_ladder": [{"action": "restart", "tier": "destructive", "findings": ["model_server.*"]}]},
         "approval", "remediation_approved_actions"),
    ],
    ids=["budget", "cap", "approval"],
)  # fmt: skip
def test_what_the_guard_refuses_is_escalated_with_the_way_on_and_nothing_is_touched(
    hung: Lab, play: Play, record: LabRecord, variables: dict[str, Any], rule: str, advice: str
) -> None:
    before = picture(hung)

    run = play(PLAYBOOK, **variables)

    assert end_of(run) == (2, "refused", []), run.output
    assert advice in run.failures[-1]
    incident = record.only
    assert (incident["state"], incident["escalated"]) == ("open", True)
    assert advice in incident["escalation"]["remedy"]
    assert f"rule {rule}" in next(entry["message"] for entry in incident["timeline"] if entry["kind"] == "refused")
    assert attempts(incident) == []
    assert touched(before, picture(hung)) == set()


def test_a_platform_in_maintenance_is_left_alone_until_the_window_is_ended(
    hung: Lab, play: Play, record: LabRecord, tmp_path: Path
) -> None:
    before = picture(hung)
    window = {
        "state_dir": "{{ platform_state_dir }}",
        "platform": "{{ platform_project }}",
        "state": "{{ window }}",
        "by": "alice",
        "reason": "a new model is being loaded",
        "duration": 600,
    }
    playbook = playbook_of(tmp_path, {"agentfoundry.incident_response.maintenance": window})
    assert play(playbook, window="present").rc == 0

    run = play(PLAYBOOK)

    assert (*end_of(run), run.changed) == (0, "nothing_in_scope", [], 0), run.output
    assert "left alone  model-server (declared maintenance)" in run.output
    assert record.incidents() == []
    assert touched(before, picture(hung)) == set()

    assert play(playbook, window="absent").rc == 0
    assert end_of(play(PLAYBOOK)) == (0, "healed", ["restart"])


def test_a_service_that_is_declared_ignored_is_not_in_trouble(hung: Lab, play: Play, record: LabRecord) -> None:
    before = picture(hung)

    run = play(PLAYBOOK, platform_services={"model-server": {"kind": "model_server", "declared": "ignored"}})

    assert (*end_of(run), run.changed) == (0, "nothing_in_scope", [], 0), run.output
    assert "left alone  model-server (declared ignored)" in run.output
    assert record.incidents() == []
    assert touched(before, picture(hung)) == set()


def test_a_run_without_a_rung_left_is_escalated_with_all_that_was_tried(
    hung: Lab, play: Play, record: LabRecord
) -> None:
    ladder = [{"action": "unpause", "tier": "disruptive", "findings": ["model_server.*"], "deadline": 1}]

    run = play(PLAYBOOK, model_server_ladder=ladder)

    assert end_of(run) == (2, "escalated", ["unpause"]), run.output
    assert "unpause did not heal it" in run.failures[-1]
    assert "a person has to look" in run.failures[-1]
    incident = record.only
    assert kinds(incident) == ["opened", "intent", "outcome", "escalated"]
    assert (incident["state"], incident["escalation"]["reason"].startswith("unpause did not heal it")) == ("open", True)


def test_a_ladder_that_does_not_answer_is_escalated_at_once(hung: Lab, play: Play, record: LabRecord) -> None:
    run = play(PLAYBOOK, model_server_ladder=[])

    assert end_of(run) == (2, "escalated", []), run.output
    assert kinds(record.only) == ["opened", "escalated"]


def test_a_platform_without_a_model_server_has_nothing_to_do(lab: Lab, play: Play, record: LabRecord) -> None:
    run = play(PLAYBOOK, model_server_services=[])

    assert (*end_of(run), run.changed) == (0, "nothing_in_scope", [], 0), run.output
    assert record.incidents() == []


# No engine, no host


def test_an_engine_that_does_not_answer_is_a_p1_incident_which_the_next_good_run_resolves(
    lab: Lab, play: Play, record: LabRecord, tmp_path: Path
) -> None:
    client = tmp_path / "docker"
    client.write_text(f'#!/bin/sh\nexec env DOCKER_HOST={DEAD_ENGINE} docker "$@"\n')
    client.chmod(0o755)

    run = play(PLAYBOOK, platform_docker_cli=str(client))

    assert end_of(run) == (2, "escalated", []), run.output
    assert "Start the Docker engine" in run.failures[-1]
    incident = record.only
    assert (incident["severity"], incident["scenario"], incident["state"]) == ("P1", "engine", "open")
    assert (incident["services"], incident["escalated"]) == ([], True)

    again = play(PLAYBOOK, platform_docker_cli=str(client))
    assert (again.rc, again.changed) == (2, 0), again.output
    assert record.only["id"] == incident["id"]

    healthy = play(PLAYBOOK)
    assert (healthy.rc, healthy.ending, healthy.changed) == (0, "healthy", 1), healthy.output
    assert record.only["state"] == "resolved"


def test_a_docker_client_that_is_not_installed_is_an_engine_that_does_not_answer(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    run = play(PLAYBOOK, platform_docker_cli="/nowhere/docker")

    assert end_of(run) == (2, "escalated", []), run.output
    assert "/nowhere/docker" in run.output
    assert record.only["severity"] == "P1"


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of the loopback address that refuses connections: bound, and nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.mark.parametrize("options", [(), ("--limit", "far-away")], ids=["all hosts", "limited to it"])
def test_a_host_that_cannot_be_reached_is_recorded_on_the_controller_and_the_others_go_on(
    lab: Lab, record: LabRecord, tmp_path: Path, environment: dict[str, str], closed_port: int, options: tuple[str, ...]
) -> None:
    inventory = tmp_path / "inventory"
    inventory.mkdir()
    (inventory / "hosts.yml").write_text(
        "platforms:\n"
        "  hosts:\n"
        "    near:\n"
        "      ansible_connection: local\n"
        "      ansible_python_interpreter: '{{ ansible_playbook_python }}'\n"
        "    far-away:\n"
        "      ansible_host: 127.0.0.1\n"
        f"      ansible_port: {closed_port}\n"
    )
    (inventory / "group_vars").symlink_to(ROOT / "inventory" / "group_vars")

    def run() -> PlaybookRun:
        return run_playbook(
            PLAYBOOK,
            tmp_path / f"runner-{len(list(tmp_path.iterdir()))}",
            variables={"remediation_serial": "100%"},
            options=options,
            environment=environment,
            inventory=inventory,
        )

    first = run()
    second = run()

    assert first.rc != 0
    assert "far-away cannot be reached" in first.failures[-1]
    incident = record.only
    assert incident["id"] in first.failures[-1]
    assert (incident["severity"], incident["scenario"], incident["state"]) == ("P1", "host_unreachable", "open")
    assert (incident["platform"], incident["escalated"]) == ("far-away", True)
    assert (second.rc, second.changed) == (first.rc, 0), second.output
    hosts = {key.split("/")[0] for key in first.artifacts}
    assert hosts == (set() if options else {"near"})


# Check mode


def test_check_mode_passes_on_a_healthy_platform_and_writes_nothing(lab: Lab, play: Play, record: LabRecord) -> None:
    before = picture(lab)

    run = play(PLAYBOOK, "--check", "--diff")

    assert (*end_of(run), run.changed) == (0, "healthy", [], 0), run.output
    assert not record.was_written
    assert touched(before, picture(lab)) == set()
    assert set(picture(lab)) == set(SERVICES)
