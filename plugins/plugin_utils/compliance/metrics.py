# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A compliance run as metrics of Prometheus; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.model import SEVERITIES
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.prometheus import (
    Metric,
    Sample,
    exposition,
)

_VALUES = {"pass": 0, "not_applicable": 1, "waived": 2, "unknown": 3, "fail": 4}


def prometheus_text(report: Mapping[str, Any], at: float) -> str:
    """The report as metrics.

    :param at: when it was observed, seconds since the epoch.
    """
    labels = {"platform": report["platform"], "host": report["host"]}
    results = report["results"]
    metrics: tuple[Metric, ...] = (
        (
            "compliance_control_status",
            "What became of a control: 0 pass, 1 not applicable, 2 waived, 3 unknown, 4 fail.",
            [
                ({**labels, "control": one["id"], "severity": one["severity"]}, _VALUES[one["status"]])
                for one in results
            ],
        ),
        (
            "compliance_controls",
            "Controls by their status.",
            [({**labels, "status": status}, count) for status, count in report["counts"].items()],
        ),
        ("compliance_failing_controls", "Failing controls by their severity.", list(_failing(labels, results))),
        ("compliance_passes", "1 when no control fails the run, else 0.", [(labels, int(report["passes"]))]),
        (
            "compliance_waiver_expires_timestamp_seconds",
            "End of the last day on which a waiver counts, Unix time.",
            [({**labels, "control": control}, end) for control, end in sorted(_ends(report["waivers"]).items())],
        ),
        (
            "compliance_duration_seconds",
            "How long the observation of the platform took.",
            [(labels, report["duration_ms"] / 1000)],
        ),
        ("compliance_timestamp_seconds", "When the platform was observed, Unix time.", [(labels, at)]),
    )
    return exposition(metrics)


def _failing(labels: Mapping[str, str], results: list[Mapping[str, Any]]) -> Iterator[Sample]:
    failing = [one["severity"] for one in results if one["status"] == "fail"]
    for severity in SEVERITIES:
        yield {**labels, "severity": severity}, failing.count(severity)


def _ends(waivers: list[Mapping[str, Any]]) -> dict[str, float]:
    """Control -> the earliest end of its waivers: Prometheus takes a series once only."""
    ends: dict[str, float] = {}
    for waiver in waivers:
        day = datetime.fromisoformat(waiver["expires"]).replace(tzinfo=UTC)
        end = day.timestamp() + 86400
        ends[waiver["control"]] = min(end, ends.get(waiver["control"], end))
    return ends
