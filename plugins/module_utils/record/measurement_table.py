# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of measured values: before an incident, when it was opened, and at each look that verified an action."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.measurement import (
    Key,
    Look,
    Measurement,
    only,
    thin,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import iso

AT_OPENING = "opened"
_MOST_FINDINGS = 50
_INSERT = """INSERT INTO measurement (platform, incident, at, phase, finding, service, status, value, bound, unit)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_COPY_BEFORE = """INSERT INTO measurement (platform, incident, at, phase, finding, service, status, value, bound, unit)
    SELECT platform, ?, at, 'before', finding, service, status, value, bound, unit FROM measurement
    WHERE platform = ? AND finding = ? AND service = ? AND at < ? AND status = 'ok' AND value IS NOT NULL
        AND phase != 'before' ORDER BY at DESC LIMIT 1"""
_ROWS = "SELECT at, phase, finding, service, status, value, bound, unit FROM measurement"


def open_with(
    connection: sqlite3.Connection, platform: str, incident: str, wall: float, measurements: Iterable[Measurement]
) -> None:
    """Keep what was bad when the incident was opened or joined; these findings are followed from then on.

    With them goes the last good value of each from before, since what is kept of healthy moments is replaced later.

    :param wall: wall clock (s) of the observation.
    """
    wanted = list(measurements)[:_MOST_FINDINGS]
    known = _followed(connection, incident)
    for one in wanted:
        if one.key not in known:
            connection.execute(_COPY_BEFORE, (incident, platform, *one.key, wall))
    connection.executemany(_INSERT, [_row(platform, incident, wall, AT_OPENING, one) for one in wanted])


def follow(
    connection: sqlite3.Connection, platform: str, incident: str, phase: str, wall: float, looks: list[Look]
) -> None:
    """Keep what later looks measured of the findings that are followed.

    :param phase: the action that was verified, for example ``restart of model-server``.
    :param wall: wall clock (s) at which the looks are handed over; each says how long before it was.
    """
    keys = _followed(connection, incident)
    rows = [
        _row(platform, incident, wall - look.ago, phase, one)
        for look in thin(looks)
        for one in only(look, keys).measurements
    ]
    connection.executemany(_INSERT, rows)


def keep_baseline(
    connection: sqlite3.Connection, platform: str, wall: float, measurements: Iterable[Measurement]
) -> None:
    """Keep values of a healthy moment: what a later incident is compared with. Each replaces its former one."""
    kept = list(measurements)
    former = "DELETE FROM measurement WHERE platform = ? AND finding = ? AND service = ? AND incident IS NULL"
    connection.executemany(former, [(platform, *one.key) for one in kept])
    connection.executemany(_INSERT, [_row(platform, None, wall, "healthy", one) for one in kept])


def of_incident(connection: sqlite3.Connection, incident: str) -> list[dict[str, Any]]:
    """Plain data, by time: at (ISO 8601), at_s (wall clock, s), phase, finding, service, status, value, limit, unit."""
    return [_plain(row) for row in connection.execute(f"{_ROWS} WHERE incident = ? ORDER BY at, seq", (incident,))]


def _followed(connection: sqlite3.Connection, incident: str) -> set[Key]:
    statement = "SELECT DISTINCT finding, service FROM measurement WHERE incident = ? AND phase = ?"
    return {(row["finding"], row["service"]) for row in connection.execute(statement, (incident, AT_OPENING))}


def _row(platform: str, incident: str | None, wall: float, phase: str, one: Measurement) -> tuple[Any, ...]:
    return (platform, incident, wall, phase, one.finding, one.service, one.status, one.value, one.limit, one.unit)


def _plain(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "at": iso(row["at"]),
        "at_s": round(row["at"], 3),
        "phase": row["phase"],
        "finding": row["finding"],
        "service": row["service"],
        "status": row["status"],
        "value": row["value"],
        "limit": row["bound"],
        "unit": row["unit"],
    }
