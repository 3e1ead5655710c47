# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of samples: last known values of a service, such as the size of its model file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.encoding import plain


def keep(connection: sqlite3.Connection, platform: str, samples: Mapping[str, Mapping[str, Any]], now: Moment) -> None:
    """Store values in place of the earlier ones; what is not named stays."""
    rows = [
        (platform, service, name, plain(value), now.wall)
        for service, values in samples.items()
        for name, value in values.items()
    ]
    connection.executemany("INSERT OR REPLACE INTO sample VALUES (?, ?, ?, ?, ?)", rows)


def of_platform(connection: sqlite3.Connection, platform: str) -> dict[str, dict[str, Any]]:
    """Service -> name -> value."""
    samples: dict[str, dict[str, Any]] = {}
    for row in connection.execute("SELECT service, name, value FROM sample WHERE platform = ?", (platform,)):
        samples.setdefault(row["service"], {})[row["name"]] = json.loads(row["value"])
    return samples
