# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the record without leaving a trace: no file is made, none is changed, none is locked for writers."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import StateUnavailableError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import directory
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.reserve import Reserve
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.schema import (
    is_newest,
    migrate,
    version_of,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.unusable import (
    is_full,
    raise_full,
    raise_readable,
)

T = TypeVar("T")
_TRIES = 3
_BUSY_SECONDS = 2.0


def read(state_dir: Path, operation: Callable[[sqlite3.Connection], T]) -> T | None:
    """What the operation gives, or None when there is no record yet.

    :raises StateUnavailableError: there is a record, and it cannot be read.
    """
    if not directory.check(state_dir):
        return None
    file = state_dir.absolute() / directory.DATABASE
    try:
        return _read(file, operation)
    except sqlite3.DatabaseError as error:
        if is_full(error, Reserve(state_dir)):
            raise_full(error, state_dir)
        raise_readable(error, file)
        raise
    except OSError as error:
        raise StateUnavailableError(f"The record cannot be read: {error}.", remedy="Run as root.") from error


def copy_to_memory(state_dir: Path) -> sqlite3.Connection:
    """A copy of the record in memory, of the newest schema version; an empty one when there is no record."""
    memory = sqlite3.connect(":memory:", isolation_level=None)
    try:
        read(state_dir, lambda connection: connection.backup(memory))
        migrate(memory)
        memory.execute("PRAGMA foreign_keys = ON")
        memory.row_factory = sqlite3.Row
    except BaseException:
        memory.close()
        raise
    return memory


def _read(file: Path, operation: Callable[[sqlite3.Connection], T]) -> T | None:
    """Read a file at rest as immutable, since any other way makes SQLite create its side files.

    Whether it was at rest is looked at before and after; a file that is being written is read with locks.
    """
    for _unused in range(_TRIES):
        before = _at_rest(file)
        if before is None:
            break
        try:
            result = _run(f"{file.as_uri()}?immutable=1", operation)
        except sqlite3.DatabaseError:
            if before == _at_rest(file):
                raise
        else:
            if before == _at_rest(file):
                return result
    try:
        return _run(f"{file.as_uri()}?mode=ro", operation)
    except sqlite3.OperationalError:
        if file.exists():
            raise
        return None


def _at_rest(file: Path) -> tuple[int, int, int] | None:
    """Inode, time of change and size of a file that no writer has written beside; None otherwise, or without one."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    with contextlib.suppress(FileNotFoundError):
        # An empty one holds nothing that is not in the file: what a full disk leaves behind, where no lock can be had.
        if Path(f"{file}-wal").stat().st_size > 0:
            return None
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def _run(uri: str, operation: Callable[[sqlite3.Connection], T]) -> T | None:
    with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        if version_of(connection) == 0:
            return None
        if is_newest(connection):
            connection.execute("BEGIN")
            return operation(connection)
        with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as memory:
            connection.backup(memory)
            memory.row_factory = sqlite3.Row
            migrate(memory)
            return operation(memory)
