# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of attempts: intent is written before the act, the outcome after it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.attempt import (
    WITHOUT_EFFECT,
    Attempt,
    Identity,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rung import Tier
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.encoding import names, sentence


def begin(connection: sqlite3.Connection, attempt: Attempt, token: str) -> Attempt:
    """Write the intent. The returned attempt bears the number that it was given.

    :param token: of the lease under which it is made.
    """
    values = {
        "incident": attempt.incident,
        "platform": attempt.platform,
        "run_id": attempt.run_id,
        "token": token,
        "action": attempt.action,
        "services": names(attempt.services),
        "tier": attempt.tier,
        "digest": attempt.digest,
        "reason": sentence(attempt.reason),
        "approved_by": sentence(attempt.approved_by),
        "containers": json.dumps(attempt.containers),
        "wall": attempt.started.wall,
        "boot": attempt.started.boot,
        "boot_id": attempt.started.boot_id,
    }
    statement = f"INSERT INTO attempt ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})"  # noqa: S608
    number = connection.execute(statement, tuple(values.values())).lastrowid
    return replace(attempt, number=int(number or 0))


def finish(
    connection: sqlite3.Connection,
    number: int,
    now: Moment,
    outcome: str,
    *,
    healed: bool | None = None,
    message: str = "",
    duration: float | None = None,
    acted_at: float | None = None,
    restored_at: float | None = None,
) -> None:
    """Write the outcome."""
    connection.execute(
        """UPDATE attempt SET outcome = ?, healed = ?, message = ?, finished_at = ?, duration = ?, acted_at = ?,
            restored_at = ? WHERE number = ?""",
        (outcome, healed, sentence(message), now.wall, duration, acted_at, restored_at, number),
    )


def find(connection: sqlite3.Connection, number: int, token: str) -> Attempt | None:
    """The attempt of that number, if it was made under that lease."""
    row = connection.execute("SELECT * FROM attempt WHERE number = ? AND token = ?", (number, token)).fetchone()
    return None if row is None else _from_row(row)


def of_incident(connection: sqlite3.Connection, incident: str) -> list[Attempt]:
    """All attempts of the incident, in their order."""
    rows = connection.execute("SELECT * FROM attempt WHERE incident = ? ORDER BY number", (incident,))
    return [_from_row(row) for row in rows]


def under_way(connection: sqlite3.Connection, platform: str) -> list[Attempt]:
    """Attempts without an outcome. Whoever holds the lease knows that their runs are over."""
    statement = "SELECT * FROM attempt WHERE platform = ? AND outcome IS NULL ORDER BY number"
    return [_from_row(row) for row in connection.execute(statement, (platform,))]


def touched_by(connection: sqlite3.Connection, platform: str, run_id: str) -> frozenset[str]:
    """The services that a run acted on, safe steps aside."""
    statement = "SELECT services FROM attempt WHERE platform = ? AND run_id = ? AND tier != ?"
    rows = connection.execute(statement, (platform, run_id, Tier.SAFE.value))
    return frozenset(service for row in rows for service in json.loads(row["services"]))


_RECENT = 1000


def times_of(
    connection: sqlite3.Connection, platform: str, action: str, services: Iterable[str]
) -> dict[str, Sequence[Moment]]:
    """Service -> when the action was taken on it, over the last thousand attempts of that action.

    Attempts that had no effect do not count; those under way do.
    """
    statement = """SELECT services, outcome, wall, boot, boot_id FROM attempt
        WHERE platform = ? AND action = ? ORDER BY number DESC LIMIT ?"""
    times: dict[str, list[Moment]] = {service: [] for service in services}
    for row in connection.execute(statement, (platform, action, _RECENT)):
        if row["outcome"] in WITHOUT_EFFECT:
            continue
        for service in json.loads(row["services"]):
            if service in times:
                times[service].append(Moment(row["wall"], row["boot"], row["boot_id"]))
    return {service: tuple(moments) for service, moments in times.items()}


def identity_from(data: object) -> Identity:
    """Plain data, service -> list of (id, started at), as an :data:`Identity`."""
    if not isinstance(data, dict):
        return {}
    return {
        str(service): tuple(sorted((str(pair[0]), str(pair[1])) for pair in containers))
        for service, containers in data.items()
    }


def _from_row(row: sqlite3.Row) -> Attempt:
    return Attempt(
        number=row["number"],
        incident=row["incident"],
        platform=row["platform"],
        run_id=row["run_id"],
        action=row["action"],
        services=tuple(json.loads(row["services"])),
        tier=row["tier"],
        digest=row["digest"],
        reason=row["reason"],
        started=Moment(row["wall"], row["boot"], row["boot_id"]),
        containers=identity_from(json.loads(row["containers"])),
        approved_by=row["approved_by"],
        outcome=row["outcome"],
        healed=None if row["healed"] is None else bool(row["healed"]),
        message=row["message"],
        finished_at=row["finished_at"],
        duration=row["duration"],
        acted_at=row["acted_at"],
        restored_at=row["restored_at"],
    )
