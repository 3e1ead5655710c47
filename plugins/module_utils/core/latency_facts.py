# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How quickly a service answered timed probes. Plain facts: nothing here is judged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class LatencyFacts:
    """Timed probes of one service.

    :param samples_ms: milliseconds of each probe that was answered, in their order.
    :param wanted: how many probes were meant to be made; a service that hangs is not asked again.
    :param url: what was asked.
    :param waits_ms: dependency -> milliseconds that the service says it waited for it (median).
    """

    samples_ms: tuple[float, ...] = ()
    wanted: int = 0
    url: str = ""
    waits_ms: Mapping[str, float] = field(default_factory=dict)

    @property
    def p50(self) -> float | None:
        """Median, in milliseconds; None without an answer."""
        return percentile(self.samples_ms, 50.0)

    @property
    def p95(self) -> float | None:
        """95th percentile, in milliseconds; None without an answer. Of fewer than 20 probes it is the slowest one."""
        return percentile(self.samples_ms, 95.0)

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "url": self.url,
            "wanted": self.wanted,
            "samples_ms": [round(value, 1) for value in self.samples_ms],
            "p50_ms": _rounded(self.p50),
            "p95_ms": _rounded(self.p95),
            "waits_ms": {name: round(value, 1) for name, value in self.waits_ms.items()},
        }


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The smallest value that at least so many percent of the values do not exceed (nearest rank); None of none."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(percent / 100.0 * len(values)) - 1)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


_PLACES = ("checks", "components", "dependencies", "details", "services", "entries")
_TIMES = ("ms", "latency_ms", "duration_ms", "response_time_ms", "responseTimeMs", "latencyMs", "durationMs", "time_ms")


def told_waits(body: object, services: Sequence[str]) -> dict[str, float]:
    """Dependency -> milliseconds, where a health answer tells how long each of its checks took; else nothing.

    :param body: the answer as JSON.
    :param services: the names that count.
    """
    if not isinstance(body, Mapping):
        return {}
    found: dict[str, float] = {}
    for place in _PLACES:
        checks = body.get(place)
        for name, told in checks.items() if isinstance(checks, Mapping) else ():
            value = next((told[key] for key in _TIMES if key in told), None) if isinstance(told, Mapping) else None
            if name in services and isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
                found[name] = float(value)
    return found
