# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts from what Redis answers to INFO, CONFIG GET, SLOWLOG GET and LATENCY LATEST. Pure.

Sources: https://redis.io/docs/latest/commands/info/, slowlog-get/ and latency-latest/.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_facts import (
    CommandCost,
    Memory,
    Persistence,
    Server,
    SlowCommand,
    Spike,
    Write,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_reply import RedisError, Reply

_MOST_COSTS = 5
_MOST_DIGITS = 20
_REFUSALS = {"OOM": Write.NO_MEMORY, "MISCONF": Write.NOT_SAVED, "READONLY": Write.READ_ONLY}


def read_info(reply: Reply) -> Server | None:
    """The server, None when it did not answer INFO."""
    fields = read_info_fields(reply)
    if "redis_version" not in fields:
        return None
    limit = _whole(fields, "maxmemory")
    return Server(
        version=fields["redis_version"],
        uptime_s=float(_whole(fields, "uptime_in_seconds")),
        role=fields.get("role", ""),
        failover=fields.get("master_failover_state", ""),
        loading=_whole(fields, "loading") > 0,
        clients=_whole(fields, "connected_clients"),
        blocked_clients=_whole(fields, "blocked_clients"),
        most_clients=_whole(fields, "maxclients"),
        memory=Memory(
            used=_whole(fields, "used_memory"),
            limit=limit or None,
            policy=fields.get("maxmemory_policy", ""),
            fragmentation=_fraction(fields.get("mem_fragmentation_ratio")),
            evicted=_whole(fields, "evicted_keys"),
        ),
        hits=_whole(fields, "keyspace_hits"),
        misses=_whole(fields, "keyspace_misses"),
        changes=_whole(fields, "rdb_changes_since_last_save"),
        last_save_ok=_saved_well(fields),
        keys={name[2:]: _pairs(value).get("keys", 0) for name, value in fields.items() if _is_database(name)},
        held_ms=_whole(fields, "paused_timeout_milliseconds") or None,
        held=fields.get("paused_actions", ""),
        held_for=fields.get("paused_reason", ""),
        costs=_costs(fields),
    )


def read_info_fields(reply: Reply) -> dict[str, str]:
    """Name -> value of an answer to INFO; nothing when it is none."""
    lines = reply.splitlines() if isinstance(reply, str) else []
    return {name: value.strip() for name, colon, value in (line.partition(":") for line in lines) if colon}


def read_persistence(info: Reply, config: Reply) -> Persistence:
    """What is left after a restart.

    :param config: the answer to ``CONFIG GET save``; a managed server refuses it.
    """
    if isinstance(info, str) and "aof_enabled:1" in info.split():
        return Persistence.AOF
    if not isinstance(info, str) or not isinstance(config, list) or len(config) != 2:
        return Persistence.UNKNOWN
    return Persistence.RDB if str(config[1]).strip() else Persistence.NONE


def read_write(reply: Reply, *, wanted: bool, answered: bool) -> Write:
    """What became of the write.

    :param wanted: False when it was not tried.
    :param answered: False when no answer came in time, though the server answered what was asked before.
    """
    if not wanted:
        return Write.SKIPPED
    if not answered:
        return Write.HELD
    if isinstance(reply, RedisError):
        return _REFUSALS.get(reply.code, Write.REFUSED)
    return Write.OK if reply == "OK" else Write.REFUSED


def read_slow_log(
    reply: Reply, now: float, services: Mapping[str, str], line: Callable[[str], str]
) -> tuple[SlowCommand, ...]:
    """The entries of the slow log, slowest first.

    :param services: client address -> Compose service.
    :param line: redacts one line.
    """
    found = [_slow(entry, now, services, line) for entry in reply] if isinstance(reply, list) else []
    return tuple(sorted((item for item in found if item), key=lambda item: -item.ms))


def _slow(entry: Reply, now: float, services: Mapping[str, str], line: Callable[[str], str]) -> SlowCommand | None:
    if not isinstance(entry, list) or len(entry) < 4 or not isinstance(entry[3], list) or not entry[3]:
        return None
    words = [str(word) for word in entry[3]]
    address = str(entry[4]).rpartition(":")[0].strip("[]") if len(entry) > 4 else ""
    at, micros = entry[1], entry[2]
    if not isinstance(at, int) or not isinstance(micros, int):
        return None
    return SlowCommand(line(_shape(words)), micros / 1000.0, max(0.0, now - at), services.get(address, ""))


def _shape(words: list[str]) -> str:
    """A command without values: ``SET session:… (3 arguments)``. A script's text is not shown either."""
    count = len(words) - 1
    name = words[0].upper() if words[0].isalnum() else "?"
    key = ""
    if count and name not in ("EVAL", "EVALSHA", "AUTH", "HELLO", "CONFIG", "ACL", "SCRIPT", "FUNCTION"):
        first, colon, _rest = words[1].partition(":")
        key = f" {first}:…" if colon and first.isidentifier() and len(first) <= 32 else " …"
    return f"{name}{key} ({count} {'argument' if count == 1 else 'arguments'})"


def read_spikes(reply: Reply, now: float) -> tuple[Spike, ...]:
    """The events of the latency monitor, worst first; none when it is not switched on."""
    found = (_spike(entry, now) for entry in reply) if isinstance(reply, list) else ()
    return tuple(sorted((item for item in found if item), key=lambda item: -item.ms))


def _spike(entry: Reply, now: float) -> Spike | None:
    if not isinstance(entry, list) or len(entry) < 4 or not all(isinstance(value, int) for value in entry[1:4]):
        return None
    return Spike(str(entry[0])[:40], float(entry[2]), float(entry[3]), max(0.0, now - entry[1]))


def _whole(fields: Mapping[str, str], name: str) -> int:
    return _number(fields.get(name, "").strip()) or 0


def _number(text: str) -> int | None:
    """A whole number as Redis writes it, else None; Python refuses to read a very long one."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None


def _fraction(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _saved_well(fields: Mapping[str, str]) -> bool:
    names = ("rdb_last_bgsave_status", "aof_last_write_status", "aof_last_bgrewrite_status")
    return all(fields.get(name, "ok").strip() == "ok" for name in names)


def _is_database(name: str) -> bool:
    return name.startswith("db") and name[2:].isdecimal()


def _pairs(text: str) -> dict[str, int]:
    pairs = (part.partition("=") for part in text.strip().split(","))
    return {name: number for name, _equals, value in pairs for number in [_number(value)] if number is not None}


def _costs(fields: Mapping[str, str]) -> tuple[CommandCost, ...]:
    found = []
    for name, value in fields.items():
        if name.startswith("cmdstat_"):
            given = dict(part.partition("=")[::2] for part in value.strip().split(","))
            calls, total = _number(given.get("calls", "")), _number(given.get("usec", ""))
            if calls and total is not None:
                ms = total / 1000.0
                found.append(CommandCost(name[len("cmdstat_") :], calls, ms / calls, ms))
    return tuple(sorted(found, key=lambda cost: -cost.total_ms)[:_MOST_COSTS])
