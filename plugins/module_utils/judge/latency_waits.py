# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HL-1: what services tell of their own waits, laid side by side. Pure.

One caller that waits for a dependency while another one does not has a slow way to it. When every caller waits, it is
the dependency, or its own way into the network, whatever a look from close by tells.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.latency_facts import LatencyFacts

SHARE = 0.5
"""A dependency that takes at least this share of the time is what a service waits for."""
_LEAST_CALLERS = 2
"""One caller alone cannot tell a slow way from a slow dependency."""


def by_length(waits: Mapping[str, float]) -> list[tuple[str, float]]:
    """The waits (ms), the longest first."""
    return sorted(waits.items(), key=lambda item: (-item[1], item[0]))


def shared_waits(
    timed: Mapping[str, LatencyFacts], slow: Collection[str], limit: float
) -> dict[str, tuple[tuple[str, float], ...]]:
    """Dependency -> (caller, ms) of each that waits for it, the longest first, where all who tell of it wait long.

    :param timed: service -> its timed probes.
    :param slow: the services that are slow; at least one of them must spend most of its time on the dependency.
    :param limit: milliseconds; more than half of it is long.
    """
    told: dict[str, dict[str, float]] = {}
    for caller, facts in timed.items():
        for name, value in facts.waits_ms.items():
            told.setdefault(name, {})[caller] = value
    return {
        name: tuple(by_length(callers))
        for name, callers in sorted(told.items())
        if len(callers) >= _LEAST_CALLERS
        and min(callers.values()) > SHARE * limit
        and any(caller in slow and _leans_on(timed[caller], name) for caller in callers)
    }


def _leans_on(facts: LatencyFacts, name: str) -> bool:
    p50 = facts.p50 or 0.0
    return facts.waits_ms.get(name, 0.0) >= SHARE * p50 > 0.0
