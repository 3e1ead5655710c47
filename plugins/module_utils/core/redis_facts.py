# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen of a Redis server. Plain facts: nothing here is judged, every text is redacted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

MANAGED = "managed"
"""The state of a server that is reached by its address."""


class Answer(str, Enum):
    """What the server does with a PING.

    ``HELD``: no answer while its process is idle. ``BUSY``: a script or a command does not end. ``STOPPED``: its
    process was stopped by a signal. ``TIMED_OUT``: no answer, and nothing tells why.
    """

    OK = "ok"
    NOT_RUNNING = "not_running"
    HELD = "held"
    BUSY = "busy"
    STOPPED = "stopped"
    TIMED_OUT = "timed_out"
    LOADING = "loading"
    AUTHENTICATION = "authentication"
    REFUSED = "refused"
    NO_CLIENT = "no_client"
    FAILED = "failed"


class Persistence(str, Enum):
    """What is left after a restart."""

    AOF = "aof"
    RDB = "rdb"
    NONE = "none"
    UNKNOWN = "unknown"


class Write(str, Enum):
    """What became of a key of our own."""

    OK = "ok"
    SKIPPED = "skipped"
    HELD = "held"
    NO_MEMORY = "no_memory"
    NOT_SAVED = "not_saved"
    READ_ONLY = "read_only"
    REFUSED = "refused"


@dataclass(frozen=True)
class SlowCommand:
    """An entry of the slow log, without the values in it.

    :param text: command, first part of the key, number of arguments.
    :param ms: milliseconds on the server.
    :param age: seconds since then.
    :param service: the Compose service behind the client's address, or empty.
    """

    text: str
    ms: float
    age: float
    service: str = ""


@dataclass(frozen=True)
class Spike:
    """An event of Redis's latency monitor: name, newest and worst duration (ms), seconds since the newest."""

    event: str
    ms: float
    worst_ms: float
    age: float


@dataclass(frozen=True)
class CommandCost:
    """A command's share of the work since the statistics were reset."""

    name: str
    calls: int
    mean_ms: float
    total_ms: float


@dataclass(frozen=True)
class Memory:
    """Bytes; ``limit`` None without ``maxmemory``.

    :param evicted: keys that were thrown out for lack of memory since the start.
    """

    used: int = 0
    limit: int | None = None
    policy: str = ""
    fragmentation: float | None = None
    evicted: int = 0

    @property
    def percent(self) -> float | None:
        """Memory in use as a share of the limit."""
        return 100.0 * self.used / self.limit if self.limit else None


@dataclass(frozen=True)
class Server:
    """What INFO tells.

    :param changes: writes since the last save.
    :param last_save_ok: False when the last snapshot or append-only write failed.
    :param keys: database -> number of its keys.
    :param held_ms: milliseconds that clients stay paused, where the version tells it (Valkey 8.1), else None.
    :param held: what is paused: ``write``, ``all`` or ``none``; empty where the version does not tell.
    :param held_for: why: ``client_pause`` for a command of somebody, another word for the server's own doing.
    """

    version: str = ""
    uptime_s: float = 0.0
    role: str = ""
    failover: str = ""
    loading: bool = False
    clients: int = 0
    blocked_clients: int = 0
    most_clients: int = 0
    memory: Memory = field(default_factory=Memory)
    hits: int = 0
    misses: int = 0
    changes: int = 0
    last_save_ok: bool = True
    keys: Mapping[str, int] = field(default_factory=dict)
    held_ms: int | None = None
    held: str = ""
    held_for: str = ""
    costs: tuple[CommandCost, ...] = ()


@dataclass(frozen=True)
class RedisFacts:
    """One look at one server.

    :param state: the engine's word for the container, ``managed`` without one.
    :param via: the way that was taken.
    :param error: the server's or the client's own words when there is no answer.
    :param error_code: the first word of an error that it answered.
    :param server: None when INFO was not answered.
    :param write_error: what it said of the write.
    :param recorded: the persistence that an earlier look recorded.
    """

    service: str
    state: str
    answer: Answer
    via: str = ""
    error: str = ""
    server: Server | None = None
    persistence: Persistence = Persistence.UNKNOWN
    slow: tuple[SlowCommand, ...] = ()
    spikes: tuple[Spike, ...] = ()
    write: Write = Write.SKIPPED
    write_error: str = ""
    database: int = 0
    cache: bool = False
    disposable_prefixes: tuple[str, ...] = ()
    recorded: Persistence = Persistence.UNKNOWN

    @property
    def keys(self) -> int | None:
        """Keys of the database that is looked at, None when it cannot be told."""
        return None if self.server is None else self.server.keys.get(str(self.database), 0)

    @property
    def known_persistence(self) -> Persistence:
        """What is seen now, else what an earlier look saw."""
        return self.recorded if self.persistence is Persistence.UNKNOWN else self.persistence

    @property
    def sample(self) -> Mapping[str, Any]:
        """Worth keeping: while the server answers nobody, nothing but this tells what a restart would lose."""
        if self.persistence in (Persistence.UNKNOWN, self.recorded):
            return {}
        return {"persistence": self.persistence.value}

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "state": self.state,
            "answer": self.answer.value,
            "via": self.via,
            "error": self.error,
            "server": None if self.server is None else _server_data(self.server),
            "persistence": self.known_persistence.value,
            "database": self.database,
            "keys": self.keys,
            "cache": self.cache,
            "disposable_prefixes": list(self.disposable_prefixes),
            "slow_commands": [asdict(item) for item in self.slow],
            "latency_spikes": [asdict(item) for item in self.spikes],
            "write": {"state": self.write.value, "error": self.write_error},
        }


def _server_data(server: Server) -> dict[str, Any]:
    data = asdict(server)
    data["memory"]["percent"] = server.memory.percent
    data["costs"] = list(data["costs"])
    return data
