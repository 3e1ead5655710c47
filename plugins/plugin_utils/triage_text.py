# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A triage as text for a person; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.report import Line
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.text import single_line

_LABEL = 12
_MOST_FINDINGS = 20
_LEFT_ALONE = {
    "stopped": "stopped on purpose",
    "ignored": "ignored, as the inventory says",
    "maintenance": "in maintenance, which a person began",
}
_STYLE = {"critical": "bad", "unknown": "warn", "warning": "warn"}


def triage_text(report: Mapping[str, Any]) -> list[Line]:
    """The triage, line by line.

    :param report: what the action ``triage_report`` hands on.
    """
    lines = [Line(f"Triage: {report['platform']} on {report['host']}", "title")]
    noun = "service" if report["services"] == 1 else "services"
    lines.append(_entry("observed", f"{report['services']} {noun} in {report['duration_ms'] / 1000:.1f} s"))
    lines += _labelled("findings", _findings(report))
    lines += _labelled("root cause", _causes(report))
    lines += _labelled("left alone", _left_alone(report))
    lines += _labelled("resolve", _no_longer_hold(report))
    lines += _labelled("run", _calls(report))
    return [Line(single_line(line.text), line.style) for line in lines]


def _entry(label: str, text: str, style: str = "plain") -> Line:
    return Line(f"  {label:<{_LABEL}}{text}", style)


def _labelled(label: str, lines: Iterator[Line]) -> Iterator[Line]:
    """The label stands before the first line only."""
    for number, line in enumerate(lines):
        yield _entry("" if number else label, line.text, line.style)


def _findings(report: Mapping[str, Any]) -> Iterator[Line]:
    for finding in report["findings"][:_MOST_FINDINGS]:
        step = f" ({finding['step']})" if finding["step"] else ""
        yield Line(f"{finding['status']:<9} {finding['message']}{step}", _STYLE[finding["status"]])
    if len(report["findings"]) > _MOST_FINDINGS:
        yield Line(f"and {len(report['findings']) - _MOST_FINDINGS} more")


def _causes(report: Mapping[str, Any]) -> Iterator[Line]:
    if report["root_causes"]:
        severity = report["severity"]
        yield Line(f"{', '.join(report['root_causes'])} ({severity['level']}: {severity['rule']})", "bad")
    for service, causes in sorted(report["symptoms"].items()):
        yield Line(f"{service} only suffers from {', '.join(causes)}")


def _left_alone(report: Mapping[str, Any]) -> Iterator[Line]:
    """No scenario looks at them, so silence about them does not mean that they are well."""
    by_reason: dict[str, list[str]] = {}
    for service, declared in report["left_alone"].items():
        by_reason.setdefault(declared, []).append(service)
    for declared, services in sorted(by_reason.items()):
        yield Line(f"{', '.join(services)}: {_LEFT_ALONE[declared]}", "warn" if declared == "maintenance" else "plain")


def _no_longer_hold(report: Mapping[str, Any]) -> Iterator[Line]:
    """Nobody who reads that no scenario sees trouble expects an incident that is open and goes on being escalated."""
    for incident in report["no_longer_hold"]:
        about = f" of {', '.join(incident['services'])}" if incident["services"] else ""
        what = f"{incident['id']} ({incident['scenario']}{about})"
        yield Line(f"{what} no longer holds; playbooks/respond.yml resolves it")


def _calls(report: Mapping[str, Any]) -> Iterator[Line]:
    if not report["calls"]:
        yield Line("nothing: no scenario sees trouble", "good")
        return
    for number, call in enumerate(report["calls"], start=1):
        about = f" for {', '.join(call['services'])}" if call["services"] else ""
        yield Line(f"{number}. {call['playbook'] or call['role']}{about}", "bad")
        yield Line(f"   because {call['root_cause'].rstrip('.')}")
        steps = call["plan"]["steps"]
        approval = " (needs approval)" if steps and steps[0]["needs_approval"] else ""
        first = f"{steps[0]['action']} {', '.join(steps[0]['services'])}{approval}" if steps else "escalate to a person"
        yield Line(f"   first step: {first}")
        # What playbooks/approve.yml needs, and what a person who approves in AWX looks at.
        for step in steps:
            if step["needs_approval"]:
                yield Line(f"   to approve: {step['action']} {', '.join(step['services'])}, digest {step['digest']}")
    if report["seen_as_well_by"]:
        yield Line(f"-  the same is seen by: {', '.join(report['seen_as_well_by'])}")
    yield Line("or all of it in this order: playbooks/respond.yml")
