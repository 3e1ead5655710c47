# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A health check as JUnit XML; pure.

One test suite for each row, one test case for each finding: critical is a failure, unknown an error (it could not be
told), a warning passes and is written to the output.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.junit import (
    Case,
    Suite,
    junit_document,
)

_OTHERWISE = "platform"
_OUTCOMES = {"critical": "failure", "unknown": "error"}


def junit_xml(report: Mapping[str, Any]) -> str:
    """The report as an XML document.

    :param report: what ``health_report`` returned: ``platform``, ``host``, ``findings``, ``duration_ms``.
    """
    by_service: dict[str, list[Mapping[str, Any]]] = {}
    for finding in sorted(report["findings"], key=lambda each: (each["id"], each["message"])):
        by_service.setdefault(finding["service"] or _OTHERWISE, []).append(finding)
    suites = (
        Suite(service, [_case(service, finding) for finding in found]) for service, found in sorted(by_service.items())
    )
    return junit_document(f"{report['platform']} on {report['host']}", suites, report["duration_ms"] / 1000)


def _case(service: str, finding: Mapping[str, Any]) -> Case:
    status = finding["status"]
    outcome = _OUTCOMES.get(status, "")
    message = "" if status == "ok" else finding["message"]
    lines = [*finding["evidence"], f"playbook step {finding['step']}"]
    return Case(finding["id"], service, outcome, message, status, lines)
