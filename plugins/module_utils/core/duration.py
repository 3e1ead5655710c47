# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Durations and measured values as a person reads them. Pure."""

from __future__ import annotations

_STEPS = (("d", 86_400), ("h", 3600), ("min", 60))
_BYTES = ("B", "KiB", "MiB", "GiB", "TiB")


def duration_text(seconds: float | None) -> str:
    """``2 d 3 h``, ``1 h 12 min``, ``1 min 5 s``, ``30 s``: the two largest units; ``not known`` for None."""
    if seconds is None:
        return "not known"
    rest = round(max(0.0, seconds))
    if rest < 60:
        return f"{rest} s"
    parts: list[tuple[int, str]] = []
    for unit, length in _STEPS:
        count, rest = divmod(rest, length)
        if count or parts:
            parts.append((count, unit))
    parts.append((rest, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts[:2] if count)


def value_text(value: float | None, unit: str) -> str:
    """``12 ms``, ``1.5 GiB``, ``97 %``, ``40`` for a count; ``no answer`` for None."""
    if value is None:
        return "no answer"
    if unit == "bytes":
        return _bytes_text(value)
    number = f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.1f}"
    return number if unit in ("1", "") else f"{number} {unit}"


def _bytes_text(value: float) -> str:
    size, index = abs(value), 0
    while size >= 1024 and index < len(_BYTES) - 1:
        size, index = size / 1024, index + 1
    number = f"{size:.0f}" if index == 0 or size >= 100 else f"{size:.1f}"
    return f"{'-' if value < 0 else ''}{number} {_BYTES[index]}"
