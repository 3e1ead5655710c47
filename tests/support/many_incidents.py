# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A record with ten thousand incidents of a hundred days, in one statement: what a busy fleet leaves in years."""

from __future__ import annotations

import sqlite3

from record_fakes import an_incident

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import incident_table

COUNT = 10_000
SPACING = 864.0
"""Seconds between two of them."""
_FAULTS = 200
_COPY = """
    WITH RECURSIVE n(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < :count)
    INSERT INTO incident (id, day, number, fingerprint, state, severity, scenario, opened_at, detected_at,
        acknowledged_at, resolved_at, closed_at, {others})
    SELECT 'INC-' || date(opened_at + n * :spacing, 'unixepoch') || '-' || n,
        date(opened_at + n * :spacing, 'unixepoch'), n, 'fault ' || (n % :faults),
        CASE WHEN n % 400 = 0 THEN 'resolved' ELSE 'closed' END, 'P' || (n % 4 + 1),
        CASE WHEN n % 3 = 0 THEN 'disk_space' ELSE 'model_server' END,
        opened_at + n * :spacing, opened_at + n * :spacing, opened_at + n * :spacing + 30,
        opened_at + n * :spacing + 300, opened_at + n * :spacing + 900, {others}
    FROM n, incident WHERE incident.number = 1"""


def fill(connection: sqlite3.Connection) -> None:
    """Store them. The first one is open; each four hundredth is a P1 that waits for its review."""
    incident_table.add(connection, an_incident())
    columns = {row["name"] for row in connection.execute("PRAGMA table_info(incident)")}
    made = {
        *("seq", "id", "day", "number", "fingerprint", "state", "severity", "scenario", "opened_at", "detected_at"),
        *("acknowledged_at", "resolved_at", "closed_at"),
    }
    others = ", ".join(sorted(columns - made))
    values = {"count": COUNT, "spacing": SPACING, "faults": _FAULTS}
    connection.execute(_COPY.format(others=others), values)
