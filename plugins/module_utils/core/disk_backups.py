# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DS-4: which backups of a folder the policy lets go. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_settings import BackupPolicy

UNFINISHED_S = 3600.0
"""A backup that was written to within the last hour may still be under way."""


@dataclass(frozen=True)
class BackupEntry:
    """A file or folder of a backup folder.

    :param size: bytes, of a folder all that is in it.
    :param modified: epoch seconds, of a folder the newest of all that is in it.
    :param files: inodes, of a folder those of all that is in it.
    """

    name: str
    size: int
    modified: float
    files: int = 1


@dataclass(frozen=True)
class Choice:
    """The policy's answer; the removable ones the oldest first."""

    kept: tuple[BackupEntry, ...]
    removable: tuple[BackupEntry, ...]


def choose_backups(entries: Iterable[BackupEntry], policy: BackupPolicy, now: float) -> Choice:
    """Sort the backups of a folder into those that stay and those that may go.

    The newest ``keep`` that hold anything stay whatever their age: an empty file, left by a failed run, does not count
    as a backup. The very newest stays always, and so does what is younger than the policy's age or was written to
    within the last hour.
    """
    newest_first = sorted(
        (entry for entry in entries if fnmatchcase(entry.name, policy.pattern)),
        key=lambda entry: (-entry.modified, entry.name),
    )
    sound = [entry.name for entry in newest_first if entry.size > 0][: max(1, policy.keep)]
    protected = {*sound, *(entry.name for entry in newest_first[:1])}
    youngest_to_go = now - max(policy.older_than_days * 86400.0, UNFINISHED_S)
    kept: list[BackupEntry] = []
    removable: list[BackupEntry] = []
    for entry in newest_first:
        may_go = entry.name not in protected and entry.modified <= youngest_to_go
        (removable if may_go else kept).append(entry)
    return Choice(tuple(kept), tuple(reversed(removable)))
