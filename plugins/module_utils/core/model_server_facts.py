# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen of a model server. Plain facts: nothing here is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import HttpHealth


class Outcome(str, Enum):
    """How one HTTP attempt ended. The order of the words is the order of the phases."""

    NOT_TRIED = "not_tried"
    NO_CLIENT = "no_client"
    UNRESOLVED = "unresolved"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    CONNECT_TIMED_OUT = "connect_timed_out"
    ANSWER_TIMED_OUT = "answer_timed_out"
    BROKEN = "broken"
    ANSWERED = "answered"


@dataclass(frozen=True)
class Attempt:
    """One HTTP request to a model server, and what came of it.

    :param vantage: from where: ``host``, or the service whose container's network was used.
    :param via: ``published port``, ``container address`` or ``exec``; empty when not tried.
    :param url: without credentials.
    :param status: HTTP status, or None.
    :param latency_ms: milliseconds until the answer was complete or the attempt ended.
    :param answer: the redacted answer when it is JSON, else None.
    :param text: the redacted beginning of the answer when it is no JSON.
    :param error: redacted; why there is no answer, or why it was not tried.
    :param late_after_ms: milliseconds of a first attempt that was too slow or got no answer, when this is a later one;
        None when this is the first.
    """

    vantage: str
    via: str = ""
    url: str = ""
    outcome: Outcome = Outcome.NOT_TRIED
    status: int | None = None
    latency_ms: float | None = None
    answer: Any = None
    text: str = ""
    error: str = ""
    late_after_ms: float | None = None

    @property
    def succeeded(self) -> bool:
        """A complete answer with a 2xx status."""
        return self.outcome is Outcome.ANSWERED and self.status is not None and 200 <= self.status < 300

    @property
    def was_tried(self) -> bool:
        """True when a request was sent, or at least a connection was tried."""
        return self.outcome not in (Outcome.NOT_TRIED, Outcome.NO_CLIENT)

    def to_data(self) -> dict[str, Any]:
        """Plain data for the module's result."""
        return {
            "vantage": self.vantage,
            "via": self.via,
            "url": self.url,
            "outcome": self.outcome.value,
            "http_status": self.status,
            "latency_ms": None if self.latency_ms is None else round(self.latency_ms, 1),
            "answer": self.answer,
            "text": self.text,
            "error": self.error,
            "late_after_ms": None if self.late_after_ms is None else round(self.late_after_ms, 1),
        }


@dataclass(frozen=True)
class Process:
    """One process of the container.

    :param pid: as the host sees it.
    :param state: the first letter of ``ps``'s STAT (R, S, D, T, t, Z, I), or empty when the host's ps tells none.
    :param role: ``main`` for the container's first process, ``worker`` for its descendants, else ``other``.
    :param cpu_percent: CPU time over life time.
    :param rss_bytes: resident memory.
    :param age: seconds since its start.
    :param command: redacted and cut.
    """

    pid: int
    parent: int
    state: str
    role: str
    cpu_percent: float | None
    rss_bytes: int | None
    age: float | None
    command: str

    def to_data(self) -> dict[str, Any]:
        """Plain data for the module's result."""
        return {
            "pid": self.pid,
            "ppid": self.parent,
            "state": self.state,
            "role": self.role,
            "cpu_percent": self.cpu_percent,
            "rss_bytes": self.rss_bytes,
            "age_s": self.age,
            "command": self.command,
        }


@dataclass(frozen=True)
class ModelFile:
    """One expected model file as it was found.

    :param size: bytes, or None when it is missing.
    :param modified: seconds since the epoch.
    :param sha256: hex, or None when it was not hashed.
    :param is_lfs_pointer: True when it is a Git LFS pointer; None when the content was not looked at.
    :param expected_sha256: hex, or None when only its presence is known.
    :param expected_size: bytes by the manifest, or None.
    :param recorded_size: bytes when it was last seen good, or None.
    :param known_good_size: bytes of the known-good copy on the host, or None. It may be of another version.
    """

    name: str
    size: int | None = None
    modified: int | None = None
    sha256: str | None = None
    is_lfs_pointer: bool | None = None
    expected_sha256: str | None = None
    expected_size: int | None = None
    recorded_size: int | None = None
    known_good_size: int | None = None

    def to_data(self) -> dict[str, Any]:
        """Plain data for the module's result."""
        return {
            "name": self.name,
            "size": self.size,
            "modified": self.modified,
            "sha256": self.sha256,
            "is_lfs_pointer": self.is_lfs_pointer,
            "expected_sha256": self.expected_sha256,
            "expected_size": self.expected_size,
        }


@dataclass(frozen=True)
class FilesFacts:
    """The model directory.

    :param source: where the expectation comes from: ``inventory``, ``manifest``, or empty when nothing is configured.
    :param manifest_error: why the manifest cannot be used, or an empty string.
    :param error: why the files could not be looked at, or an empty string.
    :param hashed_because: why they were hashed, or an empty string.
    """

    source: str = ""
    manifest_error: str = ""
    files: tuple[ModelFile, ...] = ()
    error: str = ""
    hashed_because: str = ""

    def to_data(self) -> dict[str, Any]:
        """Plain data for the module's result."""
        return {
            "source": self.source,
            "manifest_error": self.manifest_error,
            "files": [file.to_data() for file in self.files],
            "error": self.error,
            "hashed_because": self.hashed_because,
        }


@dataclass(frozen=True)
class Gpu:
    """One device as nvidia-smi shows it; memory in MiB."""

    index: int
    name: str
    memory_used_mib: float | None
    memory_total_mib: float | None
    utilization_percent: float | None


@dataclass(frozen=True)
class DeviceFacts:
    """The devices that the container was given.

    :param requested: one sentence per device request, for example ``nvidia: all GPUs``.
    :param looked: True when nvidia-smi was asked for.
    :param gpus: what nvidia-smi showed.
    :param error: redacted; why it showed nothing although it is there, or an empty string.
    """

    requested: tuple[str, ...] = ()
    looked: bool = False
    gpus: tuple[Gpu, ...] = ()
    error: str = ""

    def to_data(self) -> dict[str, Any]:
        """Plain data for the module's result."""
        return {
            "requested": list(self.requested),
            "gpus": [vars(gpu).copy() for gpu in self.gpus],
            "error": self.error,
        }


@dataclass(frozen=True)
class LogHints:
    """What the end of the log tells.

    :param loading: True when the newest word about loading is that it goes on.
    :param reason: the newest line that explains an end, redacted; empty when none does.
    :param reason_class: its class: ``integrity``, ``cuda_oom``, ``out_of_memory``, ``traceback``, ``error`` or
        empty.
    """

    loading: bool = False
    reason: str = ""
    reason_class: str = ""


@dataclass(frozen=True)
class ModelServerFacts:
    """Everything seen of one model server's container.

    :param state: the engine's word for the container: running, paused, restarting, exited, ...
    :param age: seconds since the container's start, or None when it never ran.
    :param restart_count: restarts by the engine since the last start by hand.
    :param exit_code: of the last end.
    :param start_period: seconds that the container's health check grants at the start.
    :param readiness: what the health path answered.
    :param canary: the inference from this host; not tried when none is configured or the container does not run.
    :param callers: the same inference from the network of each calling service.
    :param hints: what the log tells.
    """

    service: str
    state: str
    age: float | None = None
    restart_count: int = 0
    exit_code: int = 0
    start_period: float = 0.0
    readiness: HttpHealth = field(default_factory=HttpHealth)
    canary: Attempt = field(default_factory=lambda: Attempt("host"))
    callers: tuple[Attempt, ...] = ()
    processes: tuple[Process, ...] = ()
    processes_error: str = ""
    files: FilesFacts = field(default_factory=FilesFacts)
    devices: DeviceFacts = field(default_factory=DeviceFacts)
    hints: LogHints = field(default_factory=LogHints)
    sample: Mapping[str, Any] = field(default_factory=dict)

    @property
    def runs(self) -> bool:
        """True when the container's processes can run at all."""
        return self.state == "running"

    def to_data(self) -> dict[str, Any]:
        """Plain data for the module's result. ``canary.answer`` is what a controller's expectation looks at."""
        return {
            "state": self.state,
            "age_s": self.age,
            "restart_count": self.restart_count,
            "readiness": self.readiness.to_data(),
            "canary": self.canary.to_data(),
            "callers": [attempt.to_data() for attempt in self.callers],
            "processes": [process.to_data() for process in self.processes],
            "processes_error": self.processes_error,
            "files": self.files.to_data(),
            "log": vars(self.hints).copy(),
            "devices": self.devices.to_data(),
        }
