# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of an incident: every transition, what falls due when, severity, and any sequence of what can happen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from record_fakes import NOON, an_incident

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import (
    ACTIVE,
    IllegalTransitionError,
    State,
    incident_id,
    move,
    observe_severity,
    reopen,
    set_severity,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.response import Response

O, A, S, R, V, C = State  # noqa: E741, as the table below names them
POSSIBLE = {
    "P1": {(O, A), (O, S), (O, R), (A, S), (A, R), (S, R), (R, V), (V, C)},
    "P3": {(O, A), (O, S), (O, R), (A, S), (A, R), (S, R), (R, V), (R, C), (V, C)},
}


@pytest.mark.parametrize("before, wanted", list(product(State, State)))
@pytest.mark.parametrize("severity", POSSIBLE)
def test_every_transition_is_possible_or_refused_as_the_table_says(severity: str, before: State, wanted: State) -> None:
    incident = an_incident(id="INC-1", state=before, severity=severity)
    if before is wanted:
        assert move(incident, wanted, NOON) is incident
    elif (before, wanted) in POSSIBLE[severity]:
        moved = move(incident, wanted, NOON + 5)
        assert moved.state is wanted
        assert getattr(moved, f"{wanted.value}_at") == NOON + 5
    else:
        with pytest.raises(IllegalTransitionError, match=f"INC-1 is .*(cannot become {wanted.value}|without a review)"):
            move(incident, wanted, NOON)


@pytest.mark.parametrize(
    "state, remedy",
    [
        (State.RESOLVED, "From resolved it can become: reviewed, closed"),
        (State.CLOSED, "the next fault opens a new one"),
    ],
)
def test_a_refused_transition_says_what_is_possible(state: State, remedy: str) -> None:
    with pytest.raises(IllegalTransitionError) as raised:
        move(an_incident(state=state), State.OPEN, NOON)
    assert remedy in raised.value.remedy


def utc(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "severity, opened, due",
    [
        ("P1", "2026-02-27T12:00", "2026-02-27T12:15"),
        ("P2", "2026-02-27T23:30", "2026-02-28T00:30"),
        ("P3", "2026-02-27T12:00", "2026-02-27T16:00"),
        pytest.param("P4", "2026-02-26T12:00", "2026-02-27T17:00", id="Thursday: Friday"),
        pytest.param("P4", "2026-02-26T23:59", "2026-02-27T17:00", id="Thursday night: Friday"),
        pytest.param("P4", "2026-02-27T08:00", "2026-03-02T17:00", id="Friday morning: Monday"),
        pytest.param("P4", "2026-02-28T00:00", "2026-03-02T17:00", id="Saturday: Monday"),
        pytest.param("P4", "2026-03-01T23:59", "2026-03-02T17:00", id="Sunday: Monday"),
        pytest.param("P4", "2026-12-31T12:00", "2027-01-01T17:00", id="no holidays are known"),
    ],
)
def test_a_response_is_due_as_the_playbook_says(severity: str, opened: str, due: str) -> None:
    assert an_incident(severity=severity, opened_at=utc(opened)).response_due == utc(due)


def test_the_times_that_the_controller_computed_are_taken_before_the_playbooks() -> None:
    incident = an_incident(severity="P4", response_times={"P4": 90_000.0})
    assert incident.response_due == NOON + 90_000
    assert replace(incident, severity="P1").response_due == NOON + 15 * 60


MINUTE = 60.0


@pytest.mark.parametrize(
    "known, level, after, due",
    [
        pytest.param("P3", "P1", 10, 25, id="worse: the full time of the new level from then on"),
        pytest.param("P3", "P2", 230, 240, id="worse: never later than it was due"),
        pytest.param("P2", "P3", 30, 240, id="lowered: as if it had been so from the beginning"),
        pytest.param("P2", "P2", 30, 60, id="the same level: as before"),
    ],
)
def test_a_response_is_due_anew_when_the_severity_changes(known: str, level: str, after: float, due: float) -> None:
    rated = set_severity(an_incident(severity=known), level, "a reason", NOON + after * MINUTE)
    assert rated.response_due == NOON + due * MINUTE


@pytest.mark.parametrize(
    "changes, now, expected",
    [
        ({}, 60, Response.PENDING),
        ({}, 61, Response.MISSED),
        ({"acknowledged_at": NOON + 59 * MINUTE}, 600, Response.MET),
        ({"acknowledged_at": NOON + 61 * MINUTE}, 61, Response.MISSED),
        ({"resolved_at": NOON + MINUTE}, 600, Response.MET),
        ({"stable_at": NOON + MINUTE, "resolved_at": NOON + 90 * MINUTE}, 600, Response.MET),
    ],
)
def test_a_response_is_pending_met_or_missed(changes: dict[str, float], now: float, expected: Response) -> None:
    assert an_incident(severity="P2", **changes).response(NOON + now * MINUTE) is expected


@pytest.mark.parametrize("severity, hours", [("P1", 48), ("P2", 48), ("P3", None), ("P4", None)])
def test_a_review_is_due_two_days_after_a_p1_or_p2_was_resolved(severity: str, hours: int | None) -> None:
    incident = an_incident(severity=severity)
    assert incident.review_due is None
    resolved = move(incident, State.RESOLVED, NOON)
    assert resolved.review_due == (None if hours is None else NOON + hours * 3600)


@pytest.mark.parametrize(
    "known, seen, by_hand, expected",
    [
        ("P2", "P1", False, "P1"),
        ("P2", "P3", False, "P2"),
        ("P2", "P2", False, "P2"),
        ("P3", "P1", True, "P3"),
    ],
)
def test_an_observation_makes_it_worse_but_never_better_nor_overrules_a_person(
    known: str, seen: str, by_hand: bool, expected: str
) -> None:
    after = observe_severity(an_incident(severity=known, by_hand=by_hand), seen, "seen", NOON)
    assert after.severity == expected
    assert (after.severity_rule == "seen") == (expected != known)


@pytest.mark.parametrize("acknowledged, state", [(None, State.OPEN), (NOON, State.ACKNOWLEDGED)])
def test_a_stable_incident_whose_fault_came_back_goes_to_where_it_was(acknowledged: float | None, state: State) -> None:
    stable = an_incident(state=State.STABLE, acknowledged_at=acknowledged, stable_at=NOON)
    assert reopen(stable) == replace(stable, state=state, stable_at=None)


@pytest.mark.parametrize("state", [state for state in State if state is not State.STABLE])
def test_no_other_incident_is_opened_anew(state: State) -> None:
    incident = an_incident(state=state)
    assert reopen(incident) is incident


@pytest.mark.parametrize("number, tail", [(1, "001"), (999, "999"), (1000, "1000")])
def test_an_id_names_the_day_and_counts(number: int, tail: str) -> None:
    assert incident_id(NOON, number) == f"INC-2026-02-27-{tail}"


class IncidentLife(RuleBasedStateMachine):
    """Any order of moves, returns of the fault and changes of severity."""

    def __init__(self) -> None:
        super().__init__()
        self.incident = an_incident(id="INC-1")
        self.wall = NOON
        self.furthest = 0

    @rule(wanted=st.sampled_from(list(State)), seconds=st.floats(0, 1e6))
    def move_on(self, wanted: State, seconds: float) -> None:
        self.wall += seconds
        try:
            self.incident = move(self.incident, wanted, self.wall)
        except IllegalTransitionError as error:
            assert error.remedy  # noqa: PT017, most sequences hold no such error

    @rule()
    def fault_comes_back(self) -> None:
        self.incident = reopen(self.incident)

    @rule(level=st.sampled_from(["P1", "P2", "P3", "P4"]))
    def seen_as(self, level: str) -> None:
        self.incident = observe_severity(self.incident, level, "seen", self.wall)

    @invariant()
    def once_resolved_it_never_becomes_active_again(self) -> None:
        stage = list(State).index(self.incident.state)
        resolved = list(State).index(State.RESOLVED)
        assert self.furthest < resolved or stage >= self.furthest
        self.furthest = max(self.furthest, stage)

    @invariant()
    def the_state_has_its_time(self) -> None:
        if self.incident.state is not State.OPEN:
            assert getattr(self.incident, f"{self.incident.state.value}_at") is not None

    @invariant()
    def the_time_of_resolving_tells_whether_it_is_active(self) -> None:
        assert (self.incident.resolved_at is None) == (self.incident.state in ACTIVE)

    @invariant()
    def what_is_due_is_never_before_what_it_follows(self) -> None:
        assert self.incident.response_due > self.incident.opened_at
        due = self.incident.review_due
        assert due is None or due > (self.incident.resolved_at or 0)

    @invariant()
    def it_can_be_shown(self) -> None:
        assert self.incident.to_data()["state"] == self.incident.state.value


TestIncidentLife = IncidentLife.TestCase
