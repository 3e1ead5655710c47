# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that cannot be reached: its incident is in the controller's record, and people and runs find it there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from notified_people import Desk, Ran
from playbook_run import playbook_of

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import Query, find_incidents

PLAYBOOK = "remediate_model_server.yml"
DOWN = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 9}
# It answers and has no Docker engine, so that no lab is needed.
BACK = {"ansible_connection": "local", "platform_docker_cli": "/nowhere/docker"}


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
    """Of each mail about it, without the incident's id."""
    found = [mail.subject for mail in desk.world.smtp.mails if "host_unreachable" in mail.subject]
    return [re.sub(r" INC-[\d-]+", "", subject) for subject in found]


# What respond.yml does when nothing was wrong, so that it carried out no scenario.
NOTHING_TO_HEAL = {
    "name": "Look at the controller's record",
    "ansible.builtin.include_role": {
        "name": "agentfoundry.incident_response.remediation",
        "tasks_from": "answered.yml",
    },
}


@pytest.mark.parametrize("playbook", [PLAYBOOK, "respond.yml", ""], ids=["a scenario", "respond", "nothing to heal"])
def test_the_first_run_that_reaches_the_host_again_resolves_the_incident_and_tells_it(
    desk: Desk, playbook: str
) -> None:
    playbook = playbook or playbook_of(desk.folder, NOTHING_TO_HEAL)
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

    assert "The record is damaged" in back.output
    assert [incident["scenario"] for incident in find_incidents(str(desk.state_dir), Query())] == ["engine"]


# By hand


def known_id(desk: Desk) -> str:
    """Let the host be down, and return the id of the incident that tells it."""
    goes_down(desk)
    return str(of_controller(desk)[0]["id"])


def test_people_work_on_the_incident_while_the_host_is_down(desk: Desk) -> None:
    number = known_id(desk)

    ran = [
        desk.run("acknowledge.yml", incident_id=number, incident_author="jane"),
        desk.run("note.yml", incident_id=number, incident_note="its power is off", incident_author="jane"),
        desk.run("set_severity.yml", incident_id=number, incident_severity="P3", incident_reason="a spare"),
        desk.run("resolve.yml", incident_id=number, incident_author="jane"),
        desk.run("close.yml", incident_id=number, incident_author="jane"),
    ]

    assert [one.code for one in ran] == [0] * 5, "".join(one.output for one in ran)
    assert "its power is off" in ran[1].output
    (incident,) = of_controller(desk)
    assert (incident["state"], incident["severity"]) == ("closed", "P3")
    assert ["resolved"] in [one["covers"] for one in incident["notifications"] if one["state"] == "sent"]


def test_an_id_that_is_in_no_record_names_the_hosts_that_were_not_reached(desk: Desk) -> None:
    known_id(desk)

    ran = desk.run("note.yml", incident_id="INC-2020-01-01-001", incident_note="here")

    assert ran.code == 2, ran.output
    assert "INC-2020-01-01-001 is in no record of these hosts" in ran.output
    assert "not looked at: docker-1." in ran.output


def test_an_id_that_the_host_and_the_controller_both_know_is_changed_in_the_record_that_is_named(desk: Desk) -> None:
    own = desk.opened()
    number = known_id(desk)
    desk.variables.update(BACK)

    neither = desk.run("note.yml", incident_id=number, incident_note="which?")
    there = desk.run("note.yml", incident_id=number, incident_note="there", incident_record="controller")
    here = desk.run("note.yml", incident_id=number, incident_note="here", incident_record="host")

    assert own == number
    assert (neither.code, there.code, here.code) == (2, 0, 0), neither.output + there.output + here.output
    assert "-e incident_record=host or -e incident_record=controller" in neither.output
    notes = [
        [entry["message"] for entry in incident["timeline"] if entry["kind"] == "note"]
        for incident in (of_controller(desk)[0], desk.incident(own))
    ]
    assert notes == [["there"], ["here"]]


def test_a_record_that_the_platform_shares_with_the_controller_is_one_record(desk: Desk) -> None:
    desk.variables["remediation_controller_state_dir"] = str(desk.state_dir)
    number = known_id(desk)
    desk.variables.update(BACK)

    ran = desk.run("acknowledge.yml", incident_id=number)
    listed = desk.run("incidents.yml")

    assert (ran.code, listed.code) == (0, 0), ran.output + listed.output
    assert of_controller(desk)[0]["state"] == "acknowledged"
    assert listed.output.count(number) == 1


def test_the_incident_is_listed_and_shown_while_the_host_is_down_and_when_it_is_back(desk: Desk) -> None:
    own = desk.opened()
    number = known_id(desk)

    listed = desk.run("incidents.yml")
    shown = desk.run("incidents.yml", incident_id=number)
    desk.variables.update(BACK)
    back = desk.run("incidents.yml", incidents_format="json")
    both = desk.run("incidents.yml", incident_id=number)
    nowhere = desk.run("incidents.yml", incident_id="INC-2020-01-01-001")

    assert (listed.code, shown.code, back.code, both.code) == (2, 0, 0, 0), listed.output + shown.output + back.output
    assert "docker-1 gave no answer" in listed.output
    assert number in listed.output
    assert "docker-1 cannot be reached by Ansible" in shown.output
    assert "docker-1 (controller)" in back.output
    assert own == number
    assert "docker-1 cannot be reached by Ansible" in both.output
    assert "model-server <hangs>" in both.output
    assert nowhere.code == 2, nowhere.output
    assert "holds no incident" in nowhere.output


def test_its_review_is_written_beside_those_of_the_host(desk: Desk) -> None:
    own = desk.opened()
    desk.resolved(own)
    number = known_id(desk)
    desk.run("resolve.yml", incident_id=number)
    folder = desk.folder / "reviews"
    files = [folder / "docker-1" / f"{own}.md", folder / "docker-1" / "controller" / f"{number}.md"]

    down = desk.run("review.yml", review_directory=str(folder))
    written = [file.exists() for file in files]
    desk.variables.update(BACK)
    which = desk.run("review.yml", review_directory=str(folder), incident_id=number)
    back = desk.run("review.yml", review_directory=str(folder))

    assert (down.code, which.code, back.code) == (2, 2, 0), down.output + which.output + back.output
    assert "docker-1 cannot be reached" in down.output
    assert written == [False, True]
    assert "-e incident_record=host or -e incident_record=controller" in which.output
    texts = [file.read_text(encoding="utf-8") for file in files]
    assert ["host_unreachable" in text or "cannot be reached" in text for text in texts] == [False, True]
