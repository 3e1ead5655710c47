# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing to the record: one SQLite file, one transaction for each operation, durable when it returns."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import directory
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.reader import copy_to_memory
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.reserve import Reserve
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.schema import (
    is_newest,
    migrate,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.unusable import (
    is_full,
    raise_full,
    raise_readable,
)

T = TypeVar("T")
Operation = Callable[[sqlite3.Connection], T]

BUSY_SECONDS = 15.0
_RESERVE_NOTE = "The disk is full: the reserve of the record was released, and there is none for the next time."


class Record(Protocol):
    """Where operations run. ``notes`` are sentences that a person has to see, such as a released reserve."""

    notes: list[str]

    def run(self, operation: Operation[T]) -> T:
        """Run the operation in one transaction. It may run twice, so it must not act outside the connection."""


class Writer:
    """The record in a state directory, for writing. The directory and the file are made when they are missing.

    :param state_dir: the configured directory. No other place is ever used instead: locks would split.
    :param busy_seconds: how long to wait for other writers, each of which holds the file for milliseconds.
    """

    def __init__(self, state_dir: str, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.notes: list[str] = []
        self._directory = Path(state_dir)
        self._busy_seconds = busy_seconds
        self._reserve = Reserve(self._directory)

    def run(self, operation: Operation[T]) -> T:
        """:raises StateUnavailableError: the record cannot be used; says why and what to do."""
        try:
            return self._run_once(operation)
        except (sqlite3.DatabaseError, OSError) as error:
            if not (is_full(error, self._reserve) and self._reserve.release()):
                self._explain(error)
        self.notes.append(_RESERVE_NOTE)
        try:
            return self._run_once(operation)
        except (sqlite3.DatabaseError, OSError) as error:
            self._explain(error)
            raise

    def _run_once(self, operation: Operation[T]) -> T:
        directory.prepare(self._directory)
        directory.create_database(self._directory)
        with contextlib.closing(self._open()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = operation(connection)
                connection.execute("COMMIT")
            except BaseException:
                # A full disk makes SQLite roll back by itself.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        self._reserve.keep()
        return result

    def _open(self) -> sqlite3.Connection:
        file = self._directory / directory.DATABASE
        connection = sqlite3.connect(file, timeout=self._busy_seconds, isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            is_wal = connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
            if not is_wal or not is_newest(connection):
                with self._alone():
                    connection.execute("PRAGMA journal_mode = WAL")
                    migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time: SQLite does not wait its turn when the journal mode changes."""
        deadline = time.monotonic() + self._busy_seconds
        descriptor = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise sqlite3.OperationalError("database is locked") from None
                    time.sleep(0.01)
            yield
        finally:
            os.close(descriptor)

    def _explain(self, error: Exception) -> None:
        """Raise what a person can use. An error that is a bug of ours is left for the caller to raise."""
        file = self._directory / directory.DATABASE
        if is_full(error, self._reserve):
            raise_full(error, self._directory)
        raise_readable(error, file)


class Rehearsal:
    """The same operations on a copy in memory: what would be, while nothing is written. For check mode."""

    def __init__(self, state_dir: str) -> None:
        self.notes: list[str] = []
        self._directory = Path(state_dir)

    def run(self, operation: Operation[T]) -> T:
        """:raises StateUnavailableError: the record exists and cannot be read."""
        with contextlib.closing(copy_to_memory(self._directory)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                return operation(connection)
            except sqlite3.DatabaseError as error:
                raise_readable(error, self._directory / directory.DATABASE)
                raise


def open_record(state_dir: str, *, rehearse: bool = False, **settings: Any) -> Record:
    """A :class:`Writer`, or a :class:`Rehearsal` in check mode."""
    return Rehearsal(state_dir) if rehearse else Writer(state_dir, **settings)
