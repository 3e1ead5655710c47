# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of incidents."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import (
    REVIEW_SECONDS,
    Escalation,
    Incident,
    State,
    incident_id,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import iso
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.encoding import (
    names,
    plain,
    sentence,
)

_AWAITS_REVIEW = "state = 'resolved' AND severity IN ('P1', 'P2')"
_FAR_FUTURE = 1e12
_IS_ACTIVE = "state IN ('open', 'acknowledged', 'stable')"
_COLUMNS = """id, platform, scenario, fingerprint, services, severity, severity_rule, by_hand, state, summary,
    root_cause, detected_at, detected_how, source, source_detail, opened_at, acknowledged_at, stable_at,
    resolved_at, reviewed_at, closed_at, escalation, root_cause_at, issue_type, response_times, response_deadline,
    attended_at"""


class NoSuchIncidentError(IncidentResponseError):
    """The record holds no incident of that id."""


def add(connection: sqlite3.Connection, incident: Incident) -> Incident:
    """Store a new incident under the next free id of its day (UTC), which the returned one bears."""
    day = iso(incident.opened_at)[:10]
    last = connection.execute("SELECT max(number) FROM incident WHERE day = ?", (day,)).fetchone()[0]
    pruned = connection.execute("SELECT max(number) FROM pruned_day WHERE day = ?", (day,)).fetchone()[0]
    number = max(last or 0, pruned or 0) + 1
    incident = replace(incident, id=incident_id(incident.opened_at, number))
    values = {**_to_row(incident), "day": day, "number": number}
    # S608: the names are this module's own columns; every value is bound.
    statement = f"INSERT INTO incident ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})"  # noqa: S608
    connection.execute(statement, tuple(values.values()))
    return get(connection, incident.id)


def save(connection: sqlite3.Connection, incident: Incident) -> Incident:
    """Store a changed incident. Its id stays."""
    values = _to_row(incident)
    statement = f"UPDATE incident SET {', '.join(f'{name} = ?' for name in values)} WHERE id = ?"  # noqa: S608
    connection.execute(statement, (*values.values(), incident.id))
    return get(connection, incident.id)


def save_observation(
    connection: sqlite3.Connection, number: str, findings: Sequence[Mapping[str, Any]], plan: Mapping[str, Any]
) -> None:
    """Keep the latest findings and plan of the incident; the timeline keeps what was done."""
    statement = "UPDATE incident SET findings = ?, plan = ? WHERE id = ?"
    connection.execute(statement, (plain(findings), plain(plan), number))


def observation(connection: sqlite3.Connection, number: str) -> dict[str, Any]:
    """The latest ``findings`` and ``plan``."""
    row = connection.execute("SELECT findings, plan FROM incident WHERE id = ?", (number,)).fetchone()
    return {"findings": json.loads(row["findings"]), "plan": json.loads(row["plan"])}


def get(connection: sqlite3.Connection, number: str) -> Incident:
    """The incident of that id. :raises NoSuchIncidentError: there is none."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM incident WHERE id = ?", (number,)).fetchone()  # noqa: S608
    if row is None:
        raise NoSuchIncidentError(
            f"The record holds no incident {number}.", remedy="incident_info lists the incidents of this host."
        )
    return _from_row(row)


def find_active(connection: sqlite3.Connection, fingerprint: str) -> Incident | None:
    """The incident of that fault which is not resolved yet, if there is one."""
    statement = f"SELECT {_COLUMNS} FROM incident WHERE fingerprint = ? AND {_IS_ACTIVE}"  # noqa: S608
    row = connection.execute(statement, (fingerprint,)).fetchone()
    return None if row is None else _from_row(row)


def select(
    connection: sqlite3.Connection,
    *,
    platform: str = "",
    scenario: str = "",
    severities: Collection[str] = (),
    states: Collection[State] = (),
    since: float | None = None,
    before: float | None = None,
    limit: int = 100,
) -> list[Incident]:
    """Incidents, the newest first. An empty filter lets all through.

    :param since: opened then or later (wall clock, s), ``before``: opened before then.
    :param limit: so many at most; -1 is all.
    """
    conditions: list[str] = ["1"]
    bound: list[Any] = []
    for condition, value in (
        ("platform = ?", platform or None),
        ("scenario = ?", scenario or None),
        ("opened_at >= ?", since),
        ("opened_at < ?", before),
    ):
        if value is not None:
            conditions.append(condition)
            bound.append(value)
    for column, wanted in (("state", [state.value for state in states]), ("severity", list(severities))):
        if wanted:
            conditions.append(f"{column} IN ({', '.join('?' * len(wanted))})")
            bound += wanted
    where = " AND ".join(conditions)
    statement = f"SELECT {_COLUMNS} FROM incident WHERE {where} ORDER BY seq DESC LIMIT ?"  # noqa: S608
    return [_from_row(row) for row in connection.execute(statement, (*bound, limit))]


def awaiting_review(connection: sqlite3.Connection, due_before: float | None = None) -> list[Incident]:
    """P1 and P2 incidents that are resolved and not reviewed yet, the longest waiting first.

    :param due_before: only those whose review was due before then (wall clock, s): the overdue ones.
    """
    statement = f"""SELECT {_COLUMNS} FROM incident WHERE {_AWAITS_REVIEW} AND resolved_at < ?
        ORDER BY resolved_at"""  # noqa: S608
    latest = _FAR_FUTURE if due_before is None else due_before - REVIEW_SECONDS
    return [_from_row(row) for row in connection.execute(statement, (latest,))]


def _to_row(incident: Incident) -> dict[str, Any]:
    row = asdict(incident)
    row.update(
        services=names(incident.services),
        state=incident.state.value,
        severity_rule=sentence(incident.severity_rule),
        summary=sentence(incident.summary),
        root_cause=sentence(incident.root_cause),
        detected_how=sentence(incident.detected_how),
        source_detail=sentence(incident.source_detail),
        escalation=None if incident.escalation is None else plain(asdict(incident.escalation)),
        issue_type=sentence(incident.issue_type),
        response_times=json.dumps(dict(incident.response_times)),
    )
    return row


def _from_row(row: sqlite3.Row) -> Incident:
    fields = dict(zip(row.keys(), row))
    fields.update(
        services=tuple(json.loads(row["services"])),
        state=State(row["state"]),
        by_hand=bool(row["by_hand"]),
        escalation=None if row["escalation"] is None else Escalation(**json.loads(row["escalation"])),
        response_times=json.loads(row["response_times"]),
    )
    return Incident(**fields)
