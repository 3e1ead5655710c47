# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to each message: it is in its queue, in the parking queue, or with its consumer; never nowhere."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from fake_broker import FakeBroker, FakeQueue

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.rabbitmq_quarantine import (
    Outcome,
    Request,
    quarantine,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.rabbitmq_api import RabbitmqApi
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.rabbitmq_broker import (
    RabbitmqBroker,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.queue_message import Message

BAD, GOOD = (base64.b64encode(text).decode() for text in (b"this is not JSON", b'{"kind": "good"}'))
PARKING = "jobs.quarantine"


@dataclass
class Consumer:
    """A consumer that takes from the head, works off what is good, and dies of what is bad."""

    broker: FakeBroker
    running: bool = True
    failed: bool = False
    connects: bool = True
    worked_off: list[str] = field(default_factory=list)
    starts: int = 0

    def stop(self) -> None:
        self.running = self.failed = False
        self.broker.consumers["jobs"] = 0

    def start(self) -> None:
        if self.running:
            return
        self.running, self.starts = True, self.starts + 1
        messages = self.broker.queues["jobs"].messages
        while self.connects and messages:
            if messages[0][0] == BAD:
                messages[0] = (messages[0][0], messages[0][1], True)
                self.failed = True
                return
            self.worked_off.append(messages.pop(0)[0])
        self.broker.consumers["jobs"] = int(self.connects)

    def have_failed(self) -> bool:
        return self.failed


class Clock:
    """Time passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


class Scene:
    """A queue, its consumer and the act."""

    def __init__(self, *bodies: str, delivered: bool = True) -> None:
        self.fake = FakeBroker({"jobs": FakeQueue([(body, {}, delivered) for body in bodies])})
        self.consumer = Consumer(self.fake, failed=True)
        self.broker = RabbitmqBroker(
            RabbitmqApi(self.fake.api(), "http://mq:15672", "guest", "guest", via="", deadline=5.0), "/"
        )

    def act(
        self, *, check_mode: bool = False, broker: RabbitmqBroker | None = None, at_most: int = 10, queue: str = "jobs"
    ) -> Outcome:
        clock = Clock()
        return quarantine(
            broker or self.broker,
            self.consumer,
            Request(queue, at_most),
            check_mode=check_mode,
            clock=clock,
            pause=clock.pause,
        )

    def bodies(self, queue: str) -> list[str]:
        found = self.fake.queues.get(queue)
        return [message[0] for message in found.messages] if found else []

    @property
    def everywhere(self) -> list[str]:
        return sorted([*self.bodies("jobs"), *self.bodies(PARKING), *self.consumer.worked_off])


@pytest.mark.parametrize(
    "bodies, parked",
    [
        ([BAD, BAD, BAD], 3),
        ([BAD, GOOD, GOOD], 1),
        ([GOOD, GOOD, BAD, GOOD, BAD, GOOD], 2),
    ],
)
def test_what_is_bad_is_parked_what_is_good_is_worked_off_and_nothing_is_lost(bodies: list[str], parked: int) -> None:
    scene = Scene(*bodies)
    scene.consumer.running = False
    scene.consumer.start()  # until the first bad one

    outcome = scene.act()

    assert (len(outcome.parked), outcome.reason) == (parked, "the consumer lives and works")
    assert (scene.bodies("jobs"), scene.bodies(PARKING)) == ([], [BAD] * parked)
    assert scene.everywhere == sorted(bodies)
    assert (scene.consumer.running, scene.consumer.failed) == (True, False)
    result = outcome.to_result(diff=True)
    assert (result["changed"], len(result["actions"])) == (True, parked)
    assert result["counts"]["after"] == {"jobs": 0, PARKING: parked}
    assert result["diff"]["after"] == f"jobs: 0 messages\n{PARKING}: {parked} messages\n"
    assert result["note"].endswith(f"after: 0 and {parked}): the consumer lives and works.")
    assert BAD not in str(result)


def test_a_second_call_changes_nothing() -> None:
    scene = Scene(BAD)
    scene.act()
    starts = scene.consumer.starts
    second = scene.act().to_result(diff=True)
    assert (second["changed"], second["reason"], second["note"]) == (False, "the queue is empty", "")
    assert second["diff"]["before"] == second["diff"]["after"]
    assert scene.consumer.starts == starts


def test_check_mode_touches_nothing() -> None:
    scene = Scene(BAD, BAD)
    result = scene.act(check_mode=True, at_most=5).to_result(diff=True)
    assert (result["changed"], result["reason"]) == (True, "at most 5 messages would be parked")
    assert (scene.bodies("jobs"), set(scene.fake.queues), scene.consumer.starts) == ([BAD, BAD], {"jobs"}, 0)


def test_no_more_messages_are_parked_than_were_approved_and_the_consumer_runs_again() -> None:
    scene = Scene(BAD, BAD, BAD)
    outcome = scene.act(at_most=2)
    assert (len(outcome.parked), outcome.reason) == (2, "2 messages are parked, which is all that one call may")
    assert (scene.bodies("jobs"), scene.consumer.running) == ([BAD], True)


def test_a_message_that_no_consumer_ever_got_is_no_poison() -> None:
    scene = Scene(GOOD, delivered=False)
    outcome = scene.act()
    assert outcome.reason == "the message at the head was never delivered to a consumer: it is no poison"
    assert (outcome.parked, scene.everywhere, scene.consumer.running) == ([], [GOOD], True)


def test_a_consumer_that_does_not_come_back_ends_it() -> None:
    scene = Scene(BAD, BAD)
    scene.consumer.connects = False
    outcome = scene.act()
    assert (len(outcome.parked), outcome.reason) == (1, "no consumer has connected again")
    assert scene.everywhere == [BAD, BAD]


def test_a_queue_of_which_somebody_else_takes_is_left_alone() -> None:
    scene = Scene(BAD)

    class Shared(Consumer):
        def stop(self) -> None:
            super().stop()
            self.broker.consumers["jobs"] = 1

    scene.consumer = Shared(scene.fake, failed=True)
    with pytest.raises(CommandFailedError, match="still being consumed by somebody who is not among the consumers"):
        scene.act()
    assert (scene.bodies("jobs"), scene.consumer.running) == ([BAD], True)


@pytest.mark.parametrize("kind, said", [("stream", "A stream keeps its messages")])
def test_a_stream_has_no_head_to_park(kind: str, said: str) -> None:
    scene = Scene(BAD)
    scene.fake.queues["jobs"].kind = kind
    with pytest.raises(InvalidInputError, match=said):
        scene.act()


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_queue_whose_parking_queue_could_not_be_named_is_refused_before_anybody_is_stopped(check_mode: bool) -> None:
    scene = Scene(BAD)
    longest = "\u00e9" * 123  # 246 bytes
    scene.fake.queues[longest] = scene.fake.queues["jobs"]
    with pytest.raises(InvalidInputError, match="longer than the 255 bytes"):
        scene.act(queue=longest, check_mode=check_mode)
    assert scene.consumer.running


def test_a_queue_that_is_not_there_is_named() -> None:
    scene = Scene(BAD)
    del scene.fake.queues["jobs"]
    with pytest.raises(InvalidInputError, match="queue has the value 'jobs'"):
        scene.act()


# When something goes wrong between the copy and the original, the message is there twice, never not at all.


def broken(scene: Scene, name: str, instead: Callable[[], object]) -> RabbitmqBroker:
    class Broken(RabbitmqBroker):
        pass

    setattr(Broken, name, lambda _self, *_arguments: instead())
    return Broken(scene.broker._api, "/")


def fail() -> None:
    raise CommandFailedError("The management API gave no answer.")


@pytest.mark.parametrize("step", ["declare", "park", "take"])
def test_an_api_that_fails_in_the_middle_loses_nothing_and_the_consumer_runs_again(step: str) -> None:
    scene = Scene(BAD)
    with pytest.raises(CommandFailedError, match="gave no answer"):
        scene.act(broker=broken(scene, step, fail))
    assert scene.bodies("jobs") == [BAD]
    assert scene.bodies(PARKING) == ([BAD] if step == "take" else [])
    assert scene.consumer.running


def test_a_copy_that_does_not_arrive_leaves_the_original() -> None:
    scene = Scene(BAD)
    with pytest.raises(CommandFailedError, match=r"The copy did not arrive in jobs\.quarantine"):
        scene.act(broker=broken(scene, "park", lambda: None))
    assert (scene.bodies("jobs"), scene.consumer.running) == ([BAD], True)


def test_a_message_that_is_not_routed_leaves_the_original() -> None:
    scene = Scene(BAD)
    scene.fake.unroutable = True
    with pytest.raises(CommandFailedError, match="did not route"):
        scene.act()
    assert (scene.bodies("jobs"), scene.consumer.running) == ([BAD], True)


def test_another_message_that_came_to_the_head_is_put_back() -> None:
    scene = Scene(BAD, GOOD)
    jobs = scene.fake.queues["jobs"].messages

    def take() -> Message:
        body, properties, redelivered = jobs.pop(1)
        return Message(body, properties, "", "jobs", redelivered)

    with pytest.raises(CommandFailedError, match="was put back at the end") as failed:
        scene.act(broker=broken(scene, "take", take))
    assert "one too many" in str(failed.value)
    assert scene.bodies("jobs") == [BAD, GOOD]
    assert scene.bodies(PARKING) == [BAD]


def test_a_message_that_expired_meanwhile_is_parked_all_the_same() -> None:
    scene = Scene(BAD)

    def take() -> None:
        scene.fake.queues["jobs"].messages.clear()

    outcome = scene.act(broker=broken(scene, "take", take))
    assert (len(outcome.parked), scene.bodies(PARKING)) == (1, [BAD])
