# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RabbitMQ: publish to and consume from durable queues."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pika

from .logs import log
from .settings import Settings

RECONNECT_SECONDS = 1.0
# A broker with a memory or disk alarm stops reading from publishers: give up then, rather than hang.
BLOCKED_SECONDS = 5.0


def connect(settings: Settings) -> Any:
    """Return a new connection that bears the service's name in the management UI."""
    parameters = pika.URLParameters(settings.amqp_url)
    parameters.socket_timeout = settings.dependency_timeout
    parameters.stack_timeout = settings.dependency_timeout + 3
    parameters.blocked_connection_timeout = BLOCKED_SECONDS
    parameters.client_properties = {"connection_name": settings.service}
    return pika.BlockingConnection(parameters)


@contextmanager
def _connection(settings: Settings) -> Iterator[Any]:
    """A connection for the length of a block; one that the broker has closed meanwhile needs no closing."""
    connection = connect(settings)
    try:
        yield connection
    finally:
        if connection.is_open:
            connection.close()


def publish(settings: Settings, queue: str, bodies: Sequence[bytes]) -> None:
    """Publish persistent messages to a durable queue, which is declared if need be.

    Returns when the broker has read them all; raises pika's errors when it does not take them.
    """
    with _connection(settings) as connection:
        channel = connection.channel()
        channel.queue_declare(queue, durable=True)
        properties = pika.BasicProperties(delivery_mode=2)
        for body in bodies:
            channel.basic_publish("", queue, body, properties)
        # The broker answers in order: its answer to this means that it has read everything before it.
        channel.queue_declare(queue, passive=True)


def check(settings: Settings) -> None:
    """Raise unless RabbitMQ takes a connection."""
    with _connection(settings):
        pass


class Consumer:
    """Consume one queue in a background thread, connecting again for as long as the process lives."""

    def __init__(self, settings: Settings, queue: str, handle: Callable[[bytes], None]) -> None:
        """`handle` gets each message's body; the message is acknowledged when it returns."""
        self._settings = settings
        self._queue = queue
        self._handle = handle
        self._state = "starting"
        self.consumed = 0

    def start(self) -> None:
        threading.Thread(target=self._run, name=f"consume-{self._queue}", daemon=True).start()

    def check(self) -> None:
        """Raise unless the consumer is connected and waiting for messages."""
        if self._state != "running":
            raise RuntimeError(f"the consumer of {self._queue} is {self._state}")

    def _run(self) -> None:
        while True:
            try:
                with _connection(self._settings) as connection:
                    self._consume(connection)
            except Exception as error:
                # Also when a message could not be handled: it goes back to the queue with the connection.
                self._state = f"stopped by {type(error).__name__}"
                log("error", "the consumer starts again", queue=self._queue, error=repr(error))
                time.sleep(RECONNECT_SECONDS)

    def _consume(self, connection: Any) -> None:
        channel = connection.channel()
        channel.queue_declare(self._queue, durable=True)
        channel.basic_qos(prefetch_count=self._settings.consumer_prefetch)

        def on_message(_channel: Any, method: Any, _properties: Any, body: bytes) -> None:
            if self._settings.consumer_delay_seconds:
                connection.sleep(self._settings.consumer_delay_seconds)
            self._handle(body)
            self.consumed += 1
            channel.basic_ack(method.delivery_tag)

        channel.basic_consume(self._queue, on_message)
        self._state = "running"
        channel.start_consuming()
