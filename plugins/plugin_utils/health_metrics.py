# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A health check as metrics of Prometheus; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.health_report import ENGINE
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.prometheus import (
    Metric,
    Sample,
    exposition,
)

_VALUES = {"ok": 0, "warning": 1, "unknown": 2, "critical": 3}


def prometheus_text(report: Mapping[str, Any], at: float) -> str:
    """The report as metrics.

    :param report: what ``health_report`` returned.
    :param at: when it was observed, seconds since the epoch.
    """
    platform = {"platform": report["platform"], "host": report["host"]}
    rows = [({**platform, "service": row["service"]}, row) for row in report["rows"]]
    metrics: tuple[Metric, ...] = (
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
        (
            "service_suffers",
            "1 when a service only suffers from another one that it depends on, else 0.",
            [(labels, int(row["service"] in report["symptoms"])) for labels, row in rows],
        ),
        (
            "finding_status",
            "A finding that is not ok, its worst when there are several: 1 warning, 2 unknown, 3 critical.",
            list(_worst(platform, report["findings"])),
        ),
        ("findings", "Findings by their status.", list(_findings(platform, report["findings"]))),
        (
            "health_check_duration_seconds",
            "How long the observation of the platform took.",
            [(platform, report["duration_ms"] / 1000)],
        ),
        ("health_check_timestamp_seconds", "When the platform was observed, Unix time.", [(platform, at)]),
    )
    return exposition(metrics)


def _worst(platform: Mapping[str, str], findings: Iterable[Mapping[str, Any]]) -> Iterator[Sample]:
    worst: dict[tuple[str, str], int] = {}
    for finding in findings:
        about = (finding["service"] or ENGINE, finding["id"])
        worst[about] = max(worst.get(about, 0), _VALUES[finding["status"]])
    for (service, name), value in sorted(worst.items()):
        if value:
            yield {**platform, "service": service, "finding": name}, value


def _findings(platform: Mapping[str, str], findings: Iterable[Mapping[str, Any]]) -> Iterator[Sample]:
    statuses = [finding["status"] for finding in findings]
    for status in _VALUES:
        yield {**platform, "status": status}, statuses.count(status)
