# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the shared secret where it stands. What is returned holds the values: it is compared, and never shown."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Container
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.secret_env_file import find_value
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.secret_facts import (
    Fingerprinter,
    SecretReading,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.container_facts import (
    environment_of,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.drift import DesiredConfiguration
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import Scene

_ENV_FILE_LIMIT = 1 << 20
_SECRET_LIMIT = 1 << 14
FILE_SUFFIX = "_FILE"


@dataclass(frozen=True)
class Found:
    """A value with its place.

    :param place: see ``SecretReading.place``.
    """

    place: str
    variable: str
    value: str = field(repr=False)

    def reading(self, fingerprinter: Fingerprinter) -> SecretReading:
        """What may be told of it."""
        return fingerprinter.read(self.value, self.place, self.variable)


@dataclass(frozen=True)
class RunningSecrets:
    """Service -> value, and service -> why it could not be read."""

    values: Mapping[str, Found] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)


def first_container(containers: Sequence[Container]) -> Container | None:
    """The running one, else any."""
    return next((one for one in containers if one.running), containers[0] if containers else None)


def environments(scene: Scene) -> dict[str, Mapping[str, str]]:
    """Service -> environment of its container, of every service that is watched. Holds secrets."""
    inspected = {str(entry.get("Id", "")): entry for entry in scene.inspected}
    found: dict[str, Mapping[str, str]] = {}
    for service in scene.watched:
        container = first_container(scene.services[service])
        if container is not None:
            found[service] = environment_of(inspected.get(container.id, {}))
    return found


def running_secrets(scene: Scene, docker: DockerCli, variables: Sequence[str], deadline: float) -> RunningSecrets:
    """The value in each service's container: of the variable, else of the file that its ``_FILE`` variable names."""
    values: dict[str, Found] = {}
    unreadable: dict[str, str] = {}
    for service, environment in environments(scene).items():
        for variable in variables:
            path = environment.get(variable + FILE_SUFFIX, "")
            if variable in environment:
                values[service] = Found("environment", variable, environment[variable])
            elif path:
                container = first_container(scene.services[service])
                value = _read_inside(docker, container, path, deadline)
                if value is None:
                    unreadable[service] = f"{path} in its container cannot be read"
                else:
                    values[service] = Found("file", variable + FILE_SUFFIX, value)
            else:
                continue
            break
    return RunningSecrets(values, unreadable)


def _read_inside(docker: DockerCli, container: Container | None, path: str, deadline: float) -> str | None:
    if container is None or not container.running or not path.startswith("/"):
        return None
    try:
        result = docker.exec(container.id, ["cat", "--", path], deadline=deadline, limit=_SECRET_LIMIT)
    except IncidentResponseError:
        return None
    return result.stdout.decode("utf-8", "surrogateescape") if result.succeeded and not result.truncated else None


def desired_secrets(
    scene: Scene, compose: DesiredConfiguration, variables: Sequence[str], running: RunningSecrets
) -> tuple[dict[str, Found], str]:
    """What the Compose files give to each service, and why that cannot be told (else empty).

    When every container has what the env file says, all is said: Docker Compose is asked only when one has not.
    """
    by_environment = {name: found for name, found in running.values.items() if found.place == "environment"}
    for variable in variables:
        said = env_file_value(scene, variable)
        if said and by_environment and all(found.value == said for found in by_environment.values()):
            return {name: Found("compose", variable, said) for name in by_environment}, ""
    if not scene.files.files:
        return {}, "no Compose file is known"
    configuration = compose.configuration()
    if configuration.error:
        return {}, configuration.error
    unset = [name for name in variables if name in configuration.unset]
    if unset:
        return {}, f"{unset[0]} is not set where the Compose files look for it"
    found = {}
    for service, wanted in configuration.services.items():
        environment = wanted.get("environment") or {}
        for variable in variables:
            if service in scene.watched and isinstance(environment.get(variable), str):
                # Compose doubles each dollar sign of what it prints.
                found[service] = Found("compose", variable, environment[variable].replace("$$", "$"))
                break
    return found, ""


def env_file_value(scene: Scene, variable: str) -> str | None:
    """The value in the project's env files, of several the last one's; None when none has it."""
    value = None
    for name in env_files(scene):
        text = read_text(name)
        found = find_value(text, variable) if text is not None else None
        value = value if found is None else found
    return value


def env_files(scene: Scene) -> tuple[str, ...]:
    """The files that the Compose files' variables come from."""
    if scene.files.env_files:
        return scene.files.env_files
    return (os.path.join(scene.files.directory, ".env"),) if scene.files.directory else ()


def read_text(path: str) -> str | None:
    """A small file's text, None when it cannot be read."""
    try:
        with open(path, "rb") as stream:
            return stream.read(_ENV_FILE_LIMIT).decode("utf-8", "surrogateescape")
    except OSError:
        return None
