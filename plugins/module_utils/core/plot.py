# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plots of an incident as SVG, to be put into a page: no script, no request, no colour of its own. Pure.

The page's style sheet colours the classes ``axis``, ``bar``, ``line``, ``limit``, ``act``, ``good`` and ``bad``, for
light and for dark. The drawing is 400 units wide, so that its text can be read on a phone.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.duration import (
    duration_text,
    value_text,
)

Scale = Callable[[float], float]
_WIDTH = 400.0
_ROW = 34.0
_BAR_ROW, _BAR_LEFT, _BAR_RIGHT = 20.0, 64.0, 320.0
_LEFT, _RIGHT, _HEIGHT = 2.0, 398.0, 180.0
_BEFORE = 52.0
"""Where the value from before stands, left of the curve."""
_AFTER = 56.0
"""Where the last value stands, right of the curve."""
_LETTER, _LINE = 6.2, 14.0
"""What a letter and a line of a label take, in a common font of 12 units."""
_LONGEST_NAME = 40


@dataclass(frozen=True)
class Phase:
    """What ended at a moment: its name, begin and end in seconds since the detection."""

    name: str
    begin: float
    end: float


@dataclass(frozen=True)
class Point:
    """A measured value at so many seconds since the detection; None means that there was no answer."""

    at: float
    value: float | None
    is_good: bool


@dataclass(frozen=True)
class Curve:
    """The values of one finding.

    :param before: the last good value from before the incident, or None.
    :param acts: name, begin and end (s since the detection) of each action.
    """

    title: str
    unit: str
    points: Sequence[Point]
    limit: float | None = None
    before: float | None = None
    acts: Sequence[tuple[str, float, float]] = ()

    @property
    def limit_text(self) -> str:
        """The limit in words, empty when there is none."""
        return "" if self.limit is None else value_text(self.limit, self.unit)


def phases_svg(title: str, phases: Sequence[Phase]) -> str:
    """One row for each phase, on the same time line."""
    whole = max((phase.end for phase in phases), default=0.0) or 1.0
    parts = []
    for number, phase in enumerate(phases):
        y = 8.0 + number * _ROW
        begin = _LEFT + (_RIGHT - _LEFT) * phase.begin / whole
        width = max(2.0, (_RIGHT - _LEFT) * (phase.end - phase.begin) / whole)
        parts.append(_text(_LEFT, y + 11, f"{phase.name}: after {duration_text(phase.end)}"))
        parts.append(_line(_LEFT, y + 22, _RIGHT, y + 22, "axis"))
        parts.append(_rect("bar", min(begin, _RIGHT - width), y + 16, width, 12))
    told = "; ".join(f"{phase.name} after {duration_text(phase.end)}" for phase in phases)
    return _svg(title, told, 8.0 + len(phases) * _ROW, parts)


def curve_svg(curve: Curve) -> str:
    """The values over time, the limit they are held against, and the actions.

    The limit is a dashed line; what it is, the words beside the plot say (:attr:`Curve.limit_text`).
    """
    numbers = [point.value for point in curve.points if point.value is not None]
    numbers += [number for number in (curve.limit, curve.before) if number is not None]
    most = max([*numbers, 0.0]) * 1.08 or 1.0
    least = min([*numbers, 0.0])
    # An action may end before it began: the clock was set back.
    ends = [point.at for point in curve.points] + [at for _name, begin, end in curve.acts for at in (begin, end)]
    first, last = min([*ends, 0.0]), max([*ends, 0.0])
    span = (last - first) or 1.0

    def x(at: float) -> float:
        return _LEFT + _BEFORE + (_RIGHT - _LEFT - _BEFORE - _AFTER) * (at - first) / span

    acts = _placed(curve, x)
    top = 8.0 + _LINE * max((act.row for act in acts), default=0)
    bottom = top + _HEIGHT

    def y(value: float) -> float:
        return bottom - _HEIGHT * (value - least) / ((most - least) or 1.0)

    parts = [_rect("act", act.left, top, act.width, _HEIGHT) for act in acts]
    parts += [_text(act.edge, top - 6 - _LINE * (act.row - 1), act.name, act.anchor) for act in acts]
    parts += [_line(_LEFT, bottom, _RIGHT, bottom, "axis"), _line(x(first), top, x(first), bottom, "axis")]
    parts += _points(curve, x, y, top)
    if curve.limit is not None:
        parts.append(_line(_LEFT, y(curve.limit), _RIGHT, y(curve.limit), "limit"))
    if curve.before is not None:
        parts.append(_dot(_LEFT + 8, y(curve.before), is_good=True))
        parts.append(_text(_LEFT, y(curve.before) - 9, value_text(curve.before, curve.unit)))
        parts.append(_text(_LEFT, bottom + _LINE, "before"))
    parts += _ends(curve, x, y, bottom)
    parts.append(_text(x(first), bottom + _LINE, "detected"))
    parts.append(_text(x(last), bottom + _LINE, f"+{duration_text(last)}", "middle"))
    return _svg(curve.title, _told(curve), bottom + 24, parts)


@dataclass(frozen=True)
class _Act:
    """An action as it is drawn: its area, and its name in one of the rows above the plot, 1 the lowest."""

    name: str
    left: float
    width: float
    edge: float
    anchor: str
    row: int


def _placed(curve: Curve, place: Scale) -> list[_Act]:
    """The actions; a name goes into the lowest row in which it meets no other one."""
    placed: list[_Act] = []
    taken: list[tuple[int, float, float]] = []
    for whole, begin, end in curve.acts:
        name = whole if len(whole) <= _LONGEST_NAME else f"{whole[: _LONGEST_NAME - 1]}…"
        left, width = place(begin), max(2.0, place(end) - place(begin))
        length = len(name) * _LETTER
        fits = left + length <= _WIDTH
        edge = left if fits else min(left + width, _RIGHT)
        span = (edge, edge + length) if fits else (edge - length, edge)
        row = 1
        while any(other == row and span[0] < until and since < span[1] for other, since, until in taken):
            row += 1
        taken.append((row, *span))
        placed.append(_Act(name, left, width, edge, "start" if fits else "end", row))
    return placed


def _points(curve: Curve, across: Scale, up: Scale, top: float) -> list[str]:
    known = [(across(point.at), up(point.value)) for point in curve.points if point.value is not None]
    path = " ".join(f"{left:.1f},{height:.1f}" for left, height in known)
    parts = [f'<polyline class="line" points="{path}"/>'] if len(known) > 1 else []
    for point in curve.points:
        if point.value is None:
            parts.append(_text(across(point.at), top + 12, "✕", "middle", "bad"))
        else:
            parts.append(_dot(across(point.at), up(point.value), is_good=point.is_good))
    return parts


def _ends(curve: Curve, across: Scale, up: Scale, bottom: float) -> list[str]:
    """The first and the last value in words: the first one on the side of its dot that the curve does not take."""
    known = [(point.at, point.value) for point in curve.points if point.value is not None]
    if len(known) < 2:
        return []
    (start, first), (_at, second), (end, last) = known[0], known[1], known[-1]
    rises = second > first
    return [
        _text(across(start) + 7, up(first) + (16 if rises else -6), value_text(first, curve.unit)),
        _text(across(end) + 8, min(up(last) + 4, bottom - 4), value_text(last, curve.unit)),
    ]


def _told(curve: Curve) -> str:
    """The curve in words, for those who do not see it."""
    parts = [] if curve.before is None else [f"before: {value_text(curve.before, curve.unit)}"]
    if curve.points:
        first, last = curve.points[0], curve.points[-1]
        parts.append(f"when detected: {value_text(first.value, curve.unit)}")
        parts.append(f"at the end, after {duration_text(last.at)}: {value_text(last.value, curve.unit)}")
    if curve.limit is not None:
        parts.append(f"limit: {curve.limit_text}")
    return "; ".join(parts)


def _dot(x: float, y: float, *, is_good: bool) -> str:
    """A round dot is good, a square one is bad: told by the shape as well as by the colour."""
    if is_good:
        return f'<circle class="good" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
    return _rect("bad", x - 4, y - 4, 8, 8)


def _rect(kind: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, text: str, anchor: str = "start", kind: str = "label") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(text)}</text>'


def _svg(title: str, told: str, height: float, parts: Sequence[str]) -> str:
    label = html.escape(f"{title}. {told}")
    inner = "\n".join(parts)
    return f'<svg role="img" aria-label="{label}" viewBox="0 0 {_WIDTH:.0f} {height:.0f}">\n{inner}\n</svg>'


def bars_svg(title: str, bars: Sequence[tuple[str, float, str]]) -> str:
    """One row for each bar: its name, its length, and what it says in words."""
    most = max((length for _name, length, _words in bars), default=0.0) or 1.0
    parts = []
    for number, (name, length, words) in enumerate(bars):
        y = 6.0 + number * _BAR_ROW
        parts.append(_text(_LEFT, y + 11, name))
        parts.append(_rect("bar", _BAR_LEFT, y + 1, max(1.0, (_BAR_RIGHT - _BAR_LEFT) * length / most), 13))
        parts.append(_text(_RIGHT, y + 11, words, "end"))
    told = "; ".join(f"{name}: {words}" for name, _length, words in bars)
    return _svg(title, told, 6.0 + len(bars) * _BAR_ROW, parts)
