# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen of the host's disks. Plain facts: nothing here is judged. Sizes are bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class FileSystem:
    """One file system as ``statvfs`` tells.

    :param mount: where it is mounted.
    :param device: ``st_dev``, by which everything else is brought to its file system.
    :param available: what a program without root's privileges may still take; ext4 keeps a share back for root.
    :param inodes: 0 where the file system has no fixed number of them (btrfs, some network ones).
    :param holds: what lies on it, in words.
    :param services: the services that keep data on it.
    """

    mount: str
    device: int
    size: int
    used: int
    available: int
    inodes: int = 0
    inodes_available: int = 0
    holds: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    @property
    def room(self) -> int:
        """What programs share: used and available, as ``df`` has it."""
        return self.used + self.available

    @property
    def used_percent(self) -> float:
        """As ``df`` reckons it: of what is not kept back for root."""
        return 100.0 * self.used / self.room if self.room else 0.0

    @property
    def inodes_percent(self) -> float | None:
        """None where there is no fixed number."""
        return 100.0 * (self.inodes - self.inodes_available) / self.inodes if self.inodes else None

    def to_free(self, target_percent: float) -> int:
        """Bytes to remove until so many percent are in use; 0 when it is so already."""
        return max(0, round(self.used - self.room * target_percent / 100.0))

    def to_grow(self, target_percent: float) -> int:
        """Bytes to add until so many percent are in use; 0 when it is so already."""
        return max(0, round(self.used * 100.0 / target_percent - self.room))


@dataclass(frozen=True)
class Unmeasured:
    """A path that could not be measured.

    :param absent: True when it is not there: the engine runs elsewhere, or nothing was ever put there.
    """

    path: str
    reason: str
    absent: bool = False


@dataclass(frozen=True)
class ContainerLog:
    """The file behind ``docker logs`` (drivers json-file and local).

    :param limit: ``max-size`` in words; empty when the log grows without bounds.
    :param size: of all its files; None when it cannot be read by this user.
    """

    service: str
    container: str
    name: str
    path: str
    driver: str
    limit: str
    size: int | None
    device: int = 0

    @property
    def rotated(self) -> bool:
        """The local driver always rotates."""
        return self.driver != "json-file" or self.limit not in ("", "-1")


@dataclass(frozen=True)
class Litter:
    """Something that Docker keeps and nobody uses, and that the policy lets go.

    :param ids: in the order in which they go, the oldest first.
    :param size: what removing them would give back, at least; layers that others share are not counted.
    :param sizes: of each of them.
    """

    kind: str
    ids: tuple[str, ...] = ()
    size: int = 0
    names: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Backups:
    """A folder of backups under a policy.

    :param removable: (name, bytes), the oldest first.
    :param problem: why it cannot be looked at, one sentence, else empty.
    """

    path: str
    pattern: str
    count: int = 0
    size: int = 0
    kept: int = 0
    removable: tuple[tuple[str, int], ...] = ()
    device: int = 0
    problem: str = ""

    @property
    def removable_size(self) -> int:
        """Bytes."""
        return sum(size for _name, size in self.removable)


@dataclass(frozen=True)
class DeletedFile:
    """A file that was removed while a process still has it open: its room comes back when the process lets go."""

    pid: int
    process: str
    path: str
    size: int
    device: int
    service: str = ""


@dataclass(frozen=True)
class WriteAheadLog:
    """PostgreSQL's ``pg_wal``.

    :param slots: replication slots as (name, active, bytes of WAL that it holds back).
    """

    service: str
    size: int
    slots: tuple[tuple[str, bool, int], ...] = ()


@dataclass(frozen=True)
class DiskDetail:
    """The closer look: where the room went, and what could be given back.

    :param usage: rows of ``docker system df``: type, count, active, size, reclaimable (bytes).
    :param other_logs: logs without bounds of containers that are none of the platform's.
    :param problems: what could not be looked at.
    """

    usage: tuple[Mapping[str, Any], ...] = ()
    litter: tuple[Litter, ...] = ()
    backups: tuple[Backups, ...] = ()
    deleted: tuple[DeletedFile, ...] = ()
    wal: tuple[WriteAheadLog, ...] = ()
    other_logs: tuple[ContainerLog, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class DiskFacts:
    """Everything.

    :param docker_device: ``st_dev`` of Docker's root; 0 when it is not on this host.
    :param history: mount -> samples (epoch seconds, bytes used), the oldest first, this look left out.
    :param rotation_configured: whether daemon.json has the engine rotate the logs of new containers.
    :param detail: None when nobody asked for it and no file system is short.
    """

    docker_root: str = ""
    docker_device: int = 0
    file_systems: tuple[FileSystem, ...] = ()
    unmeasured: tuple[Unmeasured, ...] = ()
    logs: tuple[ContainerLog, ...] = ()
    history: Mapping[str, tuple[tuple[float, int], ...]] = field(default_factory=dict)
    rotation_configured: bool = False
    detail: DiskDetail | None = None

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        systems = [
            {
                **asdict(item),
                "used_percent": round(item.used_percent, 1),
                "inodes_percent": None if item.inodes_percent is None else round(item.inodes_percent, 1),
            }
            for item in self.file_systems
        ]
        return {
            "docker_root": self.docker_root,
            "file_systems": systems,
            "unmeasured": [asdict(item) for item in self.unmeasured],
            "rotation_configured": self.rotation_configured,
            "logs": [{**asdict(item), "rotated": item.rotated} for item in self.logs],
            "detail": asdict(self.detail) if self.detail is not None else None,
        }
