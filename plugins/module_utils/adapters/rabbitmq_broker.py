# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the quarantine of messages asks of a broker, by its management API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.rabbitmq_api import (
    RabbitmqApi,
    part,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.queue_message import (
    Message,
    parked_properties,
    read_message,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_answer import (
    CONSUMERS,
    TOTALS,
    mappings,
    read_consumers,
    read_totals,
)


@dataclass(frozen=True)
class QueueCount:
    """The exact counts of one queue."""

    messages: int
    unacknowledged: int


class RabbitmqBroker:
    """One virtual host of one broker."""

    def __init__(self, api: RabbitmqApi, vhost: str) -> None:
        self._api = api
        self._vhost = vhost

    def count(self, queue: str) -> QueueCount | None:
        """What waits in it now; None when there is no such queue."""
        for one in read_totals(self._api.get(TOTALS)):
            if (one.vhost, one.name) == (self._vhost, queue):
                return QueueCount(one.messages, one.unacknowledged)
        return None

    def consumers(self, queue: str) -> int:
        """How many consumers it has now."""
        found = read_consumers(self._api.get(CONSUMERS))
        return sum(1 for one in found if (one.vhost, one.queue) == (self._vhost, queue))

    def kind(self, queue: str) -> str:
        """``classic``, ``quorum`` or ``stream``."""
        found = self._api.get(f"queues/{part(self._vhost)}/{part(queue)}?columns=type")
        return str(found.get("type", "")) if isinstance(found, Mapping) else ""

    def peek(self, queue: str) -> Message | None:
        """The message at the head, which stays there; None when the queue is empty."""
        return self._get(queue, "ack_requeue_true")

    def take(self, queue: str) -> Message | None:
        """The message at the head, which is gone from the queue then."""
        return self._get(queue, "ack_requeue_false")

    def declare(self, queue: str) -> None:
        """Make a durable queue, unless it is there."""
        self._api.put(f"queues/{part(self._vhost)}/{part(queue)}", {"durable": True, "auto_delete": False})

    def park(self, message: Message, queue: str, parking: str) -> None:
        """Put a persistent copy of a message of ``queue`` into ``parking``.

        :raises CommandFailedError: the broker did not route it there.
        """
        self._publish(parking, message.body, parked_properties(message, queue))

    def give_back(self, message: Message, queue: str) -> None:
        """Put a message that was taken by mistake back, at the end of its queue."""
        self._publish(queue, message.body, message.properties)

    def _get(self, queue: str, mode: str) -> Message | None:
        path = f"queues/{part(self._vhost)}/{part(queue)}/get"
        answer = mappings(self._api.post(path, {"count": 1, "ackmode": mode, "encoding": "base64"}))
        try:
            return read_message(answer)
        except KeyError as error:
            raise CommandFailedError("The broker's answer is no message.") from error

    def _publish(self, queue: str, body: str, properties: Mapping[str, Any]) -> None:
        answer = self._api.post(
            f"exchanges/{part(self._vhost)}/amq.default/publish",
            {"properties": dict(properties), "routing_key": queue, "payload": body, "payload_encoding": "base64"},
        )
        if not isinstance(answer, Mapping) or answer.get("routed") is not True:
            raise CommandFailedError(f"The broker did not route a message to the queue {queue}.")
