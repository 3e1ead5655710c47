# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A message taken from the head of a queue, and the copy of it that is parked. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_PERSISTENT = 2
_HEADERS = {
    "queue": "x-incident-response-queue",
    "exchange": "x-incident-response-exchange",
    "routing_key": "x-incident-response-routing-key",
    "expiration": "x-incident-response-expiration",
    "user_id": "x-incident-response-user-id",
}


@dataclass(frozen=True)
class Message:
    """One message. Its body may hold anything, so it is moved and never shown.

    :param body: Base64.
    :param redelivered: True when the broker has handed it to a consumer before.
    """

    body: str = field(repr=False)
    properties: Mapping[str, Any] = field(default_factory=dict, repr=False)
    exchange: str = ""
    routing_key: str = ""
    redelivered: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the body as it was handed over: tells messages apart without showing them."""
        return hashlib.sha256(self.body.encode()).hexdigest()

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return 3 * len(self.body) // 4 - self.body[-2:].count("=")

    def is_same_as(self, other: Message) -> bool:
        """True when both are the same message, or copies that nobody could tell apart."""
        mine, theirs = (dict(one.properties) for one in (self, other))
        return (self.body, self.exchange, self.routing_key, mine) == (
            other.body,
            other.exchange,
            other.routing_key,
            theirs,
        )


def read_message(answer: object) -> Message | None:
    """The first message of the API's answer to ``get``; None when the queue is empty.

    :raises KeyError: the answer is of another shape.
    """
    if not isinstance(answer, (list, tuple)) or not answer:
        return None
    one = answer[0]
    told = one.get("properties")
    return Message(
        body=str(one["payload"]),
        properties=told if isinstance(told, Mapping) else {},
        exchange=str(one.get("exchange", "")),
        routing_key=str(one.get("routing_key", "")),
        redelivered=bool(one.get("redelivered")),
    )


def parked_properties(message: Message, queue: str) -> dict[str, Any]:
    """The properties of the copy: persistent, without an end of its own, and with a note of where it came from.

    An expiration would let it vanish from where it is parked, and the broker refuses another user's ``user_id``.
    """
    kept = dict(message.properties)
    told = kept.get("headers")
    headers = dict(told) if isinstance(told, Mapping) else {}
    notes = {"queue": queue, "exchange": message.exchange, "routing_key": message.routing_key}
    notes.update({name: str(kept.pop(name)) for name in ("expiration", "user_id") if name in kept})
    headers.update({_HEADERS[name]: value for name, value in notes.items()})
    return {**kept, "headers": headers, "delivery_mode": _PERSISTENT}
