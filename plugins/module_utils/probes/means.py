# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to the outside that an observation is handed; a test hands in others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.file_set import FileSet
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import HttpClient
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import DiskFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_settings import DiskSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Resources
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.drift import DesiredConfiguration


class ResourceReader(Protocol):
    """``adapters.cgroup.CgroupReader`` is the real one."""

    def read(self, container: str, pid: int) -> Resources:
        """What the container with this main process uses."""


def _no_key() -> bytes | None:
    return None


DiskLook = Callable[[Sequence[Mapping[str, Any]], DiskSettings, Mapping[str, Any], float], DiskFacts]


@dataclass(frozen=True)
class Means:
    """Adapters.

    :param compose: Docker Compose for one set of files.
    :param record: project -> the summary of its record, see ``record.summary``.
    :param clock: seconds since the epoch.
    :param disk: (containers as inspected, settings, samples, seconds) -> the host's disks; None looks at none.
    :param fingerprint_key: the key that secrets are compared under, None when there is none yet.
    :param pressure: how long work on the host waits, see ``adapters.cgroup.CgroupReader.host_pressure``.
    """

    docker: DockerCli
    http: HttpClient
    resources: ResourceReader
    compose: Callable[[FileSet, Redactor], DesiredConfiguration]
    record: Callable[[str], Mapping[str, Any]]
    clock: Callable[[], float]
    fingerprint_key: Callable[[], bytes | None] = _no_key
    pressure: Callable[[], Mapping[str, float]] = dict
    disk: DiskLook | None = None
