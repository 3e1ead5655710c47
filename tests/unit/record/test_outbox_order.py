# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of messages: nobody hears old news last, however senders fail, are killed, or are slow."""

from __future__ import annotations

import random
from typing import Any

import pytest
from guard_runs import Host
from outbox_ticks import Ticks, a_sender

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import State
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import outbox
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.message_table import Result

LEASE = 120.0
BOTH = ["opened", "resolved"]


@pytest.fixture
def ticks(host: Host) -> Ticks:
    """A P3 is told by chat only."""
    return Ticks(host, a_sender(lease=LEASE))


def complete(ticks: Ticks, claimed: dict[str, Any], *, sent: bool, reference: str = "") -> tuple[int, int]:
    """:returns: how many count as sent and as not sent."""
    results = [Result(one["key"], sent, reference, "" if sent else "HTTP 500") for one in claimed["messages"]]
    done = outbox.complete(ticks.host.run("tick").platform, claimed["token"], results)
    return done["sent"], done["unsent"]


def ends(ticks: Ticks, claimed: dict[str, Any], how: str) -> None:
    if how == "is killed":
        ticks.host.clock.move(LEASE)
    else:
        complete(ticks, claimed, sent=how == "sends it")


def told(ticks: Ticks, number: str) -> list[tuple[str, str]]:
    return [(one["kind"], one["state"]) for one in ticks.host.incident(number)["notifications"]]


@pytest.mark.parametrize(
    "how, covers, state",
    [("sends it", ["resolved"], "sent"), ("fails", BOTH, "superseded"), ("is killed", BOTH, "superseded")],
)
def test_what_is_newer_waits_for_how_the_older_one_ends_and_is_the_last_that_is_told(
    ticks: Ticks, how: str, covers: list[str], state: str
) -> None:
    number = ticks.incident(severity="P3")
    first = ticks.claim()
    ticks.change(number, state=State.RESOLVED)
    assert ticks.claim()["messages"] == []
    ends(ticks, first, how)

    assert [one["covers"] for one in ticks.tell()] == [covers]
    assert told(ticks, number) == [("opened", state), ("resolved", "sent")]
    ticks.host.clock.move(3600)
    assert ticks.tell() == []


def test_the_timeline_does_not_say_that_what_gave_its_place_is_tried_again(ticks: Ticks) -> None:
    number = ticks.incident(severity="P3")
    first = ticks.claim()
    ticks.change(number, state=State.RESOLVED)
    assert ticks.claim()["messages"] == []
    complete(ticks, first, sent=False)
    last = ticks.host.incident(number)["timeline"][-1]["message"]
    assert last == "chat to on_call: opened could not be sent and gives its place to a newer message: HTTP 500"


def test_who_was_not_reached_by_the_older_one_is_told_the_newer_one(ticks: Ticks) -> None:
    ticks.incident()
    first = ticks.claim(lease=7200)
    ticks.host.clock.move(3600)
    assert ticks.tick() == []
    complete(ticks, first, sent=False)
    assert [(one["kind"], one["contacts"]) for one in ticks.tick()] == [("unanswered", ["on_call", "ml"])] * 2


def test_other_incidents_and_other_channels_are_not_held_up(ticks: Ticks) -> None:
    number = ticks.incident()
    claimed = ticks.claim(limit=1)
    other = ticks.incident(services=("cache",))
    ticks.change(number, state=State.RESOLVED)
    assert [one["channel"] for one in claimed["messages"]] == ["mail"]
    found = {(one["incident"]["id"], one["channel"], one["kind"]) for one in ticks.tell()}
    assert found == {(number, "chat", "resolved"), (other, "mail", "opened"), (other, "chat", "opened")}


def test_what_a_newer_message_superseded_stays_so_when_its_sender_fails_late(ticks: Ticks) -> None:
    number = ticks.incident(severity="P3")
    late = ticks.claim()
    ticks.host.clock.move(LEASE)
    ticks.change(number, state=State.RESOLVED)
    assert [one["covers"] for one in ticks.tell()] == [BOTH]

    assert complete(ticks, late, sent=False) == (0, 0)
    ticks.host.clock.move(3600)
    assert ticks.tell() == []
    assert told(ticks, number) == [("opened", "superseded"), ("resolved", "sent")]


@pytest.mark.parametrize("meanwhile", ["it waits again", "it is claimed anew", "it was superseded", "it was given up"])
def test_what_a_slow_sender_has_sent_is_not_sent_again_and_its_ticket_is_known(ticks: Ticks, meanwhile: str) -> None:
    number = ticks.incident(severity="P3")
    slow = ticks.claim()
    ticks.host.clock.move(LEASE)
    other = ticks.claim(limit=1 if meanwhile == "it is claimed anew" else 0)
    if meanwhile == "it was given up":
        ticks.claim(give_up=1.0, limit=0)
    ticks.change(number, state=State.RESOLVED)
    if meanwhile == "it was superseded":
        ticks.claim(limit=0)

    assert complete(ticks, slow, sent=True, reference="OPS-1") == (1, 0)
    assert complete(ticks, slow, sent=True, reference="OPS-1") == (0, 0)
    assert complete(ticks, other, sent=False) == (0, 0)
    assert [(one["kind"], one["reference"]) for one in ticks.tell()] == [("resolved", "OPS-1")]
    assert told(ticks, number) == [("opened", "sent"), ("resolved", "sent")]


def test_a_slow_sender_that_fails_takes_nothing_from_the_one_that_has_it_now(ticks: Ticks) -> None:
    number = ticks.incident(severity="P3")
    slow = ticks.claim()
    ticks.host.clock.move(LEASE)
    other = ticks.claim()
    assert [one["possible_repeat"] for one in other["messages"]] == [True]
    assert complete(ticks, slow, sent=False) == (0, 0)
    assert told(ticks, number) == [("opened", "claimed")]
    assert complete(ticks, other, sent=True) == (1, 0)


def test_how_a_try_ended_is_said_once(ticks: Ticks) -> None:
    ticks.incident(severity="P3")
    first = ticks.claim()
    assert complete(ticks, first, sent=False) == (0, 1)
    assert complete(ticks, first, sent=False) == (0, 0)
    assert complete(ticks, first, sent=True) == (0, 0)
    ticks.host.clock.move(60)
    assert [one["possible_repeat"] for one in ticks.tell()] == [False]


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_no_channel_is_handed_old_news_after_newer_news(ticks: Ticks, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311, the same in each run
    number = ticks.incident()
    newest: dict[str, int] = {}
    begun: list[dict[str, Any]] = []
    for _unused in range(60):
        what = chance.choice(["P1", "P2", "time", "tick", "tick", "end", "end"])
        if what == "time":
            ticks.host.clock.move(chance.choice([1.0, 30.0, LEASE]))
        elif what == "tick":
            begun.append(ticks.claim(limit=chance.randint(1, 3)))
            for one in begun[-1]["messages"]:
                seq = int(one["key"].split("/")[2])
                assert newest.get(one["channel"], 0) <= seq
                newest[one["channel"]] = seq
        elif what != "end":
            ticks.change(number, severity=what, severity_rule=what)
        elif begun:
            # Any of those that were begun, however late; those that are never chosen were killed.
            complete(ticks, begun.pop(chance.randrange(len(begun))), sent=chance.random() < 0.5)
    ticks.change(number, state=State.RESOLVED)
    ticks.host.clock.move(3600)
    assert {one["kind"] for one in ticks.tell()} == {"resolved"}
    assert {state for _kind, state in told(ticks, number)} == {"sent", "superseded"}
