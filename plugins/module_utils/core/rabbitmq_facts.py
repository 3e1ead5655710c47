# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen of a RabbitMQ broker, before anybody judges it. Every text in it is redacted already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

API = "management API"
CTL = "rabbitmqctl"


@dataclass(frozen=True)
class Node:
    """One node of the broker. Sizes are bytes, None when not told.

    :param running: True when the broker's application runs, not only its runtime.
    """

    name: str
    running: bool
    memory_used: int | None = None
    memory_limit: int | None = None
    memory_alarm: bool = False
    disk_free: int | None = None
    disk_limit: int | None = None
    disk_alarm: bool = False


@dataclass(frozen=True)
class Rates:
    """Messages per second over the broker's last statistics interval; they lag some seconds behind."""

    publish: float = 0.0
    deliver: float = 0.0
    ack: float = 0.0
    redeliver: float = 0.0


@dataclass(frozen=True)
class Window:
    """Messages counted over the last ten minutes at most.

    Channels that live shorter than the broker's statistics interval are not in it.

    :param redeliver_spells: in how many spells of twenty seconds messages were delivered again.
    """

    publish: int = 0
    deliver: int = 0
    ack: int = 0
    redeliver: int = 0
    redeliver_spells: int = 0


@dataclass(frozen=True)
class QueueConsumer:
    """A consumer as the broker knows it.

    :param address: where its connection comes from.
    :param prefetch: how many unacknowledged messages it may hold, 0 for no limit.
    """

    vhost: str
    queue: str
    address: str
    prefetch: int = 0


@dataclass(frozen=True)
class ConsumerService:
    """A Compose service that consumes a queue, as Docker sees it.

    :param running: True when at least one of its containers runs.
    :param restarts: by the engine since the last manual start, of the container with the most.
    :param crashing: True when it is restarted again and again just now, or was stopped in the midst of that.
    :param age: seconds since the youngest of its containers was started.
    :param words: its state in words.
    :param alone: why it can have no second container, one sentence; empty when it can.
    """

    name: str
    running: bool = True
    restarts: int = 0
    crashing: bool = False
    age: float = float("inf")
    words: str = "running"
    alone: str = ""


@dataclass(frozen=True)
class Queue:
    """One queue. Counts are messages, rates are messages per second.

    :param capacity: share of the time in which its consumers could take another message, 0.0 to 1.0; None when untold.
    :param prefetch: how many unacknowledged messages all its consumers may hold; 0 for no limit.
    :param slope: change of ``messages`` between two exact counts; None with only one.
    :param services: who consumes it, or did when it was last seen.
    :param limit: messages from which on it is behind.
    :param temporary: True when it goes with its consumer: nobody else could work it off.
    :param kind: a value of ``core.queue_class.Backlog``.
    :param window: None when untold: rabbitmqctl knows no history.
    :param dead_letter: whether what is refused is kept by another queue; None when untold.
    :param evidence: why it is of that class.
    """

    vhost: str
    name: str
    messages: int
    ready: int
    unacknowledged: int
    consumers: int = 0
    capacity: float | None = None
    prefetch: int = 0
    rates: Rates | None = None
    window: Window | None = None
    slope: float | None = None
    services: tuple[ConsumerService, ...] = ()
    limit: int = 1000
    ignored: bool = False
    temporary: bool = False
    kind: str = ""
    dead_letter: bool | None = None
    evidence: tuple[str, ...] = ()

    @property
    def is_behind(self) -> bool:
        """True when so many messages wait that somebody has to look."""
        return not self.ignored and self.messages >= self.limit

    @property
    def key(self) -> str:
        """Virtual host and name, as in ``//notifications``."""
        return f"{self.vhost}/{self.name}"

    @property
    def title(self) -> str:
        """Its name for a person; the default virtual host is not named."""
        return self.name if self.vhost == "/" else f"{self.vhost}/{self.name}"

    @property
    def pace(self) -> float | None:
        """Messages per second by which it shrinks; None when it does not."""
        return -self.slope if self.slope is not None and self.slope < 0 else None

    @property
    def drain_seconds(self) -> float | None:
        """Seconds until it is empty at the present pace; None when it does not shrink."""
        if not self.messages:
            return 0.0
        return self.messages / self.pace if self.pace else None

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        data = asdict(self)
        data["class"] = data.pop("kind")
        data["drain_seconds"] = None if self.drain_seconds is None else round(self.drain_seconds, 1)
        data["slope"] = None if self.slope is None else round(self.slope, 1)
        data["services"] = [service.name for service in self.services]
        data["evidence"] = list(self.evidence)
        return data


@dataclass(frozen=True)
class RabbitmqFacts:
    """What a look at a broker brought.

    :param state: the engine's word for the container.
    :param alive: True when the runtime answers, None when nobody could ask.
    :param via: :data:`API` or :data:`CTL`, and by which way; empty without an answer.
    :param bypassed: why the management API was not used, one sentence, or empty.
    :param error: why there is no answer, one sentence, or empty.
    :param guest: True when the default credentials are good from outside the broker's own loopback; None: not tried.
    :param starting: True when its health check has not seen it well since its start.
    :param configured_limit: the memory limit that the configuration asks for, bytes; looked up when the alarm is on.
    :param recorded: queue -> services, of the last run.

    With an answer *and* an error the node is known and the queues are not.
    """

    service: str
    state: str = ""
    alive: bool | None = None
    via: str = ""
    bypassed: str = ""
    error: str = ""
    version: str = ""
    nodes: tuple[Node, ...] = ()
    queues: tuple[Queue, ...] = ()
    guest: bool | None = None
    starting: bool = False
    configured_limit: int | None = None
    recorded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def answered(self) -> bool:
        """True when the broker told of its nodes and queues."""
        return bool(self.via)

    @property
    def sample(self) -> Mapping[str, Any]:
        """Who consumes which queue, for a later run in which nobody is connected; empty when nothing is new.

        Queues that are gone are forgotten, and temporary ones never kept: the record does not grow with them.
        """
        if not self.answered or self.error:
            return {}
        lasting = [queue for queue in self.queues if not queue.temporary]
        seen = {queue.key: tuple(item.name for item in queue.services) for queue in lasting if queue.consumers}
        present = {queue.key for queue in lasting}
        known = {key: names for key, names in self.recorded.items() if key in present}
        known.update({key: names for key, names in seen.items() if names})
        return {} if known == dict(self.recorded) else {"consumers": {key: list(value) for key, value in known.items()}}

    def to_data(self) -> dict[str, Any]:
        """Plain data for the service's part of the result."""
        return {
            "state": self.state,
            "alive": self.alive,
            "running": self.answered and all(node.running for node in self.nodes),
            "via": self.via,
            "bypassed": self.bypassed,
            "error": self.error,
            "version": self.version,
            "nodes": [asdict(node) for node in self.nodes],
            "queues": [queue.to_data() for queue in self.queues],
            "configured_memory_limit": self.configured_limit,
            "guest": self.guest,
        }
