# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading incidents for people and reports. Leaves no trace."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import Incident, State
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    attempt_table,
    incident_table,
    measurement_table,
    timeline_table,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.reader import read


@dataclass(frozen=True)
class Query:
    """Which incidents. What is empty or None lets all through; ``since`` is a wall clock reading (s)."""

    number: str = ""
    platform: str = ""
    scenario: str = ""
    states: tuple[State, ...] = ()
    since: float | None = None
    limit: int = 100
    full: bool = False


def find_incidents(state_dir: str, query: Query) -> list[dict[str, Any]]:
    """The incidents, the newest first; in full with timeline, attempts, findings and plan.

    No record yet is no incident. :raises StateUnavailableError: there is a record, and it cannot be read.
    """
    return read(Path(state_dir), lambda connection: _find(connection, query)) or []


def _find(connection: sqlite3.Connection, query: Query) -> list[dict[str, Any]]:
    if query.number:
        found = [incident_table.get(connection, query.number)]
    else:
        found = incident_table.select(
            connection,
            platform=query.platform,
            scenario=query.scenario,
            states=query.states,
            since=query.since,
            limit=query.limit,
        )
    return [_in_full(connection, incident) if query.full else incident.to_data() for incident in found]


def _in_full(connection: sqlite3.Connection, incident: Incident) -> dict[str, Any]:
    return {
        **incident.to_data(),
        "timeline": timeline_table.entries(connection, incident.id),
        "attempts": [attempt.to_data() for attempt in attempt_table.of_incident(connection, incident.id)],
        **incident_table.observation(connection, incident.id),
        "measurements": [
            *measurement_table.before(connection, incident.platform, incident.id, incident.opened_at),
            *measurement_table.of_incident(connection, incident.id),
        ],
    }
