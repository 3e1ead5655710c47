# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the queue `notifications`: nobody consumes it, a message kills its consumer, the broker blocks.

And of the queue `compliance-checks`, whose consumer needs a database."""

from __future__ import annotations

from labtool import broker
from labtool.commands import wait_until
from labtool.fault import Fault, Memo
from labtool.platform import Platform
from labtool.recovery import make_well, recreate

QUEUE = "notifications"
CONSUMER = "notification-service"
PUBLISHER = "compliance-monitor"
CHECKS = "compliance-checks"
BACKLOG = 5000
POISON = 3
# As in broker-config/rabbitmq.conf.
USUAL_WATERMARK = "256MB"


def _publish(platform: Platform, text: str, count: int) -> None:
    _publish_to(platform, QUEUE, text, count)


def _publish_to(platform: Platform, queue: str, text: str, count: int) -> None:
    platform.fault_point(PUBLISHER, "publish", queue=queue, text=text, count=count)


def _waiting(platform: Platform, queue: str = QUEUE) -> int:
    return int(broker.queues(platform)[queue]["messages"])


def _inject_no_consumer(platform: Platform) -> None:
    platform.docker("stop", "-t", "3", platform.container_id(CONSUMER))
    _publish(platform, '{"kind": "backlog"}', BACKLOG)
    wait_until("a backlog", lambda: _waiting(platform) >= BACKLOG)


def _inject_poison(platform: Platform) -> None:
    _publish(platform, "this is not JSON", POISON)
    wait_until("a second restart by Docker", lambda: platform.container(CONSUMER).restart_count >= 2)
    # The broker's history goes by spells of twenty seconds: on a young one it tells of nothing for a while.
    wait_until("redeliveries in the broker's history", lambda: broker.redelivered(platform, QUEUE) > 0, deadline=60)


def _inject_slow(platform: Platform) -> None:
    recreate(platform, CONSUMER, override="queue-slow-consumer")
    wait_until("a consumer", lambda: broker.consumers(platform, QUEUE) == 1)
    _publish(platform, '{"kind": "backlog"}', BACKLOG)
    wait_until("a backlog", lambda: _waiting(platform) >= BACKLOG - 100)


def _inject_slow_scalable(platform: Platform) -> None:
    recreate(platform, CONSUMER, override="queue-slow-scalable")
    wait_until("a consumer", lambda: broker.consumers(platform, QUEUE) == 1)
    _publish(platform, '{"kind": "backlog"}', BACKLOG)
    wait_until("a backlog", lambda: _waiting(platform) >= BACKLOG - 500)


def _inject_stuck(platform: Platform) -> None:
    recreate(platform, CONSUMER, override="queue-stuck-consumer")
    wait_until("a consumer", lambda: broker.consumers(platform, QUEUE) == 1)
    _publish(platform, '{"kind": "backlog"}', BACKLOG)
    wait_until("unacknowledged messages", lambda: broker.queues(platform)[QUEUE]["messages_unacknowledged"] > 0)


def _inject_checks(platform: Platform) -> None:
    """A backlog of events to check, while the database that the check needs is paused."""
    platform.docker("pause", platform.container_id("postgres"))
    _publish_to(platform, CHECKS, '{"event": 0}', BACKLOG)
    wait_until("a backlog", lambda: _waiting(platform, CHECKS) >= BACKLOG)


def _inject_checks_no_consumer(platform: Platform) -> None:
    # The publisher is the consumer: it cannot work off anything while the database is paused, and is stopped then.
    _inject_checks(platform)
    platform.docker("stop", "-t", "3", platform.container_id(PUBLISHER))
    platform.docker("unpause", platform.container_id("postgres"))
    wait_until("no consumer", lambda: broker.consumers(platform, CHECKS) == 0)


def _undo_checks(platform: Platform, memo: Memo) -> None:
    platform.docker("stop", "-t", "3", platform.container_id(PUBLISHER))
    broker.drain(platform)
    make_well(platform, "postgres")
    make_well(platform, PUBLISHER)


def _undo_backlog(platform: Platform, memo: Memo) -> None:
    # What the consumer holds goes back to the queue when it stops, so that all of it can be drained. There may be
    # several of it meanwhile.
    platform.compose("stop", "-t", "3", CONSUMER)
    wait_until("no consumer", lambda: broker.consumers(platform, QUEUE) == 0)
    broker.drain(platform)
    # A new container: the restart count of a crash loop stays on the old one.
    recreate(platform, CONSUMER)
    make_well(platform, CONSUMER)


def _set_watermark(platform: Platform, limit: str) -> None:
    platform.exec("rabbitmq", "rabbitmqctl", "-q", "set_vm_memory_high_watermark", "absolute", limit)


def _memory_alarm(platform: Platform) -> bool:
    return any(node.get("mem_alarm") for node in broker.call(platform, "nodes"))


def _inject_memory_alarm(platform: Platform) -> None:
    _set_watermark(platform, "1MB")
    wait_until("the memory alarm", lambda: _memory_alarm(platform))


def _undo_memory_alarm(platform: Platform, memo: Memo) -> None:
    make_well(platform, "rabbitmq")
    _set_watermark(platform, USUAL_WATERMARK)
    wait_until("no memory alarm", lambda: not _memory_alarm(platform))


def _ports_open(platform: Platform) -> bool:
    return platform.container("rabbitmq").health == "healthy"


def _inject_broker_stopped(platform: Platform) -> None:
    platform.exec("rabbitmq", "rabbitmqctl", "-q", "stop_app")
    wait_until("closed ports", lambda: not _ports_open(platform))


def _undo_broker_stopped(platform: Platform, memo: Memo) -> None:
    # Does nothing where the broker runs.
    platform.exec("rabbitmq", "rabbitmqctl", "-q", "start_app")
    make_well(platform, "rabbitmq")


FAULTS = (
    Fault(
        "queue-no-consumer", "queue_backlog",
        f"notification-service is stopped and {BACKLOG:,} messages wait.",
        _inject_no_consumer, _undo_backlog,
    ),
    Fault(
        "queue-poison", "queue_backlog",
        f"{POISON} messages that are no JSON crash notification-service again and again.",
        _inject_poison, _undo_backlog,
    ),
    Fault(
        "queue-slow-consumer", "queue_backlog",
        f"notification-service takes 0.5 s per message while {BACKLOG:,} wait.",
        _inject_slow, _undo_backlog,
    ),
    Fault(
        "queue-slow-scalable", "queue_backlog",
        f"notification-service, without a port of its own, takes 0.1 s per message while {BACKLOG:,} wait.",
        _inject_slow_scalable, _undo_backlog,
    ),
    Fault(
        "queue-stuck-consumer", "queue_backlog",
        "notification-service holds as many messages as it may and acknowledges none.",
        _inject_stuck, _undo_backlog,
    ),
    Fault(
        "queue-checks-no-consumer", "queue_backlog",
        f"compliance-monitor is stopped and {BACKLOG:,} events wait to be checked.",
        _inject_checks_no_consumer, _undo_checks,
    ),
    Fault(
        "queue-checks-dependency", "queue_backlog",
        f"{BACKLOG:,} events wait, for compliance-monitor's database is paused.",
        _inject_checks, _undo_checks,
    ),
    Fault(
        "queue-memory-alarm", "queue_backlog",
        "RabbitMQ's memory alarm is on: publishers block, ping is fine.",
        _inject_memory_alarm, _undo_memory_alarm,
    ),
    Fault(
        "queue-broker-stopped", "queue_backlog",
        "RabbitMQ is stopped inside its runtime: ping is fine, and nobody can connect.",
        _inject_broker_stopped, _undo_broker_stopped,
    ),
)  # fmt: skip
