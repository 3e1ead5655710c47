# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RabbitMQ's management API, as an operator uses it."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from .commands import LabError
from .platform import Platform

# The development default of RabbitMQ, as in the playbook; good on the loopback only.
CREDENTIALS = base64.b64encode(b"guest:guest").decode()
OWN_QUEUES = ("compliance-checks", "notifications")


def call(platform: Platform, path: str, method: str = "GET", body: Mapping[str, Any] | None = None) -> Any:
    """Return the JSON answer of the management API (None for an empty one); LabError when it does not answer well."""
    request = urllib.request.Request(
        platform.url("rabbitmq", f"/api/{path}"),
        data=None if body is None else json.dumps(body).encode(),
        method=method,
        headers={"Authorization": f"Basic {CREDENTIALS}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return json.loads(response.read() or b"null")
    except (OSError, ValueError) as error:
        raise LabError(f"RabbitMQ's management API: {error}") from None


def queues(platform: Platform) -> dict[str, dict[str, Any]]:
    """Return each queue's exact totals: messages, messages_ready, messages_unacknowledged."""
    # The usual statistics lag by some seconds; these totals do not.
    return {queue["name"]: queue for queue in call(platform, "queues?disable_stats=true&enable_queue_totals=true")}


def redelivered(platform: Platform, queue: str) -> int:
    """Return how many messages were delivered again in the last ten minutes, as far as the broker's history tells."""
    history = "msg_rates_age=600&msg_rates_incr=20&columns=message_stats.redeliver_details"
    answer = call(platform, f"queues/%2F/{queue}?{history}")
    # Of a queue without statistics an empty list is told.
    stats = answer.get("message_stats") if isinstance(answer, dict) else None
    samples = stats["redeliver_details"].get("samples") if stats else None
    return int(samples[0]["sample"]) - int(samples[-1]["sample"]) if samples else 0


def consumers(platform: Platform, queue: str) -> int:
    """Return how many consumers a queue has."""
    return sum(1 for consumer in call(platform, "consumers") if consumer["queue"]["name"] == queue)


def messages(platform: Platform, queue: str, count: int = 100) -> list[dict[str, Any]]:
    """Return the first messages of a queue, their payload in Base64; they stay there, marked as delivered."""
    wanted = {"count": count, "ackmode": "ack_requeue_true", "encoding": "base64"}
    return list(call(platform, f"queues/%2F/{queue}/get", method="POST", body=wanted))


def drain(platform: Platform) -> None:
    """Empty the platform's own queues and delete every other one, whatever is in them."""
    for name in queues(platform):
        contents = "/contents" if name in OWN_QUEUES else ""
        call(platform, f"queues/%2F/{name}{contents}", method="DELETE")
