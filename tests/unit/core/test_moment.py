# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time that survives a clock set back and a restart of the host."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import (
    Elapsed,
    Moment,
    elapsed,
    iso,
)

THEN = Moment(wall=10_000, boot=500, boot_id="a")


@pytest.mark.parametrize(
    "now, expected",
    [
        pytest.param(Moment(10_060, 560, "a"), Elapsed(60, 60), id="same boot"),
        pytest.param(Moment(5_000, 560, "a"), Elapsed(60, 60), id="wall clock set back"),
        pytest.param(Moment(99_000, 560, "a"), Elapsed(60, 60), id="wall clock set forward"),
        pytest.param(Moment(10_300, 100, "b"), Elapsed(300, 300), id="restarted"),
        pytest.param(Moment(9_000, 100, "b"), Elapsed(100, math.inf), id="restarted, and set back"),
        pytest.param(Moment(10_050, 100, "b"), Elapsed(100, math.inf), id="restarted, wall clock older than the boot"),
        pytest.param(Moment(10_000, 400, "a"), Elapsed(0, 0), id="written after now by another process"),
    ],
)
def test_the_time_between_two_moments(now: Moment, expected: Elapsed) -> None:
    assert elapsed(THEN, now) == expected


numbers = st.floats(min_value=0, max_value=1e10)
moments = st.builds(Moment, numbers, numbers, st.sampled_from(["a", "b"]))


@given(then=moments, now=moments)
def test_the_bounds_hold_each_other_and_are_never_negative(then: Moment, now: Moment) -> None:
    age = elapsed(then, now)
    assert 0 <= age.at_least <= age.at_most


@given(moment=moments)
def test_a_moment_survives_being_plain_data(moment: Moment) -> None:
    assert Moment.from_data(moment.to_data()) == moment


@pytest.mark.parametrize(
    "wall, text",
    [(0, "1970-01-01T00:00:00Z"), (1_772_193_600.999, "2026-02-27T12:00:00Z"), (-0.5, "1969-12-31T23:59:59Z")],
)
def test_times_are_shown_in_utc_and_rounded_down(wall: float, text: str) -> None:
    assert iso(wall) == text
