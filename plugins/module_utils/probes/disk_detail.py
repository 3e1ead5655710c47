# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The closer look at a disk: where its room went, and what could be given back. Costs seconds on a large host."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import (
    Backups,
    DiskDetail,
    DiskFacts,
    WriteAheadLog,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_settings import (
    BackupPolicy,
    DiskSettings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Container
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk_backups import look_at_backups
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk_deleted import deleted_files
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk_litter import (
    LitterFacts,
    look_at_litter,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk_logs import other_logs
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk_wal import look_at_wal
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.jobs import Job
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_server import (
    PostgresServer,
)

SECONDS = 60.0


@dataclass(frozen=True)
class DetailMeans:
    """What the closer look is handed.

    :param containers: the platform's, to name the service that holds a deleted file.
    :param servers: PostgreSQL servers of the platform.
    :param kept_services: (project, service) of open incidents.
    """

    docker: DockerCli
    settings: DiskSettings
    now: float
    containers: Sequence[Container] = ()
    servers: Sequence[PostgresServer] = ()
    kept_services: Collection[tuple[str, str]] = field(default_factory=frozenset)


def probe_detail(facts: DiskFacts, means: DetailMeans) -> DiskDetail:
    """Look. What cannot be looked at is named among the problems; the rest is still told."""
    pids = {container.pid: container.service for container in means.containers if container.pid}
    devices = {system.device: system.mount for system in facts.file_systems}
    litter = Job("docker system df", "", _litter(means), deadline=SECONDS + 1)
    deleted = Job("deleted files", "", lambda: deleted_files(devices, pids), deadline=10.0)
    backups = [
        Job("backups", policy.path, _backups(policy, means.now), deadline=30.0) for policy in means.settings.backups
    ]
    wal = [Job("pg_wal", server.service, _wal(server), deadline=15.0) for server in means.servers]
    own = {container.id for container in means.containers}
    logs = Job("logs of others", "", lambda: other_logs(means.docker, own, deadline=10.0), deadline=11.0)
    jobs: list[Job[Any]] = [litter, deleted, logs, *backups, *wal]
    ended = [job.report() for job in jobs]
    found = litter.value(None)
    return DiskDetail(
        usage=found.usage if found else (),
        litter=found.all if found else (),
        backups=tuple(item for job in backups for item in [job.value(None)] if item is not None),
        deleted=tuple(deleted.value([])),
        wal=tuple(item for job in wal for item in [job.value(None)] if item is not None),
        other_logs=logs.value(()),
        problems=tuple(f"{run.name} {run.service}".strip() + f": {run.message}" for run in ended if run.message),
    )


def _backups(policy: BackupPolicy, now: float) -> Callable[[], Backups | None]:
    return lambda: look_at_backups(policy, now)


def _litter(means: DetailMeans) -> Callable[[], LitterFacts | None]:
    return lambda: look_at_litter(
        means.docker, means.settings, means.now, kept_services=means.kept_services, deadline=SECONDS
    )


def _wal(server: PostgresServer) -> Callable[[], WriteAheadLog | None]:
    return lambda: look_at_wal(server)


def kept_by_incidents(project: str, incidents: Sequence[Mapping[str, object]]) -> frozenset[tuple[str, str]]:
    """(project, service) whose containers are evidence of an open incident; all services when it names none."""
    kept: set[tuple[str, str]] = set()
    for incident in incidents:
        services = incident.get("services")
        names = [str(name) for name in services] if isinstance(services, (list, tuple)) else []
        kept.update((project, name) for name in names or [""])
    return frozenset(kept)
