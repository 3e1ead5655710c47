# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people do to an incident, and what is recorded without a remediation: open, note, escalate, move on."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.attempt import Identity
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.fingerprint import (
    incident_fingerprint,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.guard_rules import Refusal
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import (
    Escalation,
    Incident,
    State,
    move,
    observe_severity,
    reopen,
    set_severity,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.issue_type import issue_type_of
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_state import check_closing
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    incident_table,
    lease_table,
    notice_table,
    review_table,
    timeline_table,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import Platform
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.interrupted import settle


@dataclass(frozen=True)
class Opening:
    """A new incident, or the open one of the same platform, scenario and services.

    :param issue_type: row of the escalation matrix; empty means: told from the scenario.
    :param response_times: level -> seconds in which somebody has to respond.
    """

    scenario: str
    services: tuple[str, ...]
    severity: str
    severity_rule: str
    summary: str
    root_cause: str = ""
    source: str = "person"
    source_detail: str = ""
    detected_how: str = ""
    findings: Sequence[Mapping[str, Any]] = ()
    issue_type: str = ""
    response_times: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """What is to become of an incident. What is empty or None stays as it is.

    :param containers: the containers of every service as they are now; when the incident is resolved, they tell what
        became of the attempts of a killed run.
    :param severity: set by hand, which needs ``severity_rule``, the reason.
    :param escalation: the reason why a person is needed.
    """

    state: State | None = None
    note: str = ""
    severity: str = ""
    severity_rule: str = ""
    escalation: str = ""
    remedy: str = ""
    issue_type: str = ""
    containers: Identity = field(default_factory=dict)


def open_or_join(platform: Platform, opening: Opening, change: Change, author: str) -> dict[str, Any]:
    """Open the incident, or join the open one, and change it in the same transaction. Results as of :func:`alter`."""
    fingerprint = incident_fingerprint(platform.name, opening.scenario, opening.services)

    def write(connection: sqlite3.Connection) -> dict[str, Any]:
        now = platform.clock.now()
        active = incident_table.find_active(connection, fingerprint)
        if active is None:
            incident = _open(connection, platform.name, opening, now, author)
        else:
            incident = _join(connection, active, opening, now, author)
        changed, incident = _alter(connection, incident, change, now, author)
        notice_table.announce(connection, active, incident, now)
        opened_anew = active is None or active.state is not incident.state
        data = {**incident.to_data(), "joined": active is not None}
        return _result(active, data, changed=changed or opened_anew)

    return platform.record.run(write)


def alter(platform: Platform, number: str, change: Change, author: str) -> dict[str, Any]:
    """Change the incident of that id. Repeating a change changes nothing.

    :returns: ``changed``, ``incident``, ``before`` (its data before, empty when it is new) and ``refused`` (rule lease:
        a run that is working on it decides whether it is resolved).
    :raises IllegalTransitionError: the state cannot follow the one it is in.
    :raises NoSuchIncidentError: no incident has that id.
    :raises InvalidInputError: a severity without a reason.
    """
    if change.severity and not change.severity_rule:
        remedy = "Give the reason: severity set by hand stands against what is observed."
        raise InvalidInputError("severity_rule", change.severity_rule, remedy=remedy)

    def write(connection: sqlite3.Connection) -> dict[str, Any]:
        now = platform.clock.now()
        before = incident_table.get(connection, number)
        if change.state is State.RESOLVED and before.is_active:
            lease = lease_table.find(connection, before.platform)
            working = lease is not None and lease.is_valid(now, platform.processes.is_gone)
            if lease is not None and working and lease.incident == number:
                refusal = Refusal("lease", lease.describe(now), "That run resolves it when it is healed; wait for it.")
                return {**_result(before, before.to_data(), changed=False), "refused": refusal.to_data()}
            if not working:
                settle(connection, before.platform, change.containers, now, author)
        changed, after = _alter(connection, before, change, now, author)
        notice_table.announce(connection, before, after, now)
        return _result(before, after.to_data(), changed=changed)

    return platform.record.run(write)


def _result(before: Incident | None, incident: dict[str, Any], *, changed: bool) -> dict[str, Any]:
    return {
        "changed": changed,
        "incident": incident,
        "before": {} if before is None else before.to_data(),
        "refused": None,
    }


def _open(connection: sqlite3.Connection, platform: str, opening: Opening, now: Moment, author: str) -> Incident:
    incident = incident_table.add(
        connection,
        Incident(
            id="",
            platform=platform,
            scenario=opening.scenario,
            fingerprint=incident_fingerprint(platform, opening.scenario, opening.services),
            services=opening.services,
            severity=opening.severity,
            severity_rule=opening.severity_rule,
            opened_at=now.wall,
            summary=opening.summary,
            root_cause=opening.root_cause,
            root_cause_at=now.wall if opening.root_cause else None,
            detected_at=now.wall,
            detected_how=opening.detected_how or f"{opening.source} {opening.source_detail}".strip(),
            source=opening.source,
            source_detail=opening.source_detail,
            issue_type=opening.issue_type or issue_type_of(opening.scenario),
            response_times=opening.response_times,
        ),
    )
    incident_table.save_observation(connection, incident.id, opening.findings, {})
    message = f"opened as {incident.severity} ({incident.severity_rule}): {incident.summary}"
    timeline_table.tell(connection, incident.id, now, author, "opened", message)
    return incident


def _join(connection: sqlite3.Connection, active: Incident, opening: Opening, now: Moment, author: str) -> Incident:
    incident = observe_severity(reopen(active), opening.severity, opening.severity_rule, now.wall)
    if incident != active:
        incident = incident_table.save(connection, incident)
    timeline_table.tell(connection, incident.id, now, author, "joined", opening.summary)
    return incident


def _alter(
    connection: sqlite3.Connection, before: Incident, change: Change, now: Moment, author: str
) -> tuple[bool, Incident]:
    """Severity first, so that an incident can be lowered and closed in one go."""
    entries: list[tuple[str, str]] = []
    incident = before
    if change.severity and (change.severity != before.severity or not before.by_hand):
        incident = set_severity(incident, change.severity, change.severity_rule, now.wall)
        entries.append(("severity", f"{before.severity} to {change.severity}: {change.severity_rule}"))
    if change.issue_type and change.issue_type != incident.issue_type:
        entries.append(("issue_type", f"{incident.issue_type or 'none'} to {change.issue_type}"))
        incident = replace(incident, issue_type=change.issue_type)
    if change.escalation:
        incident, entry = _escalate(incident, change, now)
        entries += entry
    if change.state is not None and change.state is not incident.state:
        incident = move(incident, change.state, now.wall)
        if change.state is State.CLOSED:
            check_closing(before.id, review_table.texts(connection, before.id))
        entries.append(("state", f"{before.state.value} to {incident.state.value}"))
    if change.note and not timeline_table.holds(connection, before.id, author, "note", change.note):
        entries.append(("note", change.note))
    if change.state is State.ACKNOWLEDGED or change.note:
        # A sign of life: it keeps an acknowledgement fresh, and is no change of the incident.
        incident = replace(incident, attended_at=now.wall)
    if incident != before:
        incident = incident_table.save(connection, incident)
    for kind, message in entries:
        timeline_table.tell(connection, incident.id, now, author, kind, message)
    return bool(entries), incident


def _escalate(incident: Incident, change: Change, now: Moment) -> tuple[Incident, list[tuple[str, str]]]:
    """The first escalation sets the mark; a later one with other words only changes the words."""
    known = incident.escalation
    first = now.wall if known is None else known.at
    wanted = Escalation(first, change.escalation, change.remedy, change.issue_type or incident.issue_type)
    entry = [("escalated", f"{wanted.reason} {wanted.remedy}".strip())] if known is None else []
    return replace(incident, escalation=wanted), entry
