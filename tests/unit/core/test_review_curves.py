# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is plotted and tabled of an incident: its phases, and the values that tell something."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.plot import (
    Curve,
    Point,
    bars_svg,
    curve_svg,
    phases_svg,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_curves import (
    curves_of,
    phases_of,
    values_of,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_facts import Named
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.timestamp import epoch_seconds


def at(time: str) -> str:
    return f"2026-02-27T{time}Z"


def row(time: str, phase: str, value: float | None, **fields: Any) -> dict[str, Any]:
    status = "ok" if value is not None and value < 100 else "critical"
    return {
        "finding": "f",
        "service": "api",
        "status": status,
        "value": value,
        "limit": 100.0,
        "unit": "ms",
        "at": at(time),
        "at_s": epoch_seconds(at(time)),
        "phase": phase,
        **fields,
    }


def facts(*rows: dict[str, Any], attempts: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"detected": {"at": at("12:00:00")}, "services": ["api"], "measurements": rows, "attempts": attempts}


ACT = {
    "action": "restart",
    "services": ["api"],
    "started_at": at("12:00:05"),
    "acted_at": at("12:00:08"),
    "finished_at": at("12:00:30"),
}


def test_a_curve_holds_the_value_before_what_was_seen_and_the_actions() -> None:
    (curve,) = curves_of(
        facts(
            row("09:00:00", "before", 12.0),
            row("12:00:00", "opened", None),
            row("12:00:10", "restart of api", 30.0),
            row("12:00:30", "restart of api", 12.0),
            attempts=(ACT, {**ACT, "acted_at": None, "finished_at": None}),
        )
    )

    assert curve == Curve(
        title="f of api",
        unit="ms",
        points=[Point(0.0, None, False), Point(10.0, 30.0, True), Point(30.0, 12.0, True)],
        limit=100.0,
        before=12.0,
        acts=[("restart of api", 5.0, 8.0)],
    )


def test_a_warning_beside_the_incident_and_what_was_never_measured_are_left_out() -> None:
    other = {"service": "web"}
    told = facts(
        row("12:00:00", "opened", 200.0, finding="slow"),
        row("12:00:00", "opened", 200.0, finding="in trouble", **other),
        row("12:00:00", "opened", 200.0, finding="only a warning", status="warning", **other),
        row("12:00:00", "opened", None, finding="never answered"),
        row("12:00:00", "opened", 5.0, finding="disk", service="", status="warning"),
    )

    assert {curve.title for curve in curves_of(told)} == {"slow of api", "in trouble of web", "disk"}
    assert {line["finding"] for line in values_of(told)} == {"slow", "in trouble", "disk", "never answered"}


def test_the_table_shows_each_phase_by_its_telling_end() -> None:
    table = values_of(
        facts(
            row("09:00:00", "before", 12.0),
            row("12:00:00", "opened", None),
            row("12:01:00", "opened", 300.0),
            row("12:01:10", "restart of api", 300.0),
            row("12:01:30", "restart of api", 12.5),
        )
    )

    assert [(line["when"], line["value"], line["limit"], line["judged"]) for line in table] == [
        ("before the incident", "12 ms", "100 ms", "ok"),
        ("when it was detected", "no answer", "100 ms", "critical"),
        ("after restart of api", "12.5 ms", "100 ms", "ok"),
    ]


def test_the_phases_follow_the_clock_and_leave_out_what_is_not_known() -> None:
    moments = [
        Named("detected", "Detected", at("12:00:00"), ""),
        Named("engaged", "Engaged", at("12:00:05"), ""),
        Named("cause", "Cause", at("12:00:00"), ""),
        Named("fixed", "Fixed", None, ""),
        Named("clear", "Clear", at("12:00:30"), ""),
    ]

    assert [(phase.name, phase.begin, phase.end) for phase in phases_of(moments)] == [
        ("Engaged", 0.0, 5.0), ("Clear", 5.0, 30.0),
    ]  # fmt: skip
    assert phases_of([]) == []


NUMBERS = st.floats(-1e15, 1e15, allow_nan=False)


@given(
    st.lists(st.builds(Point, NUMBERS, NUMBERS | st.none(), st.booleans()), max_size=8),
    NUMBERS | st.none(),
    NUMBERS | st.none(),
    st.lists(st.tuples(st.text(), NUMBERS, NUMBERS), max_size=3),
)
def test_whatever_was_measured_is_drawn_inside_of_the_plot(
    points: list[Point], limit: float | None, before: float | None, acts: list[tuple[str, float, float]]
) -> None:
    drawn = curve_svg(Curve("<t>", "ms", points, limit, before, acts))

    assert "<t>" not in drawn
    numbers = [float(number) for number in re.findall(r' (?:x|y|cx|cy|x1|x2|y1|y2)="(-?[\d.]+)"', drawn)]
    assert all(-20 <= number <= 420 for number in numbers), drawn
    assert not re.search(r'"-?(nan|inf)', drawn)


@given(
    st.lists(st.tuples(st.sampled_from(["restart of api", "x" * 90]), st.floats(0, 60), st.floats(0, 60)), max_size=6)
)
def test_the_names_of_the_actions_do_not_stand_on_each_other(acts: list[tuple[str, float, float]]) -> None:
    drawn = curve_svg(Curve("t", "ms", [Point(0, 9.0, False), Point(60, 1.0, True)], acts=acts))

    found = re.findall(r'<text class="label" x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)">(restart|x+…)', drawn)
    assert len(found) == len(acts)
    places: dict[str, list[tuple[float, float]]] = {}
    for left, row, anchor, _name in found:
        # Forty letters at most, of which the short name has fourteen.
        length = 6.2 * (14 if _name == "restart" else 40)
        begin = float(left) if anchor == "start" else float(left) - length
        places.setdefault(row, []).append((begin, begin + length))
    for spans in places.values():
        ordered = sorted(spans)
        assert all(before[1] <= after[0] + 0.2 for before, after in pairwise(ordered)), drawn


def test_the_values_at_both_ends_are_told_beside_the_curve_and_not_on_it() -> None:
    falling = curve_svg(Curve("t", "ms", [Point(0, 90.0, False), Point(30, 10.0, True)]))
    rising = curve_svg(Curve("t", "ms", [Point(0, 10.0, False), Point(30, 90.0, True)]))

    def height(drawn: str, pattern: str) -> float:
        (found,) = re.findall(pattern, drawn)
        return float(found)

    first, square = r'y="([\d.]+)" text-anchor="start">%s ms', r'class="bad" x="[\d.]+" y="([\d.]+)"'
    assert height(falling, first % 90) < height(falling, square)
    assert height(rising, first % 10) > height(rising, square)
    for drawn, value in ((falling, 10), (rising, 90)):
        label = height(drawn, rf'x="([\d.]+)" y="[\d.]+" text-anchor="start">{value} ms')
        assert label > height(drawn, r'class="good" cx="([\d.]+)"')


@pytest.mark.parametrize("drawn", [phases_svg("t", []), bars_svg("t", []), curve_svg(Curve("t", "", []))])
def test_nothing_to_draw_is_drawn_empty(drawn: str) -> None:
    assert drawn.startswith('<svg role="img"')


def test_a_plot_says_in_words_what_it_shows() -> None:
    drawn = curve_svg(Curve("latency", "ms", [Point(0, None, False), Point(30, 12.0, True)], 100.0, 9.0))

    told = "latency. before: 9 ms; when detected: no answer; at the end, after 30 s: 12 ms; limit: 100 ms"
    assert f'aria-label="{told}"' in drawn
    assert 'aria-label="t. 2026-02: 3 incidents"' in bars_svg("t", [("2026-02", 3.0, "3 incidents")])
