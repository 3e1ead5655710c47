# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much room there is, measured before and after each removal."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_size import size_in_words


@dataclass(frozen=True)
class Room:
    """A file system at one moment.

    :param available: bytes.
    :param used_percent: of bytes or of inodes, whichever is scarcer, as ``df`` reckons.
    """

    available: int
    inodes_available: int
    used_percent: float


Measure = Callable[[str], Room]


def measure_room(path: str) -> Room:
    """The file system of a path. :raises OSError: there is none."""
    values = os.statvfs(path)
    used = values.f_blocks - values.f_bfree
    shares = [100.0 * used / (used + values.f_bavail)] if used + values.f_bavail else [0.0]
    if values.f_files:
        shares.append(100.0 * (values.f_files - values.f_favail) / values.f_files)
    return Room(values.f_bavail * values.f_frsize, values.f_favail, max(shares))


def reached(room: Room, target_percent: float) -> bool:
    """Whether enough is free; a target of 0 means that there is none, and everything the policy lets go goes."""
    return target_percent > 0 and room.used_percent <= target_percent


@dataclass(frozen=True)
class Removal:
    """One thing that was removed, or under check mode would be.

    :param size: bytes that were expected of it.
    """

    what: str
    id: str
    size: int
    name: str = ""

    def to_data(self) -> dict[str, object]:
        """An entry of ``actions``."""
        return {"what": self.what, "id": self.id, "name": self.name, "bytes": self.size, "status": "removed"}


@dataclass(frozen=True)
class Cleaning:
    """What came of it.

    :param before: None when it could not be measured here (the engine runs on another host).
    :param left: what the policy lets go and what stayed since the target was reached.
    :param problems: what could not be removed, one sentence each.
    """

    path: str
    removed: tuple[Removal, ...] = ()
    before: Room | None = None
    after: Room | None = None
    left: int = 0
    problems: tuple[str, ...] = ()
    reported: int = 0

    @property
    def freed(self) -> int:
        """Bytes: what was measured. What others wrote or removed meanwhile is in it."""
        if self.before is None or self.after is None:
            return self.reported
        return max(0, self.after.available - self.before.available)

    @property
    def note(self) -> str:
        """What was done and what it gained, for a person."""
        if not self.removed:
            return f"Nothing had to be removed. {' '.join(self.problems)}".strip()
        words = [f"Removed {len(self.removed)} and freed {size_in_words(self.freed)}"]
        if self.before is not None and self.after is not None:
            words.append(f"{self.path} went from {self.before.used_percent:.0f} to {self.after.used_percent:.0f} %")
        if self.left:
            words.append(f"{self.left} more stay, the target is reached")
        return f"{'; '.join(words)}. {' '.join(self.problems)}".strip()

    def to_result(self) -> dict[str, object]:
        """What a module returns."""
        lines = "".join(f"{item.what} {item.name or item.id}\n" for item in self.removed)
        return {
            "changed": bool(self.removed),
            "actions": [item.to_data() for item in self.removed],
            "path": self.path,
            "freed_bytes": self.freed,
            "expected_bytes": sum(item.size for item in self.removed),
            "used_percent_before": None if self.before is None else round(self.before.used_percent, 1),
            "used_percent_after": None if self.after is None else round(self.after.used_percent, 1),
            "left": self.left,
            "note": self.note,
            "problems": list(self.problems),
            "diff": {"before": lines, "after": ""},
        }
