# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do the containers still bear the configuration that the Compose files say? One call when they do."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.compose_reader import Configuration
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.file_set import FileSet
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.project_containers import (
    ProjectContainers,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Container

_RELEASE = re.compile(r"\d+\.\d+\.\d+")


@dataclass(frozen=True)
class DriftFacts:
    """How the containers compare with the files.

    :param compared: False when nothing could be compared, for ``reason``.
    :param drifted: services whose containers differ.
    :param unknown: service -> why it cannot be told.
    :param absent: services that the files have, under the active profiles, and that have no container.
    :param depends_on: service -> what it needs by the files; only where it was looked up, since Compose empties the
        label of a container that was made without its dependencies.
    """

    compared: bool = False
    reason: str = ""
    drifted: frozenset[str] = frozenset()
    unknown: Mapping[str, str] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    depends_on: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def drift_of(self, service: str) -> bool | None:
        """True, False, or None when it cannot be told."""
        if not self.compared or service in self.unknown:
            return None
        return service in self.drifted


class DesiredConfiguration(Protocol):
    """What is asked of Docker Compose; ``acts.compose_reader.ComposeReader`` is the real thing."""

    def version(self) -> str:
        """Compose's version."""

    def configuration(self) -> Configuration:
        """The desired configuration of every service."""

    def hashes(self) -> dict[str, str]:
        """Service -> hash of its desired configuration."""

    def hashes_without_dependencies(self, services: Sequence[str]) -> dict[str, str]:
        """The same as ``up --no-deps`` writes it."""


def unreadable_file(files: FileSet) -> str:
    """The first file that cannot be read, or an empty string."""
    return next((name for name in (*files.files, *files.env_files) if not os.access(name, os.R_OK)), "")


def probe_drift(
    compose: DesiredConfiguration,
    files: FileSet,
    containers: Sequence[Container],
    inspected: Sequence[Mapping[str, Any]],
) -> DriftFacts:
    """Compare. Where every hash agrees that is all; only else are the details asked for."""
    if not files.files:
        return DriftFacts(reason="no Compose file is known")
    missing = unreadable_file(files)
    if missing:
        return DriftFacts(reason=f"{missing} cannot be read")
    wanted = compose.hashes()
    if not wanted:
        return DriftFacts(reason=compose.configuration().error or "Docker Compose does not accept the files")
    present = {container.service for container in containers}
    differing = {item.service for item in containers if item.compose.config_hash != wanted.get(item.service)}
    if not differing and present >= set(wanted):
        return DriftFacts(compared=True)
    return _details(_Remembered(compose, wanted), files, present, differing, inspected)


class _Remembered:
    """Answers what is known already; the rest goes on."""

    def __init__(self, compose: DesiredConfiguration, wanted: dict[str, str]) -> None:
        self._wanted = wanted
        self.version = compose.version
        self.configuration = compose.configuration
        self.hashes_without_dependencies = compose.hashes_without_dependencies

    def hashes(self) -> dict[str, str]:
        return self._wanted


def _details(
    compose: DesiredConfiguration,
    files: FileSet,
    present: set[str],
    differing: set[str],
    inspected: Sequence[Mapping[str, Any]],
) -> DriftFacts:
    desired = compose.configuration()
    absent = {name for name, service in desired.services.items() if name not in present and _is_wanted(service, files)}
    depends_on = {name: frozenset(service.get("depends_on") or {}) for name, service in desired.services.items()}
    if not differing:
        return DriftFacts(compared=True, absent=frozenset(absent), depends_on=depends_on)
    release = _RELEASE.search(compose.version())
    containers = ProjectContainers(files.project, tuple(inspected))
    drifted, unknown = containers.drift(compose, desired.services, release.group(0) if release else "")
    if desired.unset:
        names = ", ".join(desired.unset)
        unknown = {**dict.fromkeys(drifted, f"variables of the files are not set here: {names}"), **unknown}
        drifted = ()
    return DriftFacts(True, "", frozenset(drifted), unknown, frozenset(absent), depends_on)


def _is_wanted(service: Mapping[str, Any], files: FileSet) -> bool:
    """False for a service of a profile that is not active, and for one that is scaled to nothing."""
    profiles = service.get("profiles") or []
    replicas = (service.get("deploy") or {}).get("replicas", service.get("scale", 1))
    return replicas != 0 and (not profiles or bool({*profiles, "*"} & set(files.profiles)))
