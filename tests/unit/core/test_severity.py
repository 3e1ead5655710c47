# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The level follows from rules, and the rule is named."""

from __future__ import annotations

import pytest
from findings import critical, fine, unknown, warning

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.severity import (
    judge_severity,
    severity_facts,
)

USER_FACING = ("api-gateway", "auth")


@pytest.mark.parametrize(
    "findings, engine_answers, level, rule",
    [
        ([], False, "P1", "Docker engine"),
        ([fine("http.health", "auth")], False, "P1", "Docker engine"),
        ([critical("http.health", name) for name in USER_FACING], True, "P1", "every user-facing service"),
        ([critical("http.health", "api-gateway")], True, "P2", "a service fails"),
        ([critical("model_server.canary", "model-server")], True, "P2", "a service fails"),
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
    severity = judge_severity(severity_facts(findings, USER_FACING, engine_answers=engine_answers))

    assert severity.level == level
    assert rule in severity.rule


def test_a_platform_that_names_no_user_facing_service_is_never_a_complete_outage() -> None:
    facts = severity_facts([critical("http.health", "auth")], (), engine_answers=True)

    assert facts.outage_share == 0.0
    assert judge_severity(facts).level == "P2"
