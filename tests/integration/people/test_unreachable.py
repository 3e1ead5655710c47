# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that cannot be reached: its incident is in the controller's record, and people and runs find it there."""

from __future__ import annotations

from typing import Any

import pytest
from notified_people import Desk, Ran

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import Query, find_incidents

PLAYBOOK = "remediate_model_server.yml"
DOWN = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 9}
# It answers and has no Docker engine, so that no lab is needed.
BACK = {"ansible_connection": "local", "platform_docker_cli": "/nowhere/docker"}

# Of which nothing is said to be wrong when there is no engine.
DISK_ONLY = [{"name": "disk_space", "role": "agentfoundry.incident_response.disk_space", "playbook": "disk"}]


def of_controller(desk: Desk) -> list[dict[str, Any]]:
    """The incidents of the host in the controller's record, the newest first."""
    folder = desk.variables.get("remediation_controller_state_dir", str(desk.folder / "controller"))
    return find_incidents(folder, Query(scenario="host_unreachable", full=True))


def goes_down(desk: Desk, *options: str) -> Ran:
    desk.variables.update(DOWN)
    return desk.run(PLAYBOOK, *options)


def comes_back(desk: Desk, *options: str, playbook: str = PLAYBOOK) -> Ran:
    desk.variables.update(BACK)
    return desk.run(playbook, *options)


def subjects(desk: Desk) -> list[str]:
    return [mail.subject for mail in desk.world.smtp.mails if "host_unreachable" in mail.subject]


@pytest.mark.parametrize(
    "playbook, variables",
    [(PLAYBOOK, {}), ("respond.yml", {}), ("respond.yml", {"triage_scenarios": DISK_ONLY})],
    ids=["a scenario", "respond", "respond with nothing to heal"],
)
def test_the_first_run_that_reaches_the_host_again_resolves_the_incident_and_tells_it(
    desk: Desk, playbook: str, variables: dict[str, Any]
) -> None:
    desk.variables.update(variables)
    down = goes_down(desk)
    (opened,) = of_controller(desk)
    back = comes_back(desk, playbook=playbook)
    (resolved,) = of_controller(desk)
    again = comes_back(desk, playbook=playbook)

    assert (opened["state"], resolved["state"]) == ("open", "resolved"), back.output
    notes = [entry["message"] for entry in resolved["timeline"] if entry["kind"] in ("note", "resolved")]
    assert "docker-1 answers again." in notes
    assert [subject.split(":")[0] for subject in subjects(desk)] == ["[P1] needs a person", "[P1] resolved"]
    assert down.code in (2, 4)
    assert again.changed == 0, again.output
    assert of_controller(desk) == [resolved]


def test_each_outage_of_a_host_is_an_incident_of_its_own_and_told(desk: Desk) -> None:
    goes_down(desk)
    comes_back(desk)
    goes_down(desk)
    still = goes_down(desk)

    assert [incident["state"] for incident in of_controller(desk)] == ["open", "resolved"], still.output
    assert still.changed == 0
    assert [subject.split(":")[0] for subject in subjects(desk)] == [
        "[P1] needs a person", "[P1] resolved", "[P1] needs a person",
    ]  # fmt: skip


@pytest.mark.parametrize("options", [["--check"], ["--tags", "diagnose"]])
def test_a_run_that_only_looks_resolves_and_tells_nothing(desk: Desk, options: list[str]) -> None:
    goes_down(desk)
    told = desk.world.counts()
    before = of_controller(desk)

    comes_back(desk, *options)

    assert of_controller(desk) == before
    assert desk.world.counts() == told


def test_a_record_that_the_platform_shares_with_the_controller_loses_nothing(desk: Desk) -> None:
    shared = str(desk.state_dir)
    desk.variables["remediation_controller_state_dir"] = shared
    other = desk.opened(scenario="queue_backlog", services=("rabbitmq",))
    goes_down(desk)

    back = comes_back(desk)

    assert [incident["state"] for incident in of_controller(desk)] == ["resolved"], back.output
    assert desk.incident(other)["state"] == "open"
    assert [incident["scenario"] for incident in find_incidents(shared, Query())].count("host_unreachable") == 1


def test_a_controller_without_a_record_costs_no_call_and_is_given_none(desk: Desk) -> None:
    back = comes_back(desk)

    assert not (desk.folder / "controller").exists()
    assert "docker-1 -> localhost]" not in back.output.split("Tell the people")[0], back.output


def test_a_record_of_the_controller_that_cannot_be_read_stops_no_run(desk: Desk) -> None:
    folder = desk.folder / "controller"
    folder.mkdir(mode=0o700)
    (folder / "incident_response.sqlite").write_text("no database at all, and long enough to be taken for one" * 40)

    back = comes_back(desk)

    assert "The record cannot be read" in back.output
    assert [incident["scenario"] for incident in find_incidents(str(desk.state_dir), Query())] == ["engine"]
