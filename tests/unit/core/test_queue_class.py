# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.queue_class import classify
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_facts import (
    ConsumerService,
    Queue,
    Rates,
    Window,
)

WELL = ConsumerService("worker")
DOWN = ConsumerService("worker", running=False, words="stopped")
CRASHING = ConsumerService("worker", crashing=True, restarts=3, age=1.0, words="restarted again and again")
YOUNG = replace(WELL, age=5.0)
DEEP = Queue("/", "jobs", 5000, 4950, 50, consumers=1, prefetch=50, services=(WELL,), slope=0.0, rates=Rates())
COMING_BACK = Rates(deliver=10.0, redeliver=9.5)
LASTING = Window(redeliver=190, redeliver_spells=3)


def judged(**fields: Any) -> Queue:
    return classify(replace(DEEP, **fields), drain_limit=300.0, redelivered_percent=50.0)


@pytest.mark.parametrize(
    "fields, expected",
    [
        # Nothing waits, or may.
        ({"messages": 0, "ready": 0, "unacknowledged": 0}, "none"),
        ({"ignored": True}, "none"),
        ({"messages": 999}, "waiting"),
        # It shrinks: fast enough, or not; exact counts are what tells.
        ({"slope": -20.0}, "draining"),
        ({"slope": -10.0}, "slow_consumer"),
        ({"slope": -10.0, "rates": Rates(ack=500.0)}, "slow_consumer"),
        # It does not shrink: worked off as fast as it is filled, or not at all.
        ({"rates": Rates(publish=30.0, ack=20.0)}, "slow_consumer"),
        ({"slope": 3.0}, "stuck_consumer"),
        ({"rates": Rates(ack=20.0)}, "stuck_consumer"),  # a rate of some seconds ago
        ({"slope": None, "rates": None}, "stuck_consumer"),
        # Nobody is there.
        ({"consumers": 0, "unacknowledged": 0, "services": (DOWN,)}, "no_consumer"),
        ({"consumers": 0, "unacknowledged": 0, "services": (DOWN,), "messages": 5}, "no_consumer"),
        ({"consumers": 0, "unacknowledged": 0, "services": ()}, "no_consumer"),
        # Somebody holds messages, and the broker does not list him yet.
        ({"consumers": 0}, "stuck_consumer"),
        # Its consumer dies of what it is given; or of something else.
        ({"services": (CRASHING,), "window": Window(deliver=9, redeliver=6), "messages": 3}, "poison"),
        ({"services": (CRASHING,), "window": Window(deliver=9, ack=5)}, "poison"),
        ({"services": (CRASHING,), "window": None}, "poison"),
        ({"services": (CRASHING,), "window": Window()}, "consumer_crash"),
        ({"services": (CRASHING,), "window": Window(redeliver=6), "slope": -50.0}, "draining"),
        # Its consumer lives and gives back what it gets.
        ({"rates": COMING_BACK, "window": LASTING}, "poison"),
        ({"rates": COMING_BACK, "window": LASTING, "messages": 2}, "poison"),
        ({"rates": COMING_BACK, "window": None}, "poison"),
        # What a consumer held comes back once after its start, and that is as it should be.
        ({"rates": COMING_BACK, "window": replace(LASTING, redeliver_spells=2)}, "stuck_consumer"),
        ({"rates": COMING_BACK, "window": LASTING, "services": (YOUNG,)}, "stuck_consumer"),
        ({"rates": replace(COMING_BACK, ack=1.0), "window": LASTING}, "stuck_consumer"),
        ({"rates": replace(COMING_BACK, redeliver=4.0), "window": LASTING}, "stuck_consumer"),
        ({"rates": COMING_BACK, "window": LASTING, "slope": -50.0}, "draining"),
    ],
)  # fmt: skip
def test_each_backlog_has_its_class(fields: dict[str, Any], expected: str) -> None:
    assert judged(**fields).kind == expected


@pytest.mark.parametrize(
    "fields, line",
    [
        ({"slope": -20.0}, "shrinks by 20.0 messages per second: empty in 250 s"),
        ({}, "its consumers hold 50 of at most 50 messages and acknowledge none"),
        ({"prefetch": 0}, "its consumers hold 50 messages and acknowledge none"),
        ({"rates": Rates(publish=30.0, ack=20.0)}, "30.0 published and 20.0 acknowledged per second"),
        ({"consumers": 0, "unacknowledged": 0, "services": (DOWN,)}, "worker is stopped"),
        (
            {"services": (CRASHING,), "window": None},
            "what was delivered before was not seen: rabbitmqctl knows no history",
        ),
        (
            {"services": (CRASHING,), "window": Window(deliver=9, redeliver=6, ack=1)},
            "in ten minutes 9 delivered, 6 of them again, 1 acknowledged",
        ),
    ],
)
def test_a_class_comes_with_its_evidence(fields: dict[str, Any], line: str) -> None:
    evidence = judged(**fields).evidence
    assert line in evidence
    assert evidence[0].startswith("jobs: 5000 messages (4950 ready, ")


def test_one_message_and_one_consumer_are_told_in_the_singular() -> None:
    (counts, *_rest) = judged(messages=1, ready=1, unacknowledged=0).evidence
    assert counts == "jobs: 1 message (1 ready, 0 unacknowledged), 1 consumer"


@pytest.mark.parametrize("vhost, title", [("/", "jobs"), ("shop", "shop/jobs")])
def test_only_another_than_the_default_virtual_host_is_named(vhost: str, title: str) -> None:
    assert judged(vhost=vhost).evidence[0].startswith(f"{title}: ")


@pytest.mark.parametrize(
    "messages, slope, seconds", [(0, None, 0.0), (100, None, None), (100, 0.0, None), (100, 5.0, None), (100, -4.0, 25)]
)
def test_the_time_to_drain_is_known_only_when_it_shrinks(
    messages: int, slope: float | None, seconds: float | None
) -> None:
    assert replace(DEEP, messages=messages, slope=slope).drain_seconds == seconds
