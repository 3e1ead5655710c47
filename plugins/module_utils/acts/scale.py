# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives a Compose service one more container, where its configuration allows several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.compose_reader import ComposeReader
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.file_set import (
    FileSet,
    absolute,
    from_labels,
    with_inventory,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.project_containers import (
    ProjectContainers,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.recreate_check import unreadable
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.recreate_rules import (
    Refusal,
    refuse_configuration,
    refuse_files,
    refuse_services,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import (
    SERVICE_LABEL,
    DockerCli,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    PlatformNotFoundError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.single_container import (
    fixed_name,
    fixed_port,
    host_network,
    is_fixed,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.container_facts import redactor_for


class ComposeScaler(ComposeReader):
    """Compose for one set of files, and the one command that changes how many containers there are."""

    def scale(self, service: str, count: int) -> str:
        """Bring the service to so many containers; those that are there stay as they are.

        :return: what went wrong, redacted, or an empty string.
        """
        options = ["up", "--detach", "--no-build", "--pull", "never", "--no-deps", "--no-recreate", "--no-color"]
        result = self._compose([*options, "--scale", f"{service}={count}", "--", service], profiles=("*",))
        return "" if result.succeeded else self._error(result)


@dataclass(frozen=True)
class ScaleOutcome:
    """Numbers of containers.

    :param refused: why it must not be done, or None.
    """

    service: str
    before: int
    after: int
    refused: Refusal | None = None

    def to_result(self, *, diff: bool = False) -> dict[str, Any]:
        """The module's result."""
        changed = self.after != self.before
        action = {"what": "service", "id": self.service, "status": f"scaled from {self.before} to {self.after}"}
        result: dict[str, Any] = {
            "changed": changed,
            "actions": [action] if changed else [],
            "before": self.before,
            "after": self.after,
            "refused": self.refused.to_data() if self.refused else None,
            "note": f"{self.service} has {self.after} containers now, until somebody runs 'docker compose up' without "
            f"--scale {self.service}={self.after}."
            if changed
            else "",
        }
        if diff:
            result["diff"] = {
                "before": f"{self.service}: {self.before} containers\n",
                "after": f"{self.service}: {self.after} containers\n",
            }
        return result


@dataclass(frozen=True)
class ScaleCase:
    """A service's Compose files, and how many containers it has."""

    scaler: ComposeScaler
    files: FileSet
    present: int


def scaler_for(docker: DockerCli, options: Mapping[str, Any]) -> ScaleCase:
    """Look at the project's containers for the files and the number of containers.

    :param options: ``project``, ``service``, ``compose_files``, ``env_files``, ``profiles`` and ``deadline``.
    :raises PlatformNotFoundError: the service has no container.
    """
    project, service = options["project"], options["service"]
    ids = [ref.id for ref in docker.containers(project) if not ref.oneoff]
    containers = ProjectContainers(project, tuple(docker.inspect(ids)))
    present = sum(1 for labels in containers.labels if labels.get(SERVICE_LABEL) == service)
    if not present:
        raise PlatformNotFoundError(
            f"The service {service} of the project {project} has no container.",
            remedy="Create it by 'docker compose up' first.",
        )
    files = absolute(
        with_inventory(
            from_labels(project, containers.labels),
            directory="",
            files=tuple(options["compose_files"]),
            env_files=tuple(options["env_files"]),
            profiles=tuple(options["profiles"]),
        )
    )
    reader = ComposeScaler(docker, files, redactor_for(containers.inspected), deadline=options["deadline"])
    return ScaleCase(reader, files, present)


def scale_service(
    scaler: ComposeScaler, files: FileSet, service: str, *, before: int, wanted: int, check_mode: bool
) -> ScaleOutcome:
    """Bring a service to ``wanted`` containers, never to fewer than there are.

    :param before: how many there are.
    :raises CommandFailedError: Compose failed; says why.
    """
    if wanted <= before:
        return ScaleOutcome(service, before, before)
    refused = refuse_files(files, unreadable(files))
    if refused is None:
        configuration = scaler.configuration()
        refused = refuse_configuration(configuration) or refuse_services(configuration, (service,))
        refused = refused or refuse_scale(service, configuration.services[service])
    if refused:
        return ScaleOutcome(service, before, before, refused)
    if not check_mode:
        error = scaler.scale(service, wanted)
        if error:
            raise CommandFailedError(f"Compose could not scale {service}: {error}")
    return ScaleOutcome(service, before, wanted)


def refuse_scale(service: str, desired: Mapping[str, Any]) -> Refusal | None:
    """What can be there only once: a name, a port of the host, the host's network."""
    if desired.get("container_name"):
        return Refusal(
            "container_name",
            fixed_name(service, desired["container_name"]),
            "Take container_name out of the Compose file.",
        )
    for port in desired.get("ports") or ():
        published = str(port.get("published") or "") if isinstance(port, Mapping) else str(port)
        if is_fixed(published):
            return Refusal(
                "fixed_port",
                fixed_port(service, published),
                "Publish no port, a range of ports, or put a proxy before the service.",
            )
    if desired.get("network_mode") == "host":
        return Refusal("host_network", host_network(service), "Use a network.")
    return None
