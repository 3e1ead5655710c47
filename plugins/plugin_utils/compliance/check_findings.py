# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls that are judged from findings: each of them has to be ok."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.model import (
    Control,
    Subject,
    Verdict,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.seen import HOST, Seen

Finding = Mapping[str, Any]
_WORST_FIRST = ("critical", "warning", "unknown", "ok", "not_configured")
_VERDICTS = {
    "critical": Verdict.FAIL,
    "warning": Verdict.FAIL,
    "unknown": Verdict.UNKNOWN,
    "ok": Verdict.PASS,
    "not_configured": Verdict.NOT_APPLICABLE,
}
_ANSWERED = {"postgres": "server", "redis": "server", "rabbitmq": "via", "model_server": "readiness"}
"""What holds something when a server of that kind answered."""


def judge_findings(control: Control, seen: Seen) -> Iterator[Subject]:
    """One subject for each service of the control's kind, from the worst of its findings."""
    for name in _subjects(control.kind, seen):
        mine = [found for found in seen.findings.get(name, ()) if _is_meant(control, found)]
        if mine:
            yield _judged(name, mine)
        elif control.kind not in ("host", "engine") and seen.services()[name]["declared"]:
            words = f"{name} is declared {seen.services()[name]['declared']} and was not judged."
            yield Subject(name, Verdict.NOT_APPLICABLE, words)
        elif control.kind != "service" and _has_told(control.kind, seen.observed["services"].get(name, {})):
            yield Subject(name, Verdict.NOT_APPLICABLE, f"{name} has nothing that it is about.")
        elif control.kind != "service":
            yield Subject(name, Verdict.UNKNOWN, f"{name or 'The engine'} was not judged: {seen.why(name)}.")


def _has_told(kind: str, service: Mapping[str, Any]) -> bool:
    """Whether the probe of its kind got an answer; without one the absence of a finding means nothing."""
    facts = service.get(kind)
    return facts is not None and (kind not in _ANSWERED or bool(facts[_ANSWERED[kind]]))


def _subjects(kind: str, seen: Seen) -> Iterable[str]:
    if kind == "host":
        return (HOST,)
    if kind == "engine":
        return ("",)
    return seen.services("" if kind == "service" else kind)


def _is_meant(control: Control, finding: Finding) -> bool:
    return any(fnmatchcase(finding["id"], pattern) for pattern in control.findings)


def _judged(name: str, findings: Sequence[Finding]) -> Subject:
    worst = min(findings, key=lambda found: _WORST_FIRST.index(found["status"]))
    return Subject(name, _VERDICTS[worst["status"]], str(worst["message"]))
