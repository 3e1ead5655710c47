# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who hears of an incident beside those who respond: the security lead of a changed secret and of its rotation."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.informed import (
    informed_of,
    read_informed,
)
from checkout import ROOT, load_yaml

DEFAULT = load_yaml(ROOT / "roles" / "notification" / "defaults" / "main.yml")["notification_informed"]
BOTH = [{"contacts": ["cto"], "issue_types": ["database_failure"], "actions": ["restart"]}]


@pytest.mark.parametrize(
    "rules, issue_type, actions, expected",
    [
        (DEFAULT, "security_incident", [], ("security_lead",)),
        (DEFAULT, "security_incident", ["rotate_secret"], ("security_lead",)),
        (DEFAULT, "authentication_failure", ["restart", "rotate_secret"], ("security_lead",)),
        (DEFAULT, "authentication_failure", ["restart"], ()),
        (DEFAULT, "", [], ()),
        (BOTH, "database_failure", ["restart"], ("cto",)),
        (BOTH, "database_failure", [], ()),
        (BOTH, "service_crash", ["restart"], ()),
        ([], "security_incident", [], ()),
    ],
)
def test_all_that_a_rule_asks_for_has_to_hold(
    rules: Any, issue_type: str, actions: list[str], expected: tuple[str, ...]
) -> None:
    assert informed_of(read_informed(rules), issue_type, actions) == expected


@pytest.mark.parametrize(
    "rules, words",
    [
        ({}, "informed has the value {}"),
        (["cto"], "informed[0] has the value 'cto'"),
        ([{"contacts": ["cto"]}], "Say of what they hear"),
        ([{"contacts": "cto", "actions": ["restart"]}], "informed[0].contacts has the value 'cto'"),
        ([{"contacts": ["cto"], "actions": []}], "informed[0].actions"),
        ([{"contacts": ["cto"], "issue_types": ["flood"]}], "informed[0].issue_types has the value 'flood'"),
        ([{"contacts": ["cto"], "acts": ["restart"]}], "Give a mapping with contacts, issue_types, actions"),
    ],
)
def test_a_rule_that_cannot_be_used_is_named(rules: Any, words: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        read_informed(rules)
    assert words in str(raised.value)
