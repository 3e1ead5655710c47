# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform as its containers tell it: which project, who needs whom, what kind each service is. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.file_set import FileSet
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import ContainerRef
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import PlatformNotFoundError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_images import (
    is_model_server_image,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Container
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import ServiceSettings

_IMAGES = (
    ("postgres", re.compile(r"^(?:postgres|postgresql|postgis|timescaledb(?:-ha)?|pgvector)$")),
    ("redis", re.compile(r"^(?:redis|redis-stack(?:-server)?|valkey|keydb|dragonfly)$")),
    ("rabbitmq", re.compile(r"^rabbitmq$")),
)
_NAMES = (("model_server", re.compile(r"(?:^|[-_])(?:model|inference|llm)(?:[-_]?(?:server|serving|service))$")),)
# By both names: who writes a task knows the first, who writes an inventory the second.
_OPTION = "the option project, in the inventory platform_project"
_PORTS = {5432: "postgres", 6379: "redis", 5672: "rabbitmq"}
# fmt: off
NOT_HTTP_PORTS = frozenset((
    21, 22, 23, 25, 53, 389, 465, 587, 636, 1433, 1521, 1883, 2181, 2379, 3306, 4222, 5432, 5671, 5672, 6379, 7687,
    8883, 9042, 9092, 11211, 25672, 27017, 33060,
))
# fmt: on
"""Well-known ports that speak another protocol."""


def choose_project(refs: Iterable[ContainerRef], wanted: str | None) -> str:
    """The project that is meant.

    :param refs: all Compose containers of the host.
    :param wanted: the project that was named, or None.
    :raises PlatformNotFoundError: there is no such project, none at all, or several and none was named.
    """
    projects = sorted({ref.project for ref in refs if ref.project and not ref.oneoff})
    known = ", ".join(projects)
    if wanted:
        if wanted in projects:
            return wanted
        seen = f"The projects on this host are: {known}." if projects else "There is no Compose project on this host."
        raise PlatformNotFoundError(
            f"The Compose project '{wanted}' has no container on this host. {seen}",
            remedy=f"Bring it up with 'docker compose up -d', or name another one in {_OPTION}.",
        )
    if not projects:
        raise PlatformNotFoundError(
            "There is no container of any Compose project on this host.",
            remedy="Bring the platform up with 'docker compose up -d'.",
        )
    if len(projects) > 1:
        raise PlatformNotFoundError(
            f"There are several Compose projects on this host: {known}.",
            remedy=f"Name the one that is meant in {_OPTION}.",
        )
    return projects[0]


def by_service(containers: Iterable[Container], settings: Mapping[str, ServiceSettings]) -> dict[str, list[Container]]:
    """Containers by service; a service that only the inventory knows, or that another one needs, has none."""
    services: dict[str, list[Container]] = {name: [] for name in settings}
    needed: set[str] = set()
    for container in containers:
        services.setdefault(container.service, []).append(container)
        needed.update(container.compose.depends_on)
    for name in needed:
        services.setdefault(name, [])
    return {name: sorted(services[name], key=lambda container: container.name) for name in sorted(services)}


def dependencies(containers: Sequence[Container], settings: ServiceSettings) -> tuple[str, ...]:
    """What a service needs: what Compose was told, and what the inventory adds."""
    told = {name for container in containers for name in container.compose.depends_on}
    return tuple(sorted(told | set(settings.depends_on)))


def kind_of(service: str, containers: Sequence[Container], settings: ServiceSettings) -> str:
    """The inventory's word, else by image, by name, by port. Who has token settings issues tokens.

    A container that was removed has no image any more: a service that bears the name of a product is that product.
    """
    by_product = _kind_by_image(containers) if containers else _first(_IMAGES, service)
    told = _said_kind(settings) or by_product or _first(_NAMES, service)
    if told:
        return told
    ports = {port.container_port for container in containers for port in container.ports if port.protocol == "tcp"}
    for port, kind in _PORTS.items():
        if port in ports:
            return kind
    speaks_http = any(container.health_target for container in containers) or settings.port or ports - NOT_HTTP_PORTS
    return "http" if speaks_http else "other"


def _kind_by_image(containers: Sequence[Container]) -> str:
    """Empty when no image is that of a product."""
    for container in containers:
        kind = _first(_IMAGES, re.split(r"[:@]", container.image.rsplit("/", 1)[-1], maxsplit=1)[0])
        if kind or is_model_server_image(container.image):
            return kind or "model_server"
    return ""


def _first(patterns: Sequence[tuple[str, re.Pattern[str]]], name: str) -> str:
    """The kind of the first pattern that the name fits, or an empty string."""
    return next((kind for kind, pattern in patterns if pattern.search(name.lower())), "")


def _said_kind(settings: ServiceSettings) -> str:
    return "token_issuer" if settings.token.configured and settings.kind in ("", "http") else settings.kind


def bears_other_files(container: Container, files: FileSet) -> bool:
    """True when the container was made from other files than most of the platform's: it has drifted."""
    return files.source == "labels" and bool(container.compose.files) and container.compose.files != files.files


def user_facing(
    services: Mapping[str, Sequence[Container]],
    kinds: Mapping[str, str],
    needs: Mapping[str, Iterable[str]],
    settings: Mapping[str, ServiceSettings],
) -> frozenset[str]:
    """The services that users meet: those the inventory marks, else HTTP services that are published and that no other
    service needs."""
    marked = {name: settings[name].user_facing for name in services if name in settings}
    if any(marked.values()):
        return frozenset(name for name, mark in marked.items() if mark)
    needed = {name for names in needs.values() for name in names}
    return frozenset(
        name
        for name, containers in services.items()
        if kinds.get(name) in ("http", "token_issuer")
        and name not in needed
        and marked.get(name) is not False
        and any(port.host_port for container in containers for port in container.ports)
    )
