# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_facts import (
    ConsumerService,
    Node,
    Queue,
    RabbitmqFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.rabbitmq import judge_rabbitmq

NODE = Node("rabbit@mq", True, 140 * 10**6, 256 * 10**6, False, 80 * 10**9, 50 * 10**6, False)
EMPTY = Queue("/", "jobs", 0, 0, 0, consumers=1, kind="none", services=(ConsumerService("worker"),))
WELL = RabbitmqFacts(
    "mq", "running", True, "management API, published port", nodes=(NODE,), queues=(EMPTY,), guest=False
)
SILENT = replace(WELL, alive=False, via="", nodes=(), queues=(), guest=None, error="it did not answer in time")
CRITICAL, WARNING, UNKNOWN = Status.CRITICAL, Status.WARNING, Status.UNKNOWN
KNOWN = (ConsumerService("worker"),)


def judged(facts: RabbitmqFacts, *, exposed: bool = False) -> dict[str, Finding]:
    found = judge_rabbitmq(facts, exposed=exposed)
    assert len({finding.id for finding in found}) == len(found)
    assert {finding.step for finding in found} <= {"QB-1", "QB-2", "QB-3", "QB-4", "QB-5"}
    return {finding.id: finding for finding in found}


def bad(facts: RabbitmqFacts) -> dict[str, Status]:
    return {name: finding.status for name, finding in judged(facts).items() if finding.is_bad}


def behind(kind: str, messages: int = 5000, **fields: Any) -> Queue:
    return replace(EMPTY, kind=kind, messages=messages, ready=messages, evidence=("counts", "why"), **fields)


def test_a_broker_that_is_well_has_nothing_bad() -> None:
    assert bad(WELL) == {}
    assert {"rabbitmq.alive", "rabbitmq.running", "rabbitmq.management", "rabbitmq.memory_alarm", "rabbitmq.disk_alarm",
            "rabbitmq.queue_depth", "rabbitmq.draining", "rabbitmq.guest"} == set(judged(WELL))  # fmt: skip


@pytest.mark.parametrize(
    "facts, expected",
    [
        (SILENT, {"rabbitmq.alive": CRITICAL}),
        (replace(SILENT, state="exited"), {"rabbitmq.alive": CRITICAL}),
        (replace(SILENT, alive=None), {"rabbitmq.alive": UNKNOWN}),
        (replace(SILENT, starting=True), {"rabbitmq.starting": CRITICAL}),
        # ping is fine, and the broker does not run
        (replace(SILENT, alive=True), {"rabbitmq.running": CRITICAL}),
        (replace(WELL, nodes=(replace(NODE, running=False),)), {"rabbitmq.running": CRITICAL}),
        # it tells of itself, and not of its queues: that is no healthy queue
        (replace(WELL, via="rabbitmqctl, exec", queues=(), error="timed out"),
         {"rabbitmq.management": WARNING, "rabbitmq.queue_depth": UNKNOWN}),
        (replace(WELL, via="rabbitmqctl, exec", bypassed="It refuses."), {"rabbitmq.management": WARNING}),
        (replace(WELL, guest=True), {"rabbitmq.guest": WARNING}),
        (replace(WELL, nodes=(replace(NODE, disk_alarm=True),)), {"rabbitmq.disk_alarm": CRITICAL}),
        (replace(WELL, nodes=(replace(NODE, memory_alarm=True),)), {"rabbitmq.memory_alarm": CRITICAL}),
    ],
)  # fmt: skip
def test_each_trouble_of_the_broker_has_its_finding(facts: RabbitmqFacts, expected: dict[str, Status]) -> None:
    assert bad(facts) == expected


@pytest.mark.parametrize(
    "used, limit, configured, told",
    [
        (140, 1, 256, True),
        (140, 1, None, False),  # what the configuration says is not known
        (140, 256, 256, False),  # its own limit: a person has to look
        (300, 1, 256, False),  # the configured limit would not be enough
        (140, 255, 256, False),  # as good as the same
    ],
)
def test_a_memory_limit_is_given_back_only_where_it_differs_from_the_configuration_and_that_is_enough(
    used: int, limit: int, configured: int | None, told: bool
) -> None:
    node = replace(NODE, memory_alarm=True, memory_used=used * 10**6, memory_limit=limit * 10**6)
    found = judged(replace(WELL, nodes=(node,), configured_limit=configured * 10**6 if configured else None))
    assert found["rabbitmq.memory_alarm"].message == (
        f"The memory alarm of mq is on: {used} MB of {limit} MB in use, publishers blocked."
    )
    assert ("rabbitmq.memory_limit" in found) is told


def test_an_alarm_without_numbers_is_told_all_the_same() -> None:
    node = replace(NODE, memory_alarm=True, memory_used=None, memory_limit=None)
    assert (
        "an unknown amount of an unknown amount"
        in judged(replace(WELL, nodes=(node,)))["rabbitmq.memory_alarm"].message
    )


@pytest.mark.parametrize(
    "guest, exposed, words",
    [
        (True, True, "mq takes the default user guest with its default password from other hosts."),
        (True, False, "mq takes the default user guest with its default password from this host and every container"),
        (False, True, "mq takes the default user guest from nowhere but its own loopback."),
    ],
)
def test_from_where_the_default_credentials_are_good(guest: bool, exposed: bool, words: str) -> None:
    assert judged(replace(WELL, guest=guest), exposed=exposed)["rabbitmq.guest"].message.startswith(words)


def test_default_credentials_that_were_not_tried_are_neither_good_nor_bad_and_that_is_said() -> None:
    found = judged(replace(WELL, guest=None))["rabbitmq.guest"]
    assert found.status is Status.NOT_CONFIGURED
    assert "was not tried" in found.message


# Queues

FIXED = "worker has the fixed container_name w."


def test_a_consumer_that_is_too_slow_and_can_have_no_second_container_is_told_with_the_reason() -> None:
    alone = behind("slow_consumer", services=(ConsumerService("worker", alone=FIXED),))
    found = judged(replace(WELL, queues=(alone,)))
    assert found["rabbitmq.slow_consumer"].targets == ("worker",)
    assert (found["rabbitmq.single_consumer"].status, found["rabbitmq.single_consumer"].message) == (WARNING, FIXED)


def test_while_one_of_them_can_have_more_containers_only_that_one_is_given_some() -> None:
    queues = (
        behind("slow_consumer", services=(ConsumerService("worker", alone=FIXED),)),
        behind("slow_consumer", name="mails", services=(ConsumerService("mailer"),)),
    )
    found = judged(replace(WELL, queues=queues))
    assert found["rabbitmq.slow_consumer"].targets == ("mailer",)
    assert "rabbitmq.single_consumer" not in found


@pytest.mark.parametrize("kind", ["none", "draining", "stuck_consumer"])
def test_of_a_consumer_that_is_not_too_slow_nobody_asks_how_many_there_can_be(kind: str) -> None:
    queue = behind(kind, services=(ConsumerService("worker", alone=FIXED),))
    assert "rabbitmq.single_consumer" not in judged(replace(WELL, queues=(queue,)))


@pytest.mark.parametrize(
    "queue, expected",
    [
        (behind("no_consumer"), {"rabbitmq.no_consumer": CRITICAL}),
        (behind("no_consumer", messages=5), {"rabbitmq.no_consumer": WARNING}),
        (behind("no_consumer", services=()), {"rabbitmq.consumer_unknown": CRITICAL}),
        (behind("no_consumer", messages=5, services=()), {}),
        (behind("stuck_consumer"), {"rabbitmq.stuck_consumer": CRITICAL}),
        (behind("slow_consumer"), {"rabbitmq.slow_consumer": CRITICAL}),
        (behind("poison"), {"rabbitmq.poison": CRITICAL}),
        # a service dies of it, however few they are
        (behind("poison", messages=1), {"rabbitmq.poison": CRITICAL}),
        (behind("consumer_crash"), {"rabbitmq.consumer_crash": CRITICAL}),
        (behind("consumer_crash", messages=5), {"rabbitmq.consumer_crash": WARNING}),
        (behind("draining", slope=-50.0), {"rabbitmq.draining": WARNING}),
        (behind("waiting", messages=999), {}),
    ],
)
def test_each_class_of_backlog_has_its_finding_and_names_its_consumers(
    queue: Queue, expected: dict[str, Status]
) -> None:
    found = judged(replace(WELL, queues=(queue,)))
    told = {name: finding.status for name, finding in found.items() if finding.is_bad}
    assert told.pop("rabbitmq.queue_depth", None) == (WARNING if queue.is_behind else None)
    assert told == expected
    for name in expected:
        if name not in ("rabbitmq.draining", "rabbitmq.consumer_unknown"):
            assert found[name].targets == ("worker",)
            assert found[name].evidence == ("counts", "why")


@pytest.mark.parametrize(
    "queues, name, sentence",
    [
        ([behind("no_consumer")], "no_consumer",
         "jobs has no consumer while 5,000 messages wait: worker does not consume it."),
        ([behind("no_consumer", messages=1)], "no_consumer",
         "jobs has no consumer while 1 message waits: worker does not consume it."),
        ([behind("no_consumer", services=(*KNOWN, ConsumerService("other")))], "no_consumer",
         "jobs has no consumer while 5,000 messages wait: other and worker do not consume it."),
        ([behind("no_consumer", services=())], "consumer_unknown",
         ("jobs has no consumer while 5,000 messages wait, and nobody knows which service should consume it. "
         "Name it in the inventory: rabbitmq.consumers.")),
        ([behind("stuck_consumer", services=())], "stuck_consumer",
         ("jobs is stuck: its consumer, which is no service of this platform, does not acknowledge any of 5,000 "
         "messages.")),
        ([behind("slow_consumer"), behind("slow_consumer", 9000, name="mails")], "slow_consumer",
         "mails is worked off too slowly by worker: 9,000 messages wait. So it is with 1 more."),
        ([behind("draining", slope=-50.0)], "draining",
         "jobs is being worked off: 5,000 messages will take about 100 s."),
        ([behind("waiting", 3), behind("none", 7, name="x.quarantine", ignored=True)], "draining",
         "The queues of mq are worked off: 3 messages wait."),
        ([behind("none", 1, name="jobs.quarantine", ignored=True)], "parked",
         "1 message is parked in jobs.quarantine: a person has to look at what is wrong."),
        ([behind("none", 7, name=f"{name}.quarantine", ignored=True) for name in ("a", "b")], "parked",
         "14 messages are parked in a.quarantine and b.quarantine: a person has to look at what is wrong."),
        ([behind("stuck_consumer", vhost="shop")], "queue_depth",
         "shop/jobs is behind: 5,000 messages wait, 1,000 may."),
        ([behind("waiting", 3), behind("none", 7000, name="dead", ignored=True)], "queue_depth",
         "No queue of mq is behind: 3 messages in 1 queue."),
    ],
)  # fmt: skip
def test_what_is_said(queues: list[Queue], name: str, sentence: str) -> None:
    assert judged(replace(WELL, queues=tuple(queues)))[f"rabbitmq.{name}"].message == sentence


def test_of_a_backlog_that_nobody_works_off_no_time_is_told() -> None:
    assert "rabbitmq.draining" not in judged(replace(WELL, queues=(behind("stuck_consumer"),)))


def test_the_same_service_is_named_once_and_evidence_is_capped() -> None:
    many = tuple(behind("stuck_consumer", name=f"q{number}") for number in range(30))
    found = judged(replace(WELL, queues=many))["rabbitmq.stuck_consumer"]
    assert found.targets == ("worker",)
    assert len(found.evidence) == 10
