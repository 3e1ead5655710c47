# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that the record holds of an incident, in whatever table: read off the schema, so that no table is ever missed."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

_OWN = ("incident", "id")
Tables = Mapping[str, str]
"""Table -> its column that holds the incident's id."""
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def tables_of_incidents(connection: sqlite3.Connection) -> Tables:
    """The incident's own table and each one that refers to it."""
    found = dict([_OWN])
    names = [row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for name in names:
        for key in connection.execute(f"PRAGMA foreign_key_list({_quoted(name)})"):
            if key["table"] == _OWN[0]:
                found[name] = key["from"]
    return found


def rows_of(connection: sqlite3.Connection, tables: Tables, incident: str) -> dict[str, list[dict[str, Any]]]:
    """Table -> rows, as they are stored."""
    return {
        table: [
            dict(zip(row.keys(), row))
            # S608: names of the schema, quoted.
            for row in connection.execute(
                f"SELECT * FROM {_quoted(table)} WHERE {_quoted(column)} = ? ORDER BY rowid",  # noqa: S608
                (incident,),
            )
        ]
        for table, column in sorted(tables.items())
    }


def delete(connection: sqlite3.Connection, tables: Tables, incident: str) -> None:
    """Remove all of it. Foreign keys are looked at when the transaction ends, so that the order does not matter."""
    connection.execute("PRAGMA defer_foreign_keys = ON")
    for table, column in tables.items():
        connection.execute(f"DELETE FROM {_quoted(table)} WHERE {_quoted(column)} = ?", (incident,))  # noqa: S608


def digest_of(rows: Rows) -> str:
    """SHA-256 (hex): tells whether anything of an incident changed."""
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
