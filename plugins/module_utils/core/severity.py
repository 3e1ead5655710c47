# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""P1 to P4 by rules that are data. The first rule that holds gives the severity and names itself in the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.condition import (
    Circumstances,
    Rule,
    decide,
    read_rules,
)

LEVELS = ("P1", "P2", "P3", "P4")

DEFAULT_RULES: Sequence[Mapping[str, Any]] = (
    {
        "severity": "P1",
        "rule": "the Docker engine does not answer: complete outage",
        "when": {"engine_answers": False},
    },
    {
        "severity": "P1",
        "rule": "every user-facing service fails: complete outage",
        "when": {"outage_share": 1.0},
    },
    {
        "severity": "P1",
        "rule": "data is damaged: data loss",
        "when": {"findings": ["postgres.integrity"]},
    },
    {
        "severity": "P4",
        "rule": "no service suffers: only what is known beside its work is in trouble",
        "when": {"only_findings": ["observation.logs", "observation.config_drift", "observation.disk_detail"]},
    },
    {
        "severity": "P2",
        "rule": "the host is short of what its services need",
        "when": {"host_only": True},
    },
    {
        "severity": "P2",
        "rule": "every user-facing service is slow or fails: degraded for all users",
        "when": {"degraded_share": 1.0},
    },
    {
        "severity": "P2",
        "rule": "a service fails: a major feature is unavailable",
        "when": {"users_affected": True},
    },
    {
        "severity": "P3",
        "rule": "a service fails that no user-facing service needs: there is a way around it",
        "when": {"failing": True},
    },
    {
        "severity": "P3",
        "rule": "the state of a service cannot be told",
        "when": {"in_trouble": True},
    },
    {"severity": "P4", "rule": "nothing fails"},
)
"""What the role remediation says too, in ``remediation_severity_rules``; a test keeps both in step."""


@dataclass(frozen=True)
class Severity:
    """A level and the rule that gave it."""

    level: str
    rule: str

    def to_data(self) -> dict[str, str]:
        """``level`` and ``rule``."""
        return {"level": self.level, "rule": self.rule}


def read_severity_rules(data: object, option: str = "severity_rules") -> tuple[Rule, ...]:
    """:raises InvalidInputError: names the entry and the key that is wrong."""
    return read_rules(data, "severity", LEVELS, option)


_DEFAULT = read_severity_rules(DEFAULT_RULES)


def judge_severity(seen: Circumstances, rules: Sequence[Rule] = _DEFAULT) -> Severity:
    """The first rule that holds."""
    rule = decide(rules, seen)
    return Severity(rule.result, rule.name)
