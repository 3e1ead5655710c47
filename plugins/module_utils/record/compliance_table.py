# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of compliance runs: what became of each control, for what changed and for the trend."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment, iso


def runs(connection: sqlite3.Connection, platform: str, limit: int) -> list[dict[str, Any]]:
    """The newest runs, the oldest of them first: ``at`` (RFC 3339) and ``results`` (control -> status)."""
    rows = connection.execute(
        "SELECT at, results FROM compliance_run WHERE platform = ? ORDER BY seq DESC LIMIT ?", (platform, limit)
    ).fetchall()
    return [{"at": iso(row["at"]), "results": json.loads(row["results"])} for row in reversed(rows)]


def keep(connection: sqlite3.Connection, platform: str, results: Mapping[str, str], now: Moment, most: int) -> None:
    """Add a run, and let the oldest go.

    :param most: so many runs of a platform stay.
    """
    told = json.dumps(dict(results), sort_keys=True)
    connection.execute(
        "INSERT INTO compliance_run (platform, at, results) VALUES (?, ?, ?)", (platform, now.wall, told)
    )
    connection.execute(
        "DELETE FROM compliance_run WHERE platform = ? AND seq <= (SELECT max(seq) FROM ("
        "SELECT seq FROM compliance_run WHERE platform = ? ORDER BY seq DESC LIMIT -1 OFFSET ?))",
        (platform, platform, most),
    )
