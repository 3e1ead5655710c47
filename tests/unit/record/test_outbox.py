# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outbox: each change is told once through each channel, also when senders are killed, slow, or two at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from guard_runs import Host
from outbox_ticks import Ticks, a_sender
from record_fakes import NOON

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import State
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.informed import read_informed
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import outbox
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.message_table import Result

MINUTE = 60.0
INFORMED = read_informed(
    [
        {"contacts": ["security"], "issue_types": ["security_incident"]},
        {"contacts": ["security"], "actions": ["rotate_secret"]},
    ]
)


@pytest.fixture
def ticks(host: Host) -> Ticks:
    return Ticks(host, a_sender())


def told(messages: list[dict[str, Any]]) -> dict[str, tuple[str, list[str]]]:
    """Channel -> (kind, contacts)."""
    assert len({one["channel"] for one in messages}) == len(messages)
    return {one["channel"]: (one["kind"], one["contacts"]) for one in messages}


@pytest.mark.parametrize(
    "severity, channels",
    [("P1", {"sms", "mail", "chat"}), ("P2", {"mail", "chat"}), ("P3", {"chat"}), ("P4", {"desk"})],
)
def test_the_severity_says_which_channels_tell_it(ticks: Ticks, severity: str, channels: set[str]) -> None:
    ticks.incident(severity=severity)
    assert {one["channel"] for one in ticks.tell()} == channels


def test_a_change_is_told_once_and_a_run_that_joins_tells_nothing(ticks: Ticks) -> None:
    number = ticks.incident()
    assert told(ticks.tell()) == {"mail": ("opened", ["on_call"]), "chat": ("opened", ["on_call"])}
    assert ticks.incident() == number
    assert ticks.tell() == []


def test_an_incident_that_was_opened_and_healed_in_one_run_is_one_message_per_channel(ticks: Ticks) -> None:
    run = ticks.host.run("first")
    run.begin()
    run.end("resolved", "restart healed it")
    messages = ticks.tell()
    assert {one["channel"]: one["kind"] for one in messages} == {"mail": "resolved", "chat": "resolved"}
    assert messages[0]["covers"] == ["opened", "resolved"]
    assert messages[0]["incident"]["state"] == "resolved"


def test_a_newer_change_replaces_a_message_that_still_waits(ticks: Ticks) -> None:
    number = ticks.incident()
    ticks.tell(sent=False, error="down")
    ticks.change(number, state=State.RESOLVED)
    messages = ticks.tell()
    assert [one["covers"] for one in messages] == [["opened", "resolved"]] * 2
    states = [one["state"] for one in ticks.host.incident(number)["notifications"]]
    assert states == ["superseded", "superseded", "sent", "sent"]


@pytest.mark.parametrize(
    "change, kind",
    [
        ({"state": State.ACKNOWLEDGED}, "acknowledged"),
        ({"state": State.RESOLVED}, "resolved"),
        ({"severity": "P1", "severity_rule": "all customers"}, "severity"),
        ({"escalation": "a person is needed"}, "escalated"),
    ],
)
def test_each_change_of_a_person_is_told(ticks: Ticks, change: dict[str, Any], kind: str) -> None:
    number = ticks.incident()
    ticks.tell()
    ticks.change(number, **change)
    assert {one["kind"] for one in ticks.tell()} == {kind}
    ticks.change(number, **change)
    assert ticks.tell() == []


def test_who_is_informed_hears_of_every_change_but_is_not_asked_when_nobody_answers(ticks: Ticks) -> None:
    number = ticks.incident(issue_type="security_incident")
    assert told(ticks.tick(informed=INFORMED))["mail"] == ("opened", ["on_call", "security"])
    ticks.host.clock.move(3600)
    assert told(ticks.tick(informed=INFORMED))["mail"] == ("unanswered", ["lead"])
    ticks.change(number, state=State.RESOLVED)
    assert told(ticks.tick(informed=INFORMED))["mail"] == ("resolved", ["on_call", "lead", "security"])


@pytest.mark.parametrize(
    "outcome, contacts", [("done", ["on_call", "security"]), ("failed", ["on_call", "security"]), (None, ["on_call"])]
)
def test_who_is_informed_of_an_action_hears_of_it_when_it_was_carried_out(
    ticks: Ticks, outcome: str | None, contacts: list[str]
) -> None:
    run = ticks.host.run("first")
    run.begin(issue_type="model_server_failure")
    run.act(outcome or "done", action="rotate_secret" if outcome else "restart")
    run.end("escalated")
    assert told(ticks.tell(informed=INFORMED))["mail"] == ("escalated", contacts)


def test_the_record_does_not_claim_that_somebody_without_an_address_was_told(ticks: Ticks) -> None:
    number = ticks.incident(issue_type="security_incident")
    claimed = ticks.claim(informed=INFORMED)
    results = [Result(one["key"], True, unreached=["security"]) for one in claimed["messages"][:1]]
    outbox.complete(ticks.host.run("tick").platform, claimed["token"], results)
    last = ticks.host.incident(number)["timeline"][-1]["message"]
    assert last == "mail to on_call: opened; not reached: security"


def test_an_issue_that_turns_out_to_be_another_one_is_told_to_those_of_its_new_row_once(ticks: Ticks) -> None:
    number = ticks.incident(issue_type="service_crash")
    ticks.tell(informed=INFORMED)
    assert ticks.incident(issue_type="security_incident") == number
    (mail, _chat) = ticks.tell(informed=INFORMED)
    assert (mail["kind"], mail["contacts"]) == ("issue_type", ["on_call", "security"])
    assert mail["notice"] == "Service crash / outage became Security incident: it hangs"
    assert "service_crash to security_incident" in str(ticks.host.incident(number)["timeline"])
    ticks.incident(issue_type="security_incident")
    assert ticks.tell(informed=INFORMED) == []


def test_a_note_is_told_to_nobody(ticks: Ticks) -> None:
    number = ticks.incident()
    ticks.tell()
    ticks.change(number, note="looking at it")
    assert ticks.tell() == []


def test_what_got_worse_while_it_was_being_healed_is_told_to_more(ticks: Ticks) -> None:
    run = ticks.host.run("first")
    run.begin(issue_type="model_server_failure")
    ticks.tell()
    run.permit(severity="P1", severity_rule="every user-facing service fails")
    assert {one["channel"]: one["kind"] for one in ticks.tell()} == dict.fromkeys(("sms", "mail", "chat"), "severity")
    assert ticks.host.incident(run.incident)["severity_rule"] == "every user-facing service fails"
    run.permit(severity="P3", severity_rule="nearly well")
    assert ticks.host.incident(run.incident)["severity"] == "P1"


@pytest.mark.parametrize(
    "pager, states",
    [
        pytest.param({}, ["sent"], id="by default"),
        pytest.param({"tell_healed": False}, ["pointless"], id="not told of what is healed already"),
        pytest.param({"events": ["resolved"]}, ["pointless"], id="never told of a beginning"),
    ],
)
def test_what_was_opened_and_healed_in_one_run_is_one_message_for_a_pager_unless_it_is_not_wanted(
    host: Host, pager: dict[str, Any], states: list[str]
) -> None:
    ticks = Ticks(host, a_sender({"pager": {"type": "pagerduty", **pager}}, routes={"P2": ["pager"]}))
    run = host.run("first")
    run.begin()
    run.end("resolved")
    ticks.tell()
    told = host.incident(run.incident)["notifications"]
    assert [one["state"] for one in told] == states


def test_a_pager_is_told_of_the_beginning_and_then_of_the_end(host: Host) -> None:
    ticks = Ticks(host, a_sender({"pager": {"type": "pagerduty"}}, routes={"P2": ["pager"]}))
    number = ticks.incident()
    assert [one["kind"] for one in ticks.tell(reference="shop/1")] == ["opened"]
    ticks.change(number, state=State.RESOLVED)
    assert [(one["kind"], one["reference"]) for one in ticks.tell()] == [("resolved", "shop/1")]


def test_a_channel_that_fails_is_tried_again_ever_later_and_the_others_are_not(ticks: Ticks) -> None:
    number = ticks.incident()
    claimed = ticks.claim()
    results = [Result(one["key"], one["channel"] != "chat", error="token 'abc' is bad") for one in claimed["messages"]]
    platform = ticks.host.run("tick").platform
    assert outbox.complete(platform, claimed["token"], results) == {"changed": False, "sent": 1, "unsent": 1}
    waits = []
    for _unused in range(6):
        waited = 0
        while not (messages := ticks.tell(sent=False, error="down")):
            ticks.host.clock.move(30)
            waited += 30
        assert [(one["channel"], one["possible_repeat"]) for one in messages] == [("chat", False)]
        waits.append(waited)
    assert waits == [60, 120, 240, 480, 900, 900]
    shown = ticks.host.incident(number)["notifications"]
    assert [(one["channel"], one["state"], one["tries"]) for one in shown] == [
        ("mail", "sent", 1),
        ("chat", "waiting", 7),
    ]
    assert "notified" in ticks.host.timeline(number)


def test_a_message_that_never_goes_through_is_given_up_after_a_day_and_that_is_recorded(ticks: Ticks) -> None:
    number = ticks.incident(severity="P3")
    ticks.tell(sent=False, error="down")
    ticks.host.clock.move(86_401)
    assert ticks.tell() == []
    assert [one["state"] for one in ticks.host.incident(number)["notifications"]] == ["given up"]
    assert ticks.host.incident(number)["timeline"][-1]["message"] == "chat: opened was given up"


def test_while_one_sender_is_at_it_another_one_gets_nothing(ticks: Ticks) -> None:
    ticks.incident()
    first, second = ticks.claim(), ticks.claim()
    assert (len(first["messages"]), second["messages"]) == (2, [])


@pytest.mark.parametrize("how", ["the lease lapses", "the host restarts", "the clock is set back"])
def test_what_a_killed_sender_left_is_sent_again_and_marked(ticks: Ticks, how: str) -> None:
    number = ticks.incident()
    ticks.claim(lease=120)
    if how == "the host restarts":
        ticks.host.clock.restart_host(down=5)
    elif how == "the clock is set back":
        ticks.host.clock.move(119)
        ticks.host.clock.set_wall(NOON - 86_400)
        assert ticks.claim()["messages"] == []
        ticks.host.clock.move(1)
    else:
        ticks.host.clock.move(120)
    messages = ticks.tell()
    assert [(one["possible_repeat"], one["tries"]) for one in messages] == [(True, 2), (True, 2)]
    assert ticks.host.incident(number)["timeline"][-1]["message"].endswith("opened, possibly a repeat")
    assert ticks.tell() == []


def test_a_channel_that_was_just_configured_does_not_tell_the_past(host: Host) -> None:
    Ticks(host, a_sender({})).incident()
    host.clock.move(90_000)
    assert Ticks(host, a_sender()).tell() == []


def test_a_platform_is_told_of_its_own_incidents_and_of_a_dead_engine(ticks: Ticks) -> None:
    ticks.incident()
    other = replace(ticks.host.run("tick").platform, name="garage")
    assert outbox.claim(other, ticks.sender)["messages"] == []
    dead = replace(other, name="docker")
    run = ticks.host.run("engine", platform="docker")
    run.begin(scenario="engine", services=())
    assert run.platform.name == dead.name
    assert {one["incident"]["id"] for one in outbox.claim(other, ticks.sender)["messages"]} == {run.incident}


def test_an_incident_that_nobody_acknowledged_goes_to_the_next_contacts_one_step_at_a_time(ticks: Ticks) -> None:
    ticks.incident(issue_type="service_crash")
    assert told(ticks.tick())["mail"] == ("opened", ["on_call"])
    steps = []
    for _unused in range(300):
        ticks.host.clock.move(MINUTE)
        steps += [
            (ticks.host.clock.now().wall - NOON, one["contacts"]) for one in ticks.tick() if one["channel"] == "mail"
        ]
    # P2: due after an hour, again each hour, three times at most; the last group is told again.
    assert steps == [(3600, ["lead"]), (7200, ["cto", "legal"]), (10_800, ["cto", "legal"])]


def test_a_tick_that_was_missed_is_caught_up_by_one_step_and_not_by_all(ticks: Ticks) -> None:
    number = ticks.incident(issue_type="service_crash")
    ticks.host.clock.move(10 * 3600)
    assert told(ticks.tick())["mail"] == ("unanswered", ["on_call", "lead"])
    assert ticks.tick() == []
    assert ticks.host.incident(number)["escalation_level"] == 1
    assert ticks.host.incident(number)["response"] == "missed"


def test_an_acknowledgement_stops_the_steps_until_it_is_stale_and_a_note_keeps_it_fresh(ticks: Ticks) -> None:
    number = ticks.incident(issue_type="service_crash")
    ticks.tick()
    ticks.host.clock.move(3600)
    assert told(ticks.tick())["chat"] == ("unanswered", ["lead"])
    ticks.change(number, state=State.ACKNOWLEDGED)
    assert told(ticks.tick())["chat"] == ("acknowledged", ["on_call", "lead"])
    ticks.host.clock.move(7000)
    ticks.change(number, note="waiting for the vendor")
    ticks.host.clock.move(7000)
    assert ticks.tick() == []
    ticks.host.clock.move(200)
    assert told(ticks.tick())["chat"] == ("unanswered", ["cto", "legal"])
    ticks.host.clock.move(3600)
    assert {one["kind"] for one in ticks.tick()} == {"unanswered"}
    ticks.change(number, state=State.ACKNOWLEDGED)
    ticks.host.clock.move(7000)
    assert ticks.tick() == []


@pytest.mark.parametrize("state", [State.STABLE, State.RESOLVED])
def test_what_is_healed_is_carried_on_no_more(ticks: Ticks, state: State) -> None:
    number = ticks.incident()
    ticks.change(number, state=state)
    ticks.tell()
    ticks.host.clock.move(86_000)
    assert ticks.tick() == []


def test_who_was_told_is_told_of_the_end(ticks: Ticks) -> None:
    number = ticks.incident()
    ticks.tick()
    ticks.host.clock.move(3600)
    ticks.tick()
    ticks.change(number, state=State.RESOLVED)
    assert told(ticks.tick())["mail"] == ("resolved", ["on_call", "ml"])


def test_a_clock_that_is_set_back_doubles_no_step_and_loses_none(ticks: Ticks) -> None:
    ticks.incident(issue_type="service_crash")
    ticks.host.clock.move(3600)
    ticks.tick()
    ticks.host.clock.set_wall(NOON)
    assert ticks.tick() == []
    ticks.host.clock.move(3600)
    assert told(ticks.tick())["mail"] == ("unanswered", ["cto", "legal"])


def test_a_review_that_is_overdue_is_told_once_and_only_of_p1_and_p2(ticks: Ticks) -> None:
    bad, minor = ticks.incident(), ticks.incident(services=("cache",), severity="P3")
    for number in (bad, minor):
        ticks.change(number, state=State.RESOLVED)
    ticks.tick()
    ticks.host.clock.move(48 * 3600)
    assert ticks.tick() == []
    ticks.host.clock.move(1)
    assert {(one["incident"]["id"], one["kind"]) for one in ticks.tick()} == {(bad, "review_overdue")}
    assert ticks.tick() == []
    ticks.change(bad, state=State.REVIEWED)
    ticks.host.clock.move(48 * 3600)
    assert ticks.tick() == []
