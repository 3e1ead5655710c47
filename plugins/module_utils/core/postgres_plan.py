# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans of ``EXPLAIN (FORMAT JSON)``: shown without the statement's values, and what they read.

Source: https://www.postgresql.org/docs/current/using-explain.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_statement import (
    normalise_statement,
)

_NAMES = ("Alias", "Command", "Index Name", "Join Type", "Node Type", "Operation", "Parent Relationship",
          "Partial Mode", "Relation Name", "Scan Direction", "Schema", "Sort Method", "Strategy")  # fmt: skip
_CONDITIONS = ("Filter", "Group Key", "Hash Cond", "Index Cond", "Join Filter", "Merge Cond", "One-Time Filter",
               "Recheck Cond", "Sort Key", "TID Cond")  # fmt: skip
_PARAMETER = re.compile(r"\?")


def numbered_parameters(normalised: str) -> tuple[str, int]:
    """A statement with ``?`` for its values as one that can be prepared (``$1``...), and how many there are."""
    count = 0

    def number(_match: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return f"${count}"

    return _PARAMETER.sub(number, normalised), count


def count_parameters(statement: str) -> int:
    """The highest ``$n`` of a statement."""
    return max((int(number) for number in re.findall(r"\$(\d+)", statement)), default=0)


def shown_plan(node: Mapping[str, Any]) -> dict[str, Any]:
    """The plan fit to be shown: names, numbers, and conditions without the values in them."""
    shown: dict[str, Any] = {}
    for key, value in node.items():
        if key in _NAMES or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            shown[key] = value
        elif key in _CONDITIONS:
            told = value if isinstance(value, list) else [value]
            shown[key] = [normalise_statement(str(item)) for item in told]
    children = node.get("Plans")
    if isinstance(children, list):
        shown["Plans"] = [shown_plan(child) for child in children if isinstance(child, Mapping)]
    return shown


def plan_nodes(plan: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """Every node of a plan, from the top."""
    yield plan
    below = plan.get("Plans")
    for child in below if isinstance(below, list) else ():
        if isinstance(child, Mapping):
            yield from plan_nodes(child)


def whole_tables_read(plan: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the tables that the plan reads from one end to the other."""
    scans = [node for node in plan_nodes(plan) if node.get("Node Type") == "Seq Scan"]
    return tuple(sorted({str(node.get("Relation Name", "")) for node in scans}))


def indexes_used(plan: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the indexes that a plan uses."""
    return tuple(sorted({str(node["Index Name"]) for node in plan_nodes(plan) if node.get("Index Name")}))


def plan_in_words(plan: Mapping[str, Any]) -> str:
    """One sentence: what is read how, at which cost (the planner's own unit)."""
    scans = [f"sequential scan of {name}" for name in whole_tables_read(plan)]
    scans += [f"index {name}" for name in indexes_used(plan)]
    return f"{', '.join(scans) or plan.get('Node Type', 'unknown')}; cost {plan.get('Total Cost', 'unknown')}"
