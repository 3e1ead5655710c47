# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A message in words: a subject, an SMS and a text for a person. Pure.

What stands in an incident comes from services and logs, so every line is made printable and short.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.issue_type import TITLES
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.notice import Kind
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.text import single_line

SMS_LENGTH = 160
"""One SMS in the GSM 7-bit alphabet; the letters, digits and signs of ASCII that are used here count once each."""
_SUBJECT_LENGTH = 150
_MOST_SERVICES = 2
_NAME_LENGTH = 24
"""Of a name in a headline: an outage of many services with long names must not push out the reason."""
_NOT_GSM = str.maketrans({"`": "'", "^": " ", "{": "(", "}": ")", "[": "(", "]": ")", "~": "-", "|": "/", "\\": "/"})
"""ASCII that the alphabet lacks, or that counts twice in it."""

_WORDS: Mapping[str, str] = {
    Kind.OPENED.value: "opened",
    Kind.REOPENED.value: "is back",
    Kind.SEVERITY.value: "changed its severity",
    Kind.ISSUE_TYPE.value: "is another issue now",
    Kind.ESCALATED.value: "needs a person",
    Kind.ACKNOWLEDGED.value: "acknowledged",
    Kind.RESOLVED.value: "resolved",
    Kind.UNANSWERED.value: "unanswered",
    Kind.REVIEW_OVERDUE.value: "review overdue",
}


@dataclass(frozen=True)
class Words:
    """A message as people read it.

    :param subject: one line of at most 150 characters.
    :param sms: one line of at most 160 characters of ASCII.
    :param text: several lines.
    """

    subject: str
    sms: str
    text: str


def word(message: Mapping[str, Any]) -> Words:
    """Put a message that the module ``outbox`` handed out into words."""
    incident = message["incident"]
    what = f"{_short(incident['platform'])}: {_some(incident['services']) or _short(incident['scenario'])}"
    headline = _WORDS.get(message["kind"], message["kind"])
    repeat = "REPEAT? " if message["possible_repeat"] else ""
    return Words(
        # The id comes first: what is cut off is the end.
        subject=single_line(f"{repeat}[{incident['severity']}] {incident['id']} {headline}: {what}", _SUBJECT_LENGTH),
        sms=_sms(f"{repeat}{incident['severity']} {incident['id']} {headline}: {what}. {message['notice']}"),
        text="\n".join(single_line(line) for line in _lines(message, headline, what)),
    )


def _some(services: Sequence[str]) -> str:
    """The first services by name and the others as a number."""
    named = ", ".join(_short(service) for service in services[:_MOST_SERVICES])
    others = len(services) - _MOST_SERVICES
    return f"{named} and {others} more" if others > 0 else named


def _short(name: str) -> str:
    return single_line(name, _NAME_LENGTH)


def _sms(text: str) -> str:
    plain = unicodedata.normalize("NFKD", single_line(text, 4 * SMS_LENGTH)).encode("ascii", "ignore").decode()
    return single_line(plain.translate(_NOT_GSM), SMS_LENGTH)


def _lines(message: Mapping[str, Any], headline: str, what: str) -> Iterator[str]:
    incident = message["incident"]
    yield f"{incident['id']} {headline}: {what}"
    if message["possible_repeat"]:
        yield "This may be a repeat: an earlier try to tell it was interrupted."
    yield f"affected: {', '.join(incident['services']) or incident['scenario']}"
    yield f"severity: {incident['severity']}, {incident['severity_rule']}"
    yield f"issue: {TITLES.get(incident['issue_type'], incident['issue_type'] or incident['scenario'])}"
    yield f"told: {message['notice']}"
    if incident["root_cause"] and incident["root_cause"] not in message["notice"]:
        yield f"root cause: {incident['root_cause']}"
    yield f"opened: {incident['opened_at']}"
    if incident["resolved_at"]:
        yield f"resolved: {incident['resolved_at']}"
        return
    yield f"response due: {incident['response_due']} ({incident['response']})"
    if incident["escalation"]:
        yield f"go on: {incident['escalation']['remedy'] or 'a person has to look'}"
    if message["contacts"]:
        yield f"for: {', '.join(message['contacts'])}"
    yield f"acknowledge: ansible-playbook playbooks/acknowledge.yml -e incident_id={incident['id']}"
