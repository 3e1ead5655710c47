# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform as one inspect of all containers shows it, joined with the inventory and the record. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.file_set import (
    FileSet,
    absolute,
    from_labels,
    with_inventory,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Container
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import ServiceSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.container_facts import (
    container_facts,
    redactor_for,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.discovery import (
    by_service,
    dependencies,
    kind_of,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.options import ObserveOptions

__all__ = ["ObserveOptions", "Scene", "set_scene"]


@dataclass(frozen=True)
class Scene:
    """What is known before any probe has run.

    :param inspected: what the engine said. Holds secrets: it is read, never shown.
    :param services: service -> its containers; none for one that is only known by name.
    :param needs: service -> the services it depends on.
    :param declared: service -> ``stopped``, ``ignored`` or ``maintenance``; only those that are.
    """

    project: str
    inspected: tuple[Mapping[str, Any], ...]
    redactor: Redactor
    containers: tuple[Container, ...]
    services: Mapping[str, tuple[Container, ...]]
    settings: Mapping[str, ServiceSettings]
    kinds: Mapping[str, str]
    needs: Mapping[str, tuple[str, ...]]
    declared: Mapping[str, str]
    files: FileSet
    only: tuple[str, ...] | None = None

    def settings_of(self, service: str) -> ServiceSettings:
        """The inventory's words, or none."""
        return self.settings.get(service, ServiceSettings())

    @property
    def shown(self) -> list[str]:
        """The services that were asked for."""
        return [service for service in self.services if self.only is None or service in self.only]

    @property
    def watched(self) -> list[str]:
        """Those of them that nobody declared to be left alone."""
        return [service for service in self.shown if service not in self.declared]

    def running(self, services: Sequence[str]) -> tuple[Container, ...]:
        """The running containers of these services."""
        return tuple(item for name in services for item in self.services.get(name, ()) if item.running)

    def callers_of(self, service: str) -> tuple[Container, ...]:
        """Running containers of the services that depend directly on this one."""
        return self.running([name for name, needed in self.needs.items() if service in needed])

    def peers_of(self, service: str) -> tuple[Container, ...]:
        """Running containers of other services on a common network that do not depend directly on this one."""
        networks = {name for container in self.services.get(service, ()) for name in container.addresses}
        others = [name for name in self.services if name != service and service not in self.needs.get(name, ())]
        return tuple(item for item in self.running(others) if networks & set(item.addresses))

    def may_complete(self, service: str) -> bool:
        """True when another service waits for this one to end well."""
        wanted = "service_completed_successfully"
        return any(container.compose.depends_on.get(service) == wanted for container in self.containers)


def set_scene(
    project: str, inspected: Sequence[Mapping[str, Any]], options: ObserveOptions, maintenance: Sequence[Any]
) -> Scene:
    """Put together what is known.

    :param maintenance: windows of the record that are open now: ``service`` is empty when the platform is meant.
    :raises InvalidInputError: a service that is asked for is not part of the platform.
    """
    labels = [((entry.get("Config") or {}).get("Labels") or {}) for entry in inspected]
    names = {str(value) for entry in labels for key, value in entry.items() if key.startswith("com.docker.compose.")}
    redactor = redactor_for(inspected, {project, *names})
    containers = tuple(container_facts(entry, redactor) for entry in inspected)
    services = {name: tuple(found) for name, found in by_service(containers, options.services).items()}
    for name in options.only or ():
        if name not in services:
            raise InvalidInputError("names", name, remedy=f"The services of this platform are: {', '.join(services)}.")
    nothing = ServiceSettings()
    settings = options.services
    files = with_inventory(
        from_labels(project, labels),
        directory="",
        files=options.compose_files,
        env_files=options.env_files,
        profiles=options.profiles,
    )
    return Scene(
        project=project,
        inspected=tuple(inspected),
        redactor=redactor,
        containers=containers,
        services=services,
        settings=settings,
        kinds={name: kind_of(name, found, settings.get(name, nothing)) for name, found in services.items()},
        needs={name: dependencies(found, settings.get(name, nothing)) for name, found in services.items()},
        declared=_declared(services, settings, maintenance),
        files=absolute(files),
        only=options.only,
    )


def _declared(
    services: Mapping[str, Sequence[Container]], settings: Mapping[str, ServiceSettings], maintenance: Sequence[Any]
) -> dict[str, str]:
    windows = [str(window.get("service") or "") for window in maintenance if isinstance(window, Mapping)]
    declared = {}
    for name, containers in services.items():
        if name in settings and settings[name].declared:
            declared[name] = settings[name].declared
        elif any(container.ignored for container in containers):
            declared[name] = "ignored"
        elif "" in windows or name in windows:
            declared[name] = "maintenance"
    return declared
