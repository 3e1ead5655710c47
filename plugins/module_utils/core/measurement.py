# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured of a finding at one moment: the curve behind an incident. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

Item = TypeVar("Item")
Key = tuple[str, str]
"""Finding id and service."""
MOST_LOOKS = 40
"""More looks than that tell a person no more: they are thinned evenly, the first and the last stay."""


@dataclass(frozen=True)
class Measurement:
    """One value.

    :param finding: id of the finding.
    :param service: its service, or an empty string.
    :param status: how it was judged then: ok, warning, critical or unknown.
    :param value: what was measured, or None when there was no answer to measure.
    :param limit: the threshold of then, or None.
    :param unit: of both.
    """

    finding: str
    service: str
    status: str
    value: float | None
    limit: float | None
    unit: str = ""

    @property
    def key(self) -> Key:
        """Identity over time."""
        return (self.finding, self.service)


@dataclass(frozen=True)
class Look:
    """What one observation measured.

    :param ago: seconds between it and the moment at which it is handed over.
    """

    ago: float
    measurements: tuple[Measurement, ...]


def measured(findings: Iterable[Mapping[str, Any]]) -> tuple[Measurement, ...]:
    """Those findings that measure something: the ones with a number as their value or as their limit.

    :param findings: :meth:`Finding.to_data` of each.
    """
    taken = []
    for finding in findings:
        value, limit = number_of(finding.get("value")), number_of(finding.get("limit"))
        if value is None and limit is None:
            continue
        finding_id, service, status = (str(finding[name]) for name in ("id", "service", "status"))
        taken.append(Measurement(finding_id, service, status, value, limit, str(finding.get("unit") or "")))
    return tuple(taken)


def number_of(value: object) -> float | None:
    """A finite number, or None for anything else. True and False are no numbers."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value)


def thin(looks: list[Item], most: int = MOST_LOOKS) -> list[Item]:
    """At most that many looks, evenly chosen; the first and the last stay."""
    if len(looks) <= most:
        return looks
    step = (len(looks) - 1) / (most - 1)
    return [looks[round(number * step)] for number in range(most)]


def only(look: Look, keys: Collection[Key]) -> Look:
    """The look, reduced to these findings."""
    return Look(look.ago, tuple(one for one in look.measurements if one.key in keys))
