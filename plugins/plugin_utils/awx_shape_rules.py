# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether definitions for AWX are tables with what the role needs of each; no value is told, it may be a secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# What the role's tasks take from an item without a default.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "aap_organizations": ("name",),
    "controller_credential_types": ("name", "kind", "inputs", "injectors"),
    "controller_credentials": ("name", "credential_type", "inputs"),
    "controller_execution_environments": ("name", "image"),
    "controller_notifications": ("name", "organization", "notification_type", "notification_configuration"),
    "controller_projects": ("name", "organization", "scm_type", "scm_url"),
    "controller_inventories": ("name", "organization"),
    "controller_hosts": ("name", "inventory"),
    "controller_groups": ("name", "inventory"),
    "controller_templates": ("name", "project", "playbook"),
    "controller_workflows": ("name", "organization", "simplified_workflow_nodes"),
    "controller_schedules": ("name", "unified_job_template", "rrule"),
}
_MAY_BE_EMPTY = ("scm_type", "scm_url")
_TABLES = ("variables", "inputs", "injectors", "notification_configuration", "survey_spec", "extra_data")
_COUNTS = ("forks", "job_slice_count")


def shape_problems(definitions: Mapping[str, Any]) -> Iterator[str]:
    """Yield what no item of AWX looks like, each as one sentence.

    :param definitions: lists by the names of ``NEEDED``; others are not looked at.
    """
    for kind, needed in NEEDED.items():
        items = definitions.get(kind, [])
        if not isinstance(items, list):
            yield f"{kind} has to be a list."
            continue
        for number, item in enumerate(items, start=1):
            label = f"{kind}, item {number}"
            if not isinstance(item, Mapping):
                yield f"{label} has to be a table."
                continue
            yield from (f"{label}{_named(item, 'name')}: {problem}" for problem in _item_problems(item, needed))


def _item_problems(item: Mapping[str, Any], needed: tuple[str, ...]) -> Iterator[str]:
    yield from (f"{key} is missing." for key in needed if _is_missing(item, key))
    yield from _name_problems(item.get("name"))
    yield from (
        f"{key} has to be a table." for key in _TABLES if key in item and not isinstance(item[key] or {}, Mapping)
    )
    yield from (f"{key} has to be a whole number, 0 or more." for key in _COUNTS if not _is_count(item.get(key, 0)))
    questions = (item.get("survey_spec") or {}).get("spec") if isinstance(item.get("survey_spec"), Mapping) else None
    if isinstance(questions, list) and not all(isinstance(one, Mapping) for one in questions):
        yield "each question of survey_spec has to be a table."
    nodes = item.get("simplified_workflow_nodes")
    if nodes is None:
        return
    if not isinstance(nodes, list) or not all(isinstance(one, Mapping) for one in nodes):
        yield "simplified_workflow_nodes has to be a list of tables."
        return
    for number, node in enumerate(nodes, start=1):
        label = f"node {number}{_named(node, 'identifier')}"
        yield from (f"{label}: {problem}" for problem in _item_problems(node, ("identifier",)))


def _name_problems(name: Any) -> Iterator[str]:
    if name is None:
        return
    if not isinstance(name, str):
        yield "name has to be a text; quote it."
    elif name != name.strip():
        yield "name begins or ends with a blank, which AWX takes away, so that it would not be found again."
    elif "++" in name or name.isdecimal():
        # controller_api.py of awx.awx, get_one
        yield "the modules of awx.awx take a name with ++ for a path, and one of digits alone for a number."


def _is_missing(item: Mapping[str, Any], key: str) -> bool:
    return item.get(key) is None or (item[key] == "" and key not in _MAY_BE_EMPTY)


def _is_count(value: Any) -> bool:
    """Whether AWX takes it: a whole number, perhaps as text from the command line."""
    return not isinstance(value, bool) and isinstance(value, (int, str)) and str(value).isdecimal()


def _named(item: Mapping[str, Any], key: str) -> str:
    return f" ({item[key]})" if isinstance(item.get(key), str) and item[key] else ""
