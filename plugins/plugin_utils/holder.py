# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who runs this remediation: enough to tell later, on the same machine, whether that run is still alive."""

from __future__ import annotations

import getpass
import multiprocessing
import os
import platform
from pathlib import Path
from typing import Any


def current_holder(proc: Path = Path("/proc")) -> dict[str, Any]:
    """The run that this worker process belongs to.

    :returns: ``user``, ``host`` (node name), ``pid`` of ``ansible-playbook`` (the worker's parent), ``pid_started``
        (clock ticks after boot, field 22 of proc(5) stat), ``boot_id`` and ``pid_namespace``. The last four are
        empty or 0 where /proc does not tell, as on macOS; the lease then lives until it expires.
    """
    pid = os.getppid()
    return {
        "user": _user(),
        "host": platform.node(),
        "pid": pid,
        "pid_started": process_started(pid, proc),
        "boot_id": _read(proc / "sys/kernel/random/boot_id"),
        "pid_namespace": _link(proc / "self/ns/pid"),
    }


def run_is_gone() -> bool:
    """Whether the run that this worker process belongs to has ended, so that nobody waits for what it does.

    Ansible gives a worker a session of its own: whoever kills the run (a cancel, a time-out) does not meet it.
    """
    run = multiprocessing.parent_process()
    return run is not None and run.pid != os.getppid()


def process_started(pid: int, proc: Path) -> int:
    """Start time of a process in clock ticks after boot; 0 when it cannot be told."""
    stat = _read(proc / str(pid) / "stat")
    # The command in parentheses may hold spaces and parentheses itself: fields are counted after the last one.
    fields = stat.rpartition(")")[2].split()
    return int(fields[19]) if len(fields) > 19 else 0


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A random user id without a name, as in an execution environment of AWX.
        return str(os.getuid())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""
