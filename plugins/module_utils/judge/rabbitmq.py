# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that is judged of a RabbitMQ broker, QB-1 to QB-5 and HL-4. Pure."""

from __future__ import annotations

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_facts import (
    CTL,
    Node,
    RabbitmqFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.rabbitmq_queues import judge_queues


def judge_rabbitmq(facts: RabbitmqFacts, *, exposed: bool = False) -> tuple[Finding, ...]:
    """All findings about one broker.

    :param exposed: True when one of its ports is published on another address than the loopback.
    """
    if facts.starting and not facts.answered:
        message = f"{facts.service} is starting up. A restart would only make that longer."
        return (Finding("rabbitmq.starting", facts.service, Status.CRITICAL, message, step="QB-1"),)
    findings = [_alive(facts)]
    if facts.alive:
        findings.append(_running(facts))
    if facts.answered:
        findings += [_management(facts), *_guest(facts, exposed=exposed), *_alarms(facts)]
        findings += judge_queues(facts)
    return tuple(findings)


def _alive(facts: RabbitmqFacts) -> Finding:
    """QB-1. It proves only that the runtime answers."""
    name, service = "rabbitmq.alive", facts.service
    if facts.alive:
        return Finding(name, service, Status.OK, f"The runtime of {service} answers.", step="QB-1")
    evidence = (facts.error,) if facts.error else ()
    if facts.alive is None:
        message = f"Whether {service} is alive cannot be told."
        return Finding(name, service, Status.UNKNOWN, message, evidence=evidence, step="QB-1")
    what = "does not answer a ping" if facts.state == "running" else f"does not run: its container is {facts.state}"
    return Finding(name, service, Status.CRITICAL, f"{service} {what}.", facts.state, evidence=evidence, step="QB-1")


def _running(facts: RabbitmqFacts) -> Finding:
    """Alive is not running: the application may be stopped in a runtime that answers."""
    name, service = "rabbitmq.running", facts.service
    down = [node.name for node in facts.nodes if not node.running]
    if facts.answered and not down:
        return Finding(name, service, Status.OK, f"{service} runs ({facts.via}).", step="QB-1")
    what = f"its node {', '.join(down)} does not run" if down else "its runtime answers, but the broker does not run"
    evidence = (facts.error,) if facts.error else ()
    return Finding(name, service, Status.CRITICAL, f"{service} is down: {what}.", evidence=evidence, step="QB-1")


def _management(facts: RabbitmqFacts) -> Finding:
    name, service = "rabbitmq.management", facts.service
    if not facts.via.startswith(CTL):
        return Finding(name, service, Status.OK, f"The management API of {service} answers.", facts.via, step="QB-2")
    why = f" ({facts.bypassed.rstrip('.')})" if facts.bypassed else ""
    message = f"The management API of {service} cannot be used{why}; rabbitmqctl was asked in its place."
    evidence = (facts.bypassed,) if facts.bypassed else ()
    return Finding(name, service, Status.WARNING, message, facts.via, evidence=evidence, step="QB-2")


def _guest(facts: RabbitmqFacts, *, exposed: bool) -> list[Finding]:
    name, service = "rabbitmq.guest", facts.service
    if facts.guest is None:
        message = f"Whether {service} takes the default user guest was not tried: probes that log in are switched off."
        return [Finding(name, service, Status.NOT_CONFIGURED, message, step="QB-2")]
    if not facts.guest:
        message = f"{service} takes the default user guest from nowhere but its own loopback."
        return [Finding(name, service, Status.OK, message, step="QB-2")]
    where = "other hosts" if exposed else "this host and every container of its networks"
    message = f"{service} takes the default user guest with its default password from {where}."
    evidence = ("Set RABBITMQ_DEFAULT_USER and RABBITMQ_DEFAULT_PASS, or leave loopback_users as it is by default.",)
    return [Finding(name, service, Status.WARNING, message, evidence=evidence, step="QB-2")]


def _alarms(facts: RabbitmqFacts) -> list[Finding]:
    return [finding for node in facts.nodes[:1] for finding in (*_memory(facts, node), _disk(facts, node))]


def _memory(facts: RabbitmqFacts, node: Node) -> list[Finding]:
    name, service = "rabbitmq.memory_alarm", facts.service
    used, limit = _float(node.memory_used), _float(node.memory_limit)
    if not node.memory_alarm:
        message = f"{service} has no memory alarm."
        return [Finding(name, service, Status.OK, message, used, limit, "bytes", step="QB-1")]
    message = f"The memory alarm of {service} is on: {_size(used)} of {_size(limit)} in use, publishers blocked."
    found = [Finding(name, service, Status.CRITICAL, message, used, limit, "bytes", step="QB-1")]
    wanted = _float(facts.configured_limit)
    if wanted and limit and abs(wanted - limit) > 0.01 * wanted and (used or 0.0) < wanted:
        message = (
            f"The memory limit of {service} was set to {_size(limit)} while it ran; its configuration says "
            f"{_size(wanted)}, which would be enough."
        )
        found.append(
            Finding("rabbitmq.memory_limit", service, Status.CRITICAL, message, limit, wanted, "bytes", step="QB-1")
        )
    return found


def _disk(facts: RabbitmqFacts, node: Node) -> Finding:
    name, service = "rabbitmq.disk_alarm", facts.service
    free, limit = _float(node.disk_free), _float(node.disk_limit)
    if not node.disk_alarm:
        message = f"{service} has no disk alarm."
        return Finding(name, service, Status.OK, message, free, limit, "bytes", step="QB-1")
    message = (
        f"The disk alarm of {service} is on: {_size(free)} are free, {_size(limit)} must be; publishers are blocked "
        "until the disk has room (scenario disk_space)."
    )
    return Finding(name, service, Status.CRITICAL, message, free, limit, "bytes", step="QB-1")


def _float(value: int | None) -> float | None:
    return None if value is None else float(value)


def _size(value: float | None) -> str:
    return "an unknown amount" if value is None else f"{value / 1e6:,.0f} MB"
