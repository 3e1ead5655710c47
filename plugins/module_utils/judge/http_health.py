# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is a service's answer on its health path a good one? Pure."""

from __future__ import annotations

import json
from dataclasses import replace

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    HttpHealth,
    ServiceFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import HealthSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds

NAME = "http.health"
_DEADLINE = "deadline"
_REDIRECT = "redirect"


def judge_http_health(
    facts: ServiceFacts, settings: HealthSettings, thresholds: Thresholds, now: float
) -> tuple[Finding, ...]:
    """One finding about a service that runs; none about one that does not, which its state tells already.

    :param now: seconds since the epoch.
    """
    health = facts.health
    if not any(container.running for container in facts.containers):
        return ()
    if not health.was_asked:
        return (_not_asked(facts),)
    finding = _judge_answer(facts, health, settings, thresholds)
    grace = max(facts.start_period, thresholds.start_grace_s)
    if finding.status is Status.CRITICAL and facts.age(now) < grace:
        message = f"{facts.service} was started {facts.age(now):.0f} s ago and is not ready yet. {finding.message}"
        finding = replace(finding, status=Status.UNKNOWN, message=message)
    return (finding,)


def _not_asked(facts: ServiceFacts) -> Finding:
    way = "Docker's own health check" if facts.health.via == "docker" else "its process"
    message = f"{facts.service} is not asked over HTTP; {way} is what tells of its health."
    evidence = (facts.health.bypassed,) if facts.health.bypassed else ()
    return Finding(NAME, facts.service, Status.NOT_CONFIGURED, message, evidence=evidence, step="SC-4")


def _judge_answer(facts: ServiceFacts, health: HttpHealth, settings: HealthSettings, thresholds: Thresholds) -> Finding:
    service, where = facts.service, f"{health.url} ({health.via})"
    if health.failure:
        return _judge_failure(service, health, where)
    if not _is_good(health.status, settings, path_known=health.path_known):
        message = f"{service} answers with HTTP status {health.status} on {where}."
        return _finding(service, Status.CRITICAL, message, health)
    limit, latency = thresholds.http_latency_ms, health.latency_ms or 0.0
    if health.late_after_ms is not None:
        message = (
            f"{service} is healthy, but only when it is asked again: at first it gave no complete answer within "
            f"{health.late_after_ms:.0f} ms on {where}."
        )
        evidence = (*([health.bypassed] if health.bypassed else []), *_evidence(health))
        late = replace(_finding(service, Status.WARNING, message, health, limit), evidence=evidence)
        return replace(late, value=round(health.late_after_ms, 1))
    if latency > limit:
        message = f"{service} is healthy but needs {latency:.0f} ms to say so on {where}."
        return _finding(service, Status.WARNING, message, health, limit)
    if health.truncated:
        message = f"{service} answers on {where} with more than a health check should say; the rest was not read."
        return _finding(service, Status.WARNING, message, health, limit)
    if health.bypassed and health.via == "exec":
        message = f"{service} is healthy inside its container, but not reachable from this host."
        return replace(
            _finding(service, Status.WARNING, message, health, limit), evidence=(health.bypassed, *_evidence(health))
        )
    guess = "" if health.path_known else " (the path is a guess: name it in the inventory)"
    message = f"{service} answers with HTTP status {health.status} on {where}{guess}."
    return _finding(service, Status.OK, message, health, limit)


def _judge_failure(service: str, health: HttpHealth, where: str) -> Finding:
    said = health.error[:1].lower() + health.error[1:].rstrip(".")
    message = f"{service} does not answer on {where}: {said}."
    if health.failure == _REDIRECT:
        message = f"{service} redirects {where} to another place, so its health cannot be told: {said}."
    # On a port that nobody named, silence may only mean that it speaks something else.
    status = Status.CRITICAL if health.path_known else Status.UNKNOWN
    return _finding(service, status, message, health)


def _is_good(status: int | None, settings: HealthSettings, *, path_known: bool) -> bool:
    if status is None:
        return False
    if settings.statuses:
        return status in settings.statuses
    return 200 <= status < (300 if path_known else 500)


def _finding(service: str, status: Status, message: str, health: HttpHealth, limit: float | None = None) -> Finding:
    value = None if health.failure == _DEADLINE or health.latency_ms is None else round(health.latency_ms, 1)
    evidence = () if status is Status.OK else _evidence(health)
    return Finding(NAME, service, status, message, value, limit, "ms", evidence, "SC-4")


def _evidence(health: HttpHealth) -> tuple[str, ...]:
    said = json.dumps(health.body, ensure_ascii=False)[:300] if health.body is not None else health.text
    return (said,) if said else ()
