# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Compose services consume a queue, and how they are. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Container
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_facts import (
    ConsumerService,
    Queue,
    QueueConsumer,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_settings import (
    RabbitmqSettings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.timestamp import epoch_seconds

_WORDS = {"exited": "stopped", "dead": "dead", "": "without a state"}
"""How a state of the engine reads after 'is'; the others are good as they are."""

_RESTARTS = 2
"""That many restarts by the engine within the crash loop's window are no accident."""

_ENDED = ("exited", "dead")

_REMEMBERED = 600.0
"""Seconds for which the broker remembers what it delivered: only so long can it be told what ended a consumer."""


class Consumers:
    """Everybody who might consume a queue of one broker.

    :param containers: of the whole platform, running or not.
    :param dependants: the services that depend on the broker.
    :param recorded: queue -> services, as the last run saw them connected.
    :param window: a container younger than that many seconds, restarted often, is in a crash loop.
    :param now: seconds since the epoch.
    """

    def __init__(
        self,
        containers: Sequence[Container],
        dependants: Sequence[str],
        settings: RabbitmqSettings,
        recorded: Mapping[str, Sequence[str]],
        *,
        window: float,
        now: float,
    ) -> None:
        self._containers = containers
        self._dependants = dependants
        self._settings = settings
        self._recorded = recorded
        self._window = window
        self._now = now
        self._by_address = {
            address: item.service for item in containers for address in item.addresses.values() if address
        }

    def services_of(self, queue: Queue, connected: Sequence[QueueConsumer]) -> tuple[ConsumerService, ...]:
        """The services of one queue: those connected now, else as the inventory says, else as the last run saw them.

        When nobody knows, those that need the broker, consume nothing and do not run as they should; if there are none,
        those whose health check fails.

        :param connected: the consumers of every queue.
        """
        mine = {self._service(item) for item in connected if (item.vhost, item.queue) == (queue.vhost, queue.name)}
        busy = {self._service(item) for item in connected}
        known = mine - {""} or set(self._settings.consumers.get(queue.name, ())) or self._recorded_of(queue)
        if known:
            return tuple(self._state(name) for name in sorted(known))
        if mine:
            return ()  # somebody who is no service of this platform
        idle = [self._state(name) for name in sorted(set(self._dependants) - busy)]
        down = tuple(service for service in idle if service.crashing or not service.running)
        return down or tuple(service for service in idle if self._is_unhealthy(service.name))

    def _is_unhealthy(self, name: str) -> bool:
        return any(item.service == name and item.health == "unhealthy" for item in self._containers)

    def _service(self, consumer: QueueConsumer) -> str:
        return self._by_address.get(consumer.address, "")

    def _recorded_of(self, queue: Queue) -> set[str]:
        present = {item.service for item in self._containers}
        return set(self._recorded.get(queue.key, ())) & present

    def _state(self, name: str) -> ConsumerService:
        own = [item for item in self._containers if item.service == name]
        restarts = max((item.restart_count for item in own), default=0)
        crashing = any(self._is_crashing(item) for item in own)
        running = any(item.running for item in own)
        states = ", ".join(sorted({_WORDS.get(item.state, item.state) for item in own})) or "without a container"
        words = f"restarted again and again ({restarts} times, now {states})" if crashing else states
        age = min((self._age(item) for item in own), default=float("inf"))
        alone = next((item.alone for item in own if item.alone), "")
        return ConsumerService(name, running, restarts, crashing, age, words, alone)

    def _is_crashing(self, container: Container) -> bool:
        if container.state == "restarting":
            return True
        if container.restart_count < _RESTARTS:
            return False
        return self._age(container) < self._window if container.running else self._ended_in_a_loop(container)

    def _ended_in_a_loop(self, container: Container) -> bool:
        """Stopped in the middle of a crash loop, by a person or by a quarantine that was killed, or given up."""
        if container.state not in _ENDED or not container.started_at or not container.finished_at:
            return False
        started, ended = epoch_seconds(container.started_at), epoch_seconds(container.finished_at)
        return ended - started < self._window and self._now - ended < _REMEMBERED

    def _age(self, container: Container) -> float:
        return self._now - epoch_seconds(container.started_at) if container.started_at else float("inf")
