# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The seven types of issues of the playbook's escalation matrix, and which incident is of which type. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.condition import (
    Circumstances,
    Rule,
    decide,
    read_rules,
)

SERVICE_CRASH = "service_crash"
TITLES: Mapping[str, str] = {
    SERVICE_CRASH: "Service crash / outage",
    "database_failure": "Database failure",
    "security_incident": "Security incident",
    "data_breach": "Data breach",
    "model_server_failure": "Model server failure",
    "authentication_failure": "Authentication failure",
    "performance_degradation": "Performance degradation",
}
"""Type -> what the playbook calls it."""

DEFAULT_RULES: Sequence[Mapping[str, Any]] = (
    {"issue_type": "data_breach", "rule": "a person says so", "when": {"scenarios": ["data_breach"]}},
    {
        "issue_type": "security_incident",
        "rule": "a secret changed and nothing explains it",
        "when": {"findings": ["secret.unexplained_change"]},
    },
    {
        "issue_type": "security_incident",
        "rule": "a person says so",
        "when": {"scenarios": ["security_incident"]},
    },
    {
        "issue_type": "database_failure",
        "rule": "the disk is full and the database cannot write",
        "when": {"scenarios": ["disk_space"], "findings": ["postgres.write", "postgres.disk"]},
    },
    {
        "issue_type": "database_failure",
        "rule": "data of the database is damaged",
        "when": {"findings": ["postgres.integrity"]},
    },
    {
        "issue_type": "database_failure",
        "rule": "the scenario is about the database",
        "when": {"scenarios": ["database_connection"]},
    },
    {
        "issue_type": "model_server_failure",
        "rule": "the scenario is about the model server",
        "when": {"scenarios": ["model_server"]},
    },
    {
        "issue_type": "authentication_failure",
        "rule": "the scenario is about logging in",
        "when": {"scenarios": ["authentication"]},
    },
    {
        "issue_type": "performance_degradation",
        "rule": "slow, a backlog, or short of room while writes go through",
        "when": {"scenarios": ["high_latency", "queue_backlog", "disk_space"]},
    },
    {"issue_type": SERVICE_CRASH, "rule": "anything else"},
)
"""What the role remediation says too, in ``remediation_issue_types``; a test keeps both in step."""


def read_issue_types(data: object, option: str = "issue_types") -> tuple[Rule, ...]:
    """:raises InvalidInputError: names the entry and the key that is wrong."""
    return read_rules(data, "issue_type", tuple(TITLES), option)


_DEFAULT = read_issue_types(DEFAULT_RULES)


def judge_issue_type(seen: Circumstances, rules: Sequence[Rule] = _DEFAULT) -> str:
    """The type of the first rule that holds."""
    return decide(rules, seen).result


def issue_type_of(scenario: str) -> str:
    """The type of an incident of which nothing but the scenario is known: one that a person opened."""
    return judge_issue_type(Circumstances(scenario=scenario))
