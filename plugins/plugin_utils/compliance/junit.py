# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A compliance run as JUnit XML; pure.

One suite for each area, one case for each control: what fails is a failure, what could not be told an error, what is
waived or does not apply is skipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.junit import (
    Case,
    Suite,
    junit_document,
)

_OUTCOMES = {"fail": "failure", "unknown": "error", "waived": "skipped", "not_applicable": "skipped"}


def junit_xml(report: Mapping[str, Any]) -> str:
    """The report as an XML document."""
    areas: dict[str, list[Case]] = {}
    for result in report["results"]:
        areas.setdefault(result["id"].partition(".")[0], []).append(_case(result))
    suites = (Suite(area, cases) for area, cases in sorted(areas.items()))
    name = f"Compliance of {report['platform']} on {report['host']}"
    return junit_document(name, suites, report["duration_ms"] / 1000)


def _case(result: Mapping[str, Any]) -> Case:
    outcome, waiver = _OUTCOMES.get(result["status"], ""), result["waiver"]
    message = result["message"]
    if result["status"] == "waived":
        message = f"{message} Waived by {waiver['owner']} until {waiver['expires']}: {waiver['reason']}"
    bad = [f"{one['name'] or 'platform'}: {one['message']}" for one in result["subjects"] if one["verdict"] != "pass"]
    lines = [*bad, f"why: {result['rationale']}", f"fix: {result['fix']}", f"playbook step {result['step']}"]
    return Case(f"{result['id']}: {result['title']}", f"compliance.{result['id']}", outcome, message,
                result["severity"], lines)  # fmt: skip
