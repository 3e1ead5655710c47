# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen of a PostgreSQL server's sessions, slots, disk and log. Plain facts: nothing here is judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_queries_facts import (
    QueriesFacts,
)

SHOWN_SESSIONS = 200
"""Sessions that a result names, the oldest first, and those that block others; the counts are of all of them."""

IDLE_IN_TRANSACTION = ("idle in transaction", "idle in transaction (aborted)")


class Answer(str, Enum):
    """How the server answered a real statement."""

    OK = "ok"
    NOT_RUNNING = "not_running"
    REFUSED = "refused"
    UNRESOLVED = "unresolved"
    AUTHENTICATION = "authentication"
    NO_DATABASE = "no_database"
    SLOTS_EXHAUSTED = "slots_exhausted"
    STARTING = "starting"
    RECOVERING = "recovering"
    SHUTTING_DOWN = "shutting_down"
    DISK_FULL = "disk_full"
    TIMED_OUT = "timed_out"
    NO_CLIENT = "no_client"
    FAILED = "failed"


@dataclass(frozen=True)
class Session:
    """One session, as ``pg_stat_activity`` or a process title shows it. Ages are seconds; None means not told.

    :param service: the Compose service behind the client's address; empty when it is none of the platform's.
    :param kind: ``backend_type``.
    :param state: ``active``, ``idle``, ``idle in transaction``...; empty when this role may not see it.
    :param state_age: since the state changed.
    :param transaction_age: since the transaction began, None outside of one.
    :param blocked_by: process ids that it waits for; 0 stands for a prepared transaction.
    :param statement: the current or last statement without its values.
    :param started: ``backend_start`` as the server prints it: with ``pid`` the session's identity.
    :param changed: ``state_change`` as the server prints it: the session has done nothing else since.
    :param opened: ``xact_start`` as the server prints it: it is still the same transaction; empty outside of one.
    :param protected: why it is never touched, or an empty string.
    """

    pid: int
    database: str = ""
    user: str = ""
    application: str = ""
    address: str = ""
    service: str = ""
    kind: str = "client backend"
    state: str = ""
    session_age: float | None = None
    state_age: float | None = None
    transaction_age: float | None = None
    wait: str = ""
    blocked_by: tuple[int, ...] = ()
    statement: str = ""
    started: str = ""
    changed: str = ""
    opened: str = ""
    protected: str = ""

    @property
    def takes_slot(self) -> bool:
        """Only client sessions count against ``max_connections`` (since version 12)."""
        return self.kind == "client backend"

    @property
    def idle_in_transaction(self) -> bool:
        """It holds a transaction open and does nothing."""
        return self.state in IDLE_IN_TRANSACTION

    @property
    def owner(self) -> str:
        """Who it belongs to in a sentence: the service, else the application, else the address."""
        return self.service or self.application or self.address or "a local client"

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {**asdict(self), "blocked_by": list(self.blocked_by)}


@dataclass(frozen=True)
class Server:
    """What the server says about itself.

    :param version: ``server_version_num``.
    :param reserved: slots for roles of ``pg_use_reserved_connections`` (since version 16).
    :param sees_all: False when this role may not see other roles' states and statements.
    :param checksum_failures: blocks that were damaged when they were read, since the statistics were reset; None where
        data checksums are off.
    """

    version: int
    user: str
    database: str
    data_directory: str
    max_connections: int
    superuser_reserved: int
    reserved: int
    in_recovery: bool
    sees_all: bool
    uptime: float
    prepared_transactions: int = 0
    checksum_failures: int | None = None

    @property
    def plain_slots(self) -> int:
        """Slots that a plain role can have."""
        return self.max_connections - self.superuser_reserved - self.reserved


@dataclass(frozen=True)
class Role:
    """A role that may log in.

    :param idle_in_transaction: ``idle_in_transaction_session_timeout`` of this role's sessions; empty when it is the
        server's.
    """

    name: str
    superuser: bool
    idle_in_transaction: str = ""


@dataclass(frozen=True)
class Listening:
    """Where the server takes connections beside its own socket.

    :param addresses: ``listen_addresses`` as the server was started with.
    :param source: where it has that from, in the words of ``pg_settings``: ``command line``, ``configuration file``...
    :param file: the configuration file that says so; empty where there is none, or this role may not know.
    :param changed: True when a file says otherwise since it was last loaded: only a restart makes that count, and not
        even that where the source is the command line.
    """

    addresses: str
    source: str = ""
    file: str = ""
    changed: bool = False


@dataclass(frozen=True)
class Configuration:
    """What a new session finds.

    :param settings: name -> value as PostgreSQL writes it.
    :param listening: None when the server did not tell it.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[Role, ...] = ()
    listening: Listening | None = None


@dataclass(frozen=True)
class WriteProbe:
    """A table written in a transaction that is rolled back.

    :param tried: False when writing probes are switched off or the server did not answer.
    :param error: redacted; empty when it succeeded.
    :param code: SQLSTATE of the error.
    """

    tried: bool = False
    error: str = ""
    code: str = ""


@dataclass(frozen=True)
class Volume:
    """A file system below the data directory, by ``df``. Sizes in bytes."""

    path: str
    size: int
    used: int
    available: int
    inodes: int | None = None
    inodes_used: int | None = None

    @property
    def used_percent(self) -> float:
        """As ``df`` counts: blocks that root keeps for itself are neither used nor available."""
        total = self.used + self.available
        return 100.0 * self.used / total if total else 0.0

    @property
    def inodes_percent(self) -> float | None:
        """None where the file system has no fixed number of inodes."""
        return 100.0 * (self.inodes_used or 0) / self.inodes if self.inodes else None

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {**asdict(self), "used_percent": round(self.used_percent, 1), "inodes_percent": self.inodes_percent}


@dataclass(frozen=True)
class LogClass:
    """Recent lines of the log that tell of the same kind of trouble; ``last`` is redacted."""

    name: str
    count: int
    last: str
    last_age: float | None = None


@dataclass(frozen=True)
class Rejection:
    """Clients that the server rejected, by recent lines of its log.

    :param user: as which they wanted in; empty when that is not told, or no plain name.
    :param service: by the address in the log; empty when it bears none.
    :param stranger: True when they came from nowhere on the platform, or were rejected for another reason than a
        wrong password.
    :param first_age: seconds since the oldest of these lines, as ``last_age`` of the newest.
    """

    user: str = ""
    service: str = ""
    stranger: bool = False
    count: int = 1
    first_age: float = 0.0
    last_age: float = 0.0


@dataclass(frozen=True)
class PostgresFacts:
    """Everything seen of one server.

    :param state: the engine's word for the container; ``managed`` for a server of somebody else.
    :param answer: how a real statement was answered.
    :param error: redacted; the server's or the client's own words when there is no answer.
    :param via: ``exec``, ``tcp from <service>`` or ``tcp from the host``.
    :param latency_ms: of the whole call, the client's start included.
    :param port: what a plain TCP connection to the container's port gave: ``open``, ``refused`` or ``unknown``.
    :param configuration: None when the server did not tell it.
    :param users: service -> the role that its environment makes it log in as.
    :param rejections: whom it rejected, by its log.
    :param reached_from: running services that depend on it and have a network address of their own.
    :param by_titles: True when the sessions were read from process titles, which know no ages and no applications.
    """

    service: str
    state: str
    answer: Answer
    error: str = ""
    via: str = ""
    latency_ms: float | None = None
    port: str = "unknown"
    server: Server | None = None
    sessions: tuple[Session, ...] = ()
    by_titles: bool = False
    write: WriteProbe = field(default_factory=WriteProbe)
    volumes: tuple[Volume, ...] = ()
    log: tuple[LogClass, ...] = ()
    queries: QueriesFacts = field(default_factory=QueriesFacts)
    standby: bool = False
    services: tuple[str, ...] = ()
    configuration: Configuration | None = None
    users: Mapping[str, str] = field(default_factory=dict)
    reached_from: tuple[str, ...] = ()
    rejections: tuple[Rejection, ...] = ()

    @property
    def slots_used(self) -> int:
        """Slots taken by others than this probe."""
        return sum(session.takes_slot for session in self.sessions)

    @property
    def sample(self) -> Mapping[str, Any]:
        """Nothing is kept from one run to the next."""
        return {}

    def to_data(self) -> dict[str, Any]:
        """Plain data for the module's result."""
        return {
            "state": self.state,
            "answer": self.answer.value,
            "error": self.error,
            "via": self.via,
            "latency_ms": None if self.latency_ms is None else round(self.latency_ms, 1),
            "port": self.port,
            "server": None if self.server is None else asdict(self.server),
            "slots": self._slots(),
            "sessions": self._sessions(),
            "sessions_from": "process titles" if self.by_titles else "pg_stat_activity",
            "by_state": _counts(session.state or "unknown" for session in self.sessions),
            "by_application": _counts(session.application or "unknown" for session in self.sessions),
            "by_user": _counts(session.user or "unknown" for session in self.sessions),
            "by_service": _counts(session.owner for session in self.sessions),
            "write": asdict(self.write),
            "configuration": None if self.configuration is None else asdict(self.configuration),
            "users": dict(self.users),
            "volumes": [volume.to_data() for volume in self.volumes],
            "log": [asdict(item) for item in self.log],
            "rejections": [asdict(item) for item in self.rejections],
            "queries": self.queries.to_data(),
        }

    def _sessions(self) -> list[dict[str, Any]]:
        """The oldest, and whoever makes others wait, each with how many wait for it directly."""
        blocks = Counter(pid for session in self.sessions for pid in session.blocked_by)
        return [
            {**session.to_data(), "blocks": blocks[session.pid]}
            for number, session in enumerate(self.sessions)
            if number < SHOWN_SESSIONS or session.pid in blocks
        ]

    def _slots(self) -> dict[str, Any]:
        server = self.server
        return {
            "used": self.slots_used,
            "max_connections": server.max_connections if server else None,
            "reserved": server.superuser_reserved + server.reserved if server else None,
            "free": server.plain_slots - self.slots_used if server else None,
        }


def _counts(words: Iterable[str]) -> dict[str, int]:
    """How often each word occurs, the most frequent first."""
    return dict(Counter(words).most_common())
