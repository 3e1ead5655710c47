# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds what runs hand on against docs/schemas/artifacts.schema.json, more strictly than those who read it do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schemas" / "artifacts.schema.json"


@cache
def schema() -> dict[str, Any]:
    """Return the schema as it is shipped."""
    found: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return found


def faults_of(artifacts: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the artifacts of a run (``<host>/<platform>`` -> what was run -> data).

    A field that the schema does not describe is a fault here: whoever adds one describes it.
    """
    return [
        f"{'/'.join(str(part) for part in error.absolute_path)}: {error.message[:300]}"
        for error in _validator().iter_errors(json.loads(json.dumps(artifacts)))
    ]


def faults_of_statistics(statistics: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with all that a run hands on (``set_stats``), approvable steps and incidents included."""
    approvable = statistics.get("incident_response_approvable", {})
    steps = [step for told in approvable.values() for step in told["triage"]]
    incidents = statistics.get("incident_response_incidents", {}).values()
    beside = [*(("approvable", step) for step in steps), *(("incidents", told) for told in incidents)]
    found = [
        f"{name}: {error.message[:300]}" for name, told in beside for error in _validator_of(name).iter_errors(told)
    ]
    return faults_of(statistics.get("incident_response", {})) + found


def _validator_of(definition: str) -> Draft202012Validator:
    return _validator().evolve(schema={"$defs": _closed(schema())["$defs"], "$ref": f"#/$defs/{definition}"})


@cache
def _validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(schema())
    return Draft202012Validator(_closed(schema()))


def _closed(node: Any) -> Any:
    """The schema without room for fields that it does not name."""
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _closed(value) for key, value in node.items()}
    if "required" in closed:
        closed.setdefault("additionalProperties", False)
    return closed
