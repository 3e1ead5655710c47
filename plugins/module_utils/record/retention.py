# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Old incidents leave the record: first into a file, then out of it.

Killed at any moment, an incident is in the record, in a file, or in both; the next run writes the same file again and
goes on. An incident that changed since it was written stays.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import Incident
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.retention import (
    Facts,
    reason_to_keep,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    export_file,
    incident_table,
    related_rows,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import Platform
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import in_full
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.schema import version_of

FORMAT = 1
BATCH = 500
"""Incidents in one file and one transaction: other writers wait for milliseconds only."""


@dataclass(frozen=True)
class _Exported:
    """One incident as it is written to the file.

    :param digest: of all its rows.
    """

    number: str
    digest: str
    line: Mapping[str, Any]


def prune(platform: Platform, cutoff: float, export_dir: str, *, rehearse: bool) -> dict[str, Any]:
    """Export and remove what is old enough; see ``core/retention.py`` for what stays.

    :param cutoff: wall clock (s).
    :param rehearse: only tell what would leave.
    :returns: ``changed``, ``pruned`` (ids), ``exports`` (files) and ``kept`` (reason -> how many old ones stay).
    :raises StateUnavailableError: the export cannot be written; nothing of it was removed.
    """
    plan = platform.record.run(lambda connection: _plan(connection, cutoff))
    pruned: list[str] = []
    exports: list[str] = []
    for begin in range(0, len(plan.leave), BATCH):
        wanted = plan.leave[begin : begin + BATCH]
        if rehearse:
            pruned += wanted
            continue
        now = platform.clock.now()
        exported = platform.record.run(partial(_read, wanted=wanted, now=now))
        path = export_file.write_export(Path(export_dir), _name(exported), [dict(one.line) for one in exported])
        exports.append(str(path))
        pruned += platform.record.run(partial(_remove, batch=exported, cutoff=cutoff))
    return {"changed": bool(pruned), "pruned": pruned, "exports": exports, "kept": plan.kept}


@dataclass(frozen=True)
class _Plan:
    leave: list[str]
    kept: dict[str, int]


def _plan(connection: sqlite3.Connection, cutoff: float) -> _Plan:
    facts = _facts_by_incident(connection)
    leave: list[str] = []
    kept: dict[str, int] = {}
    old = incident_table.select(connection, before=cutoff, limit=-1)
    for incident in sorted(old, key=lambda one: (one.opened_at, one.id)):
        reason = reason_to_keep(incident, cutoff, facts.get(incident.id, Facts()))
        if reason is None:
            leave.append(incident.id)
        else:
            kept[reason.value] = kept.get(reason.value, 0) + 1
    return _Plan(leave, kept)


def _facts_by_incident(connection: sqlite3.Connection) -> dict[str, Facts]:
    """For all at once: three statements, however many incidents there are."""
    begun = {row["incident"] for row in connection.execute("SELECT incident FROM review")}
    waiting = "SELECT DISTINCT incident FROM message WHERE state IN ('waiting', 'claimed')"
    unsent = {row["incident"] for row in connection.execute(waiting)}
    last = connection.execute("SELECT incident FROM attempt ORDER BY number DESC LIMIT 1").fetchone()
    newest = set() if last is None else {last["incident"]}
    return {one: Facts(one in begun, one in unsent, one in newest) for one in begun | unsent | newest}


def _read(connection: sqlite3.Connection, wanted: Sequence[str], now: Moment) -> list[_Exported]:
    tables = related_rows.tables_of_incidents(connection)
    about = {"format": FORMAT, "schema": version_of(connection)}
    exported = []
    for number in wanted:
        rows = related_rows.rows_of(connection, tables, number)
        incident = in_full(connection, incident_table.get(connection, number), now)
        line = {**about, "incident": incident, "rows": rows}
        exported.append(_Exported(number, related_rows.digest_of(rows), line))
    return exported


def _name(exported: Sequence[_Exported]) -> str:
    digest = hashlib.sha256("".join(one.digest for one in exported).encode()).hexdigest()[:12]
    return f"incidents-{exported[0].number[4:]}-to-{exported[-1].number[4:]}-{digest}.jsonl"


def _remove(connection: sqlite3.Connection, batch: Sequence[_Exported], cutoff: float) -> list[str]:
    """Remove what is still as it was exported and may still leave."""
    tables = related_rows.tables_of_incidents(connection)
    facts = _facts_by_incident(connection)
    removed = []
    for one in batch:
        rows = related_rows.rows_of(connection, tables, one.number)
        if not rows["incident"] or related_rows.digest_of(rows) != one.digest:
            continue
        incident: Incident = incident_table.get(connection, one.number)
        if reason_to_keep(incident, cutoff, facts.get(one.number, Facts())) is not None:
            continue
        related_rows.delete(connection, tables, one.number)
        _remember_number(connection, rows["incident"][0])
        removed.append(one.number)
    return removed


def _remember_number(connection: sqlite3.Connection, row: Mapping[str, Any]) -> None:
    """An id is never given twice, even when the clock is set back to a day whose incidents have left."""
    connection.execute(
        """INSERT INTO pruned_day (day, number) VALUES (?, ?)
            ON CONFLICT (day) DO UPDATE SET number = max(number, excluded.number)""",
        (row["day"], row["number"]),
    )
