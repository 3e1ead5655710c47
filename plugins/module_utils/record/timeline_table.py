# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The timelines: what happened in an incident, in the order in which it was written."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment, iso
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.encoding import lines, sentence


def tell(
    connection: sqlite3.Connection,
    incident: str,
    now: Moment,
    actor: str,
    kind: str,
    message: str,
    evidence: Sequence[str] = (),
) -> None:
    """Add an entry. One that repeats the last entry word for word is counted there: a check every minute adds no page.

    :param actor: who says it, for example ``awx job 17: ops@controller``.
    :param kind: opened, joined, reopened, state, severity, issue_type, note, lease, refused, intent, outcome,
        interrupted, escalated, released, unanswered, review_overdue or notified.
    """
    content = (sentence(actor), kind, sentence(message), lines(evidence))
    last = connection.execute(
        "SELECT seq, source, kind, message, evidence FROM timeline WHERE incident = ? ORDER BY seq DESC LIMIT 1",
        (incident,),
    ).fetchone()
    if last is not None and tuple(last)[1:] == content:
        statement = "UPDATE timeline SET repeated = repeated + 1, last_at = ? WHERE seq = ?"
        connection.execute(statement, (now.wall, last["seq"]))
        return
    connection.execute(
        "INSERT INTO timeline (incident, at, source, kind, message, evidence) VALUES (?, ?, ?, ?, ?, ?)",
        (incident, now.wall, *content),
    )


def holds(connection: sqlite3.Connection, incident: str, actor: str, kind: str, message: str) -> bool:
    """True when the timeline has exactly that entry."""
    statement = "SELECT 1 FROM timeline WHERE incident = ? AND source = ? AND kind = ? AND message = ?"
    values = (incident, sentence(actor), kind, sentence(message))
    return connection.execute(statement, values).fetchone() is not None


def entries(connection: sqlite3.Connection, incident: str) -> list[dict[str, Any]]:
    """Plain data: at, source, kind, message, evidence; ``repeated`` and ``last_at`` for an entry that came again."""
    statement = "SELECT * FROM timeline WHERE incident = ? ORDER BY seq"
    return [
        {
            "at": iso(row["at"]),
            "source": row["source"],
            "kind": row["kind"],
            "message": row["message"],
            "evidence": json.loads(row["evidence"]),
            "repeated": row["repeated"],
            "last_at": None if row["last_at"] is None else iso(row["last_at"]),
        }
        for row in connection.execute(statement, (incident,))
    ]
