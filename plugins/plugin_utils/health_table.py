# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A health check as a table for a person: text lines with a style each; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.report import Line
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.text import single_line

_STYLE = {"ok": "good", "warning": "warn", "unknown": "warn", "critical": "bad"}
_HEAD = ("service", "status", "state", "health", "latency", "restarts", "finding")
_TO_THE_RIGHT = frozenset({"latency", "restarts"})
_WIDEST_FINDING = 100


def health_table(report: Mapping[str, Any]) -> list[Line]:
    """The table, line by line, with a title before and a sentence after it.

    :param report: what ``health_report`` returned.
    """
    cells = [_HEAD, *(_cells(row) for row in report["rows"])]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEAD))]
    lines = [Line(f"Health check: {report['platform'] or 'no platform'} on {report['host']}", "title")]
    lines.append(Line(_aligned(_HEAD, widths)))
    lines += [
        Line(_aligned(line, widths), _STYLE[row["status"]]) for line, row in zip(cells[1:], report["rows"], strict=True)
    ]
    lines += list(_conclusion(report))
    # What a service says of itself must not steer a terminal.
    return [Line(single_line(line.text), line.style) for line in lines]


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    latency = "" if row["latency_ms"] is None else f"{row['latency_ms']:,.0f} ms"
    restarts = "" if row["restarts"] is None else str(row["restarts"])
    finding = f"declared {row['declared']}" if row["declared"] else single_line(row["finding"], _WIDEST_FINDING)
    step = f" ({row['step']})" if row["step"] and not row["declared"] else ""
    return (row["service"], row["status"], row["state"], row["health"], latency, restarts, f"{finding}{step}")


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    aligned = (
        f"{cell:>{width}}" if name in _TO_THE_RIGHT else f"{cell:<{width}}"
        for name, cell, width in zip(_HEAD, cells, widths, strict=True)
    )
    return f"  {'  '.join(aligned)}".rstrip()


def _conclusion(report: Mapping[str, Any]) -> Iterator[Line]:
    counts = ", ".join(f"{count} {status}" for status, count in report["counts"].items() if count)
    seconds = report["duration_ms"] / 1000
    yield Line(f"  {report['status']}: {counts}; observed in {seconds:.1f} s", _STYLE[report["status"]])
    if report["root_causes"]:
        yield Line(f"  root cause: {', '.join(report['root_causes'])}", "bad")
    for service, roots in sorted(report["symptoms"].items()):
        yield Line(f"  {service} only suffers from {', '.join(roots)}")
