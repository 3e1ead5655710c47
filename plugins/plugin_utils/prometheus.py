# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A health check as metrics in the text format of Prometheus, for the textfile collector of node_exporter; pure.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_PREFIX = "incident_response"
_VALUES = {"ok": 0, "warning": 1, "unknown": 2, "critical": 3}
Sample = tuple[Mapping[str, str], float]


def prometheus_text(report: Mapping[str, Any], at: float) -> str:
    """The report as metrics.

    :param report: what ``health_report`` returned.
    :param at: when it was observed, seconds since the epoch.
    """
    platform = {"platform": report["platform"], "host": report["host"]}
    rows = [({**platform, "service": row["service"]}, row) for row in report["rows"]]
    lines: list[str] = []
    for name, unit_help, samples in (
        (
            "service_status",
            "Worst finding of a service: 0 ok, 1 warning, 2 unknown, 3 critical.",
            [(labels, _VALUES[row["status"]]) for labels, row in rows],
        ),
        (
            "service_latency_seconds",
            "How long the health path of a service took to answer.",
            [(labels, row["latency_ms"] / 1000) for labels, row in rows if row["latency_ms"] is not None],
        ),
        (
            "service_restarts",
            "Restarts of the containers of a service by the Docker engine.",
            [(labels, row["restarts"]) for labels, row in rows if row["restarts"] is not None],
        ),
        ("findings", "Findings by their status.", list(_findings(platform, report["findings"]))),
        (
            "health_check_duration_seconds",
            "How long the observation of the platform took.",
            [(platform, report["duration_ms"] / 1000)],
        ),
        ("health_check_timestamp_seconds", "When the platform was observed, Unix time.", [(platform, at)]),
    ):
        lines += _metric(f"{_PREFIX}_{name}", unit_help, samples)
    return "\n".join(lines) + "\n"


def _findings(platform: Mapping[str, str], findings: Iterable[Mapping[str, Any]]) -> Iterator[Sample]:
    statuses = [finding["status"] for finding in findings]
    for status in _VALUES:
        yield {**platform, "status": status}, statuses.count(status)


def _metric(name: str, meaning: str, samples: Iterable[Sample]) -> Iterator[str]:
    given = list(samples)
    if not given:
        return
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} gauge"
    for labels, value in given:
        inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in sorted(labels.items()))
        yield f"{name}{{{inside}}} {value:.15g}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
