# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's clocks and processes, behind two small interfaces."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Protocol

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import StateUnavailableError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.lease import Holder
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment

_PROC = Path("/proc")
_START_TIME = 19
"""Index of the start time among the fields after the command's name in /proc/<pid>/stat (field 22, see proc(5))."""


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> Moment:
        """The present moment."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The clocks of this host (Linux)."""

    def now(self) -> Moment:
        """:raises StateUnavailableError: when the host does not tell its boot, without which no lease is safe."""
        try:
            boot_id = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
            return Moment(time.time(), time.clock_gettime(time.CLOCK_BOOTTIME), boot_id)
        except (OSError, AttributeError) as error:
            raise StateUnavailableError(
                f"This host does not tell when it was started: {error}", remedy="The guard needs Linux with /proc."
            ) from error

    def sleep(self, seconds: float) -> None:
        """Wait, in seconds."""
        time.sleep(seconds)


class ProcessTable(Protocol):
    """Knows which processes run."""

    def is_gone(self, holder: Holder) -> bool:
        """True only when it is certain that the holder's process has ended."""


class LocalProcesses:
    """The processes that this one can see.

    A holder on another machine, in another boot or in another process namespace cannot be seen: it is not gone.
    """

    def __init__(self, proc: Path = _PROC) -> None:
        self._proc = proc

    def is_gone(self, holder: Holder) -> bool:
        """True when the holder's process was visible from here and has ended, is a zombie, or its number is reused."""
        if holder.pid <= 0 or not holder.pid_namespace:
            return False
        try:
            boot_id = (self._proc / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
            namespace = os.readlink(self._proc / "self/ns/pid")
        except OSError:
            return False
        if (holder.boot_id, holder.pid_namespace) != (boot_id, namespace):
            return False
        try:
            stat = (self._proc / str(holder.pid) / "stat").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return True
        except OSError:
            return False
        fields = stat.rpartition(")")[2].split()
        return fields[0] in ("Z", "X") or int(fields[_START_TIME]) != holder.pid_started
