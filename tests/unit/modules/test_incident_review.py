# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module incident_review: a review is begun, written, moved on, and never loses what somebody wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from guard_runs import Host
from healed_runs import heal
from module_calls import fail, run
from record_fakes import FakeClock, FakeProcesses

from ansible_collections.agentfoundry.incident_response.plugins.modules import incident, incident_info, incident_review

COMPLETE = {
    "impact": "40 users saw time-outs.",
    "corrective_actions": "- [x] alert on the canary — jane — 2026-03-05",
    "went_well": "The restart.",
    "improve": "The alert came late.",
    "monitoring": "none",
}


class Desk:
    """People with the record of a host on which a hung model server was healed."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = str(state_dir)
        self.clock = FakeClock()
        self.host = Host(state_dir, self.clock, FakeProcesses())
        self.number = str(heal(self.host)["id"])

    def review(self, **options: Any) -> dict[str, Any]:
        return run(incident_review, {"state_dir": self.state_dir, "id": self.number, **options})

    def refuse(self, **options: Any) -> str:
        return str(fail(incident_review, {"state_dir": self.state_dir, "id": self.number, **options})["msg"])

    def incident(self) -> dict[str, Any]:
        return self.host.incident(self.number)

    def texts(self) -> dict[str, str]:
        return dict(self.review()["review"]["review"]["texts"])

    def revision(self) -> int:
        return int(self.review()["review"]["review"]["revision"])

    def hand_in(self, revision: int, **texts: str) -> dict[str, Any]:
        return self.review(written={"revision": revision, "texts": texts})


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "state")


def test_a_review_is_begun_once_as_a_draft_that_is_due_48_hours_after_the_resolution(desk: Desk) -> None:
    first, second = desk.review(), desk.review()

    assert (first["changed"], second["changed"]) == (True, False)
    review = first["review"]["review"]
    assert (review["state"], review["due"], review["texts"]) == ("draft", "2026-03-01T12:00:30Z", {})
    assert [entry["kind"] for entry in desk.incident()["timeline"]][-1] == "review"


def test_it_goes_from_draft_over_in_review_and_back_to_reviewed_and_closed(desk: Desk) -> None:
    desk.review(texts=COMPLETE)
    told = []
    for state in ("in_review", "draft", "in_review", "reviewed", "closed"):
        once, twice = (desk.review(state=state, reviewer="jane") for _unused in range(2))
        told.append((once["review"]["review"]["state"], once["changed"], twice["changed"]))

    assert told == [(state, True, False) for state in ("in_review", "draft", "in_review", "reviewed", "closed")]
    incident = desk.incident()
    assert (incident["state"], incident["reviewed_at"] is not None) == ("closed", True)
    assert "the review: in review to reviewed, by jane" in [entry["message"] for entry in incident["timeline"]]


@pytest.mark.parametrize("missing", sorted(COMPLETE))
def test_it_is_not_called_reviewed_while_a_part_that_people_write_is_missing(desk: Desk, missing: str) -> None:
    desk.review(texts={key: text for key, text in COMPLETE.items() if key != missing})

    assert "is not complete" in desk.refuse(state="reviewed")
    assert desk.incident()["state"] == "resolved"


def test_it_is_not_closed_while_a_corrective_action_is_open(desk: Desk) -> None:
    actions = "- [x] one\n- [ ] two — joe — 2026-03-09\n* [ ] three"
    desk.review(texts={**COMPLETE, "corrective_actions": actions}, state="reviewed")

    open_ones = "2 corrective action(s) are open: two — joe — 2026-03-09"
    assert open_ones in desk.refuse(state="closed")
    by_hand = fail(incident, {"state_dir": desk.state_dir, "id": desk.number, "state": "closed"})
    assert open_ones in by_hand["msg"]
    assert desk.incident()["state"] == "reviewed"
    assert desk.hand_in(desk.revision(), corrective_actions=actions.replace("[ ]", "[x]"))["changed"]
    assert desk.review(state="closed")["review"]["state"] == "closed"


@pytest.mark.parametrize("item", ["+ [ ] raise the limit", "1. [ ] raise the limit", "  2) [ ]  raise the limit"])
def test_each_item_that_the_page_shows_as_open_keeps_it_from_being_closed(desk: Desk, item: str) -> None:
    desk.review(texts={**COMPLETE, "corrective_actions": f"- [x] one\n{item}"}, state="reviewed")

    assert "1 corrective action(s) are open: raise the limit" in desk.refuse(state="closed")


def test_a_state_that_cannot_follow_is_refused(desk: Desk) -> None:
    told = desk.refuse(state="closed")

    assert "is draft and cannot become closed. From draft it can become: in_review, reviewed" in told


def test_an_incident_that_is_not_resolved_is_not_reviewed(desk: Desk) -> None:
    begun = desk.host.run("second")
    begun.begin()

    assert "is reviewed when it is resolved" in desk.refuse(id=begun.incident)


def test_what_was_written_into_an_old_file_stands_beside_what_somebody_wrote_meanwhile(desk: Desk) -> None:
    desk.review(texts={"impact": "unknown"})
    seen = desk.revision()
    desk.review(texts={"impact": "40 users."})

    assert not desk.hand_in(seen, impact="unknown")["changed"]
    assert desk.texts() == {"impact": "40 users."}
    assert desk.hand_in(seen, impact="50 users.")["changed"]
    assert desk.texts() == {"impact": "50 users.\n\n40 users."}


def test_a_text_that_is_set_from_a_form_leaves_what_the_file_held_in_the_record(desk: Desk) -> None:
    desk.review(written={"revision": 0, "texts": {"improve": "from the file"}}, texts={"improve": "from the form"})

    assert desk.texts() == {"improve": "from the form"}
    assert b"from the file" in b"".join(file.read_bytes() for file in Path(desk.state_dir).iterdir())


def test_a_secret_in_a_text_is_not_stored_and_no_reason_for_a_change_again(desk: Desk) -> None:
    secret = "I logged in with password=hunter2hunter2"
    assert desk.hand_in(0, notes=secret)["changed"]

    assert "hunter2" not in desk.texts()["notes"]
    assert not desk.hand_in(desk.revision(), notes=desk.texts()["notes"])["changed"]


def test_check_mode_writes_nothing_and_shows_what_would_be(desk: Desk) -> None:
    before = desk.incident()

    rehearsed = desk.review(texts=COMPLETE, state="reviewed", _ansible_check_mode=True)

    assert (rehearsed["changed"], rehearsed["diff"]["before"], rehearsed["diff"]["after"]["state"]) == (
        True, {}, "reviewed",
    )  # fmt: skip
    assert desk.incident() == before


@pytest.mark.parametrize(
    "options, words",
    [
        ({"id": "INC-2020-01-01-001"}, "no incident INC-2020-01-01-001"),
        ({"texts": {"blame": "joe"}}, "The sections are: impact, timeline"),
        ({"texts": {"impact": ["a"]}}, "texts.impact"),
        ({"texts": {"impact": "x" * 4001}}, "texts.impact"),
        ({"texts": {"impact": "x\n" * 11_000}}, "At most 20000"),
        ({"written": {"revision": "7"}}, "written.revision"),
        ({"written": {"texts": ["a"]}}, "written.texts"),
        ({"state": "open"}, "open"),
    ],
)
def test_an_option_that_is_wrong_is_named(desk: Desk, options: dict[str, Any], words: str) -> None:
    assert words in desk.refuse(**options)


def test_how_often_the_same_fault_was_there_before_is_told(desk: Desk) -> None:
    desk.clock.move(3600)
    again = heal(desk.host, "second")["id"]

    assert desk.review()["review"]["recurrence"] == {"count": 0, "earlier": []}
    assert desk.review(id=again)["review"]["recurrence"] == {
        "count": 1,
        "earlier": [{"id": desk.number, "opened_at": "2026-02-27T12:00:00Z"}],
    }


def test_reviews_that_are_due_and_those_that_are_overdue_are_found(desk: Desk) -> None:
    found = run(incident_info, {"state_dir": desk.state_dir, "review": "due"})["incidents"]
    assert [one["id"] for one in found] == [desk.number]
    # The fault was in February, and it is later than that now.
    assert run(incident_info, {"state_dir": desk.state_dir, "review": "overdue"})["incidents"] == found
    run(incident, {"state_dir": desk.state_dir, "id": desk.number, "state": "reviewed"})
    assert run(incident_info, {"state_dir": desk.state_dir, "review": "due"})["incidents"] == []
