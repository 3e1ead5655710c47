# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One RabbitMQ service of a platform, found and ready to be asked: for the modules that act on it."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import HttpClient
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.rabbitmq_api import (
    ApiError,
    RabbitmqApi,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    PlatformNotFoundError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Container
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_settings import (
    RabbitmqSettings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.discovery import choose_project
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.rabbitmq_way import (
    api_ways,
    find_credentials,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import (
    ObserveOptions,
    set_scene,
)


@dataclass(frozen=True)
class RabbitmqService:
    """A broker that runs in a container.

    :param deadline: seconds for one request.
    """

    docker: DockerCli
    project: str
    container: Container
    settings: RabbitmqSettings
    redactor: Redactor
    deadline: float

    def api(self, http: HttpClient) -> RabbitmqApi:
        """The first way to the management API that answers.

        :raises CommandFailedError: none does; says why.
        """
        credentials = find_credentials(self.docker, self.container, self.settings)
        told = "its port is neither published nor has the container an address."
        for api in api_ways(http, self.container, self.settings, credentials, self.deadline):
            try:
                api.get("whoami")
            except ApiError as error:
                told = self.redactor.line(f"{api.via}: {error}")
                continue
            return api
        raise CommandFailedError(
            f"The management API of {self.container.service} cannot be used: {told}",
            remedy="Switch the plugin rabbitmq_management on, or give the right user and password_file.",
        )


def find_broker(docker: DockerCli, options: ObserveOptions, service: str) -> RabbitmqService:
    """Find the service's running container.

    :raises PlatformNotFoundError: there is no such project or service, or it does not run.
    :raises EngineUnavailableError: Docker does not answer.
    """
    refs = docker.containers(deadline=options.probe_deadline)
    project = choose_project(refs, options.project)
    inspected = docker.inspect([ref.id for ref in refs if ref.project == project and not ref.oneoff])
    scene = set_scene(project, inspected, options, ())
    running = [container for container in scene.services.get(service, ()) if container.running]
    if not running:
        known = ", ".join(sorted(scene.services)) or "none"
        raise PlatformNotFoundError(
            f"The service {service} of the project {project} does not run.", remedy=f"Its services are: {known}."
        )
    settings = scene.settings_of(service).rabbitmq
    return RabbitmqService(docker, project, running[0], settings, scene.redactor, options.probe_deadline)
