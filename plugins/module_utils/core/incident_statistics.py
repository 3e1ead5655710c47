# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What many incidents say together: how soon people answer, how soon it is healed, what comes again and again. Pure.

Means are kept as count and total, so that the statistics of several hosts can be put together without a loss.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import Incident
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import iso
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.response import Response

_MOST_FAULTS = 50
_GROUPS: Mapping[str, Callable[[Incident], str]] = {
    "by_severity": lambda incident: incident.severity,
    "by_scenario": lambda incident: incident.scenario,
    "by_month": lambda incident: iso(incident.opened_at)[:7],
    "by_platform": lambda incident: incident.platform,
}
_MEANS = ("acknowledge", "resolve")
_COUNTS = ("count", "open", "escalated", "response_met", "response_missed", "response_pending")
Statistics = Mapping[str, Any]


def statistics_of(incidents: Iterable[Incident], now: float) -> dict[str, Any]:
    """The statistics of one record.

    :param now: the wall clock (s): a response that is not due yet is pending.
    :returns: ``all`` and, by their names, ``by_severity``, ``by_scenario``, ``by_month`` (UTC, of opening) and
        ``by_platform``, each with ``count``, ``open``, ``escalated``, ``response_met``, ``response_missed``,
        ``response_pending``, and ``acknowledge`` and ``resolve`` (``count``, ``total_s``, ``longest_s`` since opening);
        ``recurring``: the faults that came more than once, with ``count``, ``first`` and ``last``. A time is left out
        where the clock was set back: nobody can tell it.
    """
    found = []
    grouped: dict[str, dict[str, list[_Told]]] = {name: {} for name in _GROUPS}
    faults: dict[str, list[Incident]] = {}
    for incident in incidents:
        told = _tell(incident, now)
        found.append(told)
        for name, key in _GROUPS.items():
            grouped[name].setdefault(key(incident), []).append(told)
        faults.setdefault(incident.fingerprint, []).append(incident)
    return {
        "all": _summary(found),
        **{name: {key: _summary(groups[key]) for key in sorted(groups)} for name, groups in grouped.items()},
        "recurring": _most(_fault(members) for members in faults.values() if len(members) > 1),
    }


def merged(statistics: Sequence[Statistics]) -> dict[str, Any]:
    """The statistics of several records as if they were one. Faults of different platforms stay apart."""
    return {
        "all": _merged_summary([one["all"] for one in statistics]),
        **{name: _merged_groups([one[name] for one in statistics]) for name in _GROUPS},
        "recurring": _most(fault for one in statistics for fault in one["recurring"]),
    }


def mean_s(spread: Mapping[str, Any]) -> float | None:
    """The mean in seconds of ``acknowledge`` (MTTA) or ``resolve`` (MTTR); None when there is nothing to tell."""
    return spread["total_s"] / spread["count"] if spread["count"] else None


def compliance(summary: Mapping[str, Any]) -> float | None:
    """Share of the responses that came in time, 0.0 to 1.0, of those that are due; None when none is."""
    due = summary["response_met"] + summary["response_missed"]
    return summary["response_met"] / due if due else None


@dataclass(frozen=True)
class _Told:
    """What one incident adds to each of its groups; told once, since the time of a response is costly to tell."""

    is_open: bool
    escalated: bool
    response: Response
    acknowledge: float | None
    resolve: float | None


def _tell(incident: Incident, now: float) -> _Told:
    return _Told(
        incident.is_active,
        incident.escalation is not None,
        incident.response(now),
        _since_opening(incident, incident.acknowledged_at),
        _since_opening(incident, incident.resolved_at),
    )


def _since_opening(incident: Incident, at: float | None) -> float | None:
    return at - incident.opened_at if at is not None and at >= incident.opened_at else None


def _summary(told: Sequence[_Told]) -> dict[str, Any]:
    responses = [one.response for one in told]
    return {
        "count": len(told),
        "open": sum(one.is_open for one in told),
        "escalated": sum(one.escalated for one in told),
        "response_met": responses.count(Response.MET),
        "response_missed": responses.count(Response.MISSED),
        "response_pending": responses.count(Response.PENDING),
        "acknowledge": _spread([one.acknowledge for one in told]),
        "resolve": _spread([one.resolve for one in told]),
    }


def _spread(seconds: Sequence[float | None]) -> dict[str, Any]:
    times = [one for one in seconds if one is not None]
    return {"count": len(times), "total_s": round(sum(times), 1), "longest_s": round(max(times, default=0.0), 1)}


def _fault(incidents: Sequence[Incident]) -> dict[str, Any]:
    opened = [incident.opened_at for incident in incidents]
    newest = max(incidents, key=lambda incident: incident.opened_at)
    return {
        "fingerprint": newest.fingerprint,
        "platform": newest.platform,
        "scenario": newest.scenario,
        "services": list(newest.services),
        "count": len(incidents),
        "open": any(incident.is_active for incident in incidents),
        "first": iso(min(opened)),
        "last": iso(max(opened)),
    }


def _most(faults: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The faults that came most often, the latest of equals first."""
    ordered = sorted(faults, key=lambda fault: str(fault["last"]), reverse=True)
    return sorted(ordered, key=lambda fault: -int(fault["count"]))[:_MOST_FAULTS]


def _merged_groups(groups: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    keys = sorted({key for group in groups for key in group})
    return {key: _merged_summary([group[key] for group in groups if key in group]) for key in keys}


def _merged_summary(summaries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    merged_counts = {name: sum(summary[name] for summary in summaries) for name in _COUNTS}
    return {**merged_counts, **{name: _merged_spread([summary[name] for summary in summaries]) for name in _MEANS}}


def _merged_spread(spreads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "count": sum(spread["count"] for spread in spreads),
        "total_s": round(sum(spread["total_s"] for spread in spreads), 1),
        "longest_s": max((spread["longest_s"] for spread in spreads), default=0.0),
    }
