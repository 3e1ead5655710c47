# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from broker_look import (
    BROKER,
    LOOK,
    MAILER,
    Time,
    context,
    look,
    totals,
)
from fake_broker import FakeApi, hang, json_answer, recorded, refuse
from scripted_runner import ScriptedRunner, answered

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import HttpAnswer
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_settings import (
    RabbitmqSettings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.rabbitmq import RabbitmqProbe

# Looks


def test_a_healthy_broker_is_looked_at_once_and_nobody_waits() -> None:
    time, http = Time(), FakeApi({"disable_stats": totals(12)})
    facts = look(http, time=time)
    assert (time.waited, facts.queues[0].slope) == ([], None)
    assert len(http.asked) == 6


@pytest.mark.parametrize(
    "counts, waited, slope, kind",
    [
        # quick enough within a second: no further look
        ([5000, 4900], [1.0], -100.0, "draining"),
        # a breath of the consumer is no stop
        ([5000, 5000, 4500], [1.0, 4.0], -100.0, "draining"),
        ([5000, 5000, 4990], [1.0, 4.0], -2.0, "slow_consumer"),
        ([5000, 5000, 5000], [1.0, 4.0], 0.0, "stuck_consumer"),
        ([5000, 5010, 5050], [1.0, 4.0], 10.0, "stuck_consumer"),
        # it came to its end meanwhile
        ([1500, 1500, 0], [1.0, 4.0], -300.0, "none"),
    ],
)
def test_a_queue_that_is_behind_is_looked_at_until_it_is_told_apart(
    counts: list[int], waited: list[float], slope: float, kind: str
) -> None:
    time = Time()
    (found,) = look(FakeApi({"disable_stats": totals(*counts)}), time=time).queues
    assert (time.waited, found.slope, found.kind, found.messages) == (waited, slope, kind, counts[-1])


def test_a_queue_whose_consumer_is_known_to_be_down_is_looked_at_once() -> None:
    time = Time()
    down = replace(MAILER, state="exited")
    http = FakeApi({"disable_stats": totals(5000), "/api/consumers": json_answer([])})
    (found,) = look(http, time=time, platform=(BROKER, down)).queues
    assert ([one.name for one in found.services], found.kind, time.waited) == (["mailer"], "no_consumer", [])


def test_a_consumer_that_connects_between_two_looks_is_seen() -> None:
    answers = [json_answer([]), HttpAnswer("", 200, recorded("consumers.json"), connected=True), json_answer([])]
    http = FakeApi({"disable_stats": totals(5000), "/api/consumers": lambda _request: answers.pop(0)})
    (found,) = look(http).queues
    assert ([one.name for one in found.services], found.consumers, found.kind) == (["mailer"], 1, "stuck_consumer")
    assert answers == []


def test_an_api_that_fails_at_the_second_look_leaves_the_word_to_rabbitmqctl() -> None:
    first = [HttpAnswer("", 200, recorded("totals.json"), connected=True)]
    http = FakeApi({"disable_stats": lambda _request: first.pop() if first else hang()})
    facts = look(http, ("exec", LOOK))
    assert (facts.via, facts.alive) == ("rabbitmqctl, exec", True)


def counts(messages: int) -> str:
    """What rabbitmqctl lists of the queue `notifications`."""
    return f'--queues /\n[{{"name":"notifications","messages":{messages},"messages_ready":{messages}}}]\n'


@pytest.mark.parametrize(
    "messages, acknowledged, published, kind",
    [
        (5030, 20, 50.0, "slow_consumer"),
        (5000, 20, 20.0, "slow_consumer"),
        (5010, 0, 10.0, "stuck_consumer"),
        (5000, 0, 0.0, "stuck_consumer"),
    ],
)
def test_what_is_published_follows_from_what_is_acknowledged_and_from_the_slope_where_rabbitmqctl_does_not_tell_it(
    messages: int, acknowledged: int, published: float, kind: str
) -> None:
    acts = [{"vhost": "/", "name": "notifications", "deliver": acknowledged, "ack": acknowledged, "redeliver": 0}]
    readings = {"before": {"ms": 0, "acts": []}, "after": {"ms": 1000, "acts": acts}}
    before, after = (f"--{name}\n" + json.dumps({"value": value}) + "\n" for name, value in readings.items())
    # One second passes until the first of the later looks, four more until the second: so much more each second.
    grown = iter((5000 + (messages - 5000), 5000 + 5 * (messages - 5000)))

    def told(argv: Sequence[str]) -> str:
        return before + counts(next(grown)) + after if "--before" in " ".join(argv) else LOOK

    facts = look(FakeApi({"": refuse()}), ("exec", told))
    found = {queue.name: queue for queue in facts.queues}["notifications"]
    assert found.rates is not None
    assert (round(found.rates.ack), found.rates.publish, found.kind) == (acknowledged, published, kind)


# The inventory, the record


def test_the_inventory_says_which_queues_may_fill_up_and_from_where_on_one_is_behind() -> None:
    settings = RabbitmqSettings(ignore_queues=("notif*",), limits={"compliance-checks": 5})
    queues = {queue.name: queue for queue in look(rabbitmq=settings).queues}
    assert (queues["notifications"].ignored, queues["notifications"].kind) == (True, "none")
    assert queues["compliance-checks"].limit == 5


def test_who_was_connected_is_kept_once_and_helps_when_nobody_is() -> None:
    facts = look()
    assert facts.sample == {"consumers": {"//notifications": ["mailer"]}}
    assert look(sample=facts.sample).sample == {}
    http = FakeApi({"disable_stats": totals(5000), "/api/consumers": json_answer([])})
    (found,) = look(http, sample=facts.sample).queues
    assert [one.name for one in found.services] == ["mailer"]


@pytest.mark.parametrize("sample", [{"consumers": "garbage"}, {"consumers": {"//notifications": "mailer"}}, {}])
def test_a_record_of_another_shape_does_no_harm(sample: dict[str, Any]) -> None:
    assert look(sample=sample).alive


def test_what_a_queue_is_called_is_redacted() -> None:
    answer = json_answer([{"name": "token=s3cret-word", "vhost": "/", "messages": 1}])
    (found,) = look(FakeApi({"disable_stats": answer})).queues
    assert "s3cret-word" not in found.name


# Alarms


def test_the_configured_limit_is_asked_for_only_while_the_memory_alarm_is_on() -> None:
    node = {**json.loads(recorded("nodes.json"))[0], "mem_alarm": True}
    limit = '{{ok,{absolute,"256MB"}},25000000000}'
    facts = look(FakeApi({"/api/nodes": json_answer([node])}), ("exec", limit))
    assert facts.configured_limit == 256 * 10**6
    assert look(FakeApi(), ("exec", limit)).configured_limit is None


def test_a_broker_that_starts_up_is_not_judged_dead() -> None:
    starting = replace(BROKER, health="starting")
    facts = look(FakeApi({"": refuse()}), ("exec", answered(exit_code=69)), containers=(starting,))
    (found,) = RabbitmqProbe().judge(context(FakeApi(), ScriptedRunner()), facts)
    assert found.id == "rabbitmq.starting"
