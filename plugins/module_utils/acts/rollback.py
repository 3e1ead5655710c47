# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which image takes a service back to its last known good state, and whether that image is still there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    InvalidInputError,
    PlatformNotFoundError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.last_known_good import (
    ROLLED_BACK_LABEL,
    KnownGood,
    read_known_good,
)


@dataclass(frozen=True)
class Rollback:
    """One service on its way back.

    :param running: the image that its containers run now, by name.
    :param reference: what Compose is told to run: the name where it still means the good image, else the image's id.
    :param needed: False when the containers run the good image already: somebody was faster.
    """

    service: str
    running: str
    known: KnownGood
    reference: str
    needed: bool = True

    def override(self) -> str:
        """A Compose file (JSON is YAML) that is given after the platform's own ones."""
        service = {"image": self.reference, "labels": {ROLLED_BACK_LABEL: self.running}}
        return json.dumps({"services": {self.service: service}}, indent=2, sort_keys=True) + "\n"

    def to_data(self) -> dict[str, Any]:
        """Plain data for the module's result."""
        return {
            "service": self.service,
            "from": self.running,
            "to": self.known.image,
            "image_id": self.known.image_id,
            "reference": self.reference,
            "needed": self.needed,
        }


def plan_rollbacks(
    docker: DockerCli, project: str, services: Sequence[str], samples: Mapping[str, Mapping[str, Any]]
) -> tuple[Rollback, ...]:
    """Look at the containers as they are now, and find the image of each service.

    :param samples: service -> what was recorded of it.
    :raises InvalidInputError: no service is named.
    :raises PlatformNotFoundError: a service has no container.
    :raises CommandFailedError: no good image is known of a service, or it is not on this host any more.
    """
    if not services:
        raise InvalidInputError("services", [], remedy="Name the services that are to be rolled back.")
    refs = [ref for ref in docker.containers(project) if ref.service in services and not ref.oneoff]
    inspected = {str(one.get("Id")): one for one in docker.inspect([ref.id for ref in refs])}
    containers = {
        name: [inspected[ref.id] for ref in refs if ref.service == name and ref.id in inspected] for name in services
    }
    return tuple(_plan(docker, project, name, containers[name], samples.get(name) or {}) for name in services)


def _plan(
    docker: DockerCli, project: str, service: str, containers: Sequence[Mapping[str, Any]], sample: Mapping[str, Any]
) -> Rollback:
    if not containers:
        raise PlatformNotFoundError(
            f"The service '{service}' of the Compose project '{project}' has no container.",
            remedy="Create it from the Compose files, then try again.",
        )
    known = read_known_good(sample)
    if known is None:
        raise CommandFailedError(
            f"No image of {service} is known to be good: no run has seen it healthy for long enough.",
            remedy="Name the image of the release before in the Compose files and recreate the service.",
        )
    images = {str(one.get("Image", "")) for one in containers}
    names = sorted({str((one.get("Config") or {}).get("Image", "")) for one in containers})
    return Rollback(service, names[0], known, _reference(docker, service, known), needed=images != {known.image_id})


def _reference(docker: DockerCli, service: str, known: KnownGood) -> str:
    if _image_id(docker, known.image_id) != known.image_id:
        raise CommandFailedError(
            f"The last known good image of {service}, {known.image} ({known.image_id[:19]}), is not on this host.",
            remedy=f"Pull it, for example with 'docker pull {known.image}', and look whether it has that id.",
        )
    return known.image if _image_id(docker, known.image) == known.image_id else known.image_id


def _image_id(docker: DockerCli, reference: str) -> str:
    result = docker.call(["image", "inspect", "--format", "{{.Id}}", "--", reference])
    return result.stdout.decode("utf-8", "replace").strip() if result.succeeded else ""
