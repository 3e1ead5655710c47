# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading incidents for people and reports. Leaves no trace."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import Incident, State
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident_statistics import (
    statistics_of,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    attempt_table,
    escalation_table,
    incident_table,
    measurement_table,
    message_table,
    timeline_table,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.host import SystemClock
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.reader import read


@dataclass(frozen=True)
class Query:
    """Which incidents. What is empty or None lets all through.

    :param since: opened then or later (wall clock, s), ``before``: opened before then.
    :param awaits_review: only P1 and P2 that are resolved and not reviewed yet, the longest waiting first;
        ``states`` is left alone then.
    :param overdue_at: of these, only those whose review was due before then (wall clock, s).
    """

    number: str = ""
    platform: str = ""
    scenario: str = ""
    states: tuple[State, ...] = ()
    severities: tuple[str, ...] = ()
    since: float | None = None
    before: float | None = None
    awaits_review: bool = False
    overdue_at: float | None = None
    limit: int = 100
    full: bool = False


def find_incidents(state_dir: str, query: Query, now: Moment | None = None) -> list[dict[str, Any]]:
    """The incidents, the newest first, each with ``response``: pending, met or missed.

    In full with timeline, attempts, findings, plan, measurements, ``escalation_level`` and ``notifications``.

    :param now: of this host; None reads the clock.
    :returns: an empty list when there is no record yet.
    :raises StateUnavailableError: there is a record, and it cannot be read.
    """
    moment = SystemClock().now() if now is None else now
    return read(Path(state_dir), lambda connection: _find(connection, query, moment)) or []


def incident_statistics(state_dir: str, query: Query, now: Moment) -> dict[str, Any]:
    """The statistics of all incidents that the query lets through, whatever its limit; in one statement."""
    everything = replace(query, limit=-1)
    found = read(Path(state_dir), lambda connection: select(connection, everything)) or []
    return statistics_of(found, now.wall)


def _find(connection: sqlite3.Connection, query: Query, now: Moment) -> list[dict[str, Any]]:
    show = in_full if query.full else in_short
    return [show(connection, incident, now) for incident in select(connection, query)]


def select(connection: sqlite3.Connection, query: Query) -> list[Incident]:
    """The incidents that the query lets through."""
    if query.number:
        return [incident_table.get(connection, query.number)]
    if query.awaits_review:
        waiting = incident_table.awaiting_review(connection, query.overdue_at)
        wanted = [incident for incident in waiting if _is_wanted(incident, query)]
        return wanted if query.limit < 0 else wanted[: query.limit]
    return incident_table.select(
        connection,
        platform=query.platform,
        scenario=query.scenario,
        severities=query.severities,
        states=query.states,
        since=query.since,
        before=query.before,
        limit=query.limit,
    )


def _is_wanted(incident: Incident, query: Query) -> bool:
    """The other conditions on one of the few incidents that wait for their review."""
    return (
        query.platform in ("", incident.platform)
        and query.scenario in ("", incident.scenario)
        and (not query.severities or incident.severity in query.severities)
        and (query.since is None or incident.opened_at >= query.since)
        and (query.before is None or incident.opened_at < query.before)
    )


def in_short(_connection: sqlite3.Connection, incident: Incident, now: Moment) -> dict[str, Any]:
    """The incident with ``response``."""
    return {**incident.to_data(), "response": incident.response(now.wall).value}


def in_full(connection: sqlite3.Connection, incident: Incident, now: Moment) -> dict[str, Any]:
    """The incident with ``response``, and with all that the record holds of it."""
    return {
        **in_short(connection, incident, now),
        "timeline": timeline_table.entries(connection, incident.id),
        "attempts": [attempt.to_data() for attempt in attempt_table.of_incident(connection, incident.id)],
        "escalation_level": escalation_table.progress_of(connection, incident.id, now).level,
        "notifications": message_table.of_incident(connection, incident.id),
        **incident_table.observation(connection, incident.id),
        "measurements": measurement_table.of_incident(connection, incident.id),
    }
