# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An incident: its states, who may follow whom, and what falls due when. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import iso
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.response import (
    Response,
    due_after_change,
    judge_response,
    seconds_to_respond,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.severity import LEVELS

UNREACHABLE_SCENARIO = "host_unreachable"
ENGINE_SCENARIO = "engine"
"""An engine that does not answer is one incident, whichever scenario met it."""
UNNAMED_PLATFORM = "docker"
"""What an incident of the engine is filed under when nobody named a project: a dead engine cannot be asked for one."""

REVIEW_SECONDS = 48 * 60 * 60
"""After the resolution of a P1 or P2, in which the playbook wants its review."""


class State(str, Enum):
    """Where an incident stands. Escalated is no state but a mark that an incident of any state can bear."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    STABLE = "stable"
    RESOLVED = "resolved"
    REVIEWED = "reviewed"
    CLOSED = "closed"


ACTIVE = (State.OPEN, State.ACKNOWLEDGED, State.STABLE)
"""The states in which the same fault joins the incident instead of opening another one."""

TRANSITIONS: Mapping[State, tuple[State, ...]] = {
    State.OPEN: (State.ACKNOWLEDGED, State.STABLE, State.RESOLVED),
    State.ACKNOWLEDGED: (State.STABLE, State.RESOLVED),
    State.STABLE: (State.RESOLVED,),
    State.RESOLVED: (State.REVIEWED, State.CLOSED),
    State.REVIEWED: (State.CLOSED,),
    State.CLOSED: (),
}


class IllegalTransitionError(IncidentResponseError):
    """The wanted state cannot follow the one that the incident is in."""


@dataclass(frozen=True)
class Escalation:
    """A person is needed.

    :param at: wall clock (s) of the first escalation.
    :param reason: why the automation stopped.
    :param remedy: how to go on.
    :param issue_type: row of the playbook's escalation matrix, or an empty string.
    """

    at: float
    reason: str
    remedy: str = ""
    issue_type: str = ""

    def to_data(self) -> dict[str, Any]:
        """Plain data with ``at`` in ISO 8601, UTC."""
        return {"at": iso(self.at), "reason": self.reason, "remedy": self.remedy, "issue_type": self.issue_type}


@dataclass(frozen=True)
class Incident:
    """One failure of one platform. Times are wall-clock seconds, or None when it has not happened.

    :param severity_rule: the rule that gave the level, or the reason a person gave.
    :param by_hand: True when a person set the severity: no observation changes it any more.
    :param root_cause_at: since when ``root_cause`` is what it is.
    :param source: what started it: person, awx, alert or schedule, and ``source_detail`` in free words.
    :param issue_type: row of the playbook's escalation matrix, or an empty string when nobody has said it.
    :param response_times: level -> seconds after opening in which somebody has to respond, as the controller computed
        them from its calendar.
    :param response_deadline: when that is, after a change of the severity; None when it has not changed.
    :param attended_at: when a responder last gave a sign of life: acknowledged, or wrote a note.
    """

    id: str
    platform: str
    scenario: str
    fingerprint: str
    services: tuple[str, ...]
    severity: str
    severity_rule: str
    opened_at: float
    state: State = State.OPEN
    by_hand: bool = False
    summary: str = ""
    root_cause: str = ""
    root_cause_at: float | None = None
    detected_at: float = 0.0
    detected_how: str = ""
    source: str = "person"
    source_detail: str = ""
    acknowledged_at: float | None = None
    stable_at: float | None = None
    resolved_at: float | None = None
    reviewed_at: float | None = None
    closed_at: float | None = None
    escalation: Escalation | None = None
    issue_type: str = ""
    response_times: Mapping[str, float] = field(default_factory=dict)
    response_deadline: float | None = None
    attended_at: float | None = None

    @property
    def is_active(self) -> bool:
        """True until it is resolved."""
        return self.state in ACTIVE

    @property
    def needs_review(self) -> bool:
        """The playbook wants a review of P1 and P2 incidents."""
        return self.severity in ("P1", "P2")

    @property
    def response_due(self) -> float:
        """When somebody has to have responded (wall clock, s)."""
        if self.response_deadline is not None:
            return self.response_deadline
        return self.opened_at + seconds_to_respond(self.severity, self.response_times, self.opened_at)

    @property
    def responded_at(self) -> float | None:
        """When somebody first did: a person acknowledged it, or it was stable or resolved (wall clock, s)."""
        times = [time for time in (self.acknowledged_at, self.stable_at, self.resolved_at) if time is not None]
        return min(times, default=None)

    def response(self, now: float) -> Response:
        """Whether the response came in time, as seen at a reading of the wall clock (s)."""
        return judge_response(self.response_due, self.responded_at, now)

    @property
    def review_due(self) -> float | None:
        """48 hours after a P1 or P2 was resolved (wall clock, s), else None."""
        return self.resolved_at + REVIEW_SECONDS if self.needs_review and self.resolved_at is not None else None

    def to_data(self) -> dict[str, Any]:
        """Plain data: times in ISO 8601 (UTC) or None, ``detected`` as at and how."""
        times = (
            "root_cause_at",
            "responded_at",
            "acknowledged_at",
            "attended_at",
            "stable_at",
            "resolved_at",
            "reviewed_at",
            "closed_at",
            "review_due",
        )
        return {
            "id": self.id,
            "platform": self.platform,
            "scenario": self.scenario,
            "state": self.state.value,
            "severity": self.severity,
            "severity_rule": self.severity_rule,
            "severity_by_hand": self.by_hand,
            "issue_type": self.issue_type,
            "fingerprint": self.fingerprint,
            "services": list(self.services),
            "summary": self.summary,
            "root_cause": self.root_cause,
            "detected": {"at": iso(self.detected_at), "how": self.detected_how},
            "source": self.source,
            "source_detail": self.source_detail,
            "opened_at": iso(self.opened_at),
            "response_due": iso(self.response_due),
            **{name: None if getattr(self, name) is None else iso(getattr(self, name)) for name in times},
            "escalated": self.escalation is not None,
            "escalation": None if self.escalation is None else self.escalation.to_data(),
        }


def incident_id(wall: float, number: int) -> str:
    """``INC-YYYY-MM-DD-NNN`` of the UTC day; the number grows a digit after 999."""
    return f"INC-{iso(wall)[:10]}-{number:03d}"


def move(incident: Incident, wanted: State, wall: float) -> Incident:
    """The incident in the wanted state, with the time of the change.

    The state it is in already gives the incident itself. :raises IllegalTransitionError: names what is possible.
    """
    if wanted is incident.state:
        return incident
    if wanted not in TRANSITIONS[incident.state]:
        raise IllegalTransitionError(
            f"{incident.id} is {incident.state.value} and cannot become {wanted.value}.", remedy=_ways_on(incident)
        )
    if wanted is State.CLOSED and incident.state is State.RESOLVED and incident.needs_review:
        raise IllegalTransitionError(
            f"{incident.id} is {incident.severity} and cannot be closed without a review.",
            remedy="Set it to reviewed first, or lower its severity with a reason.",
        )
    times: dict[str, Any] = {f"{wanted.value}_at": wall}
    return replace(incident, state=wanted, **times)


def reopen(incident: Incident) -> Incident:
    """A stable incident whose fault came back goes to where it was before; any other active one stays as it is."""
    if incident.state is not State.STABLE:
        return incident
    before = State.OPEN if incident.acknowledged_at is None else State.ACKNOWLEDGED
    return replace(incident, state=before, stable_at=None)


def observe_severity(incident: Incident, level: str, rule: str, wall: float) -> Incident:
    """The worse of the two severities; what a person set stays."""
    if incident.by_hand or LEVELS.index(level) >= LEVELS.index(incident.severity):
        return incident
    return _rate(incident, level, rule, wall)


def set_severity(incident: Incident, level: str, reason: str, wall: float) -> Incident:
    """The severity that a person gives: no observation changes it any more. The same one once more changes nothing."""
    if incident.by_hand and incident.severity == level:
        return incident
    return replace(_rate(incident, level, reason, wall), by_hand=True)


def _rate(incident: Incident, level: str, rule: str, wall: float) -> Incident:
    due = incident.response_due
    if level != incident.severity:
        due = due_after_change(due, level, incident.response_times, incident.opened_at, wall)
    return replace(incident, severity=level, severity_rule=rule, response_deadline=due)


def _ways_on(incident: Incident) -> str:
    possible = ", ".join(state.value for state in TRANSITIONS[incident.state])
    if not possible:
        return "A closed incident stays closed; the next fault opens a new one."
    return f"From {incident.state.value} it can become: {possible}."
