# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Indexes that would spare large sequential scans, with the numbers that speak for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_queries_facts import (
    IndexProposal,
    Statement,
    Table,
)

SELECTIVE = 0.05
"""A scan by index pays when at most this share of the rows is wanted; in the end the planner decides."""

_NAME = r'(?:"[^"]+"|[A-Za-z_][A-Za-z0-9_$]*)'
_EQUALS = re.compile(
    rf"(?:(?P<of>{_NAME})\.)?(?P<column>{_NAME})\s*(?:=\s*(?:ANY\s*\(\s*)?|IN\s*\(\s*)\?", re.IGNORECASE
)
_ASSIGNED = re.compile(r"\bSET\b.*?(?=\bWHERE\b|\bFROM\b|$)", re.IGNORECASE | re.DOTALL)
"""What an UPDATE gives to columns is compared with nothing."""
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_LONGEST_NAME = 63


def propose_indexes(
    statements: Iterable[Statement], tables: Sequence[Table], *, least_rows: float, least_ms: float
) -> tuple[IndexProposal, ...]:
    """One proposal per table and column, the most expensive statement first.

    :param statements: their text without values (``?``).
    :param least_rows: smaller tables are read faster than any index.
    :param least_ms: statements that take less on average are left alone.
    """
    found: dict[tuple[str, str, str], IndexProposal] = {}
    for statement in sorted(statements, key=lambda item: -item.total_ms):
        if statement.mean_ms < least_ms:
            continue
        for table in tables:
            if table.rows >= least_rows and table.sequential_scans:
                column = _wanted_column(statement.plannable, table)
                if column:
                    key = (table.schema, table.name, column)
                    found.setdefault(key, _proposal(table, column, statement))
    return tuple(found.values())


def _wanted_column(text: str, table: Table) -> str:
    """The most selective column that the statement compares with a value and that no index begins with."""
    names = _names_of(text, table)
    if not names:
        return ""
    candidates: dict[str, float] = {}
    for match in _EQUALS.finditer(_ASSIGNED.sub(" ", text)):
        column = _unquoted(match["column"])
        if match["of"] is not None and _unquoted(match["of"]) not in names:
            continue
        if column in table.indexed:
            return ""  # an index could have been used: that it was not has another reason
        distinct = table.distinct_values(column)
        if distinct is not None and distinct >= 1 / SELECTIVE:
            candidates[column] = distinct
    return max(sorted(candidates), key=lambda name: candidates[name], default="")


def _names_of(text: str, table: Table) -> set[str]:
    """What the statement calls the table: its name and its alias; empty when it does not read it."""
    schema, name = (rf'(?:"{re.escape(part)}"|{re.escape(part)})' for part in (table.schema, table.name))
    pattern = (
        rf"\b(?:FROM|JOIN|UPDATE)\s+(?:ONLY\s+)?(?:{schema}\.)?{name}(?![\w.\"])(?:\s+(?:AS\s+)?(?P<alias>{_NAME}))?"
    )
    match = re.search(pattern, text, re.IGNORECASE)
    if not match:
        return set()
    return {table.name, _unquoted(match["alias"] or table.name)}


def _unquoted(name: str) -> str:
    return name[1:-1] if name.startswith('"') else name.lower()


def _proposal(table: Table, column: str, statement: Statement) -> IndexProposal:
    name = index_name(table.name, (column,))
    return IndexProposal(
        schema=table.schema,
        table=table.name,
        columns=(column,),
        name=name,
        statement=create_index(table.schema, table.name, (column,), name),
        query=statement.plannable,
        evidence=_evidence(table, column, statement),
    )


def _evidence(table: Table, column: str, statement: Statement) -> tuple[str, ...]:
    name = table.full_name
    per_scan = table.sequential_rows / table.sequential_scans
    distinct = max(table.distinct_values(column) or 1.0, 1.0)
    size = f"{table.rows:,} rows, {table.size / (1 << 20):.0f} MiB"
    return (
        f"{name} ({size}) was read as a whole {table.sequential_scans:,} times, {per_scan:,.0f} rows each on average.",
        f"The statement took {statement.mean_ms:,.1f} ms on average of {statement.calls:,} calls ({statement.source}).",
        f"{column} has about {distinct:,.0f} distinct values: about {table.rows / distinct:,.0f} rows are wanted.",
        f"No valid index of {name} begins with {column}.",
    )


def index_name(table: str, columns: Sequence[str]) -> str:
    """The name that PostgreSQL itself would choose, at most 63 bytes long."""
    return f"{'_'.join((table, *columns))[: _LONGEST_NAME - 4]}_idx"


def create_index(schema: str, table: str, columns: Sequence[str], name: str) -> str:
    """The command as a person would type it; it must not run inside a transaction."""
    listed = ", ".join(_identifier(column) for column in columns)
    return f"CREATE INDEX CONCURRENTLY {_identifier(name)} ON {_identifier(schema)}.{_identifier(table)} ({listed});"


def _identifier(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'
