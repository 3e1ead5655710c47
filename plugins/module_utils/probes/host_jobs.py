# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probes of the host below the platform: its disks, and a closer look at them when one is short."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.backup_facts import BackupState
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import (
    DiskDetail,
    DiskFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_growth import (
    growth,
    samples_to_keep,
    seconds_until_full,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_settings import BackupPolicy
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.host import HOST
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import ProbeRun
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.disk import judge_disk, short_of_room
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk_detail import (
    SECONDS,
    DetailMeans,
    kept_by_incidents,
    probe_detail,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.jobs import Job
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.means import Means
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.options import ObserveOptions
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_server import (
    PostgresServer,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_way import way_to_server
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import Scene

SCENARIO = "disk_space"
_MARGIN = 0.5
_BACKUP_SECONDS = 70.0
"""For the newest backup of a folder; ``probes.backup_listing`` gives up by itself before."""


class HostJobs:
    """Starts the host's probes at once, and collects what they bring.

    :param record: the summary of the platform's record: samples, and the incidents whose evidence must stay.
    """

    def __init__(self, scene: Scene, means: Means, options: ObserveOptions, record: Mapping[str, Any]) -> None:
        self._scene = scene
        self._means = means
        self._options = options
        self._record = record
        incidents = record.get("open_incidents") or ()
        self._recovering = any(incident.get("scenario") == SCENARIO for incident in incidents)
        self._disk: Job[DiskFacts] | None = None
        self._detail: Job[DiskDetail | None] | None = None
        self._backups: list[Job[BackupState | None]] = []
        if means.disk is not None and options.only is None:
            seconds = options.probe_deadline
            self._disk = Job("disk", HOST, self._look, deadline=seconds + _MARGIN)
            self._detail = Job("disk_detail", HOST, self._look_closer, deadline=SECONDS + 5, after=[self._disk])
            if options.thorough:
                self._backups = [
                    Job("backup_listing", policy.path, self._newest(policy), deadline=_BACKUP_SECONDS)
                    for policy in options.disk.backups
                ]

    @property
    def disk(self) -> DiskFacts | None:
        """What was seen of the disks; None when nothing was."""
        facts = self._disk.value(DiskFacts()) if self._disk else None
        if facts is None or not facts.file_systems:
            return facts if facts is not None and facts.unmeasured else None
        return replace(facts, detail=self._detail.value(None) if self._detail else None)

    def runs(self) -> tuple[ProbeRun, ...]:
        """How the probes ended; waits for each until its deadline."""
        return tuple(job.report() for job in (self._disk, self._detail, *self._backups) if job is not None)

    def findings(self) -> tuple[Finding, ...]:
        """The judgement of the disks."""
        facts = self.disk
        if facts is None:
            return ()
        return judge_disk(facts, self._options.thresholds, self._means.clock(), recovering=self._recovering)

    def to_data(self) -> dict[str, Any]:
        """The host's part of the result."""
        facts = self.disk
        if facts is None:
            return self._backup_data()
        short = short_of_room(facts, self._options.thresholds, recovering=self._recovering)
        data = facts.to_data()
        now = self._means.clock()
        for system, shown in zip(facts.file_systems, data["file_systems"]):
            rate = growth(facts.history.get(system.mount, ()), now, system.used)
            left = seconds_until_full(system, rate)
            shown["bytes_per_hour"] = None if rate is None else round(rate * 3600)
            shown["full_in_s"] = None if left is None else round(left)
        return {"disk": {**data, "short": [system.mount for system in short]}, **self._backup_data()}

    def _backup_data(self) -> dict[str, Any]:
        """The newest backup of each policy; nothing when nobody asked for it."""
        if not self._backups:
            return {}
        pairs = zip(self._options.disk.backups, self._backups)
        unanswered = "it did not answer in time"
        return {
            "backups": [
                (job.value(None) or BackupState(policy.path, policy.pattern, problem=unanswered)).to_data()
                for policy, job in pairs
            ]
        }

    def samples(self) -> dict[str, dict[str, Any]]:
        """What to record for the next run, under the host's name; empty when nothing is new."""
        facts = self.disk
        kept = samples_to_keep(facts.file_systems, facts.history, self._means.clock()) if facts is not None else {}
        return {HOST: kept} if kept else {}

    def _look(self) -> DiskFacts:
        samples = (self._record.get("samples") or {}).get(HOST) or {}
        probe = self._means.disk
        if probe is None:
            return DiskFacts()
        return probe(self._scene.inspected, self._options.disk, samples, self._options.probe_deadline)

    def _newest(self, policy: BackupPolicy) -> Callable[[], BackupState | None]:
        def look() -> BackupState:
            # Only here: what reads archives takes as long to load as a whole probe, and few runs ask for it.
            from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.backup_listing import (
                look_at_newest,
            )

            return look_at_newest(policy, self._means.clock(), self._list_archive)

        return look

    def _list_archive(self, beginning: bytes) -> tuple[bool | None, str]:
        """``pg_restore --list`` in the container of a server of the platform: it reads, and restores nothing."""
        servers = [self._scene.running([name])[0] for name in self._postgres()]
        if not servers:
            return None, "no PostgreSQL of the platform runs that could list it"
        argv = ["timeout", "30", "pg_restore", "--list"]
        try:
            result = self._means.docker.exec(servers[0].id, argv, deadline=35.0, stdin=beginning, limit=1 << 24)
        except IncidentResponseError as error:
            return None, self._scene.redactor.line(str(error))
        if result.succeeded:
            lines = result.stdout.decode("utf-8", "replace").splitlines()
            return True, f"{sum(not line.startswith(';') for line in lines if line.strip())} objects are listed"
        if result.timed_out or result.exit_code in (124, 126, 127):
            return None, "pg_restore could not be run in the container of PostgreSQL"
        return False, self._scene.redactor.line(result.stderr.decode("utf-8", "replace"))

    def _look_closer(self) -> DiskDetail | None:
        facts = self._disk.value(DiskFacts()) if self._disk else DiskFacts()
        short = short_of_room(facts, self._options.thresholds, recovering=self._recovering)
        if not (short or self._options.disk.detail):
            return None
        means = DetailMeans(
            docker=self._means.docker,
            settings=self._options.disk,
            now=self._means.clock(),
            containers=self._scene.containers,
            servers=[self._server(name) for name in self._postgres()],
            kept_services=kept_by_incidents(self._scene.project, self._record.get("open_incidents") or ()),
        )
        return probe_detail(facts, means)

    def _postgres(self) -> list[str]:
        scene = self._scene
        return [name for name in scene.watched if scene.kinds[name] == "postgres" and scene.running([name])]

    def _server(self, service: str) -> PostgresServer:
        scene = self._scene
        settings = scene.settings_of(service).postgres
        others = [item for item in scene.containers if item.running and item.service != service]
        return PostgresServer(
            service=service,
            psql=way_to_server(self._means.docker, settings, scene.running([service])[0], others),
            settings=settings,
            redactor=scene.redactor,
            addresses={},
            deadline=self._options.probe_deadline,
        )
