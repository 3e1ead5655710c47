# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The published schema of the artifacts: in step with the code, and one that refuses.

That what runs hand on keeps to it is seen where they run: every action of a unit test and every run of an integration
test is held against it (tests/support/action_harness.py and playbook_run.py).
"""

from __future__ import annotations

import pytest
from artifact_schema import faults_of, faults_of_statistics, schema
from findings import critical
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from observations import observation

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import State
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.outcome import Ending
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rung import Tier
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.severity import LEVELS
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.model import SEVERITIES, Verdict
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.health_report import health_report
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.version import SCHEMA_VERSION

PARTS = ("remediation", "triage", "health_check", "compliance")
REPORT = health_report({**observation(critical("http.health", "web")), "services": {}}, "docker-1")


def handed_on(**changes: object) -> dict[str, object]:
    return {"docker-1/shop": {"health_check": {**REPORT, **changes}}}


@pytest.mark.parametrize("part", PARTS)
def test_every_part_bears_the_version_that_the_code_writes(part: str) -> None:
    described = schema()["$defs"][part]

    assert described["properties"]["schema_version"]["const"] == SCHEMA_VERSION
    assert "schema_version" in described["required"]


@pytest.mark.parametrize(
    "part, path, words",
    [
        ("finding", ("status",), [status.value for status in Status]),
        ("step", ("tier",), [tier.value for tier in Tier]),
        ("incident", ("state",), [state.value for state in State]),
        ("incident", ("severity",), LEVELS),
        ("remediation", ("outcome", "properties", "ending"), [ending.value for ending in Ending]),
        ("compliance", ("fail_on",), [*SEVERITIES, "never"]),
        ("compliance", ("results", "items", "properties", "status"), [verdict.value for verdict in Verdict]),
    ],
)
def test_the_words_of_the_schema_are_those_of_the_code(part: str, path: tuple[str, ...], words: list[str]) -> None:
    node = schema()["$defs"][part]["properties"]
    for key in path:
        node = node[key]

    assert sorted(node["enum"]) == sorted(words)


@pytest.mark.parametrize(
    "artifacts, fault",
    [
        (handed_on(schema_version=2), "health_check/schema_version: 1 was expected"),
        (handed_on(status="fine"), "health_check/status: 'fine' is not one of"),
        (handed_on(rows=[{}]), "health_check/rows/0: 'service' is a required property"),
        (handed_on(novelty=1), "'novelty' was unexpected"),
        ({"docker-1/shop": {"model_server": REPORT}}, "model_server: 'scenario' is a required property"),
        ({"shop": {}}, "'shop' does not match"),
    ],
    ids=["another version", "another word", "a missing field", "an undescribed field", "another part", "no platform"],
)
def test_what_does_not_keep_to_the_schema_is_told(artifacts: dict[str, object], fault: str) -> None:
    assert faults_of(handed_on()) == []
    assert any(fault in told for told in faults_of(artifacts)), faults_of(artifacts)


def test_what_is_handed_on_beside_it_is_held_against_the_schema_as_well() -> None:
    handed = {"incident_response_incidents": {"docker-1/shop": {"model_server": "INC-2026-11-26-001"}}}

    assert faults_of_statistics(handed) == []
    handed["incident_response_incidents"]["docker-1/shop"]["model_server"] = "latest"
    assert faults_of_statistics(handed) == [
        "incidents: 'latest' does not match '^INC-[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{3,}$'"
    ]


def test_a_program_that_reads_by_the_schema_takes_fields_that_it_does_not_know_yet() -> None:
    faults = [error.message for error in Draft202012Validator(schema()).iter_errors(handed_on(novelty=1))]

    assert faults == []


def test_every_field_is_described() -> None:
    undescribed = [
        f"{part}.{name}"
        for part, described in schema()["$defs"].items()
        for name, field in described.get("properties", {}).items()
        if not {"description", "$ref", "enum", "oneOf"} & set(field)
    ]

    assert undescribed == []
