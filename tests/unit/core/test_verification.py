# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Healed is what stays healed, in the same containers, for the whole window."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from findings import critical, fine, unknown, warning
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.verification import (
    Identity,
    Progress,
    Verdict,
    Verification,
    advance,
    begin,
)

WANTED = Verification(("model-server",), stability=10.0, deadline=30.0)
GOOD = [fine("model_server.canary")]
BAD = [critical("model_server.canary", message="The canary does not answer.")]
FIRST: Identity = {"model-server": (("c1", "10:00"),)}
AGAIN: Identity = {"model-server": (("c1", "10:05"),)}

Look = tuple[float, list[Finding], Identity]


def run(looks: Iterable[Look], wanted: Verification = WANTED, started: float = 0.0) -> list[Progress]:
    """Return the state after each look."""
    states = [begin(started)]
    for now, findings, identity in looks:
        states.append(advance(wanted, states[-1], now, findings, identity))
    return states[1:]


def verdicts(looks: Iterable[Look]) -> list[str]:
    return [state.verdict.value for state in run(looks)]


@pytest.mark.parametrize(
    "looks, expected",
    [
        pytest.param(
            [(1, GOOD, FIRST), (6, GOOD, FIRST), (11, GOOD, FIRST)],
            ["stable", "stable", "healed"],
            id="healed after the window and not before",
        ),
        pytest.param(
            [(1, BAD, FIRST), (20, GOOD, FIRST), (30, GOOD, FIRST)],
            ["waiting", "stable", "healed"],
            id="the window begins with the first good look",
        ),
        pytest.param(
            [(1, GOOD, FIRST), (9, BAD, FIRST), (11, GOOD, FIRST), (20, GOOD, FIRST), (21, GOOD, FIRST)],
            ["stable", "waiting", "stable", "stable", "healed"],
            id="a relapse begins the window anew",
        ),
        pytest.param(
            [(1, GOOD, FIRST), (5, GOOD, AGAIN), (7, GOOD, AGAIN), (17, GOOD, AGAIN)],
            ["stable", "waiting", "stable", "healed"],
            id="a container that was started anew begins the window anew",
        ),
        pytest.param(
            [(1, GOOD, FIRST), (5, GOOD, {"model-server": (("c2", "10:00"),)})],
            ["stable", "waiting"],
            id="another container is another identity",
        ),
        pytest.param(
            [(1, BAD, FIRST), (29.9, BAD, FIRST), (30, BAD, FIRST)],
            ["waiting", "waiting", "failed"],
            id="not healed by the deadline",
        ),
        pytest.param(
            [(29, GOOD, FIRST), (34, BAD, FIRST)],
            ["stable", "failed"],
            id="a relapse after the deadline fails",
        ),
        pytest.param(
            [(29, GOOD, FIRST), (34, GOOD, AGAIN)],
            ["stable", "failed"],
            id="a new start after the deadline fails",
        ),
        pytest.param(
            [(29, GOOD, FIRST), (39, GOOD, FIRST)],
            ["stable", "healed"],
            id="the window may end after the deadline",
        ),
        pytest.param(
            [(1, GOOD, {}), (2, GOOD, {"model-server": ()}), (30, GOOD, {})],
            ["waiting", "waiting", "failed"],
            id="a service without a container is not healed",
        ),
    ],
)
def test_a_verification_goes(looks: list[Look], expected: list[str]) -> None:
    assert verdicts(looks) == expected


@pytest.mark.parametrize(
    "finding, counts",
    [
        (critical("http.health"), True),
        (unknown("observation.http"), True),
        (critical("engine.answers", ""), True),
        (warning("log.timeout"), False),
        (critical("disk.bytes", ""), False),
        (critical("http.health", "another-service"), False),
    ],
)
def test_only_trouble_of_the_watched_services_and_of_the_engine_counts(finding: Finding, counts: bool) -> None:
    (state,) = run([(1, [*GOOD, finding], FIRST)])

    assert (state.verdict is Verdict.WAITING) is counts
    assert (state.message == finding.message) is counts


def test_what_happens_to_other_services_does_not_touch_the_window() -> None:
    looks: list[Look] = [
        (0, GOOD, {**FIRST, "cache": (("c8", "09:00"),)}),
        (10, GOOD, {**FIRST, "cache": (("c9", "10:06"),)}),
    ]

    assert verdicts(looks) == ["stable", "healed"]


def test_a_window_of_no_length_ends_with_the_first_good_look() -> None:
    (state,) = run([(1, GOOD, FIRST)], Verification(("model-server",), stability=0.0, deadline=30.0))

    assert state.verdict is Verdict.HEALED


def test_the_messages_say_what_is_waited_for() -> None:
    looks: list[Look] = [(1, BAD, FIRST), (2, GOOD, {}), (3, GOOD, FIRST), (8, GOOD, FIRST), (13, GOOD, FIRST)]

    assert [state.message for state in run(looks)] == [
        "The canary does not answer.",
        "model-server has no container.",
        "healed, stable for 0 of 10 s",
        "healed, stable for 5 of 10 s",
        "healed and stable for 10 s",
    ]


looks_at = st.lists(
    st.tuples(st.floats(0.1, 8.0), st.booleans(), st.sampled_from([FIRST, AGAIN])), min_size=1, max_size=30
)


@given(looks_at)
def test_healed_needs_a_whole_window_of_good_looks_at_the_same_containers(
    looks: list[tuple[float, bool, Identity]],
) -> None:
    now, timed = 0.0, []
    for pause, good, identity in looks:
        now += pause
        timed.append((now, GOOD if good else BAD, identity))

    for position, state in enumerate(run(timed)):
        if state.verdict is Verdict.HEALED:
            assert state.stable_since is not None
            window = [look for look in timed[: position + 1] if look[0] >= state.stable_since]
            assert timed[position][0] - state.stable_since >= WANTED.stability
            assert all(findings is GOOD for _now, findings, _identity in window)
            assert len({tuple(identity.items()) for _now, _findings, identity in window}) == 1
            return
        if state.verdict is Verdict.FAILED:
            assert timed[position][0] >= WANTED.deadline
            return


@given(st.lists(st.booleans(), min_size=30, max_size=60))
def test_a_verification_always_ends_soon_after_deadline_and_window(good: list[bool]) -> None:
    looks: list[Look] = [(2.0 * number, GOOD if ok else BAD, FIRST) for number, ok in enumerate(good)]
    ends = [look[0] for look, state in zip(looks, run(looks), strict=True) if state.verdict in ENDS]

    assert ends
    assert ends[0] <= WANTED.deadline + WANTED.stability + 2.0


ENDS = (Verdict.HEALED, Verdict.FAILED)


def test_a_cause_that_is_still_there_is_told_before_those_who_only_suffer_from_it() -> None:
    wanted = Verification(("db", "api"), stability=0.0, deadline=30.0)
    findings = [
        critical("http.health", "api"),
        unknown("db.answers", "db"),
        critical("db.slots", "db", message="No slot."),
    ]
    assert run([(1, findings, {})], wanted)[0].message == "No slot."


def test_what_is_certain_is_told_before_what_cannot_be_seen() -> None:
    wanted = Verification(("db", "api"), stability=0.0, deadline=30.0)
    findings = [critical("http.health", "api", message="No answer."), unknown("db.answers", "db")]
    assert run([(1, findings, {})], wanted)[0].message == "No answer."


def test_an_engine_that_does_not_answer_is_told_first() -> None:
    wanted = Verification(("db",), stability=0.0, deadline=30.0)
    findings = [critical("db.slots", "db"), critical("engine.answers", "", message="Docker does not answer.")]
    assert run([(1, findings, {})], wanted)[0].message == "Docker does not answer."
