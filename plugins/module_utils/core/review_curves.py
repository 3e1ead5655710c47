# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an incident's facts to what is plotted and tabled: its phases, and what was measured around it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.duration import value_text
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.plot import Curve, Phase, Point
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_facts import (
    Facts,
    Named,
    described,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.timestamp import epoch_seconds

_BEFORE = "before"
_WORDS = {"before": "before the incident", "opened": "when it was detected"}


def phases_of(moments: Sequence[Named]) -> list[Phase]:
    """What passed until each moment that is known, in the order of time; the first one is the beginning."""
    known = sorted((epoch_seconds(moment.at), moment.name) for moment in moments if moment.at is not None)
    if not known:
        return []
    start = epoch_seconds(next(moment.at for moment in moments if moment.at is not None) or "")
    phases: list[Phase] = []
    begin = 0.0
    for at, name in known:
        end = max(0.0, at - start)
        if end > 0 or phases:
            phases.append(Phase(name, begin, end))
        begin = end
    return phases


def curves_of(facts: Facts) -> list[Curve]:
    """One curve for each finding that was measured, those with the most values first.

    A finding of which no value is known is left out: a list of missing answers tells nothing.
    """
    start = epoch_seconds(facts["detected"]["at"])
    acts = [_act(attempt, start) for attempt in facts["attempts"]]
    by_key: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in _telling(facts):
        by_key.setdefault((row["finding"], row["service"]), []).append(row)
    curves = []
    for (finding, service), rows in by_key.items():
        during = [row for row in rows if row["phase"] != _BEFORE]
        if not during or all(row["value"] is None for row in rows):
            continue
        before = [row["value"] for row in rows if row["phase"] == _BEFORE]
        curves.append(
            Curve(
                title=f"{finding} of {service}" if service else finding,
                unit=str(rows[-1]["unit"]),
                points=[Point(row["at_s"] - start, row["value"], row["status"] == "ok") for row in during],
                limit=next((row["limit"] for row in reversed(rows) if row["limit"] is not None), None),
                before=before[0] if before else None,
                acts=[act for act in acts if act is not None],
            )
        )
    return sorted(curves, key=lambda curve: -sum(point.value is not None for point in curve.points))


def values_of(facts: Facts) -> list[dict[str, str]]:
    """The same values as a table: finding, service, when, value, limit, judged; the ends of each phase only."""
    return [
        {
            "finding": row["finding"],
            "service": row["service"] or "the host",
            "at": row["at"],
            "when": _WORDS.get(row["phase"], f"after {row['phase']}"),
            "value": value_text(row["value"], row["unit"]),
            "limit": "" if row["limit"] is None else value_text(row["limit"], row["unit"]),
            "judged": row["status"],
        }
        for row in _ends_of_phases(_telling(facts))
    ]


def _telling(facts: Facts) -> list[Mapping[str, Any]]:
    """What was measured of the services that failed, and whatever else was in trouble; not each warning beside it."""
    rows: Sequence[Mapping[str, Any]] = facts["measurements"]
    trouble = {(row["finding"], row["service"]) for row in rows if row["status"] in ("critical", "unknown")}
    own = {*facts["services"], ""}
    return [row for row in rows if row["service"] in own or (row["finding"], row["service"]) in trouble]


def _ends_of_phases(measurements: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The last value of each phase of each finding, by finding; the phases stay in the order of time."""
    last: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for row in measurements:
        key = (row["finding"], row["service"], row["phase"])
        if row["phase"] != "opened" or key not in last:
            last[key] = row
    return sorted(last.values(), key=lambda row: (row["finding"], row["service"]))


def _act(attempt: Mapping[str, Any], start: float) -> tuple[str, float, float] | None:
    end = attempt.get("acted_at") or attempt["finished_at"]
    if end is None:
        return None
    return (described(attempt), epoch_seconds(attempt["started_at"]) - start, epoch_seconds(end) - start)
