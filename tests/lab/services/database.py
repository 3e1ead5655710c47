# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL: one short connection per statement, named after the service in pg_stat_activity."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import psycopg2

from .settings import Settings


def connect(settings: Settings, name: str = "") -> Any:
    """Return a new connection; psycopg2.OperationalError when there is none to be had."""
    return psycopg2.connect(
        settings.database_url,
        connect_timeout=max(2, int(settings.dependency_timeout)),
        application_name=name or settings.service,
    )


def query(settings: Settings, statement: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """Run one statement in its own transaction and return its rows (none for a statement that has none)."""
    with closing(connect(settings)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall()) if cursor.description else []


def check(settings: Settings) -> None:
    """Raise unless PostgreSQL answers."""
    query(settings, "SELECT 1")
