# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that the templates of a review show, as plain data: both of them show the same. Pure.

It depends on the record alone and on no clock, so that a review that is rendered again is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.duration import duration_text
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, worst_first
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.issue_type import TITLES
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_curves import values_of
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_facts import (
    Facts,
    described,
    duration_s,
    healing_attempt,
    named_moments,
    seconds_between,
    what_people_have_to_write,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_section import SECTIONS
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_state import open_actions
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.text import single_line

_MOST_FINDINGS = 8
_MOST_EVIDENCE = 8
_DATE = 10


def view_of(facts: Facts) -> dict[str, Any]:
    """:param facts: what ``incident_review`` returns."""
    review = facts["review"]
    texts = review["texts"]
    required = what_people_have_to_write(facts)
    bad = [finding for finding in _findings(facts) if finding.is_bad]
    evidence = [finding for finding in bad if finding.is_trouble or finding.service in facts["services"]]
    return {
        "id": facts["id"],
        "title": f"Post-incident review of {facts['id']}",
        "severity": facts["severity"],
        "severity_rule": facts["severity_rule"],
        "platform": facts["platform"],
        "scenario": facts["scenario"],
        "issue_type": facts.get("issue_type", ""),
        "issue": TITLES.get(facts.get("issue_type", ""), ""),
        "services": ", ".join(facts["services"]) or "the whole platform",
        "state": review["state"].replace("_", " "),
        "due": _short(review["due"]),
        "reviewer": review["reviewer"],
        "begin": _short(facts["detected"]["at"]),
        "end": _short(facts["resolved_at"]),
        "duration": duration_text(duration_s(facts)),
        "response": _response(facts),
        "moments": [_moment(facts, moment) for moment in named_moments(facts)],
        "affected": _affected(bad),
        "root_cause": facts["root_cause"],
        "evidence": [_evidence(finding) for finding in evidence[:_MOST_FINDINGS]],
        "attempts": [_attempt(attempt, facts) for attempt in facts["attempts"]],
        "healed_by": _healed_by(facts),
        "timeline": [_entry(entry, facts) for entry in facts["timeline"]],
        "notifications": [_notification(message, facts) for message in facts.get("notifications", ())],
        "values": [{**row, "at": _time(row["at"], facts)} for row in values_of(facts)],
        "hints": list(_hints(facts)),
        "sections": {
            section.key: {
                "title": section.title,
                "text": texts.get(section.key, ""),
                "prompt": section.prompt,
                "missing": section.key in required and not texts.get(section.key),
            }
            for section in SECTIONS
        },
        "missing": [section.title for section in SECTIONS if section.key in required and not texts.get(section.key)],
        "open_actions": open_actions(texts),
    }


def review_lines(facts: Facts, path: str) -> list[str]:
    """Where the file of a review is and what it lacks, as lines for a person."""
    view = view_of(facts)
    due = f", due {view['due']}" if view["due"] else ""
    lines = [f"{view['id']}  {view['severity']}  review {view['state']}{due}: {path}"]
    if view["missing"]:
        lines.append(f"  to be filled in: {', '.join(view['missing'])}")
    lines += [f"  open action: {action}" for action in view["open_actions"]]
    return [single_line(line) for line in lines]


def _short(moment: str | None) -> str:
    """``2026-02-27 12:00:00 UTC``; empty for None."""
    return f"{moment[:_DATE]} {moment[11:19]} UTC" if moment else ""


def _time(moment: str | None, facts: Facts) -> str:
    """``12:00:00``; with the date when that is another one than the detection's."""
    if not moment:
        return ""
    same_day = moment[:_DATE] == facts["detected"]["at"][:_DATE]
    return moment[11:19] if same_day else f"{moment[:_DATE]} {moment[11:19]}"


def _moment(facts: Facts, moment: Any) -> dict[str, Any]:
    after = seconds_between(facts["detected"]["at"], moment.at)
    return {
        "name": moment.name,
        "time": _time(moment.at, facts),
        "told": moment.told,
        "known": moment.at is not None,
        "after": f"+{duration_text(after)}" if after else "",
    }


def _response(facts: Facts) -> str:
    """In how much time somebody responded, and until when that was due."""
    due, responded = facts["response_due"], facts.get("responded_at")
    if not responded:
        return f"due {_short(due)}; nobody responded"
    word = "in time" if responded <= due else "too late"
    took = duration_text(seconds_between(facts["opened_at"], responded))
    return f"after {took}, {word} (due {_short(due)})"


def _findings(facts: Facts) -> list[Finding]:
    """Those of the incident's own services first, the worst of them first."""
    ordered = worst_first(Finding.from_data(data) for data in facts["findings"])
    return sorted(ordered, key=lambda finding: finding.service not in facts["services"])


def _affected(bad: list[Finding]) -> list[str]:
    return sorted({finding.service for finding in bad if finding.is_trouble and finding.service})


def _evidence(finding: Finding) -> dict[str, Any]:
    return {
        "service": finding.service or "the host",
        "status": finding.status.value,
        "message": finding.message,
        "step": finding.step,
        "lines": list(finding.evidence[-_MOST_EVIDENCE:]),
    }


def _attempt(attempt: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    healed = {True: "healed it", False: "did not heal it", None: "not told"}[attempt["healed"]]
    return {
        "at": _time(attempt["started_at"], facts),
        "what": described(attempt),
        "tier": attempt["tier"],
        "approved_by": attempt["approved_by"],
        "reason": attempt["reason"],
        "outcome": attempt["outcome"] or "not told",
        "healed": healed,
        "took": duration_text(attempt["duration_s"]),
        "message": attempt["message"],
    }


def _healed_by(facts: Facts) -> str:
    healing = healing_attempt(facts)
    return "" if healing is None else described(healing)


def _entry(entry: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    repeated = entry.get("repeated") or 0
    more = f" (and {repeated} times more, last {_time(entry['last_at'], facts)})" if repeated else ""
    return {
        "at": _time(entry["at"], facts),
        "source": entry["source"],
        "kind": entry["kind"].replace("_", " "),
        "message": entry["message"] + more,
    }


def _notification(message: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    return {
        "at": _time(message["sent_at"], facts),
        "channel": message["channel"],
        "kind": str(message["kind"]).replace("_", " "),
        "state": message["state"],
        "error": message["error"],
    }


def _hints(facts: Facts) -> Iterator[str]:
    """What the record tells that the people of the review should talk about."""
    recurrence = facts["recurrence"]
    if recurrence["count"]:
        earlier = ", ".join(f"{one['id']} ({one['opened_at'][:_DATE]})" for one in recurrence["earlier"])
        yield f"The same fault was there {recurrence['count']} time(s) before: {earlier}."
    responded = facts.get("responded_at")
    if responded and responded > facts["response_due"]:
        yield f"The response was due {_short(facts['response_due'])} and came {_short(responded)}."
    for attempt in facts["attempts"]:
        if attempt["healed"] is False:
            yield f"{described(attempt)} did not heal it: {attempt['message'] or attempt['outcome']}"
        if str(attempt["outcome"]).startswith("interrupted"):
            yield f"A run was interrupted during {described(attempt)}."
    for entry in facts["timeline"]:
        if entry["kind"] == "refused":
            yield f"The guard refused a step: {entry['message']}"
    if facts["escalation"]:
        yield f"It was escalated: {facts['escalation']['reason']}"
    failed = sorted({str(one["channel"]) for one in facts.get("notifications", ()) if one["error"]})
    if failed:
        yield f"Notifications failed at first or altogether: {', '.join(failed)}."
