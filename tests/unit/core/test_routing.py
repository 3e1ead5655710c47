# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes: the playbook's table by default, channels by name or category, and errors that name what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.routing import (
    CATEGORIES,
    read_routing,
)
from checkout import ROOT, load_yaml

ROUTES = load_yaml(ROOT / "roles" / "notification" / "defaults" / "main.yml")["notification_routes"]
CHANNELS = {kind: {"type": kind} for kind in CATEGORIES}


def names(channels: Any, routes: Any, severity: str, kind: str = "opened") -> list[str]:
    routing = read_routing(channels, routes, "channels", "routes")
    return [one.name for one in routing.channels if kind in routing.kinds(one, severity, told_before=False)]


@pytest.mark.parametrize(
    "severity, of_the_playbook, of_ones_own",
    [
        ("P1", {"twilio", "mail", "slack"}, {"pagerduty", "webhook"}),
        ("P2", {"mail", "slack"}, {"pagerduty", "webhook"}),
        ("P3", {"slack"}, {"webhook"}),
        ("P4", {"jira", "github", "servicenow"}, set()),
    ],
)
def test_by_default_the_routes_are_the_playbooks_table(
    severity: str, of_the_playbook: set[str], of_ones_own: set[str]
) -> None:
    assert set(names(CHANNELS, ROUTES, severity)) == of_the_playbook | of_ones_own


def test_a_channel_is_chosen_by_its_name_as_well() -> None:
    channels = {"boss": {"type": "twilio"}, "team": {"type": "twilio"}}
    assert names(channels, {"P1": ["sms"], "P2": ["team"]}, "P1") == ["boss", "team"]
    assert names(channels, {"P1": ["sms"], "P2": ["team"]}, "P2") == ["team"]
    assert names(channels, {"P1": ["sms"]}, "P3") == []


@pytest.mark.parametrize(
    "channel, kind, told",
    [
        ({"type": "slack"}, "acknowledged", True),
        ({"type": "twilio"}, "acknowledged", False),
        ({"type": "twilio"}, "unanswered", True),
        ({"type": "twilio", "events": ["acknowledged"]}, "acknowledged", True),
        ({"type": "slack", "events": ["opened"]}, "resolved", False),
    ],
)
def test_a_channel_tells_the_kinds_that_it_is_for(channel: dict[str, Any], kind: str, told: bool) -> None:
    assert names({"c": channel}, {"P1": ["c"]}, "P1", kind) == (["c"] if told else [])


@pytest.mark.parametrize(
    "channel, told_before, kinds",
    [
        pytest.param({"type": "pagerduty"}, True, ["severity", "acknowledged", "resolved"], id="told before"),
        pytest.param({"type": "twilio"}, True, ["severity", "resolved"], id="nobody is woken for an acknowledgement"),
        pytest.param({"type": "mail", "events": ["opened", "resolved"]}, True, ["resolved"], id="its own events"),
        pytest.param({"type": "pagerduty"}, False, [], id="never told"),
    ],
)
def test_a_channel_that_the_severity_has_no_more_tells_those_whom_it_told_how_it_goes_on(
    channel: dict[str, Any], told_before: bool, kinds: list[str]
) -> None:
    routing = read_routing({"c": channel}, {"P1": ["c"], "P3": []}, "channels", "routes")
    assert list(routing.kinds(routing.channels[0], "P3", told_before=told_before)) == kinds
    assert routing.kinds(routing.channels[0], "P1", told_before=told_before) == routing.channels[0].kinds


@pytest.mark.parametrize(
    "channels, routes, words",
    [
        (["slack"], {}, "channels has the value 'list'"),
        ({"ops": "slack"}, {}, "channels.ops.type has the value 'str'"),
        ({"ops": {"type": "pigeon", "token": "s3cret"}}, {}, "channels.ops.type has the value 'pigeon'"),
        ({"ops": {"type": "slack", "events": ["sneezed"]}}, {}, "channels.ops.events"),
        ({"ops": {"type": "pagerduty", "tell_healed": "no"}}, {}, "channels.ops.tell_healed has the value 'no'"),
        ({}, ["P1"], "routes has the value ['P1']"),
        ({}, {"P0": ["slack"]}, "routes.P0"),
        ({}, {"P1": ["pigeon"]}, "routes.P1 has the value ['pigeon']"),
        ({}, {"P1": "slack"}, "routes.P1 has the value 'slack'"),
    ],
)
def test_what_cannot_be_used_is_named_and_no_secret_is_shown(channels: Any, routes: Any, words: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        read_routing(channels, routes, "channels", "routes")
    assert words in str(raised.value)
    assert "s3cret" not in str(raised.value)
