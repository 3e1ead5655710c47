# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of figures beside their budgets, as text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure in seconds; the budget is what the rule allowed in this very run."""

    name: str
    seconds: float
    budget: float | None = None
    rule: str = ""
    per_host: float | None = None

    @property
    def verdict(self) -> str:
        """Say how the figure stands to its budget."""
        if self.per_host is not None:
            return f"{self.per_host:.2f} s per host"
        if self.budget is None:
            return ""
        word = "within" if self.seconds <= self.budget else "OVER"
        return f"{word} the budget of {self.budget:.2f} s ({self.rule})"


def table(title: str, rows: Iterable[Row]) -> str:
    """Return the rows below their title, one a line."""
    lines = [f"  {row.name:<44} {row.seconds:8.2f} s   {row.verdict}".rstrip() for row in rows]
    return "\n".join(["", title, *lines])
