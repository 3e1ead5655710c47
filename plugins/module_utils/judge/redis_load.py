# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HL-2: Redis's memory, clients, slow commands and saving, as far as they explain a latency. Pure."""

from __future__ import annotations

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_facts import (
    RedisFacts,
    Server,
    Write,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds

_EVIDENCE = 5


def judge_load(facts: RedisFacts, thresholds: Thresholds) -> list[Finding]:
    """Findings about a server that answered INFO; never more than warnings."""
    server = facts.server
    if server is None:
        return []
    return [
        *_memory(facts, server, thresholds),
        _clients(facts, server, thresholds),
        *_saving(facts, server),
        _slow(facts, thresholds),
        *_spikes(facts, thresholds),
    ]


def _memory(facts: RedisFacts, server: Server, thresholds: Thresholds) -> list[Finding]:
    name, service, limit = "redis.memory", facts.service, thresholds.redis_memory_percent
    if facts.write is Write.NO_MEMORY:
        return []  # judged with the refused write
    percent = server.memory.percent
    if percent is None:
        message = f"{service} has no maxmemory: it grows until the container or the host has no more."
        return [Finding(name, service, Status.NOT_CONFIGURED, message, None, limit, "%", step="HL-2")]
    if percent >= 100.0 and server.memory.policy == "noeviction" and facts.write is Write.SKIPPED:
        return []  # judged without a write
    evicts = server.memory.policy not in ("", "noeviction")
    status = Status.WARNING if percent > limit and not evicts else Status.OK
    message = f"{service} uses {percent:.0f} % of its maxmemory (policy {server.memory.policy or 'unknown'})."
    return [Finding(name, service, status, message, round(percent, 1), limit, "%", step="HL-2")]


def _clients(facts: RedisFacts, server: Server, thresholds: Thresholds) -> Finding:
    name, service, limit = "redis.clients", facts.service, thresholds.redis_clients_percent
    if not server.most_clients:
        message = f"{service} has {server.clients} clients."
        return Finding(name, service, Status.NOT_CONFIGURED, message, None, limit, "%", step="HL-2")
    percent = 100.0 * server.clients / server.most_clients
    status = Status.WARNING if percent > limit else Status.OK
    message = f"{service} has {server.clients} of at most {server.most_clients} clients."
    return Finding(name, service, status, message, round(percent, 1), limit, "%", step="HL-2")


def _saving(facts: RedisFacts, server: Server) -> list[Finding]:
    name, service = "redis.saving", facts.service
    if facts.write is Write.NOT_SAVED:
        return []  # judged with the refused write
    if server.last_save_ok:
        return [Finding(name, service, Status.OK, f"The last save of {service} ended well.", "ok", step="HL-2")]
    message = f"The last save of {service} to its disk failed; {server.changes} changes are in memory only."
    return [Finding(name, service, Status.WARNING, message, "failed", step="HL-2")]


def _slow(facts: RedisFacts, thresholds: Thresholds) -> Finding:
    name, service, limit = "redis.slow_commands", facts.service, thresholds.redis_command_ms
    slow = [item for item in facts.slow if item.ms > limit and item.age <= thresholds.log_window_s]
    if not slow:
        message = f"The slow log of {service} shows nothing recent above {limit:.0f} ms."
        return Finding(name, service, Status.OK, message, None, limit, "ms", step="HL-2")
    count = "1 command" if len(slow) == 1 else f"{len(slow)} commands"
    message = f"The slow log of {service} shows {count} above {limit:.0f} ms; nobody else is answered meanwhile."
    evidence = tuple(
        f"{item.ms:,.0f} ms, {item.age:.0f} s ago{_by(item.service)}: {item.text}" for item in slow[:_EVIDENCE]
    )
    return Finding(name, service, Status.WARNING, message, round(slow[0].ms, 1), limit, "ms", evidence, "HL-2")


def _by(service: str) -> str:
    return f", by {service}" if service else ""


def _spikes(facts: RedisFacts, thresholds: Thresholds) -> list[Finding]:
    limit = thresholds.redis_command_ms
    recent = [item for item in facts.spikes if item.ms > limit and item.age <= thresholds.log_window_s]
    if not recent:
        return []
    first = recent[0]
    message = f"{facts.service} was held up for {first.ms:.0f} ms ({first.event}), by its own latency monitor."
    evidence = tuple(f"{item.event}: {item.ms:.0f} ms, {item.age:.0f} s ago" for item in recent[:_EVIDENCE])
    return [
        Finding("redis.latency_spikes", facts.service, Status.WARNING, message, first.ms, limit, "ms", evidence, "HL-2")
    ]
