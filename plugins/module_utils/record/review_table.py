# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of reviews: where each stands, and every text that people wrote, none of which is ever overwritten."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.encoding import (
    paragraphs,
    sentence,
)


@dataclass(frozen=True)
class Review:
    """A review that was begun. Times are wall-clock seconds; ``in_review_at`` is None while it is a draft."""

    incident: str
    drafted_at: float
    in_review_at: float | None = None
    reviewer: str = ""


def find(connection: sqlite3.Connection, incident: str) -> Review | None:
    """The review of the incident, if it was begun."""
    statement = "SELECT incident, drafted_at, in_review_at, reviewer FROM review WHERE incident = ?"
    row = connection.execute(statement, (incident,)).fetchone()
    return None if row is None else Review(**dict(zip(row.keys(), row)))


def save(connection: sqlite3.Connection, review: Review) -> None:
    """Begin a review, or store a changed one."""
    connection.execute(
        "INSERT OR REPLACE INTO review (incident, drafted_at, in_review_at, reviewer) VALUES (?, ?, ?, ?)",
        (review.incident, review.drafted_at, review.in_review_at, sentence(review.reviewer)),
    )


def revision(connection: sqlite3.Connection, incident: str) -> int:
    """A number that grows with each text of the incident's review; 0 when there is none."""
    row = connection.execute("SELECT max(seq) FROM review_text WHERE incident = ?", (incident,)).fetchone()
    return int(row[0] or 0)


def texts(connection: sqlite3.Connection, incident: str, at_revision: int | None = None) -> dict[str, str]:
    """Section -> text, now or at an earlier revision."""
    latest = connection.execute(
        """SELECT section, text, max(seq) FROM review_text WHERE incident = ? AND (? IS NULL OR seq <= ?)
            GROUP BY section""",
        (incident, at_revision, at_revision),
    )
    return {row["section"]: row["text"] for row in latest}


def add_texts(
    connection: sqlite3.Connection, incident: str, changed: Mapping[str, str], author: str, now: Moment
) -> None:
    """Store texts after the ones before them."""
    rows = [(incident, section, paragraphs(text), sentence(author), now.wall) for section, text in changed.items()]
    statement = "INSERT INTO review_text (incident, section, text, author, at) VALUES (?, ?, ?, ?, ?)"
    connection.executemany(statement, rows)
