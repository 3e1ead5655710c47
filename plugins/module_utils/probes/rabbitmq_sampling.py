# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at queues that are behind more than once: whether they shrink is what tells one trouble from another.

One second suffices for a queue that is worked off quickly. Only one that seems not to be is looked at once more some
seconds later, since it is acted upon: a consumer takes a breath, or is away for a moment to connect again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.queue_class import Backlog, classify
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.queue_consumers import Consumers
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_answer import total_prefetch
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_facts import (
    Queue,
    QueueConsumer,
    Rates,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.context import ServiceContext

LOOK_SECONDS = (1.0, 5.0)
"""After the first look."""

_DOUBTFUL = (Backlog.NO_CONSUMER.value, Backlog.STUCK.value, Backlog.SLOW.value)


@dataclass(frozen=True)
class Look:
    """What a broker told at one moment (monotonic seconds)."""

    at: float
    queues: tuple[Queue, ...]
    consumers: tuple[QueueConsumer, ...] = ()


class Sampler:
    """Queues of one broker with their consumers, their slope and their class.

    :param recorded: queue -> services, of the last run.
    """

    def __init__(
        self,
        context: ServiceContext,
        recorded: Mapping[str, Sequence[str]],
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._context = context
        self._clock = clock
        self._pause = pause
        self._consumers = Consumers(
            context.platform,
            [name for name, needed in context.needs.items() if context.service in needed],
            context.settings.rabbitmq,
            recorded,
            window=context.thresholds.crash_loop_window_s,
            now=context.now,
        )

    def sample(self, first: Look, again: Callable[[], Look]) -> tuple[Queue, ...]:
        """The queues, sorted; looked at again only where one is behind that somebody might be working off."""
        looks = [first]
        queues = self._judged(looks)
        for seconds in LOOK_SECONDS:
            if looks[-1].at - first.at >= seconds or not any(_is_open(queue) for queue in queues):
                continue
            self._pause(max(0.0, seconds - (self._clock() - first.at)))
            looks.append(again())
            queues = self._judged(looks)
        return queues

    def _judged(self, looks: Sequence[Look]) -> tuple[Queue, ...]:
        first, last = looks[0], looks[-1]
        connected = _connected(looks)
        newer = {queue.key: queue for queue in last.queues} if last is not first else {}
        passed = max(0.001, last.at - first.at)
        found = [
            self._classified(self._joined(_grown(queue, newer.get(queue.key), passed), connected))
            for queue in first.queues
        ]
        return tuple(sorted(found, key=lambda queue: queue.key))

    def _joined(self, queue: Queue, connected: Sequence[QueueConsumer]) -> Queue:
        settings, limits = self._context.settings.rabbitmq, self._context.thresholds
        mine = [item for item in connected if (item.vhost, item.queue) == (queue.vhost, queue.name)]
        return replace(
            queue,
            name=self._context.redactor.line(queue.name),
            consumers=len(mine) or queue.consumers,
            prefetch=total_prefetch(mine),
            services=self._consumers.services_of(queue, connected),
            limit=settings.limits.get(queue.name, int(limits.rabbitmq_queue_count)),
            ignored=settings.ignores(queue.name),
        )

    def _classified(self, queue: Queue) -> Queue:
        limits = self._context.thresholds
        return classify(
            queue, drain_limit=limits.rabbitmq_drain_s, redelivered_percent=limits.rabbitmq_redelivered_percent
        )


def _is_open(queue: Queue) -> bool:
    """Whether another look may tell more: somebody could be working it off, and that is not seen yet."""
    known_down = queue.services and not any(service.running and not service.crashing for service in queue.services)
    somebody = queue.consumers or not known_down
    return queue.is_behind and bool(somebody) and (queue.slope is None or queue.kind in _DOUBTFUL)


def _grown(queue: Queue, newer: Queue | None, seconds: float) -> Queue:
    """The newer counts, with what has changed since the older ones."""
    if newer is None:
        return queue
    slope = (newer.messages - queue.messages) / seconds
    return replace(
        queue,
        messages=newer.messages,
        ready=newer.ready,
        unacknowledged=newer.unacknowledged,
        rates=queue.rates if newer.rates is None else _with_publish(newer.rates, slope),
        slope=slope,
    )


def _with_publish(rates: Rates, slope: float) -> Rates:
    """Rates of a second look, by rabbitmqctl, which does not tell what is published: what came in is what has gone out
    and what is more than before."""
    return replace(rates, publish=max(0.0, rates.publish, slope + rates.ack))


def _connected(looks: Sequence[Look]) -> list[QueueConsumer]:
    """The consumers of each queue in that look in which it had most of them, the last one of several."""
    found: list[QueueConsumer] = []
    for key in sorted({(item.vhost, item.queue) for look in looks for item in look.consumers}):
        most: list[QueueConsumer] = []
        for look in looks:
            now = [item for item in look.consumers if (item.vhost, item.queue) == key]
            most = now if len(now) >= len(most) else most
        found += most
    return found
