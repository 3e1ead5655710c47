# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trend of compliance runs as an inline picture (SVG) for a page; pure. Colours come from the page's classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT, _GAP = 600.0, 120.0, 2.0
_WIDEST_BAR = 24.0
_FROM_BELOW = ("fail", "unknown", "waived", "pass")
_TITLE = "Controls by status at each run"


def trend_svg(trend: Sequence[Mapping[str, Any]]) -> str:
    """One bar for each run, the oldest at the left: what fails at the foot, what passes on top.

    :param trend: see ``history.trend``; controls that do not apply are left out.
    """
    highest = max((sum(int(run[status]) for status in _FROM_BELOW) for run in trend), default=0)
    if not highest:
        return ""
    step = min(_WIDEST_BAR, _WIDTH / len(trend))
    bars = "".join(_bar(run, number * step, step - min(_GAP, step / 4), highest) for number, run in enumerate(trend))
    first, last = trend[0], trend[-1]
    words = (
        f"From {first['at']} ({_words(first)}) to {last['at']} ({_words(last)})"
        if len(trend) > 1
        else f"{last['at']}: {_words(last)}"
    )
    return (
        f'<svg class="trend" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" role="img" aria-labelledby="trend-title trend-words">'
        f'<title id="trend-title">{_TITLE}</title><desc id="trend-words">{escape(words)}</desc>{bars}</svg>'
    )


def _bar(run: Mapping[str, Any], left: float, width: float, highest: int) -> str:
    parts = "".join(
        f'<rect class="{status}" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"/>'
        for status, top, height in _parts(run, highest)
    )
    return f"<g><title>{escape(str(run['at']))}: {_words(run)}</title>{parts}</g>"


def _parts(run: Mapping[str, Any], highest: int) -> Iterator[tuple[str, float, float]]:
    """Status, top and height of each piece, from below."""
    foot = _HEIGHT
    for status in _FROM_BELOW:
        height = _HEIGHT * int(run[status]) / highest
        if height:
            foot -= height
            yield status, foot, height


def _words(run: Mapping[str, Any]) -> str:
    return ", ".join(f"{run[status]} {status}" for status in _FROM_BELOW if run[status])
