# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the management API answers, as facts. Pure; what is of another shape than expected is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_facts import (
    Node,
    Queue,
    QueueConsumer,
    Rates,
    Window,
)

WINDOW_SECONDS = 600
"""The broker keeps a queue's statistics for that long."""

_COUNTED = {"publish": "publish", "deliver": "deliver_get", "ack": "ack", "redeliver": "redeliver"}
VERSION = "overview?columns=rabbitmq_version"
NODES = "nodes?columns=name,running,mem_used,mem_limit,mem_alarm,disk_free,disk_free_limit,disk_free_alarm"
TOTALS = "queues?disable_stats=true&enable_queue_totals=true"
"""Exact at once; the per-queue statistics lag by five to six seconds."""
STATISTICS = f"queues?msg_rates_age={WINDOW_SECONDS}&msg_rates_incr=20&columns=name,vhost," + ",".join(
    f"message_stats.{name}_details" for name in _COUNTED.values()
)
"""What was counted; a rate in it would be one over twenty seconds."""
RATES = (
    "queues?columns=name,vhost,consumer_capacity,consumer_utilisation,arguments,effective_policy_definition,"
    + ",".join(f"message_stats.{name}_details.rate" for name in _COUNTED.values())
)
"""Rates over the broker's own interval, which is five seconds, and what each queue was made with."""
CONSUMERS = "consumers"


def read_version(answer: object) -> str:
    """The answer to :data:`VERSION`."""
    return str(answer.get("rabbitmq_version", "")) if isinstance(answer, Mapping) else ""


def read_nodes(answer: object) -> tuple[Node, ...]:
    """The answer to :data:`NODES`."""
    return tuple(
        Node(
            name=str(item.get("name", "")),
            running=bool(item.get("running")),
            memory_used=_whole(item.get("mem_used")),
            memory_limit=_whole(item.get("mem_limit")),
            memory_alarm=bool(item.get("mem_alarm")),
            disk_free=_whole(item.get("disk_free")),
            disk_limit=_whole(item.get("disk_free_limit")),
            disk_alarm=bool(item.get("disk_free_alarm")),
        )
        for item in mappings(answer)
    )


def tells_counts(answer: object) -> bool:
    """Whether an answer to :data:`TOTALS` has counts: brokers before 3.8.10 leave them out without a word."""
    queues = mappings(answer)
    return not queues or any(_is_number(item.get("messages")) for item in queues)


def read_totals(answer: object) -> tuple[Queue, ...]:
    """The answer to :data:`TOTALS`: the exact counts."""
    return tuple(
        Queue(
            vhost=str(item.get("vhost", "/")),
            name=str(item["name"]),
            messages=_whole(item.get("messages")) or 0,
            ready=_whole(item.get("messages_ready")) or 0,
            unacknowledged=_whole(item.get("messages_unacknowledged")) or 0,
            temporary=bool(item.get("exclusive")) or bool(item.get("auto_delete")),
        )
        for item in mappings(answer)
        if item.get("name")
    )


def read_consumers(answer: object) -> tuple[QueueConsumer, ...]:
    """The answer to :data:`CONSUMERS`."""
    found = []
    for item in mappings(answer):
        queue, channel = item.get("queue"), item.get("channel_details")
        if isinstance(queue, Mapping) and queue.get("name"):
            address = str(channel.get("peer_host", "")) if isinstance(channel, Mapping) else ""
            prefetch = _whole(item.get("prefetch_count")) or 0
            found.append(QueueConsumer(str(queue.get("vhost", "/")), str(queue["name"]), plain(address), prefetch))
    return tuple(found)


def read_windows(answer: object) -> dict[str, Window]:
    """The answer to :data:`STATISTICS`, by :attr:`Queue.key`."""
    found = {}
    for key, details in _details(answer):
        counted = {name: _counted(value.get("samples")) for name, value in details.items()}
        found[key] = Window(**counted, redeliver_spells=_spells(details["redeliver"].get("samples")))
    return found


def read_rates(answer: object) -> dict[str, Rates]:
    """The answer to :data:`RATES`, by :attr:`Queue.key`."""
    return {
        key: Rates(**{name: _rate(value.get("rate")) for name, value in details.items()})
        for key, details in _details(answer)
    }


def read_capacities(answer: object) -> dict[str, float]:
    """The answer to :data:`RATES`, by :attr:`Queue.key`; without a consumer there is none."""
    found = {}
    for item in mappings(answer):
        capacity = item.get("consumer_capacity", item.get("consumer_utilisation"))
        if _is_number(capacity):
            found[_key(item)] = float(capacity)
    return found


def _details(answer: object) -> Iterator[tuple[str, dict[str, Mapping[str, Any]]]]:
    for item in mappings(answer):
        told = item.get("message_stats")
        stats = told if isinstance(told, Mapping) else {}
        yield (
            _key(item),
            {
                ours: value if isinstance(value := stats.get(f"{theirs}_details"), Mapping) else {}
                for ours, theirs in _COUNTED.items()
            },
        )


def _key(item: Mapping[str, Any]) -> str:
    return f"{item.get('vhost', '/')}/{item.get('name', '')}"


def read_dead_letters(answer: object) -> dict[tuple[str, str], bool]:
    """The answer to :data:`RATES`: (virtual host, name) -> whether what is refused is kept by another queue.

    Its own arguments or a policy name the exchange for it; of a queue that tells neither nothing is known.
    """
    found = {}
    for item in mappings(answer):
        arguments, policy = item.get("arguments"), item.get("effective_policy_definition")
        if arguments is None and policy is None:
            continue
        # The broker writes an empty mapping as an empty list.
        found[str(item.get("vhost", "/")), str(item.get("name", ""))] = (
            isinstance(arguments, Mapping) and "x-dead-letter-exchange" in arguments
        ) or (isinstance(policy, Mapping) and "dead-letter-exchange" in policy)
    return found


def mappings(answer: object) -> list[Mapping[str, Any]]:
    """The entries of a list that are what was asked for."""
    return [item for item in answer if isinstance(item, Mapping)] if isinstance(answer, (list, tuple)) else []


def plain(address: str) -> str:
    """An address as Docker writes it: the broker maps IPv4 into IPv6 on some systems."""
    return address[7:] if address.lower().startswith("::ffff:") else address


def _counted(samples: object) -> int:
    """How much a counter has grown over its samples, which come newest first and are absolute."""
    values = [_whole(item.get("sample")) or 0 for item in mappings(samples)]
    return max(values) - min(values) if values else 0


def _spells(samples: object) -> int:
    """In how many of the intervals a counter has grown."""
    values = [_whole(item.get("sample")) or 0 for item in mappings(samples)]
    return sum(1 for newer, older in zip(values, values[1:]) if newer > older)


def _rate(value: object) -> float:
    return float(value) if _is_number(value) else 0.0  # type: ignore[arg-type]


def _whole(value: object) -> int | None:
    return int(value) if _is_number(value) else None  # type: ignore[call-overload]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def total_prefetch(consumers: Sequence[QueueConsumer]) -> int:
    """How much all of them may hold together; 0 when one of them has no limit."""
    return sum(item.prefetch for item in consumers) if all(item.prefetch for item in consumers) else 0
