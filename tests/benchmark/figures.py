# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measured figures beside their budgets, as text for the terminal and as a Markdown table for docs/performance.md."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """What a figure may cost, in seconds, computed from floors that were measured in the same run, and the rule."""

    seconds: float
    rule: str


@dataclass(frozen=True)
class Row:
    """One figure: the seconds of each round, what it may cost, and what else is to be said of it."""

    name: str
    samples: Sequence[float]
    budget: Budget | None = None
    note: str = ""

    @property
    def median(self) -> float:
        """Return the median of the rounds, in seconds."""
        return statistics.median(self.samples)

    @property
    def spread(self) -> str:
        """Return the quickest and the slowest round, in seconds."""
        return f"{min(self.samples):.2f} to {max(self.samples):.2f}"

    @property
    def verdict(self) -> str:
        """Say how the median stands to its budget."""
        if self.budget is None:
            return self.note
        word = "within" if self.median <= self.budget.seconds else "OVER"
        verdict = f"{word} the budget of {self.budget.seconds:.2f} s ({self.budget.rule})"
        return f"{verdict}; {self.note}" if self.note else verdict


@dataclass(frozen=True)
class Table:
    """Rows that were measured in turn, below what they show."""

    title: str
    rows: Sequence[Row]


def as_text(table: Table) -> str:
    """Return the table for a terminal, one row a line."""
    lines = [f"  {row.name:<48} {row.median:8.2f} s   {row.verdict}".rstrip() for row in table.rows]
    return "\n".join(["", table.title, *lines])


def as_markdown(tables: Iterable[Table]) -> str:
    """Return the tables as sections of a page."""
    return "\n\n".join(_section(table) for table in tables)


def _section(table: Table) -> str:
    head = ["| what | median (s) | fastest to slowest (s) | |", "| --- | ---: | ---: | --- |"]
    rows = [f"| {row.name} | {row.median:.2f} | {row.spread} | {row.verdict} |" for row in table.rows]
    return "\n".join([f"## {table.title}", "", *head, *rows])
