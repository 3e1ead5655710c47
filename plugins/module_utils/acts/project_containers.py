# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The containers of a project, and which of them differ from the desired configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.service_differences import (
    reference_of,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import SERVICE_LABEL

_HASH_LABEL = "com.docker.compose.config-hash"
_VERSION_LABEL = "com.docker.compose.version"
_RELEASE = re.compile(r"v?(\d+\.\d+\.\d+)")


class Hashes(Protocol):
    """Where the hashes of the desired configuration come from."""

    def hashes(self) -> dict[str, str]:
        """Service -> hash."""

    def hashes_without_dependencies(self, services: Sequence[str]) -> dict[str, str]:
        """Service -> hash as ``up --no-deps`` writes it."""


@dataclass(frozen=True)
class ProjectContainers:
    """Inspected containers of one project, those of ``docker compose run`` left out."""

    project: str
    inspected: tuple[Mapping[str, Any], ...]

    @property
    def labels(self) -> tuple[Mapping[str, str], ...]:
        """The labels of each container."""
        return tuple(_labels(one) for one in self.inspected)

    def of(self, service: str) -> tuple[Mapping[str, Any], ...]:
        """The containers of a service."""
        return tuple(one for one in self.inspected if _labels(one).get(SERVICE_LABEL) == service)

    def service_of(self, name: str) -> str:
        """The service of a container by its name, also of one that is still to be made; empty when not known."""
        for one in self.inspected:
            if str(one.get("Name", "")).lstrip("/") == name:
                return str(_labels(one).get(SERVICE_LABEL, ""))
        match = re.match(rf"{re.escape(self.project)}[-_](.+)[-_]\d+$", name)
        return match[1] if match else ""

    def service_of_id(self, container: str) -> str:
        """The service of a container by its full id; its id when it is not known."""
        return next(
            (str(_labels(one).get(SERVICE_LABEL, "")) for one in self.inspected if one.get("Id") == container),
            container,
        )

    def drift(
        self, hashes: Hashes, desired: Mapping[str, Mapping[str, Any]], compose_version: str
    ) -> tuple[tuple[str, ...], dict[str, str]]:
        """(services that differ from the files, service -> why it cannot be told).

        :param desired: service -> its desired configuration. A container of a service that is not in it is an
            orphan, which no recreate concerns.
        """
        not_comparable: dict[str, str] = {}
        differing: dict[str, set[str]] = {}
        wanted = hashes.hashes()
        for labels in self.labels:
            service = labels.get(SERVICE_LABEL, "")
            if service not in desired:
                continue
            reason = _why_not_comparable(labels, desired[service], wanted.get(service, ""), compose_version)
            if reason:
                not_comparable[service] = reason
            elif labels[_HASH_LABEL] != wanted[service]:
                differing.setdefault(service, set()).add(labels[_HASH_LABEL])
        with_dependencies = [service for service in differing if desired[service].get("depends_on")]
        bare = hashes.hashes_without_dependencies(with_dependencies) if with_dependencies else {}
        drifted = []
        for service, seen in differing.items():
            if service in with_dependencies and service not in bare:
                not_comparable[service] = "the hash of a recreate without dependencies cannot be computed"
            elif seen - {bare.get(service, "")}:
                drifted.append(service)
        return tuple(sorted(drifted)), not_comparable


def _labels(inspected: Mapping[str, Any]) -> Mapping[str, str]:
    return (inspected.get("Config") or {}).get("Labels") or {}


def _why_not_comparable(
    labels: Mapping[str, str], desired: Mapping[str, Any], wanted: str, compose_version: str
) -> str:
    made_by = labels.get(_VERSION_LABEL, "")
    if not _release(made_by) or _release(made_by) != _release(compose_version):
        return f"made by Compose {made_by or 'unknown'}, here is {compose_version or 'unknown'}"
    if not wanted or not labels.get(_HASH_LABEL):
        return "there is no hash to compare"
    return reference_of(desired)


def _release(version: str) -> str:
    """The release without what a distribution adds: Debian's client calls itself 2.26.1-4 and writes 2.26.1."""
    match = _RELEASE.match(version)
    return match[1] if match else ""
