# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Room that is kept for the day on which the disk is full: that day is an incident, too, and must be recorded."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.directory import (
    free_bytes,
    free_inodes,
)

SIZE = 1 << 20
PLACES = 4
"""Inodes beyond that of the room itself: SQLite takes two for each write, the end of a truncated log another one."""

_NAME = "incident_response.reserve"
_ROOM_BEFORE = 2 * SIZE
_INODES_BEFORE = 4 * PLACES
_FULL = 1 << 17
"""Less free room than that, and an input/output error of SQLite is put down to the full disk (bytes)."""


class Reserve:
    """A file of 1 MiB in the state directory, and a few empty ones: a disk can run out of inodes as well."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._room = directory / _NAME
        self._places = tuple(directory / f"{_NAME}.{number}" for number in range(1, PLACES + 1))

    def keep(self) -> None:
        """Make what is missing of it when there is room for much more than that. Having none is no error."""
        if self._room.exists() and self._places[-1].exists():
            return
        if free_bytes(self._directory) < _ROOM_BEFORE or free_inodes(self._directory) < _INODES_BEFORE:
            return
        with contextlib.suppress(OSError):
            if not self._room.exists():
                self._keep_room()
            for place in self._places:
                place.touch(mode=0o600)

    def _keep_room(self) -> None:
        unfinished = self._directory / f"{_NAME}.new"
        try:
            with unfinished.open("wb") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(os.urandom(SIZE))  # a file system that compresses would keep no room for zeros
            unfinished.replace(self._room)
        except OSError:
            with contextlib.suppress(OSError):
                unfinished.unlink()
            raise

    def release(self) -> bool:
        """Give room and inodes back. False when there was nothing to give."""
        released = False
        for path in (self._room, *self._places):
            with contextlib.suppress(OSError):
                path.unlink()
                released = True
        return released

    def disk_is_full(self) -> bool:
        """True when hardly any room, or not one inode that SQLite needs, is left."""
        return free_bytes(self._directory) < _FULL or free_inodes(self._directory) < 2
