# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard's first phase: take the platform's lease, open or join the incident, settle what a killed run left."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.attempt import Identity
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, worst_first
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.fingerprint import (
    incident_fingerprint,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import (
    Incident,
    observe_severity,
    reopen,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.lease import Holder
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.measurement import measured
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    incident_table,
    measurement_table,
    notice_table,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.encoding import sentence
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import (
    LeaseWish,
    Platform,
    obstacle,
    pause,
    take,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.interrupted import settle
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.timeline_table import tell

_SHOWN_FINDINGS = 20
_HOW = {"person": "a run by hand", "awx": "an AWX job", "alert": "an alert", "schedule": "a scheduled run"}


@dataclass(frozen=True)
class Trouble:
    """What was observed and what the run is about to do about it.

    :param services: the root causes. Empty when the whole platform or host is in trouble.
    :param findings: :meth:`Finding.to_data` of each bad finding.
    :param containers: the containers of every service as they are now.
    :param issue_type: row of the escalation matrix.
    :param response_times: level -> seconds in which somebody has to respond.
    """

    scenario: str
    services: tuple[str, ...]
    severity: str
    severity_rule: str
    root_cause: str = ""
    source: str = "person"
    source_detail: str = ""
    findings: Sequence[Mapping[str, Any]] = ()
    plan: Mapping[str, Any] = field(default_factory=dict)
    containers: Identity = field(default_factory=dict)
    issue_type: str = ""
    response_times: Mapping[str, float] = field(default_factory=dict)


def begin(platform: Platform, trouble: Trouble, wish: LeaseWish) -> dict[str, Any]:
    """Take the lease and open or join the incident, in one transaction.

    :returns: ``changed`` (an incident was opened or opened anew), ``incident`` (its data and ``joined``),
        ``lease`` (token, expires_in, waited), ``reconciled`` (attempts of killed runs) and ``refused``.
    """
    waited = 0.0
    while True:
        last = waited >= wish.wait
        result = platform.record.run(partial(_try, platform=platform, trouble=trouble, wish=wish, last=last))
        if result["refused"] is None or last:
            result["lease"]["waited"] = round(waited, 1)
            return result
        waited += pause(platform.clock, wish.wait - waited)


def _try(
    connection: sqlite3.Connection, platform: Platform, trouble: Trouble, wish: LeaseWish, last: bool
) -> dict[str, Any]:
    now = platform.clock.now()
    actor = _actor(trouble, wish.holder)
    fingerprint = incident_fingerprint(platform.name, trouble.scenario, trouble.services)
    active = incident_table.find_active(connection, fingerprint)
    refusal = obstacle(connection, platform, host_wide=wish.host_wide)
    if refusal is not None:
        if active is not None and last:
            tell(connection, active.id, now, actor, "refused", refusal.message)
        known = {} if active is None else {**active.to_data(), "joined": False}
        return {"changed": False, "incident": known, "lease": {}, "reconciled": [], "refused": refusal.to_data()}
    incident = (
        _open(connection, platform, trouble, now, actor)
        if active is None
        else _join(connection, active, trouble, now, actor)
    )
    notice_table.announce(connection, active, incident, now)
    incident_table.save_observation(connection, incident.id, trouble.findings, trouble.plan)
    measurement_table.open_with(connection, platform.name, incident.id, now.wall, measured(trouble.findings))
    lease = take(connection, platform, wish, incident.id, now, actor)
    reconciled = settle(connection, platform.name, trouble.containers, now, actor)
    return {
        "changed": active is None or active.state is not incident.state,
        "incident": {**incident.to_data(), "joined": active is not None},
        "lease": {"token": lease.token, "expires_in": wish.ttl},
        "reconciled": reconciled,
        "refused": None,
    }


def _open(connection: sqlite3.Connection, platform: Platform, trouble: Trouble, now: Moment, actor: str) -> Incident:
    detected = f"{_HOW.get(trouble.source, trouble.source)} {trouble.source_detail}".strip()
    incident = incident_table.add(
        connection,
        Incident(
            id="",
            platform=platform.name,
            scenario=trouble.scenario,
            fingerprint=incident_fingerprint(platform.name, trouble.scenario, trouble.services),
            services=trouble.services,
            severity=trouble.severity,
            severity_rule=trouble.severity_rule,
            opened_at=now.wall,
            summary=trouble.root_cause,
            root_cause=trouble.root_cause,
            root_cause_at=now.wall if trouble.root_cause else None,
            detected_at=now.wall,
            detected_how=detected,
            source=trouble.source,
            source_detail=trouble.source_detail,
            issue_type=trouble.issue_type,
            response_times=trouble.response_times,
        ),
    )
    message = f"opened as {incident.severity} ({incident.severity_rule}): {incident.root_cause}"
    tell(connection, incident.id, now, actor, "opened", message, _evidence(trouble.findings))
    return incident


def _join(connection: sqlite3.Connection, active: Incident, trouble: Trouble, now: Moment, actor: str) -> Incident:
    incident = observe_severity(reopen(active), trouble.severity, trouble.severity_rule, now.wall)
    incident = replace(incident, issue_type=trouble.issue_type or incident.issue_type)
    if trouble.root_cause and sentence(trouble.root_cause) != active.root_cause:
        incident = replace(incident, root_cause=trouble.root_cause, root_cause_at=now.wall)
    incident = incident_table.save(connection, incident)
    if incident.state is not active.state:
        tell(connection, incident.id, now, actor, "reopened", f"{active.state.value} no longer: {incident.root_cause}")
    if incident.severity != active.severity:
        message = f"{active.severity} to {incident.severity}: {incident.severity_rule}"
        tell(connection, incident.id, now, actor, "severity", message)
    if active.issue_type not in ("", incident.issue_type):
        tell(connection, incident.id, now, actor, "issue_type", f"{active.issue_type} to {incident.issue_type}")
    tell(connection, incident.id, now, actor, "joined", incident.root_cause, _evidence(trouble.findings))
    return incident


def _actor(trouble: Trouble, holder: Holder) -> str:
    detail = f" {trouble.source_detail}" if trouble.source_detail else ""
    return f"{trouble.source}{detail}: {holder.user or 'unknown'}@{holder.host or 'unknown'}"


def _evidence(findings: Sequence[Mapping[str, Any]]) -> list[str]:
    worst = worst_first(Finding.from_data(finding) for finding in findings)
    return [f"{finding.status.value}: {finding.message}" for finding in worst[:_SHOWN_FINDINGS]]
