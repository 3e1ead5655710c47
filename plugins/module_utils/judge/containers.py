# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do a service's containers run, and do they keep running? Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.exit_code import explain_exit_code
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Container,
    ServiceFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds

_STATES = {
    "exited": "has stopped",
    "dead": "is dead: Docker could not remove it",
    "created": "was created but never started",
    "restarting": "is being restarted by Docker after a crash",
    "removing": "is being removed",
}


_ENDED_WELL = (("exited", 0, "no"), ("exited", 0, "on-failure"))

_SERVERS = ("postgres", "redis", "rabbitmq", "model_server")


def judge_declared(facts: ServiceFacts) -> tuple[Finding, ...]:
    """The one finding about a service that somebody declared not to be looked after."""
    runs = any(container.running for container in facts.containers)
    if facts.declared == "stopped" and runs:
        message = f"{facts.service} runs although it is declared stopped."
        return (Finding("container.state", facts.service, Status.WARNING, message, step="SC-2"),)
    words = {"stopped": "declared stopped", "ignored": "declared ignored", "maintenance": "in maintenance"}
    message = f"{facts.service} is {words[facts.declared]}, so it is left alone."
    return (Finding("container.state", facts.service, Status.OK, message, value=facts.declared, step="SC-2"),)


def judge_containers(facts: ServiceFacts, thresholds: Thresholds, now: float) -> tuple[Finding, ...]:
    """Findings about a service that has to run.

    :param now: seconds since the epoch.
    """
    if facts.managed:
        message = f"{facts.service} is a managed server: it has no container here."
        return (Finding("service.missing", facts.service, Status.NOT_CONFIGURED, message, step="SC-2"),)
    if not facts.containers:
        return (_missing(facts),)
    return (
        Finding("service.missing", facts.service, Status.OK, f"{facts.service} has its container.", step="SC-2"),
        _state(facts),
        *_exit_codes(facts),
        _paused(facts),
        _health(facts),
        _out_of_memory(facts),
        _restarts(facts, thresholds, now),
        *_limits(facts, thresholds),
        _drift(facts),
    )


def _missing(facts: ServiceFacts) -> Finding:
    status = Status.CRITICAL if facts.expected else Status.WARNING
    message = f"{facts.service} has no container: it was removed or never created."
    return Finding("service.missing", facts.service, status, message, step="SC-2")


def _is_down(container: Container, facts: ServiceFacts) -> bool:
    completed = facts.may_complete and container.state == "exited" and container.exit_code == 0
    return container.state not in ("running", "paused") and not completed


def _looks_done(facts: ServiceFacts) -> bool:
    """Whether this is most likely a job that has ended well, as a migration or an import does, and must not run twice.

    Nobody names it, needs it, can call it or asks after its health, and Docker itself does not start it again.
    """
    if facts.expected or facts.user_facing or facts.kind in _SERVERS:
        return False
    return all(
        (container.state, container.exit_code, container.restart_policy) in _ENDED_WELL
        and not (container.ports or container.health_check or container.oom_killed)
        for container in facts.containers
    )


def _state(facts: ServiceFacts) -> Finding:
    if _looks_done(facts):
        message = (
            f"{facts.service} has ended with exit code 0 and nothing starts it again: a job that is done, as it seems. "
            "Name it in the inventory when it has to run, or declare it there (declared: stopped)."
        )
        return Finding("container.state", facts.service, Status.WARNING, message, "exited", step="SC-2")
    down = [container for container in facts.containers if _is_down(container, facts)]
    if not down:
        return Finding("container.state", facts.service, Status.OK, f"{facts.service} runs.", "running", step="SC-2")
    worst = down[0]
    message = f"{_name(facts, worst)} {_STATES.get(worst.state, f'is in the state {worst.state!r}')}."
    evidence = (worst.error,) if worst.error else ()
    return Finding(
        "container.state", facts.service, Status.CRITICAL, message, worst.state, evidence=evidence, step="SC-2"
    )


def _exit_codes(facts: ServiceFacts) -> tuple[Finding, ...]:
    if _looks_done(facts):
        return ()
    for container in facts.containers:
        if _is_down(container, facts) and container.state != "created":
            reason = explain_exit_code(container.exit_code, oom_killed=container.oom_killed)
            message = f"{_name(facts, container)} ended with exit code {container.exit_code}: {reason}."
            if container.exit_code == 0:
                message += " A job that is meant to end is declared so (declared: stopped)."
            status = Status.WARNING if container.exit_code in (0, 143) else Status.CRITICAL
            return (Finding("container.exit_code", facts.service, status, message, container.exit_code, step="SC-2"),)
    return ()


def _paused(facts: ServiceFacts) -> Finding:
    paused = [container for container in facts.containers if container.state == "paused"]
    if paused:
        message = f"{_name(facts, paused[0])} is paused, and nothing declares that it should be."
        return Finding("container.paused", facts.service, Status.CRITICAL, message, "paused", step="SC-2")
    return Finding("container.paused", facts.service, Status.OK, f"{facts.service} is not paused.", step="SC-2")


def _health(facts: ServiceFacts) -> Finding:
    """Docker's own health check. It lags by one interval, so a good answer over HTTP weighs more."""
    checked = [container for container in facts.containers if container.running and container.health]
    name, service = "container.health", facts.service
    if not checked:
        message = f"{service} has no health check of Docker's, or does not run."
        return Finding(name, service, Status.NOT_CONFIGURED, message, step="SC-2")
    health = facts.health
    answers = health.was_asked and health.path_known and 200 <= (health.status or 0) < 300
    # One that was late at first confirms what Docker has counted.
    answers = answers and health.late_after_ms is None
    for container in sorted(checked, key=lambda item: item.health != "unhealthy"):
        evidence = (container.health_log,) if container.health_log else ()
        if container.health == "unhealthy":
            message = f"Docker's health check of {_name(facts, container)} fails."
            status = Status.WARNING if answers and len(checked) == 1 else Status.CRITICAL
            return Finding(name, service, status, message, container.health, evidence=evidence, step="SC-2")
        if container.health == "starting" and not answers:
            message = f"{_name(facts, container)} is starting: Docker's health check has not passed yet."
            return Finding(name, service, Status.UNKNOWN, message, container.health, evidence=evidence, step="SC-2")
    message = f"Docker's health check of {service} passes."
    return Finding(name, service, Status.OK, message, checked[0].health, step="SC-2")


def _out_of_memory(facts: ServiceFacts) -> Finding:
    name, service = "container.oom", facts.service
    for container in facts.containers:
        used = facts.resources.get(container.id)
        kills = (used.oom_kills or 0) if used else 0
        if container.oom_killed or kills:
            # Docker keeps its mark after an automatic restart: where the service runs again it is history.
            status = Status.WARNING if container.running else Status.CRITICAL
            message = f"{_name(facts, container)} was out of memory and the kernel killed a process of it."
            limit = container.memory_limit
            return Finding(name, service, status, message, float(max(kills, 1)), None, "1", _limit_line(limit), "SC-5")
    return Finding(name, service, Status.OK, f"{service} was not out of memory.", 0.0, None, "1", step="SC-5")


def _limit_line(limit: int | None) -> tuple[str, ...]:
    return (f"memory limit {limit / (1 << 20):.0f} MiB",) if limit else ("no memory limit",)


def _restarts(facts: ServiceFacts, thresholds: Thresholds, now: float) -> Finding:
    count = max(container.restart_count for container in facts.containers)
    limit = thresholds.restart_count
    name, service = "container.restarts", facts.service
    if count < limit:
        message = f"Docker restarted {service} {count} times."
        return Finding(name, service, Status.OK, message, float(count), limit, "1", step="SC-5")
    restarting = any(container.state == "restarting" for container in facts.containers)
    if restarting or facts.age(now) < thresholds.crash_loop_window_s:
        message = f"{service} is in a crash loop: Docker restarted it {count} times."
        return Finding(name, service, Status.CRITICAL, message, float(count), limit, "1", step="SC-5")
    message = f"Docker restarted {service} {count} times since it was last started by hand."
    return Finding(name, service, Status.WARNING, message, float(count), limit, "1", step="SC-5")


def _limits(facts: ServiceFacts, thresholds: Thresholds) -> tuple[Finding, ...]:
    memory = _worst([used.memory_percent for used in facts.resources.values()])
    throttled = _worst([used.throttled_percent for used in facts.resources.values()])
    return (
        _share(facts, "container.memory", memory, thresholds.memory_percent, "of its memory limit is in use"),
        _share(facts, "container.cpu_throttled", throttled, thresholds.throttled_percent, "of its CPU quota periods "
               "were throttled"),
    )  # fmt: skip


def _worst(values: Sequence[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _share(facts: ServiceFacts, name: str, value: float | None, limit: float, what: str) -> Finding:
    if value is None:
        message = f"{facts.service} has no such limit, or it cannot be read from this host."
        return Finding(name, facts.service, Status.NOT_CONFIGURED, message, None, limit, "%", step="SC-5")
    status = Status.WARNING if value > limit else Status.OK
    message = f"{facts.service}: {value:.0f} % {what}."
    return Finding(name, facts.service, status, message, round(value, 1), limit, "%", step="SC-5")


def _drift(facts: ServiceFacts) -> Finding:
    name, service = "container.config_drift", facts.service
    evidence = (facts.drift_reason,) if facts.drift_reason else ()
    if facts.drift is None:
        message = f"It cannot be told whether {service} bears the configuration of the Compose files."
        return Finding(name, service, Status.NOT_CONFIGURED, message, evidence=evidence, step="SC-5")
    if facts.drift:
        message = f"{service} does not bear the configuration that the Compose files say."
        return Finding(name, service, Status.WARNING, message, evidence=evidence, step="SC-5")
    message = f"{service} bears the configuration of the Compose files."
    return Finding(name, service, Status.OK, message, step="SC-5")


def _name(facts: ServiceFacts, container: Container) -> str:
    """The service, or the container where there are several."""
    return facts.service if len(facts.containers) == 1 else container.name
