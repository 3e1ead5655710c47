# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Room that is kept for the day on which the disk is full: that day is an incident, too, and must be recorded."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.directory import free_bytes

SIZE = 1 << 20
_NAME = "incident_response.reserve"
_ROOM_BEFORE = 2 * SIZE
_FULL = 1 << 17
"""Less free room than that, and an input/output error of SQLite is put down to the full disk (bytes)."""


class Reserve:
    """A file of 1 MiB in the state directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._path = directory / _NAME

    def keep(self) -> None:
        """Make it when it is missing and there is room for twice as much. Having none is no error."""
        if self._path.exists() or free_bytes(self._directory) < _ROOM_BEFORE:
            return
        unfinished = self._directory / f"{_NAME}.new"
        try:
            with unfinished.open("wb") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(os.urandom(SIZE))  # a file system that compresses would keep no room for zeros
            unfinished.replace(self._path)
        except OSError:
            with contextlib.suppress(OSError):
                unfinished.unlink()

    def release(self) -> bool:
        """Give the room back. False when there was none to give."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True

    def disk_is_full(self) -> bool:
        """True when hardly any room is left."""
        return free_bytes(self._directory) < _FULL
