# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of notices: what people have to hear of, from the change until it is put into the outbox."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import Incident
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.notice import Kind, notices_of
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.encoding import sentence


@dataclass(frozen=True)
class Stored:
    """A notice as it is stored; ``level`` is how far up the escalation matrix it goes."""

    seq: int
    incident: str
    at: float
    kind: str
    message: str
    level: int


def announce(connection: sqlite3.Connection, before: Incident | None, after: Incident, now: Moment) -> None:
    """Note the changes of an incident, in the transaction that makes them: none is lost, none is told without it."""
    for notice in notices_of(before, after):
        add(connection, after.id, notice.kind, notice.message, now)


def add(
    connection: sqlite3.Connection, incident: str, kind: Kind, message: str, now: Moment, *, level: int = 0
) -> None:
    """Note one change."""
    statement = "INSERT INTO notice (incident, at, kind, message, level) VALUES (?, ?, ?, ?, ?)"
    connection.execute(statement, (incident, now.wall, kind.value, sentence(message), level))


def unrouted(connection: sqlite3.Connection) -> list[Stored]:
    """Those that are not in the outbox yet, incident by incident, the oldest first."""
    statement = "SELECT * FROM notice WHERE routed = 0 ORDER BY incident, seq"
    return [_from_row(row) for row in connection.execute(statement)]


def mark_routed(connection: sqlite3.Connection, notices: Sequence[Stored]) -> None:
    """They are in the outbox, or nobody wants to hear of them."""
    connection.executemany("UPDATE notice SET routed = 1 WHERE seq = ?", [(notice.seq,) for notice in notices])


def message_of(connection: sqlite3.Connection, seq: int) -> str:
    """The sentence of a notice."""
    return str(connection.execute("SELECT message FROM notice WHERE seq = ?", (seq,)).fetchone()[0])


def incidents_without(connection: sqlite3.Connection, kind: Kind, resolved_before: float) -> list[str]:
    """P1 and P2 incidents that were resolved before a reading of the wall clock (s), wait for their review, and of
    which such a notice was never made."""
    statement = """SELECT id FROM incident WHERE state = 'resolved' AND severity IN ('P1', 'P2') AND resolved_at < ?
        AND NOT EXISTS (SELECT 1 FROM notice WHERE notice.incident = incident.id AND notice.kind = ?)"""
    return [str(row["id"]) for row in connection.execute(statement, (resolved_before, kind.value))]


def _from_row(row: sqlite3.Row) -> Stored:
    return Stored(row["seq"], row["incident"], row["at"], row["kind"], row["message"], row["level"])
