# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Incidents of one or many hosts, and their statistics, as tables: the same for the terminal and for the page. Pure.

``by_host`` is what ``incident_info`` returned on each inventory host; a host that failed or was not reached is told so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.duration import duration_text
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident_statistics import (
    compliance,
    mean_s,
    merged,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_facts import seconds_between
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.text import single_line

_CELL = 60
_SERVICES = 40
ByHost = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Table:
    """Rows of texts below their heads. Columns whose numbers are in ``right`` are numbers for a person."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()


def tables_of(by_host: ByHost) -> list[Table]:
    """The list of incidents, and the statistics when they were asked for."""
    answered = {host: result for host, result in by_host.items() if "incidents" in result}
    tables = [_list(answered)]
    statistics = [result["statistics"] for result in answered.values() if "statistics" in result]
    if statistics:
        whole = merged(statistics)
        tables.append(_summaries("Statistics", {"all": whole["all"], **whole["by_severity"]}))
        tables += [
            _summaries(title, whole[name]) for title, name in (("By scenario", "by_scenario"), ("By month", "by_month"))
        ]
        if len(answered) > 1:
            tables.append(_summaries("By host", {host: one["statistics"]["all"] for host, one in answered.items()}))
        tables.append(_recurring(whole["recurring"]))
    return tables


def not_asked(by_host: ByHost) -> list[str]:
    """Hosts that gave no answer, each with the reason: their incidents are missing above."""
    return [
        single_line(f"{host} gave no answer: {result.get('msg') or 'it was not asked'}")
        for host, result in sorted(by_host.items())
        if "incidents" not in result
    ]


def tables_text(by_host: ByHost) -> list[str]:
    """All of it as lines for a terminal."""
    lines: list[str] = []
    for table in tables_of(by_host):
        lines += [*([""] if lines else []), table.title, *_aligned(table)]
    return lines + [f"! {line}" for line in not_asked(by_host)]


def _list(by_host: ByHost) -> Table:
    several = len(by_host) > 1
    found = [(host, incident) for host, result in by_host.items() for incident in result["incidents"]]
    ordered = sorted(found, key=lambda one: (one[1]["opened_at"], one[1]["id"]), reverse=True)
    heads = ("incident", "severity", "state", "opened", "took", "response", "scenario", "services")
    rows = [((host, *_row(incident)) if several else _row(incident)) for host, incident in ordered]
    return Table(f"Incidents ({len(rows)})", ("host", *heads) if several else heads, tuple(rows))


def _row(incident: Mapping[str, Any]) -> tuple[str, ...]:
    opened, resolved = incident["opened_at"], incident["resolved_at"]
    mark = " (escalated)" if incident["escalated"] and not resolved else ""
    due = f", review due {incident['review_due'][:10]}" if _awaits_review(incident) else ""
    return (
        incident["id"],
        incident["severity"],
        f"{incident['state']}{mark}{due}",
        f"{opened[:10]} {opened[11:16]}",
        duration_text(seconds_between(opened, resolved)) if resolved else "",
        incident.get("response", ""),
        incident["scenario"],
        single_line(", ".join(incident["services"]), _SERVICES) or "the whole platform",
    )


def _awaits_review(incident: Mapping[str, Any]) -> bool:
    return incident["state"] == "resolved" and bool(incident["review_due"])


def _summaries(title: str, summaries: Mapping[str, Mapping[str, Any]]) -> Table:
    heads = (title.lower().replace("by ", ""), "incidents", "open", "escalated", "MTTA", "MTTR", "longest", "in time")
    rows = tuple(
        (
            name,
            str(one["count"]),
            str(one["open"]),
            str(one["escalated"]),
            _mean(one["acknowledge"]),
            _mean(one["resolve"]),
            duration_text(one["resolve"]["longest_s"]) if one["resolve"]["count"] else "",
            _percent(compliance(one)),
        )
        for name, one in summaries.items()
    )
    return Table(title, ("" if title == "Statistics" else heads[0], *heads[1:]), rows, frozenset(range(1, 8)))


def _recurring(faults: Sequence[Mapping[str, Any]]) -> Table:
    rows = tuple(
        (
            fault["scenario"],
            single_line(", ".join(fault["services"]), _SERVICES) or "the whole platform",
            fault["platform"],
            str(fault["count"]),
            fault["first"][:10],
            fault["last"][:10],
        )
        for fault in faults
    )
    heads = ("scenario", "services", "platform", "times", "first", "last")
    return Table("What came more than once", heads, rows, frozenset({3}))


def _mean(spread: Mapping[str, Any]) -> str:
    mean = mean_s(spread)
    return "" if mean is None else duration_text(mean)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f} %"


def _aligned(table: Table) -> Iterator[str]:
    if not table.rows:
        yield "  none"
        return
    cells = [[single_line(cell, _CELL) for cell in row] for row in (table.heads, *table.rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(table.heads))]
    for row in cells:
        shown = [
            cell.rjust(width) if column in table.right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths))
        ]
        yield f"  {'  '.join(shown)}".rstrip()


def data_of(by_host: ByHost) -> dict[str, Any]:
    """For machines: ``hosts`` (each with ``incidents``, and ``statistics`` when asked for; or with ``error``) and the
    ``statistics`` of all of them together, or None.
    """
    hosts = {
        host: {name: result[name] for name in ("incidents", "statistics") if name in result}
        or {"error": str(result.get("msg") or "it was not asked")}
        for host, result in by_host.items()
    }
    statistics = [one["statistics"] for one in hosts.values() if "statistics" in one]
    return {"hosts": hosts, "statistics": merged(statistics) if statistics else None}
