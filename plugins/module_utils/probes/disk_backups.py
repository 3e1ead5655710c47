# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks into a folder of backups. Links are never followed, and what is not in the folder itself is never named."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_backups import (
    BackupEntry,
    choose_backups,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import Backups
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_settings import BackupPolicy
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError

_SYSTEM = frozenset(
    ("/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/opt", "/proc", "/root", "/run", "/sbin", "/srv", "/sys",
     "/usr", "/usr/bin", "/usr/lib", "/usr/local", "/var", "/var/lib", "/var/lib/docker", "/var/log")
)  # fmt: skip
_MOST_ENTRIES = 100_000


def look_at_backups(policy: BackupPolicy, now: float) -> Backups:
    """What the policy lets go; a problem is named, not raised."""
    try:
        check_folder(policy.path)
        entries = read_entries(policy.path)
        device = os.stat(policy.path).st_dev
    except (InvalidInputError, OSError) as error:
        return Backups(policy.path, policy.pattern, problem=_reason(error))
    choice = choose_backups(entries, policy, now)
    every = (*choice.kept, *choice.removable)
    return Backups(
        policy.path,
        policy.pattern,
        count=len(every),
        size=sum(entry.size for entry in every),
        kept=len(choice.kept),
        removable=tuple((entry.name, entry.size) for entry in choice.removable),
        device=device,
    )


def check_folder(path: str) -> None:
    """:raises InvalidInputError: it is a folder of the system, a link, or not the whole path."""
    if os.path.normpath(path) in _SYSTEM:
        raise InvalidInputError("path", path, remedy="Name the folder that holds nothing but backups.")
    if os.path.realpath(path) != os.path.normpath(path):
        raise InvalidInputError("path", path, remedy="Give the whole path without links.")


def read_entries(path: str) -> list[BackupEntry]:
    """Files and folders of a folder; links, sockets and devices are left out. :raises OSError: it cannot be read."""
    found = []
    with os.scandir(path) as entries:
        for number, entry in enumerate(entries):
            if number >= _MOST_ENTRIES:
                break
            backup = read_entry(entry.path)
            if backup is not None:
                found.append(backup)
    return found


def read_entry(path: str) -> BackupEntry | None:
    """One file or folder; None for anything else, and for what is mounted there. :raises OSError: it cannot be read."""
    name, seen = os.path.basename(path), os.lstat(path)
    if stat.S_ISREG(seen.st_mode):
        return BackupEntry(name, _size(seen), seen.st_mtime)
    if not stat.S_ISDIR(seen.st_mode) or os.path.ismount(path):
        return None
    inside = [seen, *_inside(path, seen.st_dev)]
    size = sum(_size(item) for item in inside[1:] if not stat.S_ISDIR(item.st_mode))
    return BackupEntry(name, size, max(item.st_mtime for item in inside), len(inside))


def _inside(path: str, device: int) -> Iterator[os.stat_result]:
    for folder, folders, files in os.walk(path):
        for name in [*folders, *files]:
            seen = os.lstat(os.path.join(folder, name))
            if seen.st_dev == device:
                yield seen


def _size(seen: os.stat_result) -> int:
    """What its removal gives back, in bytes; 0 only for an empty file."""
    return seen.st_blocks * 512 or seen.st_size if seen.st_size else 0


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"it cannot be read: {error.strerror}"
    return str(error)
