# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much room there is, measured before and after each removal."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_size import size_in_words


@dataclass(frozen=True)
class Room:
    """A file system at one moment, as ``df`` reckons: what is kept back for root is not counted.

    :param size: bytes that programs share, used and available.
    :param inodes: 0 where there is no fixed number.
    """

    size: int
    available: int
    inodes: int = 0
    inodes_available: int = 0

    @property
    def used_percent(self) -> float:
        """Of bytes or of inodes, whichever is scarcer."""
        shares = ((self.size, self.available), (self.inodes, self.inodes_available))
        return max((100.0 * (total - left) / total for total, left in shares if total), default=0.0)

    def with_more(self, size: int, files: int) -> Room:
        """What it would be if so many bytes and files were removed."""
        return replace(
            self,
            available=min(self.size, self.available + size),
            inodes_available=min(self.inodes, self.inodes_available + files),
        )


Measure = Callable[[str], Room]


def measure_room(path: str) -> Room:
    """The file system of a path. :raises OSError: there is none."""
    values = os.statvfs(path)
    used = values.f_blocks - values.f_bfree
    unit = values.f_frsize
    return Room((used + values.f_bavail) * unit, values.f_bavail * unit, values.f_files, values.f_favail)


def measured(measure: Measure, path: str) -> Room | None:
    """None when it cannot be measured here: the engine runs on another host."""
    try:
        return measure(path)
    except OSError:
        return None


@dataclass(frozen=True)
class Removal:
    """One thing that was removed, or under check mode would be.

    :param size: bytes that were expected of it.
    :param files: inodes that were expected of it; 0 when that cannot be told beforehand.
    """

    what: str
    id: str
    size: int
    name: str = ""
    files: int = 0

    def to_data(self, status: str = "removed") -> dict[str, object]:
        """An entry of ``actions``."""
        return {"what": self.what, "id": self.id, "name": self.name, "bytes": self.size, "status": status}


@dataclass(frozen=True)
class Goal:
    """When it is enough.

    :param target_percent: use of the file system, of bytes or of inodes; 0 for no target: everything that the policy
        lets go goes.
    :param most_bytes: beside the target, no more than that may be left of what is removed; 0 for no such limit. It is
        for things that are too much although the disk has room.
    """

    target_percent: float = 0.0
    most_bytes: float = 0.0

    def reached(self, room: Room | None, left: int) -> bool:
        """Whether to stop, with so many bytes left that could still be removed."""
        if self.target_percent <= 0 or (self.most_bytes and left > self.most_bytes):
            return False
        return room is not None and room.used_percent <= self.target_percent


@dataclass(frozen=True)
class Cleaning:
    """What came of it.

    :param path: where the room was measured.
    :param before: None when it could not be measured here.
    :param left: how many things the policy lets go and stayed, since it was enough.
    :param problems: what could not be removed, one sentence each.
    :param reported: bytes that were freed as the tool itself says, for where nothing can be measured.
    :param rehearsed: True under check mode: nothing was removed, and ``after`` is expected.
    """

    path: str
    removed: tuple[Removal, ...] = ()
    before: Room | None = None
    after: Room | None = None
    left: int = 0
    problems: tuple[str, ...] = ()
    reported: int = 0
    rehearsed: bool = False

    @property
    def freed(self) -> int:
        """Bytes: what was measured. What others wrote or removed meanwhile is in it."""
        if self.rehearsed:
            return sum(item.size for item in self.removed)
        if self.before is None or self.after is None:
            return self.reported
        return max(0, self.after.available - self.before.available)

    @property
    def note(self) -> str:
        """What was done and what it gained, for a person."""
        if not self.removed:
            stay = f"; {self.left} may go and stay, it is enough" if self.left else ""
            return f"Nothing was removed{stay}. {' '.join(self.problems)}".strip()
        count, gained = len(self.removed), size_in_words(self.freed)
        words = [f"Would remove {count} and free {gained}" if self.rehearsed else f"Removed {count} and freed {gained}"]
        if self.before is not None and self.after is not None:
            verb = "would go" if self.rehearsed else "went"
            percent = f"{self.before.used_percent:.0f} to {self.after.used_percent:.0f} %"
            words.append(f"{self.path} {verb} from {percent}")
        if self.left:
            words.append(f"{self.left} more may go and stay, it is enough")
        return f"{'; '.join(words)}. {' '.join(self.problems)}".strip()

    def to_result(self) -> dict[str, object]:
        """What a module returns. The place is not called ``path``, for which Ansible would add the mode and owner."""
        lines = "".join(f"{item.what} {item.name or item.id}\n" for item in self.removed)
        return {
            "changed": bool(self.removed),
            "actions": [item.to_data("would be removed" if self.rehearsed else "removed") for item in self.removed],
            "measured": self.path,
            "freed_bytes": self.freed,
            "expected_bytes": sum(item.size for item in self.removed),
            "used_percent_before": None if self.before is None else round(self.before.used_percent, 1),
            "used_percent_after": None if self.after is None else round(self.after.used_percent, 1),
            "left": self.left,
            "note": self.note,
            "problems": list(self.problems),
            "diff": {"before": lines, "after": ""},
        }


def remove_in_turn(
    path: str,
    candidates: Sequence[Removal],
    goal: Goal,
    measure: Measure,
    remove: Callable[[Removal], str | None] | None,
) -> Cleaning:
    """Remove one after the other, measured after each, until it is enough.

    :param candidates: in the order in which they go.
    :param remove: removes one, and returns why it stays, empty when it is gone already, or None when it was removed; no
        function under check mode, which reckons instead.
    """
    before = after = measured(measure, path)
    removed: list[Removal] = []
    problems: list[str] = []
    rest = sum(item.size for item in candidates)
    for position, item in enumerate(candidates):
        if goal.reached(after, rest):
            left = len(candidates) - position
            break
        problem = remove(item) if remove else None
        if problem is None:
            removed.append(item)
        elif problem:
            problems.append(problem)
        rest -= item.size
        if remove:
            after = measured(measure, path)
        elif after is not None:
            after = after.with_more(item.size, item.files)
    else:
        left = 0
    return Cleaning(path, tuple(removed), before, after, left, tuple(problems), _sum(removed), rehearsed=remove is None)


def _sum(removed: Sequence[Removal]) -> int:
    return sum(item.size for item in removed)
