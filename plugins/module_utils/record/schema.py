# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of the record, as a ladder of migrations: entry N leads from schema version N to N + 1.

An entry is never changed once it was released; a new one is added. Times called wall are seconds since 1970 UTC, times
called boot are seconds since the start that boot_id names. Lists and mappings are stored as JSON.
"""

from __future__ import annotations

import sqlite3

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import StateUnavailableError

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE incident (
            seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, day TEXT NOT NULL, number INTEGER NOT NULL,
            platform TEXT NOT NULL, scenario TEXT NOT NULL, fingerprint TEXT NOT NULL, services TEXT NOT NULL,
            severity TEXT NOT NULL, severity_rule TEXT NOT NULL, by_hand INTEGER NOT NULL, state TEXT NOT NULL,
            summary TEXT NOT NULL, root_cause TEXT NOT NULL, detected_at REAL NOT NULL, detected_how TEXT NOT NULL,
            source TEXT NOT NULL, source_detail TEXT NOT NULL, opened_at REAL NOT NULL, acknowledged_at REAL,
            stable_at REAL, resolved_at REAL, reviewed_at REAL, closed_at REAL, escalation TEXT,
            findings TEXT NOT NULL DEFAULT '[]', plan TEXT NOT NULL DEFAULT '{}',
            UNIQUE (day, number))""",
        # Two open incidents of the same fault cannot be: the database itself refuses.
        """CREATE UNIQUE INDEX incident_active ON incident (fingerprint)
            WHERE state IN ('open', 'acknowledged', 'stable')""",
        "CREATE INDEX incident_of_platform ON incident (platform, state)",
        """CREATE TABLE timeline (
            seq INTEGER PRIMARY KEY, incident TEXT NOT NULL REFERENCES incident (id), at REAL NOT NULL,
            source TEXT NOT NULL, kind TEXT NOT NULL, message TEXT NOT NULL, evidence TEXT NOT NULL,
            repeated INTEGER NOT NULL DEFAULT 0, last_at REAL)""",
        "CREATE INDEX timeline_of_incident ON timeline (incident, seq)",
        """CREATE TABLE attempt (
            number INTEGER PRIMARY KEY, incident TEXT NOT NULL REFERENCES incident (id), platform TEXT NOT NULL,
            run_id TEXT NOT NULL, token TEXT NOT NULL, action TEXT NOT NULL, services TEXT NOT NULL, tier TEXT NOT NULL,
            digest TEXT NOT NULL, reason TEXT NOT NULL, approved_by TEXT NOT NULL, containers TEXT NOT NULL,
            wall REAL NOT NULL, boot REAL NOT NULL, boot_id TEXT NOT NULL,
            outcome TEXT, healed INTEGER, message TEXT NOT NULL DEFAULT '', finished_at REAL, duration REAL)""",
        "CREATE INDEX attempt_of_incident ON attempt (incident)",
        "CREATE INDEX attempt_of_action ON attempt (platform, action, number)",
        "CREATE INDEX attempt_of_run ON attempt (platform, run_id)",
        "CREATE INDEX attempt_under_way ON attempt (platform) WHERE outcome IS NULL",
        """CREATE TABLE lease (
            platform TEXT PRIMARY KEY, token TEXT NOT NULL, incident TEXT NOT NULL, holder TEXT NOT NULL,
            wall REAL NOT NULL, boot REAL NOT NULL, boot_id TEXT NOT NULL, expires REAL NOT NULL,
            host_wide INTEGER NOT NULL, actor TEXT NOT NULL)""",
        """CREATE TABLE approval (
            platform TEXT NOT NULL, action TEXT NOT NULL, digest TEXT NOT NULL, approver TEXT NOT NULL,
            reason TEXT NOT NULL, wall REAL NOT NULL, boot REAL NOT NULL, boot_id TEXT NOT NULL,
            lifetime REAL NOT NULL, spent_by INTEGER, PRIMARY KEY (platform, action, digest))""",
        """CREATE TABLE maintenance (
            platform TEXT NOT NULL, service TEXT NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL,
            wall REAL NOT NULL, boot REAL NOT NULL, boot_id TEXT NOT NULL, duration REAL NOT NULL,
            PRIMARY KEY (platform, service))""",
        """CREATE TABLE sample (
            platform TEXT NOT NULL, service TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, at REAL NOT NULL,
            PRIMARY KEY (platform, service, name))""",
    ),
    (
        # What a review tells: since when the cause is known, when an action was over, when the service was back.
        "ALTER TABLE incident ADD COLUMN root_cause_at REAL",
        "ALTER TABLE attempt ADD COLUMN acted_at REAL",
        "ALTER TABLE attempt ADD COLUMN restored_at REAL",
        """CREATE TABLE measurement (
            seq INTEGER PRIMARY KEY, platform TEXT NOT NULL, incident TEXT REFERENCES incident (id), at REAL NOT NULL,
            phase TEXT NOT NULL, finding TEXT NOT NULL, service TEXT NOT NULL, status TEXT NOT NULL, value REAL,
            bound REAL, unit TEXT NOT NULL)""",
        "CREATE INDEX measurement_of_incident ON measurement (incident, at)",
        "CREATE INDEX measurement_of_finding ON measurement (platform, finding, service, at)",
        # Reviewed and closed are states of the incident itself; a review has no second truth about them.
        """CREATE TABLE review (
            incident TEXT PRIMARY KEY REFERENCES incident (id), drafted_at REAL NOT NULL, in_review_at REAL,
            reviewer TEXT NOT NULL DEFAULT '')""",
        """CREATE TABLE review_text (
            seq INTEGER PRIMARY KEY, incident TEXT NOT NULL REFERENCES incident (id), section TEXT NOT NULL,
            text TEXT NOT NULL, author TEXT NOT NULL, at REAL NOT NULL)""",
        "CREATE INDEX review_text_of_incident ON review_text (incident, section, seq)",
        # An id is never given twice, also when the incidents of its day were pruned and the clock was set back.
        "CREATE TABLE pruned_day (day TEXT PRIMARY KEY, number INTEGER NOT NULL)",
        "CREATE INDEX incident_by_opening ON incident (opened_at)",
        "CREATE INDEX incident_by_fingerprint ON incident (fingerprint, opened_at)",
        """CREATE INDEX incident_awaiting_review ON incident (resolved_at)
            WHERE state = 'resolved' AND severity IN ('P1', 'P2')""",
    ),
    # The responsible people: who has to respond until when, and what was told to whom.
    (
        "ALTER TABLE incident ADD COLUMN issue_type TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE incident ADD COLUMN response_times TEXT NOT NULL DEFAULT '{}'",
        "ALTER TABLE incident ADD COLUMN response_deadline REAL",
        "ALTER TABLE incident ADD COLUMN attended_at REAL",
        # A change of an incident that people have to hear of, written in the transaction that makes the change.
        """CREATE TABLE notice (
            seq INTEGER PRIMARY KEY, incident TEXT NOT NULL REFERENCES incident (id), at REAL NOT NULL,
            kind TEXT NOT NULL, message TEXT NOT NULL, level INTEGER NOT NULL, routed INTEGER NOT NULL DEFAULT 0)""",
        "CREATE INDEX notice_unrouted ON notice (incident, seq) WHERE routed = 0",
        "CREATE INDEX notice_of_incident ON notice (incident, seq)",
        # The outbox: one row for each channel that a change is told through.
        """CREATE TABLE message (
            seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, incident TEXT NOT NULL REFERENCES incident (id),
            notice INTEGER NOT NULL REFERENCES notice (seq), channel TEXT NOT NULL, kind TEXT NOT NULL,
            covers TEXT NOT NULL, contacts TEXT NOT NULL, created_at REAL NOT NULL, state TEXT NOT NULL,
            tries INTEGER NOT NULL DEFAULT 0, possible_repeat INTEGER NOT NULL DEFAULT 0,
            token TEXT NOT NULL DEFAULT '', wall REAL, boot REAL, boot_id TEXT,
            hold REAL NOT NULL DEFAULT 0, sent_at REAL, reference TEXT NOT NULL DEFAULT '',
            error TEXT NOT NULL DEFAULT '')""",
        "CREATE INDEX message_unsettled ON message (incident, seq) WHERE state IN ('waiting', 'claimed')",
        "CREATE INDEX message_of_incident ON message (incident, seq)",
        # How far up the escalation matrix an incident was carried, and when the last step was.
        """CREATE TABLE escalation (
            incident TEXT PRIMARY KEY REFERENCES incident (id), level INTEGER NOT NULL, steps INTEGER NOT NULL,
            wall REAL NOT NULL, boot REAL NOT NULL, boot_id TEXT NOT NULL)""",
    ),
    # What became of each control at each compliance run, for what changed and for the trend.
    (
        """CREATE TABLE compliance_run (
            seq INTEGER PRIMARY KEY, platform TEXT NOT NULL, at REAL NOT NULL, results TEXT NOT NULL)""",
        "CREATE INDEX compliance_run_of_platform ON compliance_run (platform, seq)",
    ),
)


def version_of(connection: sqlite3.Connection) -> int:
    """The schema version of the file; 0 for a new one.

    :raises StateUnavailableError: when a newer release of the collection wrote it.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise StateUnavailableError(
            f"The record has schema version {version}, and this release knows {len(MIGRATIONS)}.",
            remedy="Use the newer release of agentfoundry.incident_response that wrote it.",
        )
    return version


def is_newest(connection: sqlite3.Connection) -> bool:
    """True when there is nothing to migrate."""
    return version_of(connection) == len(MIGRATIONS)


def migrate(connection: sqlite3.Connection) -> None:
    """Climb to the newest version in one transaction; a kill in between leaves the old version whole."""
    if is_newest(connection):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statements in MIGRATIONS[version_of(connection) :]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        # A full disk makes SQLite roll back by itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
