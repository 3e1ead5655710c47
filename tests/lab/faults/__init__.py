# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults by name, from one module per family."""

from __future__ import annotations

from labtool.commands import LabError
from labtool.fault import Fault

from . import auth, crash, database, database_access, disk, latency, model, model_files, queue

FAMILIES: tuple[tuple[Fault, ...], ...] = (
    crash.FAULTS,
    database.FAULTS,
    database_access.FAULTS,
    model.FAULTS,
    model_files.FAULTS,
    latency.FAULTS,
    auth.FAULTS,
    queue.FAULTS,
    disk.FAULTS,
)
FAULTS: dict[str, Fault] = {fault.name: fault for family in FAMILIES for fault in family}


def find(name: str) -> Fault:
    """Return a fault by its name; LabError lists the names when there is none."""
    try:
        return FAULTS[name]
    except KeyError:
        raise LabError(f"there is no fault {name!r}; there are: {', '.join(FAULTS)}") from None
