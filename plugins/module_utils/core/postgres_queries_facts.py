# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen of a PostgreSQL server's statements and tables. Plain facts: nothing here is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Statement:
    """A statement that costs time. Its values are never shown. Times in milliseconds.

    :param source: ``pg_stat_statements``, ``running`` or ``log``.
    :param text: fit to be shown: cut, and redacted by pattern too.
    :param whole: as it can be planned, redacted by value alone; empty where that is not known.
    :param calls: how often since the statistics were reset; 1 for a running one.
    :param pid: of a running one, else 0.
    """

    source: str
    text: str
    calls: int
    mean_ms: float
    total_ms: float
    rows: int = 0
    pid: int = 0
    user: str = ""
    whole: str = ""

    @property
    def plannable(self) -> str:
        """The statement without its values, whole."""
        return self.whole or self.text

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {name: value for name, value in asdict(self).items() if name != "whole"}


@dataclass(frozen=True)
class Table:
    """A table's own counters since its statistics were reset. Sizes in bytes.

    :param rows: live rows by estimate.
    :param dead_rows: rows that VACUUM has not yet cleared away.
    :param sequential_scans: scans that read it from one end to the other.
    :param sequential_rows: rows that these read.
    :param indexed: leading columns of its valid indexes.
    :param distinct: column -> number of distinct values by the planner's statistics (see :meth:`distinct_values`).
    """

    schema: str
    name: str
    size: int
    rows: int
    dead_rows: int
    sequential_scans: int
    sequential_rows: int
    index_scans: int
    vacuumed_age: float | None = None
    indexed: tuple[str, ...] = ()
    distinct: Mapping[str, float] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """``schema.table``."""
        return f"{self.schema}.{self.name}"

    @property
    def dead_percent(self) -> float:
        """Dead rows as a share of all, 0 to 100."""
        total = self.rows + self.dead_rows
        return 100.0 * self.dead_rows / total if total else 0.0

    def distinct_values(self, column: str) -> float | None:
        """Number of distinct values of a column, None without statistics.

        Source: pg_stats.n_distinct; a negative one is a share of the rows.
        """
        value = self.distinct.get(column)
        if value is None:
            return None
        return -value * self.rows if value < 0 else value


@dataclass(frozen=True)
class IndexProposal:
    """An index that would spare large sequential scans.

    :param statement: the command, to be run outside of a transaction.
    :param query: the statement that asks for it, without its values.
    :param evidence: sentences with the numbers that speak for it.
    """

    schema: str
    table: str
    columns: tuple[str, ...]
    name: str
    statement: str
    query: str
    evidence: tuple[str, ...]

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {**asdict(self), "columns": list(self.columns), "evidence": list(self.evidence)}


@dataclass(frozen=True)
class QueriesFacts:
    """The expensive statements and the tables.

    :param looked: False when the server did not answer.
    :param source: where the statements come from: ``pg_stat_statements`` or ``running``.
    :param waits: kind of wait (``Lock:relation``) -> sessions that wait.
    :param error: redacted; what could not be read.
    """

    looked: bool = False
    source: str = ""
    statements: tuple[Statement, ...] = ()
    running: tuple[Statement, ...] = ()
    logged: tuple[Statement, ...] = ()
    tables: tuple[Table, ...] = ()
    waits: Mapping[str, int] = field(default_factory=dict)
    proposals: tuple[IndexProposal, ...] = ()
    error: str = ""

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "source": self.source,
            "statements": [item.to_data() for item in self.statements],
            "running": [item.to_data() for item in self.running],
            "logged": [item.to_data() for item in self.logged],
            "tables": [
                {**asdict(item), "indexed": list(item.indexed), "dead_percent": round(item.dead_percent, 1)}
                for item in self.tables
            ],
            "waits": dict(self.waits),
            "index_proposals": [item.to_data() for item in self.proposals],
            "error": self.error,
        }
