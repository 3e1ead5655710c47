# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MS-1: does the server infer, and where does a time-out come from: the server, the network or the client?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import (
    Attempt,
    ModelServerFacts,
    Outcome,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import ServiceFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import HealthSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.http_health import judge_http_health

_WORDS = {
    Outcome.UNRESOLVED: "its name is not resolved",
    Outcome.REFUSED: "it refuses the connection",
    Outcome.UNREACHABLE: "it cannot be reached",
    Outcome.CONNECT_TIMED_OUT: "no connection is made before the deadline",
    Outcome.ANSWER_TIMED_OUT: "the connection is made, but no answer comes before the deadline",
    Outcome.BROKEN: "the answer breaks off or is not HTTP",
}
_NETWORK = (Outcome.UNRESOLVED, Outcome.UNREACHABLE, Outcome.CONNECT_TIMED_OUT, Outcome.REFUSED)


def judge_health(
    service: ServiceFacts,
    facts: ModelServerFacts,
    settings: HealthSettings,
    thresholds: Thresholds,
    now: float,
    *,
    excuse: str,
) -> Finding:
    """``model_server.health``: whether the server says that it is ready, judged as every service's health is."""
    if not facts.runs:
        return _finding("health", facts, Status.UNKNOWN, f"{facts.service} was not asked: it is {facts.state}.")
    running = tuple(container for container in service.containers if container.running)
    seen = replace(service, containers=running, health=facts.readiness)
    finding = replace(judge_http_health(seen, settings, thresholds, now)[0], id="model_server.health", step="MS-1")
    return _excused(finding, excuse) if finding.status is Status.CRITICAL else finding


def judge_canary(facts: ModelServerFacts, limit_ms: float, *, configured: bool, excuse: str) -> Finding:
    """``model_server.canary``: the inference from this host; value and limit in milliseconds.

    :param excuse: why a missing answer is no fault yet, or an empty string.
    """
    attempt = facts.canary
    if not configured:
        text = f"No canary inference is configured for {facts.service}."
        return _finding("canary", facts, Status.NOT_CONFIGURED, text)
    if not facts.runs:
        return _finding("canary", facts, Status.UNKNOWN, f"No inference was tried: {facts.service} is {facts.state}.")
    if not attempt.was_tried:
        reason = attempt.error or "there is no way to it"
        return _finding("canary", facts, Status.UNKNOWN, f"No inference of {facts.service} could be tried: {reason}.")
    if not attempt.succeeded:
        text = f"An inference of {facts.service} fails: {describe(attempt)}."
        return _excused(_finding("canary", facts, Status.CRITICAL, text, attempt=attempt, limit=limit_ms), excuse)
    took = attempt.latency_ms or 0.0
    if took > limit_ms:
        text = f"An inference of {facts.service} takes {took:.0f} ms, more than {limit_ms:.0f} ms."
        return _finding("canary", facts, Status.CRITICAL, text, attempt=attempt, limit=limit_ms)
    if attempt.late_after_ms is not None:
        text = f"An inference of {facts.service} takes {took:.0f} ms, but {_only_again(attempt)}."
        return _finding("canary", facts, Status.WARNING, text, attempt=attempt, limit=limit_ms)
    text = f"An inference of {facts.service} takes {took:.0f} ms."
    return _finding("canary", facts, Status.OK, text, attempt=attempt, limit=limit_ms)


def judge_callers(facts: ModelServerFacts, limit_ms: float, *, configured: bool, excuse: str) -> Finding:
    """``model_server.canary_from_caller``: the worst of the callers, and whose fault a time-out is."""
    what = "canary_from_caller"
    if not configured:
        return _finding(what, facts, Status.NOT_CONFIGURED, f"No canary inference is configured for {facts.service}.")
    tried = [attempt for attempt in facts.callers if attempt.was_tried]
    if not facts.runs:
        return _finding(what, facts, Status.UNKNOWN, f"No inference was tried: {facts.service} is {facts.state}.")
    if not tried:
        reasons = [attempt.error for attempt in facts.callers if attempt.error]
        reason = reasons[0] if reasons else "no calling service runs on its network"
        text = f"No inference could be tried from a caller's network: {reason}."
        return _finding(what, facts, Status.NOT_CONFIGURED, text)
    worst = _worst(tried, limit_ms)
    if worst.succeeded:
        return _judge_callers_in_time(facts, worst, limit_ms)
    text = f"{_blame(facts, worst)} (from {worst.vantage}: {describe(worst)})"
    finding = _finding(what, facts, Status.CRITICAL, text, attempt=worst, limit=limit_ms, shown=tried)
    return _excused(finding, excuse)


def _excused(finding: Finding, excuse: str) -> Finding:
    """With an excuse it is no fault yet, and not well either: nothing is healed, and nothing is called healed."""
    if not excuse:
        return finding
    return replace(finding, status=Status.UNKNOWN, message=f"{finding.message.rstrip('.')}; {excuse}.")


def describe(attempt: Attempt) -> str:
    """How an attempt without success ended, in words."""
    if attempt.outcome is Outcome.ANSWERED:
        return f"it answers with HTTP {attempt.status}"
    words = _WORDS.get(attempt.outcome, "it was not tried")
    return f"{words} ({attempt.error.rstrip('.')})" if attempt.outcome is Outcome.BROKEN and attempt.error else words


def _only_again(attempt: Attempt) -> str:
    return f"only when it is tried again: the first was late ({attempt.late_after_ms:.0f} ms)"


def _judge_callers_in_time(facts: ModelServerFacts, worst: Attempt, limit_ms: float) -> Finding:
    took = worst.latency_ms or 0.0
    if took > limit_ms:
        text = (
            f"Client time-out: {facts.service} answers {worst.vantage} after {took:.0f} ms; "
            f"a caller that waits less, or no more than {limit_ms:.0f} ms, gives up."
        )
        return _finding("canary_from_caller", facts, Status.WARNING, text, attempt=worst, limit=limit_ms)
    if worst.late_after_ms is not None:
        text = f"{facts.service} answers {worst.vantage} after {took:.0f} ms, but {_only_again(worst)}."
        return _finding("canary_from_caller", facts, Status.WARNING, text, attempt=worst, limit=limit_ms)
    text = (
        f"From {worst.vantage}'s network an inference takes {took:.0f} ms: "
        "neither server nor network explains a time-out there, only the client's own limit would."
    )
    return _finding("canary_from_caller", facts, Status.OK, text, attempt=worst, limit=limit_ms)


def _blame(facts: ModelServerFacts, attempt: Attempt) -> str:
    """Server, network or client: told by comparing what the host and the caller saw."""
    host, service, caller = facts.canary, facts.service, attempt.vantage
    if host.succeeded and attempt.outcome in _NETWORK:
        return f"Network: {service} infers when asked from the host, but {caller} does not get through to it."
    if host.succeeded:
        return f"Between host and {caller}: {service} infers when asked from the host, but not when {caller} asks."
    if attempt.outcome is Outcome.ANSWER_TIMED_OUT:
        return f"Server time-out: {service} accepts the connection of {caller} and never answers."
    if attempt.outcome is Outcome.ANSWERED:
        return f"Server: {service} answers {caller}, but refuses to infer."
    return f"Server: {service} infers neither for the host nor for {caller}."


def _worst(attempts: Sequence[Attempt], limit_ms: float) -> Attempt:
    def badness(attempt: Attempt) -> tuple[bool, bool, float]:
        took = attempt.latency_ms or 0.0
        return not attempt.succeeded, took > limit_ms, max(took, attempt.late_after_ms or 0.0)

    return max(attempts, key=badness)


def _finding(
    what: str,
    facts: ModelServerFacts,
    status: Status,
    text: str,
    *,
    attempt: Attempt | None = None,
    limit: float | None = None,
    shown: Sequence[Attempt] = (),
) -> Finding:
    shown = shown or ([attempt] if attempt is not None and status is not Status.OK else [])
    return Finding(
        f"model_server.{what}",
        facts.service,
        status,
        text,
        value=round(attempt.latency_ms, 1) if attempt is not None and attempt.latency_ms is not None else None,
        limit=limit,
        unit="ms" if attempt is not None else "",
        evidence=tuple(_line(item) for item in shown),
        step="MS-1",
    )


def _line(attempt: Attempt) -> str:
    told = attempt.text or ("" if attempt.answer is None else str(attempt.answer))
    status = f" HTTP {attempt.status}" if attempt.status is not None else ""
    took = f" after {attempt.latency_ms:.0f} ms" if attempt.latency_ms is not None else ""
    via = f" ({attempt.via})" if attempt.via else ""
    return f"from {attempt.vantage}{via}: {attempt.outcome.value}{status}{took} {told[:200]}".rstrip()
