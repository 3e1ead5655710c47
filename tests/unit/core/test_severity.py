# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The level and the type of an issue follow from rules that are data, and the rule is named."""

from __future__ import annotations

from typing import Any

import pytest
from findings import critical, fine, unknown, warning

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.condition import circumstances
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.graph import DependencyGraph
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.host import HOST
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.issue_type import (
    DEFAULT_RULES as ISSUE_TYPES,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.issue_type import (
    TITLES,
    issue_type_of,
    judge_issue_type,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.severity import (
    DEFAULT_RULES,
    judge_severity,
    read_severity_rules,
)
from checkout import ROOT, load_yaml

# Two services face the users; the model is needed by one of them, nobody that faces users needs the worker.
GRAPH = DependencyGraph.of({"gateway": ["model"], "auth": [], "model": [], "worker": ["auth"]})
USER_FACING = ("gateway", "auth")


def slow(service: str) -> Finding:
    return warning("latency.p95", service, value=900.0, limit=500.0, unit="ms")


@pytest.mark.parametrize(
    "findings, engine_answers, level, rule",
    [
        ([], False, "P1", "Docker engine"),
        ([fine("http.health", "auth")], False, "P1", "Docker engine"),
        ([critical("http.health", name) for name in USER_FACING], True, "P1", "every user-facing service"),
        ([critical("postgres.integrity", "worker")], True, "P1", "data loss"),
        ([warning("postgres.integrity", "worker")], True, "P4", "nothing fails"),
        ([slow(name) for name in USER_FACING], True, "P2", "degraded for all users"),
        ([slow("auth"), critical("http.health", "gateway")], True, "P2", "degraded for all users"),
        ([slow("auth"), critical("redis.writes_held", "model")], True, "P2", "a major feature is unavailable"),
        ([slow("auth")], True, "P4", "nothing fails"),
        ([unknown("observation.logs", "auth"), slow("auth")], True, "P4", "no service suffers"),
        ([unknown("observation.logs", "auth"), unknown("observation.http", "auth")], True, "P3", "cannot be told"),
        ([unknown("observation.logs", "auth"), critical("http.health", "worker")], True, "P3", "a way around it"),
        ([critical("http.health", "gateway")], True, "P2", "a major feature is unavailable"),
        ([critical("model_server.canary", "model")], True, "P2", "a major feature is unavailable"),
        ([critical("disk.bytes", HOST)], True, "P2", "the host is short"),
        ([critical("http.health", "worker")], True, "P3", "there is a way around it"),
        ([unknown("observation.http", "auth")], True, "P3", "cannot be told"),
        ([unknown("observation.http", name) for name in USER_FACING], True, "P3", "cannot be told"),
        # A fact about the host is no service that fails, but it is trouble.
        ([critical("disk.bytes", "")], True, "P3", "cannot be told"),
        ([warning("log.timeout", "auth")], True, "P4", "nothing fails"),
        ([], True, "P4", "nothing fails"),
    ],
)
def test_the_first_rule_that_holds_gives_the_level(
    findings: list[Finding], engine_answers: bool, level: str, rule: str
) -> None:
    severity = judge_severity(circumstances(findings, GRAPH, USER_FACING, engine_answers=engine_answers))

    assert severity.level == level
    assert rule in severity.rule


def test_a_platform_that_names_no_user_facing_service_is_never_a_complete_outage() -> None:
    seen = circumstances([critical("http.health", "auth")], GRAPH, (), engine_answers=True)

    assert seen.outage_share == 0.0
    assert judge_severity(seen).level == "P2"


@pytest.mark.parametrize(
    "causes, level",
    [
        (None, "P1"),
        (["auth"], "P2"),
        (["model"], "P2"),
        (["worker"], "P3"),
        (["auth", "model"], "P1"),
    ],
)
def test_an_incident_is_as_bad_as_what_fails_because_of_its_own_services(causes: list[str] | None, level: str) -> None:
    findings = [critical("http.health", name) for name in ("gateway", "auth", "model", "worker")]
    seen = circumstances(findings, GRAPH, USER_FACING, engine_answers=True, causes=causes)

    assert judge_severity(seen).level == level


def test_a_rule_of_ones_own_comes_first_and_is_named() -> None:
    rule = {"severity": "P1", "rule": "our model may never fail", "when": {"findings": ["model_server.*"]}}
    seen = circumstances([critical("model_server.canary", "model")], GRAPH, USER_FACING, engine_answers=True)

    severity = judge_severity(seen, read_severity_rules([rule, *DEFAULT_RULES]))

    assert severity.to_data() == {"level": "P1", "rule": "our model may never fail"}


@pytest.mark.parametrize(
    "finding, counts",
    [
        (slow("auth"), True),
        (critical("latency.p95", "auth", value=900.0, limit=500.0), True),
        (warning("http.health", "auth", value=4000.0, limit=1000.0), True),
        (fine("latency.p95", "auth", value=90.0, limit=500.0), False),
        pytest.param(warning("http.health", "auth", value=4.0, limit=1000.0), False, id="a long answer, but in time"),
        (warning("http.health", "auth"), False),
        (warning("log.timeout", "auth", value=9.0, limit=1.0), False),
    ],
)
def test_a_service_is_slow_when_an_answer_of_its_own_took_too_long(finding: Finding, counts: bool) -> None:
    seen = circumstances([finding, slow("gateway")], GRAPH, USER_FACING, engine_answers=True)
    assert seen.degraded_share == (1.0 if counts else 0.5)


LAST = {"severity": "P4", "rule": "else"}


@pytest.mark.parametrize(
    "rules, words",
    [
        ([], "severity_rules has the value []"),
        ([{**LAST, "when": {"failing": True}}], "End with a rule without 'when'"),
        ([{**LAST, "severity": "P5"}], "severity_rules[0].severity has the value 'P5'"),
        ([{**LAST, "rule": ""}], "severity_rules[0].rule"),
        ([{**LAST, "level": "P1"}], "severity_rules[0].level"),
        ([{**LAST, "when": {"outage": 1.0}}, LAST], "severity_rules[0].when.outage"),
        ([{**LAST, "when": {"outage_share": 2}}, LAST], "severity_rules[0].when.outage_share has the value 2"),
        ([{**LAST, "when": {"degraded_share": "all"}}, LAST], "severity_rules[0].when.degraded_share"),
        ([{**LAST, "when": {"only_findings": "log.*"}}, LAST], "severity_rules[0].when.only_findings"),
        ([{**LAST, "when": {"failing": "yes"}}, LAST], "severity_rules[0].when.failing has the value 'yes'"),
        ([{**LAST, "when": {"findings": "disk.*"}}, LAST], "severity_rules[0].when.findings"),
        ([{**LAST, "when": {"statuses": ["bad"]}}, LAST], "severity_rules[0].when.statuses has the value 'bad'"),
        ([{**LAST, "when": ["failing"]}, LAST], "severity_rules[0].when"),
        (["P1"], "severity_rules[0] has the value 'P1'"),
    ],
)
def test_a_rule_that_cannot_be_used_is_named(rules: Any, words: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        read_severity_rules(rules)

    assert words in str(raised.value)


@pytest.mark.parametrize(
    "scenario, findings, issue_type",
    [
        ("service_crash", [], "service_crash"),
        ("engine", [], "service_crash"),
        ("host_unreachable", [], "service_crash"),
        ("database_connection", [], "database_failure"),
        ("model_server", [], "model_server_failure"),
        ("authentication", [], "authentication_failure"),
        ("authentication", [critical("secret.unexplained_change", "auth")], "security_incident"),
        ("authentication", [warning("secret.unexplained_change", "auth")], "authentication_failure"),
        ("high_latency", [], "performance_degradation"),
        ("queue_backlog", [], "performance_degradation"),
        ("disk_space", [critical("disk.bytes", HOST)], "performance_degradation"),
        ("disk_space", [critical("disk.bytes", HOST), critical("postgres.write", "db")], "database_failure"),
        ("disk_space", [critical("postgres.disk", "db")], "database_failure"),
        ("service_crash", [critical("postgres.integrity", "db")], "database_failure"),
        ("data_breach", [], "data_breach"),
    ],
)
def test_an_issue_is_of_the_type_that_the_escalation_matrix_knows(
    scenario: str, findings: list[Finding], issue_type: str
) -> None:
    seen = circumstances(findings, GRAPH, USER_FACING, engine_answers=True, scenario=scenario)

    assert judge_issue_type(seen) == issue_type
    assert issue_type in TITLES


def test_of_an_incident_that_a_person_opened_only_the_scenario_is_known() -> None:
    assert issue_type_of("data_breach") == "data_breach"
    assert issue_type_of("something else") == "service_crash"


@pytest.mark.parametrize(
    "variable, rules", [("remediation_severity_rules", DEFAULT_RULES), ("remediation_issue_types", ISSUE_TYPES)]
)
def test_the_roles_defaults_are_the_rules_of_the_core(variable: str, rules: Any) -> None:
    assert load_yaml(ROOT / "roles" / "remediation" / "defaults" / "main.yml")[variable] == list(rules)
