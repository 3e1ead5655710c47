# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why the record cannot be used, in words that a person can act on."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import StateUnavailableError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.reserve import Reserve


def is_full(error: Exception, reserve: Reserve) -> bool:
    """True when the error comes from a disk without room, or without inodes."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    text = str(error)
    if "full" in text:
        return True
    return ("disk I/O" in text or "unable to open" in text) and reserve.disk_is_full()


def raise_full(error: Exception, directory: Path) -> None:
    """The disk of the state directory has no room."""
    raise StateUnavailableError(
        f"The disk of the state directory is full: {directory}.",
        remedy="Free some room there (see df and df -i) and run again; nothing is recorded elsewhere.",
    ) from error


def raise_readable(error: Exception, file: Path) -> None:
    """Turn an error of SQLite or of the file system into one that says what to do; a bug is raised as it is."""
    if isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError)):
        raise error
    text = str(error)
    if "malformed" in text or "not a database" in text:
        remedy = f"Keep it for the investigation: move {file} away, and the next run starts a new record."
        raise StateUnavailableError(f"The record is damaged: {file}: {text}.", remedy=remedy) from error
    if "locked" in text:
        remedy = "See which process holds it: fuser -v " + str(file)
        raise StateUnavailableError(f"The record is locked by another process: {file}.", remedy=remedy) from error
    if "disk I/O" in text:
        remedy = "Look at the file system and at the kernel's log (dmesg); nothing is recorded elsewhere."
        raise StateUnavailableError(f"The disk refuses the record: {file}: {text}.", remedy=remedy) from error
    remedy = "Run as root, or as a member of the group of a prepared directory, on a file system that can be written."
    raise StateUnavailableError(f"The record cannot be used: {file}: {text}.", remedy=remedy) from error
