# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The containers of a queue's consumers, stopped and started again while messages are moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    PlatformNotFoundError,
)

_ENGINE_SECONDS = 30.0
_STOP_TIMEOUT = 10


class ContainerWorkers:
    """The very containers that were found at first, by their ids.

    :raises PlatformNotFoundError: a service has no container.
    """

    def __init__(self, docker: DockerCli, project: str, services: Sequence[str]) -> None:
        refs = [ref for ref in docker.containers(project) if not ref.oneoff]
        self._docker = docker
        self._ids = [ref.id for service in services for ref in refs if ref.service == service]
        self._stopped: list[str] = []
        for service in services:
            if not any(ref.service == service for ref in refs):
                raise PlatformNotFoundError(
                    f"The service {service} of the project {project} has no container.",
                    remedy="Name the services that consume the queue.",
                )

    def stop(self) -> None:
        """Stop them; one that is down by itself is started with the others afterwards.

        A container that its engine is about to start again has to be stopped as well.
        """
        self._stopped = list(self._ids)
        for one in self._ids:
            self._must(["stop", "--time", str(_STOP_TIMEOUT), one], "stop")

    def start(self) -> None:
        """Start those that were stopped. The engine counts its own restarts from zero then."""
        while self._stopped:
            self._must(["start", self._stopped[0]], "start")
            self._stopped.pop(0)

    def have_failed(self) -> bool:
        """True when one of them has ended by itself since it was started."""
        return any(_has_ended(one) for one in self._docker.inspect(self._ids))

    def _must(self, arguments: Sequence[str], what: str) -> None:
        result = self._docker.call(arguments, deadline=_ENGINE_SECONDS + _STOP_TIMEOUT)
        if not result.succeeded:
            raise CommandFailedError(f"Could not {what} the consumer's container.", remedy="See 'docker ps --all'.")


def _has_ended(inspected: dict[str, Any]) -> bool:
    state = inspected.get("State") or {}
    return state.get("Status") != "running" or int(inspected.get("RestartCount") or 0) > 0
