# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64

import pytest
from fake_broker import FakeApi, FakeBroker, FakeQueue, json_answer

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.rabbitmq_api import RabbitmqApi
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.rabbitmq_broker import (
    QueueCount,
    RabbitmqBroker,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.queue_message import Message

BAD = base64.b64encode(b"this is not JSON").decode()


def broker(http: FakeApi) -> RabbitmqBroker:
    return RabbitmqBroker(RabbitmqApi(http, "http://mq:15672", "guest", "guest", via="", deadline=5.0), "/")


def test_counts_and_consumers_are_those_of_this_queue_in_this_virtual_host() -> None:
    found = broker(FakeApi())
    assert found.count("notifications") == QueueCount(5000, 50)
    assert found.count("no-such-queue") is None
    assert found.consumers("notifications") == 1
    assert found.consumers("no-such-queue") == 0


def test_a_peek_leaves_the_message_and_a_take_removes_it() -> None:
    jobs = FakeQueue([(BAD, {"delivery_mode": 2}, False)])
    found = broker(FakeBroker({"jobs": jobs}).api())
    assert found.peek("jobs") == Message(BAD, {"delivery_mode": 2}, "", "jobs")
    assert len(jobs.messages) == 1
    taken = found.take("jobs")
    assert taken is not None
    assert (taken.body, taken.redelivered) == (BAD, True)
    assert jobs.messages == []
    assert found.peek("jobs") is None


def test_a_parked_copy_is_persistent_and_the_original_stays_until_it_is_taken() -> None:
    fake = FakeBroker({"jobs": FakeQueue([(BAD, {}, True)])})
    found = broker(fake.api())
    found.declare("jobs.quarantine")
    found.declare("jobs.quarantine")
    head = found.peek("jobs")
    assert head is not None
    found.park(head, "jobs", "jobs.quarantine")
    assert len(fake.queues["jobs"].messages) == 1
    ((body, properties, _redelivered),) = fake.queues["jobs.quarantine"].messages
    assert (body, properties["delivery_mode"]) == (BAD, 2)


def test_a_message_that_is_given_back_is_what_it_was() -> None:
    fake = FakeBroker({"jobs": FakeQueue()})
    broker(fake.api()).give_back(Message(BAD, {"priority": 3}), "jobs")
    assert fake.queues["jobs"].messages == [(BAD, {"priority": 3}, False)]


def test_a_message_that_is_not_routed_is_an_error() -> None:
    fake = FakeBroker({"jobs": FakeQueue(), "jobs.quarantine": FakeQueue()}, unroutable=True)
    with pytest.raises(CommandFailedError, match=r"did not route a message to the queue jobs\.quarantine"):
        broker(fake.api()).park(Message(BAD), "jobs", "jobs.quarantine")


def test_an_answer_that_is_no_message_is_an_error() -> None:
    with pytest.raises(CommandFailedError, match="no message"):
        broker(FakeApi({"/get": json_answer([{"body": "x"}])})).take("jobs")


@pytest.mark.parametrize("answer, kind", [({"type": "stream"}, "stream"), ([], ""), ({}, "")])
def test_the_type_of_a_queue_is_told_when_it_is_known(answer: object, kind: str) -> None:
    assert broker(FakeApi({"columns=type": json_answer(answer)})).kind("jobs") == kind
