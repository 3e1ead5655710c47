# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why messages wait: the class of a queue's backlog. Pure.

The exact counts decide wherever they can. The broker's rates lag by some seconds and leave out channels that die young,
as those of a consumer in a crash loop do.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_facts import Queue, Rates

_SPELLS = 3
_SETTLED = 20.0
"""Seconds after its start until a consumer's redeliveries mean something."""


class Backlog(str, Enum):
    """The classes."""

    NONE = "none"
    WAITING = "waiting"
    DRAINING = "draining"
    NO_CONSUMER = "no_consumer"
    STUCK = "stuck_consumer"
    POISON = "poison"
    CRASHING = "consumer_crash"
    SLOW = "slow_consumer"


def classify(queue: Queue, *, drain_limit: float, redelivered_percent: float) -> Queue:
    """The queue with its class and the evidence for it.

    :param drain_limit: seconds that an emptying may take.
    :param redelivered_percent: share of redeliveries among deliveries from which on a message comes back and back.
    """
    if queue.ignored or not queue.messages:
        return replace(queue, kind=Backlog.NONE.value)
    kind, reasons = _crashes(queue) or _comes_back(queue, redelivered_percent) or _backlog(queue, drain_limit)
    return replace(queue, kind=kind.value, evidence=(_counts(queue), *reasons))


def _crashes(queue: Queue) -> tuple[Backlog, tuple[str, ...]] | None:
    """A consumer that dies again and again while the same messages wait."""
    crashing = [service for service in queue.services if service.crashing]
    if not crashing or queue.pace is not None:
        return None
    words = tuple(f"{service.name} is {service.words}" for service in crashing)
    window = queue.window
    if window is None:
        return Backlog.POISON, (*words, "what was delivered before was not seen: rabbitmqctl knows no history")
    lost = window.deliver - window.ack
    if window.redeliver or lost > 0:
        told = f"in ten minutes {window.deliver} delivered, {window.redeliver} of them again, {window.ack} acknowledged"
        return Backlog.POISON, (*words, told)
    return Backlog.CRASHING, (*words, "no message was delivered to it: something else ends it")


def _comes_back(queue: Queue, redelivered_percent: float) -> tuple[Backlog, tuple[str, ...]] | None:
    """Messages that are delivered again and again, and none is acknowledged: a consumer that gives them back."""
    rates, window = queue.rates, queue.window
    if rates is None or rates.ack > 0 or rates.deliver <= 0 or queue.pace is not None:
        return None
    # What a consumer held comes back once after its start: that is as it should be. rabbitmqctl knows no window.
    spells = window.redeliver_spells if window else _SPELLS
    lasting = spells >= _SPELLS and all(service.age >= _SETTLED for service in queue.services)
    if not lasting or 100.0 * rates.redeliver / rates.deliver < redelivered_percent:
        return None
    return Backlog.POISON, (f"{rates.redeliver:.1f} of {rates.deliver:.1f} deliveries per second are redeliveries",)


def _backlog(queue: Queue, drain_limit: float) -> tuple[Backlog, tuple[str, ...]]:
    # The broker lists a consumer some seconds late; what is unacknowledged is held by somebody.
    if not queue.consumers and not queue.unacknowledged:
        known = tuple(f"{service.name} is {service.words}" for service in queue.services)
        return Backlog.NO_CONSUMER, (*known, "no consumer is connected")
    if not queue.is_behind:
        return Backlog.WAITING, ()
    seconds = queue.drain_seconds
    if seconds is not None:
        told = (f"shrinks by {queue.pace or 0.0:.1f} messages per second: empty in {seconds:.0f} s",)
        return (Backlog.DRAINING if seconds <= drain_limit else Backlog.SLOW), told
    rates = queue.rates or Rates()
    # Where nothing is published, acknowledgements would show in the counts: the rate is one of some seconds ago then.
    if rates.ack > 0 and rates.publish > 0:
        return Backlog.SLOW, (f"{rates.publish:.1f} published and {rates.ack:.1f} acknowledged per second",)
    held = f"{queue.unacknowledged} of at most {queue.prefetch}" if queue.prefetch else str(queue.unacknowledged)
    return Backlog.STUCK, (f"its consumers hold {held} messages and acknowledge none",)


def _counts(queue: Queue) -> str:
    noun = "consumer" if queue.consumers == 1 else "consumers"
    messages = "message" if queue.messages == 1 else "messages"
    return (
        f"{queue.title}: {queue.messages} {messages} ({queue.ready} ready, {queue.unacknowledged} unacknowledged), "
        f"{queue.consumers} {noun}"
    )
