# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Redis service of a platform, found and ready to be asked: for the modules that act on nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.redis_client import RedisClient
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    PlatformNotFoundError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_reply import (
    Command,
    Conversation,
    End,
    RedisError,
    Reply,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_settings import RedisSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.discovery import choose_project
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.options import ObserveOptions
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.redis_way import way_to_redis
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import set_scene


@dataclass(frozen=True)
class RedisServer:
    """A way to a server.

    :param deadline: seconds for one conversation.
    """

    service: str
    client: RedisClient
    settings: RedisSettings
    redactor: Redactor
    deadline: float

    def talk(self, commands: Sequence[Command], *, seconds: float | None = None) -> Conversation:
        """Give the commands; what comes of them is for the caller to judge."""
        return self.client.ask(commands, seconds=seconds or self.deadline)

    def ask(self, commands: Sequence[Command]) -> tuple[Reply, ...]:
        """The answers to all of the commands.

        :raises CommandFailedError: one of them was answered by an error or not at all; the message is redacted.
        """
        told = self.talk(commands)
        for reply in told.replies:
            if isinstance(reply, RedisError):
                raise CommandFailedError(f"{self.service} refused a command: {self.redactor.line(reply.message)}")
        if told.end is not End.COMPLETE:
            raise CommandFailedError(f"{self.service} does not answer: {self.redactor.line(told.error)}")
        return told.replies


def find_redis(docker: DockerCli, options: ObserveOptions, service: str) -> RedisServer:
    """Find the service's container and the way into it.

    :raises PlatformNotFoundError: there is no such project or service.
    :raises CommandFailedError: its container does not run.
    :raises EngineUnavailableError: Docker does not answer.
    """
    refs = docker.containers(deadline=options.probe_deadline)
    project = choose_project(refs, options.project)
    inspected = docker.inspect([ref.id for ref in refs if ref.project == project and not ref.oneoff])
    scene = set_scene(project, inspected, options, ())
    settings = scene.settings_of(service).redis
    own = scene.services.get(service, ())
    if not own and not settings.host:
        known = ", ".join(sorted(scene.services)) or "none"
        raise PlatformNotFoundError(
            f"The project {project} has no service {service}.", remedy=f"Its services are: {known}."
        )
    running = next((container for container in own if container.running), None)
    if running is None and not settings.host:
        raise CommandFailedError(f"{service} does not run.")
    return RedisServer(
        service, way_to_redis(docker, settings, running), settings, scene.redactor, options.probe_deadline
    )
