# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people have to hear of: the changes of an incident that are told, each once. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import Incident, State
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.issue_type import TITLES


class Kind(str, Enum):
    """What changed. ``UNANSWERED`` and ``REVIEW_OVERDUE`` come with the passing of time, the others with a change."""

    OPENED = "opened"
    REOPENED = "reopened"
    SEVERITY = "severity"
    ISSUE_TYPE = "issue_type"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    UNANSWERED = "unanswered"
    REVIEW_OVERDUE = "review_overdue"


@dataclass(frozen=True)
class Notice:
    """A change, and one sentence about it."""

    kind: Kind
    message: str


def notices_of(before: Incident | None, after: Incident) -> list[Notice]:
    """The changes from one state of an incident to another one, in the order in which they happen.

    :param before: None when it is new.
    """
    found = []
    if before is None:
        found.append(Notice(Kind.OPENED, after.summary or after.root_cause))
    elif before.state is State.STABLE and after.is_active and after.state is not State.STABLE:
        found.append(Notice(Kind.REOPENED, f"The fault came back: {after.root_cause or after.summary}"))
    if before is not None and before.severity != after.severity:
        message = f"{before.severity} became {after.severity}: {after.severity_rule}"
        found.append(Notice(Kind.SEVERITY, message))
    if before is not None and after.is_active and before.issue_type not in ("", after.issue_type):
        titles = (TITLES.get(one.issue_type, one.issue_type) for one in (before, after))
        found.append(Notice(Kind.ISSUE_TYPE, f"{' became '.join(titles)}: {after.root_cause or after.summary}"))
    if after.escalation is not None and (before is None or before.escalation is None):
        found.append(Notice(Kind.ESCALATED, f"{after.escalation.reason} {after.escalation.remedy}".strip()))
    state_before = State.OPEN if before is None else before.state
    if after.state is State.ACKNOWLEDGED and state_before is State.OPEN:
        found.append(Notice(Kind.ACKNOWLEDGED, "Somebody is looking at it."))
    if after.resolved_at is not None and (before is None or before.resolved_at is None):
        found.append(Notice(Kind.RESOLVED, after.root_cause or after.summary))
    return found
