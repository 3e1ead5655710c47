# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The short text that a person reads at the end of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.outcome import Ending
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.plan import NOT_CALLED
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.text import single_line

_LABEL = 12
_MOST_FINDINGS = 12
_MOST_EVIDENCE = 3
_EVIDENCE_WIDTH = 160
_STYLE = {Status.CRITICAL: "bad", Status.UNKNOWN: "warn", Status.WARNING: "warn"}
_ENDINGS = {
    Ending.HEALTHY: ("healthy", "good"),
    Ending.NOTHING_IN_SCOPE: ("nothing to do", "good"),
    Ending.HEALED: ("healed", "good"),
    Ending.DIAGNOSED: ("in trouble, nothing was changed", "bad"),
    Ending.REFUSED: ("not healed, the guard refused", "bad"),
    Ending.ESCALATED: ("not healed, escalated", "bad"),
}


@dataclass(frozen=True)
class Line:
    """A line of the report and its style: ``plain``, ``title``, ``good``, ``warn`` or ``bad``."""

    text: str
    style: str = "plain"


@dataclass(frozen=True)
class RunRecord:
    """All that the report tells.

    :param title: the scenario's name for a person.
    :param host: inventory host.
    :param observed: the first result of ``platform_info``.
    :param diagnosis: the first result of ``remediation_plan``.
    :param history: one entry per rung: action, services, message, healed, outlook (sentences about what is still to
        come), restored_after (s) and acted (s or None).
    :param outcome: :meth:`Outcome.to_data`.
    :param incident: id, severity and state, or None.
    :param record_file: where the incident is stored on the host.
    :param duration: seconds of the whole run.
    """

    title: str
    host: str
    observed: Mapping[str, Any]
    diagnosis: Mapping[str, Any]
    history: Sequence[Mapping[str, Any]]
    outcome: Mapping[str, Any]
    incident: Mapping[str, Any] | None
    record_file: str
    duration: float


def render_report(record: RunRecord) -> list[Line]:
    """The report, line by line."""
    lines = [Line(f"{record.title}: {record.diagnosis['platform']} on {record.host}", "title")]
    lines += _observed(record)
    lines += _findings(record)
    lines += _cause(record)
    lines += _plan(record)
    lines += _done(record)
    lines += _result(record)
    return [Line(single_line(line.text), line.style) for line in lines]


def _entry(label: str, text: str, style: str = "plain") -> Line:
    return Line(f"  {label:<{_LABEL}}{text}", style)


def _labelled(label: str, texts: Sequence[tuple[str, str]]) -> Iterator[Line]:
    """The label stands before the first line only."""
    for number, (text, style) in enumerate(texts):
        yield _entry("" if number else label, text, style)


def _observed(record: RunRecord) -> Iterator[Line]:
    services = record.observed["services"]
    seconds = record.observed["duration_ms"] / 1000
    failing = record.observed["failing"]
    state = f"{len(failing)} failing: {', '.join(failing)}" if failing else "none failing"
    noun = "service" if len(services) == 1 else "services"
    yield _entry("observed", f"{len(services)} {noun} in {seconds:.1f} s, {state}")
    left_alone = record.diagnosis.get("left_alone", {})
    if left_alone:
        yield _entry("left alone", ", ".join(f"{name} (declared {why})" for name, why in sorted(left_alone.items())))


def _findings(record: RunRecord) -> Iterator[Line]:
    about = {*record.diagnosis["scope"], *record.diagnosis["services"], ""}
    findings = [Finding.from_data(data) for data in record.observed["findings"]]
    shown = _once([finding for finding in findings if finding.is_bad and finding.service in about])
    texts: list[tuple[str, str]] = []
    for finding in shown[:_MOST_FINDINGS]:
        step = f" ({finding.step})" if finding.step else ""
        texts.append((f"{finding.status.value:<9} {finding.message}{step}", _STYLE[finding.status]))
        if finding.status is Status.CRITICAL:
            lines = [single_line(line, _EVIDENCE_WIDTH) for line in finding.evidence[-_MOST_EVIDENCE:]]
            texts += [(f"{'':<9}   | {line}", "plain") for line in lines]
    if len(shown) > _MOST_FINDINGS:
        texts.append((f"and {len(shown) - _MOST_FINDINGS} more", "plain"))
    yield from _labelled("findings", texts)


def _once(findings: Sequence[Finding]) -> list[Finding]:
    """Without those that say the same as one before: two probes that could not be tried for one reason."""
    first: dict[tuple[Status, str], Finding] = {}
    for finding in findings:
        first.setdefault((finding.status, finding.message), finding)
    return list(first.values())


def _cause(record: RunRecord) -> Iterator[Line]:
    if not record.diagnosis["in_trouble"]:
        return
    yield _entry("root cause", record.diagnosis["root_cause"])
    dependants = record.diagnosis["dependants"]
    if dependants:
        verb = "suffers" if len(dependants) == 1 else "suffer"
        yield _entry("", f"{', '.join(dependants)} only {verb} from it")


def _plan(record: RunRecord) -> Iterator[Line]:
    if not record.diagnosis["in_trouble"]:
        return
    plan = record.diagnosis["plan"]
    texts = []
    for number, step in enumerate(plan["steps"], start=1):
        approval = ", needs approval" if step["needs_approval"] else ""
        texts.append((f"{number}. {step['action']} {', '.join(step['services'])} ({step['tier']}{approval})", "plain"))
        if step["reason"] != record.diagnosis["root_cause"]:
            texts.append((f"   because {_clause(step['reason'])}", "plain"))
    not_called = [skipped["action"] for skipped in plan["skipped"] if skipped["reason"] == NOT_CALLED]
    texts += [
        (f"-  {skipped['action']}: {skipped['reason']}", "plain")
        for skipped in plan["skipped"]
        if skipped["reason"] != NOT_CALLED
    ]
    texts = texts or [("no rung of the ladder answers this", "warn")]
    chosen = {step["action"] for step in plan["steps"]}
    others = list(dict.fromkeys(action for action in not_called if action not in chosen))
    if others:
        texts.append((f"-  not called for: {', '.join(others)}", "plain"))
    yield from _labelled("plan", texts)


def _clause(sentence: str) -> str:
    """A sentence as it stands behind 'because'."""
    return sentence.rstrip(".")


def _done(record: RunRecord) -> Iterator[Line]:
    texts = []
    for entry in record.history:
        healed = bool(entry["healed"])
        restored = entry.get("restored_after")
        after = f"; serving again after {restored:.1f} s" if restored is not None else ""
        text = f"{entry['action']} {', '.join(entry['services'])}: {entry['message']}{after}"
        texts.append((text, "good" if healed else "warn"))
        texts += [(f"  {line}", "plain") for line in entry.get("outlook") or ()]
    yield from _labelled("done", texts)


def _result(record: RunRecord) -> Iterator[Line]:
    words, style = _ENDINGS[Ending(record.outcome["ending"])]
    yield _entry("result", f"{words} ({record.duration:.1f} s)", style)
    if style == "bad" and record.outcome["reason"] != record.diagnosis["root_cause"]:
        yield _entry("", record.outcome["reason"])
    if record.outcome["remedy"]:
        yield _entry("go on", record.outcome["remedy"])
    if record.incident:
        incident = record.incident
        where = f" in {record.record_file}" if record.record_file else ""
        yield _entry("incident", f"{incident['id']} ({incident['severity']}, {incident['state']}){where}")
