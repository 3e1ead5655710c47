# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts that probes bring home, before anybody judges them. Every text in them is redacted already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.timestamp import epoch_seconds


class ProbeState(str, Enum):
    """How a probe ended."""

    DONE = "done"
    DEADLINE = "deadline"
    FAILED = "failed"
    NOT_CONFIGURED = "not_configured"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class ProbeRun:
    """That a probe ran, and how it ended.

    :param service: the service it looked at, or an empty string.
    :param message: why it did not bring facts, one sentence, else empty.
    :param writes: True when it changes something on the platform or logs in, even if it cleans up after itself.
    """

    name: str
    service: str
    state: ProbeState
    duration_ms: float
    message: str = ""
    writes: bool = False

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {**asdict(self), "state": self.state.value, "duration_ms": round(self.duration_ms, 1)}


@dataclass(frozen=True)
class PortBinding:
    """A port of a container, and where the host publishes it.

    :param host_ip: address on the host, empty when it is not published.
    :param host_port: 0 when it is not published.
    """

    container_port: int
    protocol: str = "tcp"
    host_ip: str = ""
    host_port: int = 0


@dataclass(frozen=True)
class ComposeLabels:
    """What Compose wrote on a container.

    :param depends_on: service -> condition (``service_started``, ``service_healthy``...).
    :param config_hash: hash of the service's configuration; comparable only within one Compose version.
    """

    working_dir: str = ""
    files: tuple[str, ...] = ()
    env_files: tuple[str, ...] = ()
    config_hash: str = ""
    version: str = ""
    depends_on: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class HealthTarget:
    """The URL that a container's own health check asks, without host and credentials.

    :param port: port in the container.
    """

    port: int
    path: str
    scheme: str = "http"


@dataclass(frozen=True)
class Container:
    """A container as the engine describes it. Times are RFC 3339 (UTC) or empty; sizes are bytes.

    :param state: created, running, paused, restarting, removing, exited or dead.
    :param health: healthy, unhealthy, starting, or empty when it has no health check.
    :param health_log: what the last health check printed, redacted, one line.
    :param health_target: what its health check asks over HTTP; None when it has none or asks otherwise.
    :param error: the engine's own error on the last start, redacted.
    :param start_period: seconds that the health check grants for the start.
    :param pid: the main process on the host, 0 when it does not run.
    :param memory_limit: bytes, None without a limit.
    :param cpu_limit: cores, None without a limit.
    :param devices: devices and device requests in words, for example ``nvidia: all [gpu]``.
    :param addresses: network name -> address of the container.
    :param mounts: path in the container -> volume name or path on the host.
    :param log_driver: where its output goes; ``none`` keeps nothing.
    :param ignored: True when a label says that it must be left alone.
    :param rolled_back_from: the image that a rollback of ours replaced, empty when there was none.
    :param health_check: True when it has a health check of Docker's.
    :param privileged: True when it has every right on the host.
    :param engine_socket: True when the engine's socket is mounted in it, which comes to the same.
    :param alone: why its service can have no second container beside it, one sentence; empty when it can.
    """

    id: str
    name: str
    service: str
    image: str = ""
    image_id: str = ""
    state: str = ""
    health: str = ""
    health_log: str = ""
    health_target: HealthTarget | None = None
    exit_code: int = 0
    oom_killed: bool = False
    error: str = ""
    restart_count: int = 0
    restart_policy: str = ""
    created_at: str = ""
    started_at: str = ""
    finished_at: str = ""
    start_period: float = 0.0
    pid: int = 0
    memory_limit: int | None = None
    cpu_limit: float | None = None
    devices: tuple[str, ...] = ()
    ports: tuple[PortBinding, ...] = ()
    addresses: Mapping[str, str] = field(default_factory=dict)
    mounts: Mapping[str, str] = field(default_factory=dict)
    compose: ComposeLabels = field(default_factory=ComposeLabels)
    log_driver: str = ""
    ignored: bool = False
    rolled_back_from: str = ""
    health_check: bool = False
    privileged: bool = False
    engine_socket: bool = False
    alone: str = ""

    @property
    def running(self) -> bool:
        """True when its processes run: paused and restarting ones do not."""
        return self.state == "running"

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Resources:
    """What a container uses, from its cgroup. None means that it cannot be read from here.

    :param available: False when the cgroup files cannot be read (engine on another host, other rights).
    :param reason: why not, one sentence.
    :param memory_bytes: memory in use without the page cache that can be given back.
    :param oom_kills: processes that the kernel killed for lack of memory since the cgroup exists.
    :param periods: CPU quota periods that passed, with ``throttled_periods`` of them throttled.
    :param throttled_seconds: seconds for which processes waited for CPU quota.
    :param recent_periods: CPU quota periods that passed while the platform was looked at, with
        ``recent_throttled_periods`` of them throttled.
    :param cpu_seconds: CPU time used since the cgroup exists.
    :param cpu_cores: CPUs in use on average while the platform was looked at.
    :param pressure: ``cpu``, ``memory``, ``io`` -> share of the last 10 s for which some process waited, 0 to 100
        (PSI, cgroup version 2 only).
    """

    available: bool = False
    reason: str = ""
    memory_bytes: int | None = None
    memory_limit: int | None = None
    oom_kills: int | None = None
    periods: int | None = None
    throttled_periods: int | None = None
    throttled_seconds: float | None = None
    recent_periods: int | None = None
    recent_throttled_periods: int | None = None
    processes: int | None = None
    cpu_seconds: float | None = None
    cpu_cores: float | None = None
    pressure: Mapping[str, float] = field(default_factory=dict)

    @property
    def memory_percent(self) -> float | None:
        """Memory in use as a share of the limit, 0 to 100."""
        if self.memory_bytes is None or not self.memory_limit:
            return None
        return 100.0 * self.memory_bytes / self.memory_limit

    @property
    def throttled_percent(self) -> float | None:
        """Share of the CPU quota periods since the cgroup exists that were throttled, 0 to 100."""
        if not self.periods or self.throttled_periods is None:
            return None
        return 100.0 * self.throttled_periods / self.periods

    @property
    def throttled_now_percent(self) -> float | None:
        """The same of the periods while the platform was looked at; None of too few of them.

        A period in which the container had nothing to do is none.
        """
        if self.recent_periods is None or self.recent_periods < _LEAST_PERIODS:
            return None
        return 100.0 * (self.recent_throttled_periods or 0) / self.recent_periods

    def compared_with(self, later: Resources, seconds: float) -> Resources:
        """This reading, with what a later one tells of the time between them.

        :param seconds: between the two.
        """
        cores = None
        if seconds > 0.0 and self.cpu_seconds is not None and later.cpu_seconds is not None:
            cores = max(0.0, later.cpu_seconds - self.cpu_seconds) / seconds
        return replace(
            self,
            cpu_cores=cores,
            recent_periods=_passed(self.periods, later.periods),
            recent_throttled_periods=_passed(self.throttled_periods, later.throttled_periods),
        )

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            **asdict(self),
            "memory_percent": self.memory_percent,
            "throttled_percent": self.throttled_percent,
            "throttled_now_percent": self.throttled_now_percent,
        }


_LEAST_PERIODS = 5
"""Half a second of work at the usual period of 100 ms."""


def _passed(before: int | None, now: int | None) -> int | None:
    return None if before is None or now is None else max(0, now - before)


@dataclass(frozen=True)
class HttpHealth:
    """How a service answered on its health path, or by what other means its health is known.

    :param via: the way that was taken: ``published port``, ``container address``, ``exec``, ``docker``, ``process``
        or ``none``.
    :param container: name of the container that was asked.
    :param status: HTTP status, None without an answer.
    :param latency_ms: milliseconds until the answer was complete, None without one.
    :param body: the answer as JSON, redacted; None when it is no JSON or larger than 4 kB.
    :param text: the beginning of an answer that is no JSON, redacted, one line.
    :param truncated: True when the answer is longer than what is read of it.
    :param failure: empty, or the kind: a value of ``adapters.http_client.Failure``.
    :param error: one sentence about the failure, redacted.
    :param path_known: False when nobody said which path tells of its health, so that ``/health`` was a guess.
    :param bypassed: why an earlier way gave no answer, one sentence, redacted; empty when the first one did.
    :param late_after_ms: milliseconds after which the first request was given up; None when that was answered. What
        the other fields tell is of a later request then.
    """

    via: str = "none"
    container: str = ""
    url: str = ""
    status: int | None = None
    latency_ms: float | None = None
    body: Any = None
    text: str = ""
    truncated: bool = False
    failure: str = ""
    error: str = ""
    path_known: bool = True
    bypassed: str = ""
    late_after_ms: float | None = None

    @property
    def was_asked(self) -> bool:
        """True when the service was asked over HTTP, whatever came back."""
        return self.via in ("published port", "container address", "exec")

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "via": self.via,
            "container": self.container,
            "url": self.url,
            "http_status": self.status,
            "latency_ms": None if self.latency_ms is None else round(self.latency_ms, 1),
            "body": self.body,
            "text": self.text,
            "error": self.error,
            "bypassed": self.bypassed,
            "late_after_ms": None if self.late_after_ms is None else round(self.late_after_ms, 1),
        }


@dataclass(frozen=True)
class LogSignature:
    """Lines of a log that tell of the same kind of trouble.

    :param name: the class, for example ``refused``.
    :param count: how many of the lines read are of that class and recent.
    :param last: the newest of them, redacted.
    :param last_at: its time, RFC 3339 (UTC).
    """

    name: str
    count: int
    last: str
    last_at: str = ""


@dataclass(frozen=True)
class LogFacts:
    """The end of a service's log.

    :param kept: False when the service keeps no log that could be read.
    :param lines: how many lines were read.
    :param signatures: classes of trouble found, most frequent first.
    :param excerpt: the newest lines, redacted, at most 20.
    """

    kept: bool = True
    lines: int = 0
    signatures: tuple[LogSignature, ...] = ()
    excerpt: tuple[str, ...] = ()

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "lines": self.lines,
            "signatures": [
                {"class": item.name, "count": item.count, "last": item.last, "last_at": item.last_at}
                for item in self.signatures
            ],
            "excerpt": list(self.excerpt),
        }


@dataclass(frozen=True)
class ServiceFacts:
    """One service as all general probes saw it.

    :param kind: see ``core.settings.KINDS``.
    :param declared: ``stopped``, ``ignored``, ``maintenance``, or empty when it has to run.
    :param expected: True when the inventory or another service says that it has to be there.
    :param may_complete: True when another service waits for it to end well: a job, not a server.
    :param managed: True when it is reached by an address and has no container here.
    :param depends_on: the services it needs.
    :param user_facing: True when users meet it directly.
    :param health: how it answered; of several containers the worst answer.
    :param resources: container id -> what it uses.
    :param drift: True when a container's configuration is not the files' one, None when it cannot be told.
    :param drift_reason: why it cannot be told, or in what it differs.
    """

    service: str
    kind: str = "other"
    containers: tuple[Container, ...] = ()
    declared: str = ""
    expected: bool = True
    may_complete: bool = False
    managed: bool = False
    depends_on: tuple[str, ...] = ()
    user_facing: bool = False
    health: HttpHealth = field(default_factory=HttpHealth)
    resources: Mapping[str, Resources] = field(default_factory=dict)
    log: LogFacts = field(default_factory=LogFacts)
    drift: bool | None = None
    drift_reason: str = ""

    def age(self, now: float) -> float:
        """Seconds since the newest of its containers was started; infinite when none ever was."""
        starts = [epoch_seconds(container.started_at) for container in self.containers if container.started_at]
        return now - max(starts) if starts else float("inf")

    @property
    def start_period(self) -> float:
        """Seconds that its health checks grant for the start."""
        return max((container.start_period for container in self.containers), default=0.0)
