# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of leases."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.lease import Holder, Lease
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment


def find(connection: sqlite3.Connection, platform: str) -> Lease | None:
    """The lease of the platform, valid or not."""
    row = connection.execute("SELECT * FROM lease WHERE platform = ?", (platform,)).fetchone()
    return None if row is None else _from_row(row)


def in_the_way(connection: sqlite3.Connection, platform: str, *, host_wide: bool) -> Iterator[Lease]:
    """Leases that, when they are valid, stand against one more: the platform's own, a host-wide one, or all."""
    statement = "SELECT * FROM lease WHERE platform = ? OR host_wide OR ?"
    for row in connection.execute(statement, (platform, host_wide)).fetchall():
        yield _from_row(row)


def put(connection: sqlite3.Connection, lease: Lease) -> None:
    """Store it in place of whatever the platform had."""
    values = (
        lease.platform,
        lease.token,
        lease.incident,
        json.dumps(asdict(lease.holder)),
        lease.taken.wall,
        lease.taken.boot,
        lease.taken.boot_id,
        lease.expires,
        lease.host_wide,
        lease.actor,
    )
    connection.execute("INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)


def remove(connection: sqlite3.Connection, platform: str) -> None:
    """Give it back."""
    connection.execute("DELETE FROM lease WHERE platform = ?", (platform,))


def _from_row(row: sqlite3.Row) -> Lease:
    return Lease(
        platform=row["platform"],
        token=row["token"],
        holder=Holder(**json.loads(row["holder"])),
        incident=row["incident"],
        taken=Moment(row["wall"], row["boot"], row["boot_id"]),
        expires=row["expires"],
        host_wide=bool(row["host_wide"]),
        actor=row["actor"],
    )
