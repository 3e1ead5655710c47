# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A severity that is lowered: who was told of the incident hears how it goes on, and is called to nothing more."""

from __future__ import annotations

from typing import Any

import pytest
from guard_runs import Host
from outbox_ticks import RULES, Ticks, a_sender

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import State

LOWERED = {"severity": "P3", "severity_rule": "only one customer"}
CHANNELS = {"pager": {"type": "pagerduty"}, "mail": {"type": "mail"}, "chat": {"type": "slack"}}
ROUTES = {"P1": ["pager", "email", "slack"], "P3": ["slack"]}


@pytest.fixture
def ticks(host: Host) -> Ticks:
    return Ticks(host, a_sender(CHANNELS, routes=ROUTES))


def kinds(messages: list[dict[str, Any]]) -> dict[str, str]:
    return {one["channel"]: one["kind"] for one in messages}


@pytest.mark.parametrize("state", [State.ACKNOWLEDGED, State.RESOLVED])
def test_who_was_told_hears_that_it_is_less_bad_and_then_how_it_goes_on(ticks: Ticks, state: State) -> None:
    number = ticks.incident(severity="P1")
    assert kinds(ticks.tell(reference="shop/1")) == dict.fromkeys(CHANNELS, "opened")
    ticks.change(number, **LOWERED)
    assert kinds(ticks.tell()) == dict.fromkeys(CHANNELS, "severity")
    ticks.change(number, state=state)
    assert kinds(ticks.tell()) == dict.fromkeys(CHANNELS, state.value)


def test_nobody_is_called_by_a_channel_that_the_severity_does_not_have(ticks: Ticks) -> None:
    number = ticks.incident(severity="P1")
    ticks.tell()
    ticks.change(number, **LOWERED)
    ticks.tell()
    ticks.change(number, escalation="a person is needed")
    assert kinds(ticks.tell()) == {"chat": "escalated"}
    ticks.host.clock.move(5 * 3600)
    assert kinds(ticks.tell(rules=RULES)) == {"chat": "unanswered"}


def test_a_change_that_is_for_all_brings_no_other_one_with_it(ticks: Ticks) -> None:
    number = ticks.incident(severity="P1")
    ticks.tell()
    ticks.change(number, **LOWERED)
    ticks.change(number, escalation="a person is needed")
    told = {one["channel"]: one["covers"] for one in ticks.tell()}
    assert told == {"pager": ["severity"], "mail": ["severity"], "chat": ["severity", "escalated"]}


def test_who_never_heard_of_it_hears_of_it_only_as_its_severity_says(ticks: Ticks) -> None:
    number = ticks.incident(severity="P1")
    ticks.change(number, **LOWERED)
    assert kinds(ticks.tell()) == {"chat": "severity"}
    ticks.change(number, state=State.RESOLVED)
    assert kinds(ticks.tell()) == {"chat": "resolved"}


def test_a_pager_that_could_not_be_reached_yet_is_not_triggered_after_the_end(ticks: Ticks) -> None:
    number = ticks.incident(severity="P1")
    ticks.tell(sent=False, error="down")
    ticks.change(number, **LOWERED)
    ticks.tell(sent=False, error="down")
    ticks.change(number, state=State.RESOLVED)
    told = {one["channel"]: (one["kind"], one["covers"]) for one in ticks.tell()}
    assert told["pager"] == ("resolved", ["opened", "severity", "resolved"])
    ticks.host.clock.move(3600)
    assert ticks.tell() == []


def test_a_channel_that_was_only_just_claimed_hears_of_the_end_as_well(ticks: Ticks) -> None:
    number = ticks.incident(severity="P1")
    ticks.claim()
    ticks.change(number, **LOWERED)
    ticks.change(number, state=State.RESOLVED)
    assert ticks.tell() == []
    ticks.host.clock.move(120)
    told = {one["channel"]: one["covers"] for one in ticks.tell()}
    assert told == {name: ["opened", "severity", "resolved"] for name in CHANNELS}
