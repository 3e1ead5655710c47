# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of escalations: how far up the matrix an incident was carried."""

from __future__ import annotations

import sqlite3

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.escalation import Progress, Step
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment, elapsed


def progress_of(connection: sqlite3.Connection, incident: str, now: Moment) -> Progress:
    """How far; its age is told by the clock of the boot, so that a clock that is set cannot double or lose a step."""
    row = connection.execute("SELECT * FROM escalation WHERE incident = ?", (incident,)).fetchone()
    if row is None:
        return Progress()
    age = elapsed(Moment(row["wall"], row["boot"], row["boot_id"]), now).at_least
    return Progress(level=row["level"], steps=row["steps"], age=age, at=row["wall"])


def put(connection: sqlite3.Connection, incident: str, step: Step, now: Moment) -> None:
    """The step was taken."""
    connection.execute(
        """INSERT INTO escalation (incident, level, steps, wall, boot, boot_id) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (incident) DO UPDATE SET level = excluded.level, steps = excluded.steps,
            wall = excluded.wall, boot = excluded.boot, boot_id = excluded.boot_id""",
        (incident, step.level, step.steps, now.wall, now.boot, now.boot_id),
    )
