# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HL-2: does Redis answer, take writes, and has it room? Pure."""

from __future__ import annotations

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_facts import (
    MANAGED,
    Answer,
    Persistence,
    RedisFacts,
    Server,
    Write,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.redis_load import judge_load

_NO_FAILOVER = ("", "no-failover")
_BY_COMMAND = ("", "none", "client_pause")
"""Reasons of a pause that somebody's command has, or that are not told."""

_WORDS = {
    Answer.NOT_RUNNING: "its container does not run",
    Answer.HELD: "no answer came in time",
    Answer.BUSY: "it is busy",
    Answer.STOPPED: "no answer came in time",
    Answer.TIMED_OUT: "no answer came in time",
    Answer.LOADING: "it is loading its data",
    Answer.AUTHENTICATION: "it wants another password (redis.password_file, and redis.user where it has ACL users)",
    Answer.REFUSED: "connections are refused: nothing listens there",
    Answer.NO_CLIENT: "there is no redis-cli in its container",
    Answer.FAILED: "the check failed",
}
_UNTOLD = (Answer.AUTHENTICATION, Answer.NO_CLIENT, Answer.FAILED)
_CAUSES = {
    Answer.HELD: (
        "redis.commands_held",
        "holds every command back while its process is idle, as after CLIENT PAUSE ALL",
    ),
    Answer.BUSY: ("redis.busy", "is kept busy by a script or a command that does not end"),
    Answer.STOPPED: ("redis.process_stopped", "is stopped by a signal (state T)"),
    Answer.LOADING: ("redis.loading", "is loading its data and takes no commands yet"),
}


def judge_redis(facts: RedisFacts, thresholds: Thresholds) -> tuple[Finding, ...]:
    """All findings about one server."""
    found = [*_answers(facts), *_writes(facts), *judge_load(facts, thresholds)]
    # What cannot be told is no reason for a restart.
    trouble = next((finding.message for finding in found if finding.status is Status.CRITICAL), "")
    return (*found, _loss(facts, trouble))


def _answers(facts: RedisFacts) -> list[Finding]:
    """A PING decides, and a second finding names the cause where a remedy depends on it."""
    name, service = "redis.answers", facts.service
    if facts.answer is Answer.OK:
        return [Finding(name, service, Status.OK, f"{service} answers a PING ({facts.via}).", "ok", step="HL-2")]
    status = Status.UNKNOWN if facts.answer in _UNTOLD else Status.CRITICAL
    message = f"{service} does not answer a PING: {_WORDS[facts.answer]}."
    evidence = (facts.error,) if facts.error else ()
    found = [Finding(name, service, status, message, facts.answer.value, evidence=evidence, step="HL-2")]
    if facts.answer in _CAUSES:
        cause, words = _CAUSES[facts.answer]
        found.insert(0, Finding(cause, service, status, f"{service} {words}.", facts.answer.value, step="HL-2"))
    return found


def _writes(facts: RedisFacts) -> list[Finding]:
    """A real write decides: PING stays fine while writes are held back or refused."""
    if facts.answer is not Answer.OK:
        return []
    name, service, evidence = "redis.write", facts.service, (facts.write_error,) if facts.write_error else ()
    if facts.write is Write.OK:
        return [Finding(name, service, Status.OK, f"{service} takes writes.", "ok", step="HL-2")]
    if facts.write is Write.SKIPPED:
        return _read_off(facts)
    if facts.write is Write.HELD:
        return _held(facts)
    if facts.write is Write.NO_MEMORY:
        return [_no_memory(facts, evidence), *_makes_room(facts)]
    if facts.write is Write.NOT_SAVED:
        message = f"{service} refuses writes, because it cannot save to its disk (MISCONF)."
        return [Finding("redis.saving", service, Status.CRITICAL, message, "misconf", evidence=evidence, step="HL-2")]
    if facts.write is Write.READ_ONLY:
        message = f"{service} refuses writes: it is a replica."
        return [
            Finding("redis.read_only", service, Status.CRITICAL, message, "replica", evidence=evidence, step="HL-2")
        ]
    message = f"{service} refuses the write of this check."
    return [Finding(name, service, Status.UNKNOWN, message, "refused", evidence=evidence, step="HL-2")]


def _read_off(facts: RedisFacts) -> list[Finding]:
    """What can be told of writes without writing: check mode, or writing probes are switched off."""
    server, service = facts.server, facts.service
    if server is not None and _is_full(server):
        return [_no_memory(facts, ()), *_makes_room(facts)]
    if server is not None and server.held == "write":
        return _held(facts)
    if server is not None and server.blocked_clients:
        # Blocking reads (BLPOP, XREAD) block clients as well: without a write it cannot be told.
        message = f"{service} has {_clients(server.blocked_clients)} that wait; no write was tried to tell why."
        return [Finding("redis.write", service, Status.WARNING, message, "skipped", step="HL-2")]
    message = f"No write was tried on {service}."
    return [Finding("redis.write", service, Status.NOT_CONFIGURED, message, "skipped", step="HL-2")]


def _is_full(server: Server) -> bool:
    memory = server.memory
    return memory.policy == "noeviction" and memory.percent is not None and memory.percent >= 100.0


def _held(facts: RedisFacts) -> list[Finding]:
    """A write that got no answer, or a server that says so itself."""
    server, service = facts.server or Server(), facts.service
    if server.failover not in _NO_FAILOVER or server.held_for not in _BY_COMMAND:
        why = server.held_for if server.failover in _NO_FAILOVER else server.failover
        message = f"{service} holds writes back by itself, during a failover or the like ({why})."
        return [Finding("redis.failover", service, Status.CRITICAL, message, why, step="HL-2")]
    message = f"{service} answers a PING but holds every write back (CLIENT PAUSE WRITE)."
    evidence = (
        "a SET of this check got no answer" if facts.write is Write.HELD else "",
        f"{_clients(server.blocked_clients)} waiting before that" if server.blocked_clients else "",
        f"by its own word for {server.held_ms / 1000:,.0f} s more" if server.held_ms else "",
    )
    told = tuple(line for line in evidence if line)
    return [Finding("redis.writes_held", service, Status.CRITICAL, message, "held", evidence=told, step="HL-2")]


def _no_memory(facts: RedisFacts, evidence: tuple[str, ...]) -> Finding:
    memory = facts.server.memory if facts.server else None
    percent = memory.percent if memory else None
    value = None if percent is None else round(percent, 1)
    shown = (*evidence, *_memory_lines(facts))
    message = f"{facts.service} has reached maxmemory and refuses writes; reads go on."
    return Finding("redis.memory", facts.service, Status.CRITICAL, message, value, 100.0, "%", shown, "HL-2")


def _memory_lines(facts: RedisFacts) -> tuple[str, ...]:
    if facts.server is None:
        return ()
    memory = facts.server.memory
    limit = "no limit" if memory.limit is None else f"of {memory.limit / (1 << 20):,.0f} MiB"
    keys = f"{facts.keys:,} keys in database {facts.database}" if facts.keys is not None else ""
    return tuple(
        line
        for line in (
            f"{memory.used / (1 << 20):,.0f} MiB {limit}, policy {memory.policy or 'unknown'}",
            f"{memory.evicted:,} keys evicted since the start",
            keys,
        )
        if line
    )


def _makes_room(facts: RedisFacts) -> list[Finding]:
    """What may be thrown away, by declaration alone."""
    found, service = [], facts.service
    if facts.disposable_prefixes:
        words = ", ".join(facts.disposable_prefixes)
        message = f"{service} is full, and its keys that begin with {words} are declared disposable."
        found.append(Finding("redis.disposable_keys", service, Status.CRITICAL, message, words, step="HL-6"))
    if facts.cache:
        message = f"{service} is full, and its database {facts.database} is declared a cache."
        value = None if facts.keys is None else float(facts.keys)
        found.append(Finding("redis.cache_full", service, Status.CRITICAL, message, value, None, "1", step="HL-6"))
    return found


def _loss(facts: RedisFacts, trouble: str) -> Finding:
    """What a restart would lose. News only where a restart may come: else every cache would bear a warning for ever.

    :param trouble: the sentence of what is wrong, empty when nothing certainly is.
    """
    name, service, kept = "redis.volatile", facts.service, facts.known_persistence
    if trouble and facts.state == MANAGED:
        message = f"{service} is a managed server: it cannot be restarted from here. Turn to whoever runs it."
        return Finding("redis.managed", service, Status.WARNING, message, MANAGED, step="HL-6")
    if kept in (Persistence.AOF, Persistence.RDB):
        message = f"{service} saves to its disk ({kept.value.upper()}): its keys survive a restart."
        return Finding(name, service, Status.OK, message, kept.value, step="HL-6")
    known = kept is Persistence.NONE
    loss = f"A restart of {service} would lose every key."
    if not known:
        loss = f"Whether the keys of {service} survive a restart cannot be told."
    if trouble:
        return Finding(name, service, Status.WARNING, f"{trouble} {loss}", kept.value, step="HL-6")
    status = Status.OK if known else Status.NOT_CONFIGURED
    return Finding(name, service, status, loss, kept.value, step="HL-6")


def _clients(count: int) -> str:
    return "1 client" if count == 1 else f"{count} clients"
