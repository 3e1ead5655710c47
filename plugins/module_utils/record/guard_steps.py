# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard between begin and end: may this step be taken, and how did it end."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.attempt import (
    WITHOUT_EFFECT,
    Attempt,
    Identity,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.guard_rules import (
    GuardFacts,
    Limits,
    Refusal,
    WantedStep,
    approved_by,
    judge_step,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import (
    Incident,
    observe_severity,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.lease import Lease
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.measurement import Look
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment, elapsed
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    attempt_table,
    incident_table,
    measurement_table,
    notice_table,
    policy_table,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import (
    LOST,
    Platform,
    keep_lease,
    own_lease,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.timeline_table import tell


@dataclass(frozen=True)
class Permission:
    """What a step is judged by, beyond the record.

    :param containers: the containers of its services as they are now: the intent, for a run that follows a killed one.
    :param declared: service -> stopped, ignored or maintenance.
    :param approved_actions: actions that the person who started the run named, ``approver`` by name.
    :param severity: as it is seen now, before the step, and the rule that gave it; empty when it is not told.
    """

    limits: Limits
    containers: Identity = field(default_factory=dict)
    declared: Mapping[str, str] = field(default_factory=dict)
    approved_actions: Collection[str] = ()
    approver: str = ""
    severity: str = ""
    severity_rule: str = ""


@dataclass(frozen=True)
class StepResult:
    """How an attempt ended: done, unchanged or failed; whether it healed; how long it took (s).

    :param verified_for: how long ago the action itself was over (s).
    :param stable_for: how long its services have been seen healthy (s), or None.
    :param looks: what was measured while it was verified.
    """

    attempt: int
    outcome: str
    healed: bool | None = None
    message: str = ""
    evidence: Sequence[str] = ()
    duration: float | None = None
    verified_for: float | None = None
    stable_for: float | None = None
    looks: Sequence[Look] = ()


def permit(
    platform: Platform, token: str, incident: str, step: WantedStep, permission: Permission, ttl: float
) -> dict[str, Any]:
    """Judge the step; when it may be taken, write the intent and renew the lease, in the same transaction.

    :returns: ``allowed``, ``refused`` and ``attempt`` (its data, empty when refused).
    :raises InvalidInputError: the step names no service: an empty selection never means all.
    """
    if not step.services:
        raise InvalidInputError("step.services", [], remedy="Name the services to act on.")

    def judge(connection: sqlite3.Connection) -> dict[str, Any]:
        now = platform.clock.now()
        known = incident_table.get(connection, incident)
        lease = own_lease(connection, platform, token, now)
        if lease is None:
            return _refuse(connection, known, now, "guard", step, LOST)
        if permission.severity:
            known = _worsen(connection, known, permission, now, lease.actor)
        facts = GuardFacts(
            now=now,
            platform=platform.name,
            windows=policy_table.windows(connection, platform.name, now),
            declared=permission.declared,
            touched=attempt_table.touched_by(connection, platform.name, lease.holder.run_id),
            attempts=attempt_table.times_of(connection, platform.name, step.action, step.services),
            approval=policy_table.find_approval(connection, platform.name, step.action, step.digest),
            approved_actions=permission.approved_actions,
        )
        refusal = judge_step(step, facts, permission.limits)
        if refusal is not None:
            return _refuse(connection, known, now, lease.actor, step, refusal)
        approver = approved_by(step, facts, permission.approver or lease.holder.user)
        attempt = _write_intent(connection, known, lease, step, permission, approver, now)
        if facts.approval is not None and approver and step.action not in permission.approved_actions:
            policy_table.spend(connection, facts.approval, attempt.number)
        keep_lease(connection, lease, now, ttl)
        return {"changed": False, "allowed": True, "refused": None, "attempt": attempt.to_data()}

    return platform.record.run(judge)


def complete(platform: Platform, token: str, result: StepResult, ttl: float) -> dict[str, Any]:
    """Write how the attempt ended, even when the lease was lost meanwhile: what was done is always recorded.

    :returns: ``attempt`` and ``refused`` (rule lease when the run may not go on).
    :raises InvalidInputError: no attempt of that number was made under that lease.
    """

    def write(connection: sqlite3.Connection) -> dict[str, Any]:
        now = platform.clock.now()
        attempt = attempt_table.find(connection, result.attempt, token)
        if attempt is None:
            raise InvalidInputError("attempt", result.attempt, remedy="Give the attempt that phase permit returned.")
        duration = elapsed(attempt.started, now).at_least if result.duration is None else result.duration
        attempt_table.finish(
            connection,
            attempt.number,
            now,
            result.outcome,
            healed=result.healed,
            message=result.message,
            duration=round(duration, 3),
            acted_at=_ago(now, result.verified_for),
            restored_at=_ago(now, result.stable_for),
        )
        phase = f"{attempt.action} of {', '.join(attempt.services)}"
        measurement_table.follow(connection, platform.name, attempt.incident, phase, now.wall, list(result.looks))
        if result.outcome in WITHOUT_EFFECT:
            policy_table.give_back(connection, attempt.number)
        healed = {True: ", healed", False: ", not healed", None: ""}[result.healed]
        message = f"{phase}: {result.outcome}{healed}. {result.message}"
        lease = own_lease(connection, platform, token, now)
        actor = "guard" if lease is None else lease.actor
        tell(connection, attempt.incident, now, actor, "outcome", message, result.evidence)
        if lease is not None:
            keep_lease(connection, lease, now, ttl)
        written = attempt_table.find(connection, result.attempt, token)
        data = {} if written is None else written.to_data()
        return {"changed": False, "attempt": data, "refused": LOST.to_data() if lease is None else None}

    return platform.record.run(write)


def _ago(now: Moment, seconds: float | None) -> float | None:
    return None if seconds is None else now.wall - seconds


def _worsen(
    connection: sqlite3.Connection, known: Incident, permission: Permission, now: Moment, actor: str
) -> Incident:
    """What got worse while it was being healed raises the severity at once, and people hear of it."""
    seen = observe_severity(known, permission.severity, permission.severity_rule, now.wall)
    if seen == known:
        return known
    notice_table.announce(connection, known, seen, now)
    tell(connection, known.id, now, actor, "severity", f"{known.severity} to {seen.severity}: {seen.severity_rule}")
    return incident_table.save(connection, seen)


def _write_intent(
    connection: sqlite3.Connection,
    incident: Incident,
    lease: Lease,
    step: WantedStep,
    permission: Permission,
    approver: str,
    now: Moment,
) -> Attempt:
    intent = Attempt(
        number=0,
        incident=incident.id,
        platform=incident.platform,
        run_id=lease.holder.run_id,
        action=step.action,
        services=step.services,
        tier=step.tier.value,
        digest=step.digest,
        reason=step.reason,
        started=now,
        containers={name: permission.containers[name] for name in step.services if name in permission.containers},
        approved_by=approver,
    )
    attempt = attempt_table.begin(connection, intent, lease.token)
    approved = f", approved by {approver}" if approver else ""
    message = f"{step.action} of {', '.join(step.services)} ({step.tier.value}{approved}): {step.reason}"
    tell(connection, incident.id, now, lease.actor, "intent", message)
    return attempt


def _refuse(
    connection: sqlite3.Connection, incident: Incident, now: Moment, actor: str, step: WantedStep, refusal: Refusal
) -> dict[str, Any]:
    what = f"{step.action} of {', '.join(step.services)}"
    tell(connection, incident.id, now, actor, "refused", f"{what}, by the rule {refusal.rule}: {refusal.message}")
    return {"changed": False, "allowed": False, "refused": refusal.to_data(), "attempt": {}}
