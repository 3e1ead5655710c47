# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parks poison messages: the head of a queue, one after the other, until its consumer lives.

A message is copied into the parking queue, the copy is counted, and only then the original is taken away, while no
consumer is connected. A run that is killed in the middle leaves a message twice, never not at all. Innocent messages
stay: a consumer works in the order of its queue, so the message that ends it is always the one at the head.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.rabbitmq_broker import QueueCount
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.queue_message import Message
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_settings import (
    QUARANTINE_SUFFIX,
)

_STOP_SECONDS = 15.0
_START_SECONDS = 30.0
_LOOK_SECONDS = 0.25
_LONGEST_NAME = 255


class Broker(Protocol):
    """What is asked of the broker; ``adapters.rabbitmq_broker.RabbitmqBroker`` is the real one."""

    def count(self, queue: str) -> QueueCount | None:
        """What waits in it."""

    def consumers(self, queue: str) -> int:
        """How many consumers it has."""

    def kind(self, queue: str) -> str:
        """Its type."""

    def peek(self, queue: str) -> Message | None:
        """The head, which stays."""

    def take(self, queue: str) -> Message | None:
        """The head, which goes."""

    def declare(self, queue: str) -> None:
        """Make a queue."""

    def park(self, message: Message, queue: str, parking: str) -> None:
        """Copy a message."""

    def give_back(self, message: Message, queue: str) -> None:
        """Return a message."""


class Workers(Protocol):
    """The containers of the consuming services."""

    def stop(self) -> None:
        """Stop those that are not stopped."""

    def start(self) -> None:
        """Start those that :meth:`stop` has stopped."""

    def have_failed(self) -> bool:
        """True when one of them has ended since it was started."""


@dataclass(frozen=True)
class Request:
    """What a person approved.

    :param at_most: messages that may be parked.
    :param settle: seconds for which the consumer must live before the next message is left to it.
    """

    queue: str
    at_most: int = 10
    settle: float = 3.0

    @property
    def parking(self) -> str:
        """The parking queue."""
        return self.queue + QUARANTINE_SUFFIX


@dataclass
class Outcome:
    """What was done.

    :param before: messages in queue and parking queue, before.
    :param after: the same, after; what the consumer has worked off meanwhile is missing there.
    :param reason: why it ended.
    """

    request: Request
    before: tuple[int, int]
    after: tuple[int, int] = (0, 0)
    parked: list[Message] = field(default_factory=list)
    reason: str = ""
    would: bool = False

    @property
    def note(self) -> str:
        """What was done, one sentence, or empty."""
        if not self.parked:
            return ""
        (queue_before, parked_before), (queue_after, parked_after) = self.before, self.after
        noun = "message" if len(self.parked) == 1 else "messages"
        return (
            f"Parked {len(self.parked)} {noun} of {self.request.queue} in {self.request.parking} "
            f"(before: {queue_before} and {parked_before}, after: {queue_after} and {parked_after}): {self.reason}."
        )

    def to_result(self, *, diff: bool = False) -> dict[str, Any]:
        """The module's result."""
        queue, parking = self.request.queue, self.request.parking
        result: dict[str, Any] = {
            "changed": bool(self.parked) or self.would,
            "actions": [
                {"what": "message", "id": one.digest[:16], "status": "parked", "queue": queue, "parking": parking}
                for one in self.parked
            ],
            "parked": [{"sha256": one.digest, "bytes": one.size, "exchange": one.exchange} for one in self.parked],
            "counts": {
                "before": {queue: self.before[0], parking: self.before[1]},
                "after": {queue: self.after[0], parking: self.after[1]},
            },
            "reason": self.reason,
            "note": self.note,
        }
        if diff:
            result["diff"] = {
                key: f"{queue}: {counts[0]} messages\n{parking}: {counts[1]} messages\n"
                for key, counts in (("before", self.before), ("after", self.after))
            }
        return result


def quarantine(
    broker: Broker,
    workers: Workers,
    request: Request,
    *,
    check_mode: bool,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> Outcome:
    """Park the head of the queue until its consumer lives, at most so many messages.

    :raises IncidentResponseError: a message could not be parked; it is in its queue still. The consumers run again.
    """
    before = _counts(broker, request)
    outcome = Outcome(request, before, before)
    if not before[0]:
        outcome.reason = "the queue is empty"
        return outcome
    if len(request.parking.encode()) > _LONGEST_NAME:
        remedy = f"With {QUARANTINE_SUFFIX} its name would be longer than the {_LONGEST_NAME} bytes that AMQP allows."
        raise InvalidInputError("queue", request.queue, remedy=f"{remedy} Move its head message by hand.")
    if broker.kind(request.queue) == "stream":
        raise InvalidInputError("queue", request.queue, remedy="A stream keeps its messages: there is no head to park.")
    if check_mode:
        outcome.would, outcome.reason = True, f"at most {request.at_most} messages would be parked"
        return outcome
    waits = _Waits(clock, pause)
    try:
        while len(outcome.parked) < request.at_most:
            outcome.reason = _one_message(broker, workers, request, outcome.parked, waits)
            if outcome.reason:
                break
        else:
            outcome.reason = f"{request.at_most} messages are parked, which is all that one call may"
    finally:
        workers.start()
    outcome.after = _counts(broker, request)
    return outcome


@dataclass(frozen=True)
class _Waits:
    clock: Callable[[], float]
    pause: Callable[[float], None]

    def until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """True as soon as it holds, False when it does not within so many seconds."""
        end = self.clock() + seconds
        while not holds():
            if self.clock() >= end:
                return False
            self.pause(_LOOK_SECONDS)
        return True


def _one_message(broker: Broker, workers: Workers, request: Request, parked: list[Message], waits: _Waits) -> str:
    """Park one message and see whether the consumer lives now: why it is enough, or an empty string."""
    workers.stop()
    if not waits.until(lambda: _is_free(broker, request.queue), _STOP_SECONDS):
        raise CommandFailedError(
            f"The queue {request.queue} is still being consumed by somebody who is not among the consumers.",
            remedy="Name all services that consume it.",
        )
    message = broker.peek(request.queue)
    if message is None:
        return "the queue is empty"
    if not message.redelivered:
        return "the message at the head was never delivered to a consumer: it is no poison"
    _move(broker, request, message, waits)
    parked.append(message)
    workers.start()
    return _lives(broker, workers, request, waits)


def _move(broker: Broker, request: Request, message: Message, waits: _Waits) -> None:
    broker.declare(request.parking)
    there = _messages(broker.count(request.parking))
    broker.park(message, request.queue, request.parking)
    if not waits.until(lambda: _messages(broker.count(request.parking)) > there, _STOP_SECONDS):
        raise CommandFailedError(
            f"The copy did not arrive in {request.parking}; the message is in its queue still.",
            remedy="Look at the limits and policies that hold for the parking queue.",
        )
    taken = broker.take(request.queue)
    if taken is not None and not taken.is_same_as(message):
        # Its copy is safe, the wrong one is not yet.
        broker.give_back(taken, request.queue)
        raise CommandFailedError(
            f"Another message had come to the head of {request.queue}; it was put back at the end.",
            remedy=f"The copy in {request.parking} is one too many: its original is in its queue still.",
        )


def _lives(broker: Broker, workers: Workers, request: Request, waits: _Waits) -> str:
    """Why the consumer can be left alone now; an empty string when the next message ends it as well."""
    connected = waits.until(lambda: workers.have_failed() or bool(broker.consumers(request.queue)), _START_SECONDS)
    if not connected:
        return "no consumer has connected again"
    left = _messages(broker.count(request.queue))
    if waits.until(workers.have_failed, request.settle):
        return ""
    now = broker.count(request.queue)
    if _messages(now) and _messages(now) >= left:
        return ""
    return "the consumer lives and works"


def _is_free(broker: Broker, queue: str) -> bool:
    found = broker.count(queue)
    return not broker.consumers(queue) and (found is None or not found.unacknowledged)


def _counts(broker: Broker, request: Request) -> tuple[int, int]:
    found = broker.count(request.queue)
    if found is None:
        raise InvalidInputError("queue", request.queue, remedy="The broker has no such queue in this virtual host.")
    return found.messages, _messages(broker.count(request.parking))


def _messages(found: QueueCount | None) -> int:
    return found.messages if found else 0
