# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check before a recreate, on a real engine: from the names of a project and services to the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.compose_reader import ComposeReader
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.file_set import (
    absolute,
    from_labels,
    with_inventory,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.project_containers import (
    ProjectContainers,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.recreate_check import (
    RecreateCheck,
    Wish,
    check_recreate,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.service_differences import (
    environment_of,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    InvalidInputError,
    PlatformNotFoundError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import (
    Redactor,
    secrets_of_environment,
)


@dataclass(frozen=True)
class InventoryFiles:
    """What the inventory says about the files; empty where the containers' labels are to tell."""

    directory: str = ""
    files: tuple[str, ...] = ()
    env_files: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()


def recreate_case(
    docker: DockerCli, project: str, wish: Wish, inventory: InventoryFiles, *, deadline: float
) -> RecreateCheck:
    """Look at the project's containers and files and say whether the services may be recreated.

    :param deadline: seconds for each call of Compose.
    :raises InvalidInputError: no service is named; to Compose that would mean all of them.
    :raises PlatformNotFoundError: the project has no container, and the inventory names no Compose file either.
    """
    if not wish.services:
        raise InvalidInputError("services", [], remedy="Name the services that are to be recreated.")
    ids = [ref.id for ref in docker.containers(project) if not ref.oneoff]
    if not ids and not inventory.files:
        raise PlatformNotFoundError(
            f"There is no container of the Compose project {project} on this host.",
            remedy="Check the name with 'docker compose ls --all', or name the files in compose_files.",
        )
    containers = ProjectContainers(project, tuple(docker.inspect(ids)))
    files = absolute(
        with_inventory(
            from_labels(project, containers.labels),
            directory=inventory.directory,
            files=inventory.files,
            env_files=inventory.env_files,
            profiles=inventory.profiles,
        )
    )
    reader = ComposeReader(docker, files, _redactor(containers.inspected), deadline=deadline)
    return check_recreate(reader, files, containers, wish, lambda images: inspect_images(docker, images))


def inspect_images(docker: DockerCli, images: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Image reference -> what the engine knows of it, of those that are on the host."""
    found: dict[str, Mapping[str, Any]] = {}
    for image in images:
        result = docker.call(["image", "inspect", "--format", "{{json .}}", image])
        if result.succeeded:
            found[image] = json.loads(result.stdout)
    return found


def _redactor(inspected: Sequence[Mapping[str, Any]]) -> Redactor:
    secret: set[str] = set()
    public: set[str] = set()
    for one in inspected:
        hidden, shown = secrets_of_environment(environment_of(one.get("Config") or {}))
        secret |= hidden
        public |= shown
    return Redactor(secret, public)
