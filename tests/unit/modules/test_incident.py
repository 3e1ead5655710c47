# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules incident and incident_info as people call them: open, note, escalate, move on, find again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from module_calls import fail, run

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
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Writer
from ansible_collections.agentfoundry.incident_response.plugins.modules import incident, incident_info

OPENING = {
    "state": "opened",
    "platform": "shop",
    "scenario": "host_unreachable",
    "services": [],
    "severity": "P1",
    "severity_rule": "the host cannot be reached",
    "summary": "web1 cannot be reached.",
}


class Desk:
    """A person with a record."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = str(state_dir)

    def open(self, **options: Any) -> dict[str, Any]:
        return run(incident, {"state_dir": self.state_dir, **OPENING, **options})

    def change(self, number: str, **options: Any) -> dict[str, Any]:
        return run(incident, {"state_dir": self.state_dir, "id": number, **options})

    def refuse(self, number: str, **options: Any) -> str:
        return str(fail(incident, {"state_dir": self.state_dir, "id": number, **options})["msg"])

    def find(self, **options: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = run(incident_info, {"state_dir": self.state_dir, **options})["incidents"]
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "state")


@pytest.fixture
def number(desk: Desk) -> str:
    return str(desk.open()["incident"]["id"])


def test_opening_twice_opens_once_and_the_second_time_is_no_change(desk: Desk) -> None:
    first, second = desk.open(), desk.open()
    assert (first["changed"], first["incident"]["joined"]) == (True, False)
    assert (second["changed"], second["incident"]["joined"]) == (False, True)
    assert first["incident"]["id"] == second["incident"]["id"]
    assert len(desk.find()) == 1


def test_opening_and_escalating_in_one_go_is_a_change_once(desk: Desk) -> None:
    escalation = {"escalation": "nothing was looked at", "remedy": "mend ssh", "issue_type": "database_failure"}
    first, second = desk.open(**escalation), desk.open(**escalation)
    assert (first["changed"], second["changed"]) == (True, False)
    told = first["incident"]["escalation"]
    assert (told["reason"], told["remedy"], told["issue_type"]) == (
        "nothing was looked at", "mend ssh", "database_failure",
    )  # fmt: skip


def test_an_open_incident_that_is_escalated_later_is_a_change(desk: Desk) -> None:
    desk.open()
    assert desk.open(escalation="a person is needed")["changed"]


def test_other_words_of_an_escalation_replace_the_first_ones_without_a_change(desk: Desk, number: str) -> None:
    first = desk.change(number, escalation="one")["incident"]["escalation"]
    second = desk.change(number, escalation="two")
    assert not second["changed"]
    assert second["incident"]["escalation"] == {**first, "reason": "two"}


def test_an_incident_goes_through_its_life_and_every_repetition_changes_nothing(desk: Desk, number: str) -> None:
    told = []
    for state in ("acknowledged", "stable", "resolved", "reviewed", "closed"):
        once, twice = desk.change(number, state=state), desk.change(number, state=state)
        told.append((once["incident"]["state"], once["changed"], twice["changed"]))
        assert once["incident"][f"{state}_at"] == twice["incident"][f"{state}_at"] is not None
    assert told == [(state, True, False) for state in ("acknowledged", "stable", "resolved", "reviewed", "closed")]


@pytest.mark.parametrize(
    "before, wanted, words",
    [
        ("resolved", "acknowledged", "is resolved and cannot become acknowledged. From resolved it can become"),
        ("resolved", "closed", "cannot be closed without a review"),
        ("acknowledged", "closed", "cannot become closed"),
    ],
)
def test_a_state_that_cannot_follow_is_refused(desk: Desk, number: str, before: str, wanted: str, words: str) -> None:
    desk.change(number, state=before)
    assert words in desk.refuse(number, state=wanted)
    assert desk.find()[0]["state"] == before


def test_a_lowered_severity_allows_closing_in_the_same_call(desk: Desk, number: str) -> None:
    desk.change(number, state="resolved")
    closed = desk.change(number, state="closed", severity="P3", severity_rule="one customer only", author="jane")
    assert (closed["incident"]["state"], closed["incident"]["severity_by_hand"]) == ("closed", True)


def test_what_a_person_set_is_kept_when_it_is_seen_again(desk: Desk, number: str) -> None:
    desk.change(number, severity="P4", severity_rule="a test host")
    assert desk.open()["incident"]["severity"] == "P4"


def test_a_severity_without_a_reason_is_an_error(desk: Desk, number: str) -> None:
    assert "severity_rule" in desk.refuse(number, severity="P3")


def test_a_note_of_the_same_author_is_added_once(desk: Desk, number: str) -> None:
    notes = [("jane", "looking"), ("jane", "looking"), ("joe", "looking"), ("jane", "found it")]
    changed = [desk.change(number, author=author, note=text)["changed"] for author, text in notes]
    assert changed == [True, False, True, True]
    timeline = desk.find(full=True)[0]["timeline"]
    assert [(entry["source"], entry["message"]) for entry in timeline if entry["kind"] == "note"] == [
        ("jane", "looking"), ("joe", "looking"), ("jane", "found it"),
    ]  # fmt: skip


def test_a_secret_in_a_note_is_not_stored(desk: Desk, number: str) -> None:
    desk.change(number, note="I used password=hunter2hunter2")
    assert "hunter2" not in str(desk.find(full=True))


def test_the_diff_shows_before_and_after(desk: Desk, number: str) -> None:
    diff = desk.change(number, state="acknowledged")["diff"]
    assert (diff["before"]["state"], diff["after"]["state"]) == ("open", "acknowledged")
    same = desk.change(number, state="acknowledged")["diff"]
    assert same["before"] == same["after"]


def test_check_mode_changes_nothing(desk: Desk, number: str) -> None:
    before = desk.find(full=True)
    rehearsed = desk.change(number, state="resolved", note="would be", _ansible_check_mode=True)
    assert (rehearsed["changed"], rehearsed["incident"]["state"]) == (True, "resolved")
    assert desk.open(services=["x"], _ansible_check_mode=True)["incident"]["id"].endswith("-002")
    assert desk.find(full=True) == before


def test_a_run_that_works_on_it_decides_whether_it_is_resolved(desk: Desk) -> None:
    platform = Platform("shop", Writer(desk.state_dir), SystemClock(), LocalProcesses())
    trouble = guard_begin.Trouble("model_server", ("model-server",), "P2", "a service fails")
    number = guard_begin.begin(platform, trouble, LeaseWish(Holder("other run"), ttl=60))["incident"]["id"]
    refused = desk.change(number, state="resolved")
    assert (refused["changed"], refused["refused"]["rule"], refused["incident"]["state"]) == (False, "lease", "open")
    assert desk.change(number, state="acknowledged")["refused"] is None


@pytest.mark.parametrize(
    "options, words",
    [
        ({"state": "opened", "platform": "shop"}, "scenario, severity, severity_rule, summary"),
        ({"state": "resolved"}, "id"),
        ({"note": "which one?"}, "Name the incident"),
        ({"id": "INC-2020-01-01-001", "state": "resolved"}, "no incident INC-2020-01-01-001"),
        ({**OPENING, "services": [" "]}, "services has the value"),
        ({**OPENING, "severity": "P0"}, "P0"),
    ],
)
def test_an_option_that_is_wrong_is_named(desk: Desk, options: dict[str, Any], words: str) -> None:
    assert words in fail(incident, {"state_dir": desk.state_dir, **options})["msg"]


def test_incidents_are_found_by_what_they_are(desk: Desk) -> None:
    first = desk.open()["incident"]["id"]
    second = desk.open(scenario="service_crash", services=["api"])["incident"]["id"]
    third = desk.open(platform="blog")["incident"]["id"]
    desk.change(first, state="resolved")

    def found(**options: Any) -> list[str]:
        return [one["id"] for one in desk.find(**options)]

    assert found() == [third, second, first]
    assert found(open_only=True) == [third, second]
    assert found(platform="shop") == [second, first]
    assert found(scenario="service_crash") == [second]
    assert found(states=["resolved"]) == [first]
    assert found(id=second) == [second]
    assert found(limit=2) == [third, second]
    assert found(since="2020-01-01") == [third, second, first]
    assert found(since="2999-01-01T00:00:00Z") == []


def test_in_full_there_is_the_timeline_and_in_short_there_is_not(desk: Desk, number: str) -> None:
    finding = {"id": "host.reachable", "service": "", "status": "critical", "message": "no answer"}
    desk.open(services=["x"], findings=[finding])
    full, short = desk.find(full=True)[0], desk.find()[0]
    assert set(full) - set(short) == {
        "timeline", "attempts", "findings", "plan", "measurements", "escalation_level", "notifications",
    }  # fmt: skip
    assert full["findings"] == [finding]


def test_a_host_without_a_record_has_no_incidents_and_gets_none(desk: Desk) -> None:
    assert desk.find() == []
    assert not Path(desk.state_dir).exists()


@pytest.mark.parametrize(
    "options, words",
    [
        ({"since": "yesterday"}, "since has the value 'yesterday'"),
        ({"limit": 0}, "limit"),
        ({"states": ["opened"]}, "opened"),
        ({"id": "INC-2020-01-01-001"}, "no incident"),
    ],
)
def test_a_question_that_is_wrong_is_an_error(desk: Desk, number: str, options: dict[str, Any], words: str) -> None:
    assert words in fail(incident_info, {"state_dir": desk.state_dir, **options})["msg"]
