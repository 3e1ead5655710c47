# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of approvals and of maintenance windows: what people tell the guard."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.guard_rules import (
    Approval,
    MaintenanceWindow,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.encoding import sentence


@dataclass(frozen=True)
class Change:
    """What a change did: True when anything was written, and the row before and after in words."""

    changed: bool
    before: str
    after: str


class MaintenanceHeldError(IncidentResponseError):
    """A person's maintenance window would be cut short by another person's."""


def find_approval(connection: sqlite3.Connection, platform: str, action: str, digest: str) -> Approval | None:
    """The approval of exactly that step, valid or not."""
    statement = "SELECT * FROM approval WHERE platform = ? AND action = ? AND digest = ?"
    row = connection.execute(statement, (platform, action, digest)).fetchone()
    if row is None:
        return None
    return Approval(
        platform=row["platform"],
        action=row["action"],
        digest=row["digest"],
        approver=row["approver"],
        reason=row["reason"],
        granted=Moment(row["wall"], row["boot"], row["boot_id"]),
        lifetime=row["lifetime"],
        spent_by=row["spent_by"],
    )


def approve(connection: sqlite3.Connection, wanted: Approval) -> Change:
    """Store the approval, unless the same one of the same person still holds. Another lifetime begins now."""
    before = find_approval(connection, wanted.platform, wanted.action, wanted.digest)
    now = wanted.granted
    same = before is not None and (before.approver, before.lifetime) == (sentence(wanted.approver), wanted.lifetime)
    if before is not None and same and before.remaining(now) > 0:
        return Change(False, _said(before, now), _said(before, now))
    connection.execute(
        "INSERT OR REPLACE INTO approval VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        (
            wanted.platform,
            wanted.action,
            wanted.digest,
            sentence(wanted.approver),
            sentence(wanted.reason),
            now.wall,
            now.boot,
            now.boot_id,
            wanted.lifetime,
        ),
    )
    return Change(True, _said(before, now), _said(wanted, now))


def withdraw(connection: sqlite3.Connection, platform: str, action: str, digest: str, now: Moment) -> Change:
    """Remove the approval."""
    before = find_approval(connection, platform, action, digest)
    statement = "DELETE FROM approval WHERE platform = ? AND action = ? AND digest = ?"
    connection.execute(statement, (platform, action, digest))
    return Change(before is not None, _said(before, now), "")


def spend(connection: sqlite3.Connection, approval: Approval, attempt: int) -> None:
    """One approval, one act."""
    statement = "UPDATE approval SET spent_by = ? WHERE platform = ? AND action = ? AND digest = ?"
    connection.execute(statement, (attempt, approval.platform, approval.action, approval.digest))


def give_back(connection: sqlite3.Connection, attempt: int) -> None:
    """The attempt had no effect: its approval, if it used one, is good for another."""
    connection.execute("UPDATE approval SET spent_by = NULL WHERE spent_by = ?", (attempt,))


def windows(connection: sqlite3.Connection, platform: str, now: Moment) -> list[MaintenanceWindow]:
    """The windows of the platform that have not ended, the platform's own first."""
    rows = connection.execute("SELECT * FROM maintenance WHERE platform = ? ORDER BY service", (platform,))
    return [window for window in map(_window, rows) if window.remaining(now) > 0]


def start_maintenance(connection: sqlite3.Connection, wanted: MaintenanceWindow) -> Change:
    """Store the window, unless the same one is under way: repeating a play does not prolong it.

    :raises MaintenanceHeldError: somebody else's window would be cut short.
    """
    now = wanted.since
    before = _find_window(connection, wanted.platform, wanted.service)
    same = before is not None and (before.by, before.reason, before.duration) == (
        sentence(wanted.by),
        sentence(wanted.reason),
        wanted.duration,
    )
    if before is not None and same and before.remaining(now) > 0:
        return Change(False, _told(before, now), _told(before, now))
    if before is not None and before.by != sentence(wanted.by) and before.remaining(now) > wanted.duration:
        raise MaintenanceHeldError(
            f"{_what(before)} is in maintenance by {before.by} for another {before.remaining(now):.0f} s "
            f"({before.reason}), longer than the {wanted.duration:.0f} s that {wanted.by} wants.",
            remedy="The longer one protects it as well. Take a longer one, or agree with them and end theirs first "
            "(state: absent).",
        )
    connection.execute(
        "INSERT OR REPLACE INTO maintenance VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            wanted.platform,
            wanted.service,
            sentence(wanted.by),
            sentence(wanted.reason),
            now.wall,
            now.boot,
            now.boot_id,
            wanted.duration,
        ),
    )
    return Change(True, _told(before, now), _told(wanted, now))


def end_maintenance(connection: sqlite3.Connection, platform: str, service: str, now: Moment) -> Change:
    """Remove the window. One that ended by itself is removed without counting as a change."""
    before = _find_window(connection, platform, service)
    connection.execute("DELETE FROM maintenance WHERE platform = ? AND service = ?", (platform, service))
    told = _told(before, now)
    return Change(bool(told), told, "")


def _find_window(connection: sqlite3.Connection, platform: str, service: str) -> MaintenanceWindow | None:
    statement = "SELECT * FROM maintenance WHERE platform = ? AND service = ?"
    row = connection.execute(statement, (platform, service)).fetchone()
    return None if row is None else _window(row)


def _window(row: sqlite3.Row) -> MaintenanceWindow:
    return MaintenanceWindow(
        platform=row["platform"],
        service=row["service"],
        by=row["by"],
        reason=row["reason"],
        since=Moment(row["wall"], row["boot"], row["boot_id"]),
        duration=row["duration"],
    )


def _said(approval: Approval | None, now: Moment) -> str:
    if approval is None or approval.remaining(now) <= 0:
        return ""
    what = f"{approval.action} {approval.digest}"
    return f"{what} approved by {approval.approver} for {approval.lifetime:.0f} s: {approval.reason}\n"


def _told(window: MaintenanceWindow | None, now: Moment) -> str:
    if window is None or window.remaining(now) <= 0:
        return ""
    return f"{_what(window)} in maintenance by {window.by} for {window.duration:.0f} s: {window.reason}\n"


def _what(window: MaintenanceWindow) -> str:
    return window.service or f"platform {window.platform}"
