# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probes of one service: its log, its health, and what its kind has of its own."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import LogLine
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.latency_facts import LatencyFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Container,
    HttpHealth,
    LogFacts,
    ProbeRun,
    ProbeState,
    Resources,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.context import (
    KindProbe,
    KindReport,
    ServiceContext,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.http_health import (
    MOST_REQUESTS,
    Target,
    base_urls,
    find_target,
    probe_http_health,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.jobs import Job
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.latency import (
    probe_latency,
    timed_request,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.logs import (
    News,
    judge_lines,
    read_log,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.means import Means
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import ObserveOptions, Scene

_MOST_REPLICAS = 8


class ServiceJobs:
    """Starts the probes of one service at once, and collects what they bring.

    :param kind: the probe of the service's kind, or None.
    :param sample: what was recorded of the service.
    """

    def __init__(
        self,
        service: str,
        scene: Scene,
        means: Means,
        options: ObserveOptions,
        kind: KindProbe | None,
        sample: Mapping[str, Any],
    ) -> None:
        self.service = service
        self._scene = scene
        self._means = means
        self._options = options
        self._settings = scene.settings_of(service)
        self._containers = scene.services[service]
        self._kind = kind
        self._sample = sample
        self._used = {item.id: means.resources.read(item.id, item.pid) for item in self._running}
        self._used_at = time.monotonic()
        self._log = self._start_log()
        self._health = [self._start_health(container) for container in self._running[:_MOST_REPLICAS]]
        self._report = self._start_kind()
        self._latency = self._start_latency()

    @property
    def _running(self) -> list[Container]:
        return [container for container in self._containers if container.running]

    @property
    def resources(self) -> dict[str, Resources]:
        """What each running container uses; what it does now is told from two readings, of which this is the second."""
        seconds, read = time.monotonic() - self._used_at, self._means.resources.read
        return {
            item.id: before.compared_with(read(item.id, item.pid), seconds) if before.available else before
            for item in self._running
            for before in [self._used[item.id]]
        }

    @property
    def latency(self) -> LatencyFacts | None:
        """The timed probes; None when none were asked for, or it has no way to be asked."""
        return self._latency.value(None) if self._latency else None

    @property
    def log(self) -> tuple[LogLine, ...]:
        """The last lines, raw; none when they could not be read."""
        return self._log.value(()) if self._log else ()

    def log_facts(self, news: News, excerpt: int) -> LogFacts:
        """What the log tells; see :func:`judge_lines`."""
        if self._log is None:
            return LogFacts(kept=False)
        return judge_lines(self.log, self._scene.redactor, news, excerpt)

    @property
    def health(self) -> HttpHealth:
        """The worst answer of the running containers."""
        answers = [job.value(HttpHealth()) for job in self._health]
        return max(answers, key=_badness, default=HttpHealth())

    @property
    def report(self) -> KindReport | None:
        """What the kind's own probe brought; None when there is none or it hung or failed."""
        return self._report.value(None) if self._report else None

    def judge_kind(self) -> tuple[Finding, ...]:
        """The findings of the kind's own probe."""
        report = self.report
        return self._kind.judge(self._context(self.log), report) if self._kind and report is not None else ()

    @property
    def health_is_judged(self) -> bool:
        """True when the kind's own probe ran and judges the health answer."""
        return self._kind is not None and self._kind.judges_health and self.report is not None

    def runs(self) -> list[ProbeRun]:
        """How the probes ended; waits for each until its deadline."""
        jobs: list[Job[Any]] = [
            job for job in (self._log, *self._health, self._report, self._latency) if job is not None
        ]
        runs = [job.report() for job in jobs]
        if self._kind is not None and self._is_left_out():
            message = "it changes something or logs in, and such probes are switched off"
            runs.append(ProbeRun(self._kind.name, self.service, ProbeState.SKIPPED, 0.0, message, writes=True))
        return runs

    def _is_left_out(self) -> bool:
        return self._kind is not None and self._kind.writes and not self._options.writing

    def _start_log(self) -> Job[tuple[LogLine, ...]] | None:
        containers = [container for container in self._containers if container.log_driver != "none"]
        if not containers:
            return None
        deadline = self._options.probe_deadline
        return Job(
            "logs",
            self.service,
            lambda: read_log(self._means.docker, containers, self._options.log_lines, deadline),
            deadline=deadline + 0.5,
        )

    def _target(self, container: Container) -> Target | None:
        return find_target(container, self._scene.kinds[self.service], self._settings)

    def _start_health(self, container: Container) -> Job[HttpHealth]:
        means, seconds = self._means, self._settings.health.deadline
        return Job(
            "health",
            self.service,
            lambda: probe_http_health(
                container, self._target(container), means.http, means.docker, self._scene.redactor, seconds
            ),
            # From inside its container each request may take a second longer.
            deadline=MOST_REQUESTS * (seconds + 1.0),
        )

    def _start_kind(self) -> Job[KindReport | None] | None:
        kind = self._kind
        if kind is None or not (self._containers or self._settings.managed) or self._is_left_out():
            return None
        limit = max(self._options.probe_deadline, kind.seconds(self._context(())))
        return Job(
            kind.name,
            self.service,
            lambda: kind.probe(self._context(self.log)),
            deadline=limit,
            after=[self._log] if self._log else [],
            writes=kind.writes,
        )

    def _start_latency(self) -> Job[LatencyFacts | None] | None:
        count, (base, _via) = self._options.latency_samples, self._base()
        target = next((self._target(container) for container in self._running), None)
        if not count or not base or target is None:
            return None
        request = timed_request(base, target.path, self._settings)
        return Job(
            "latency",
            self.service,
            lambda: probe_latency(request, self._means.http, self._scene.redactor, count, sorted(self._scene.services)),
            deadline=count * request.deadline + 2.0,
            after=self._health,
        )

    def _context(self, log: tuple[LogLine, ...]) -> ServiceContext:
        base, via = self._base()
        resources = next(iter(self._used.values()), Resources())
        return ServiceContext(
            service=self.service,
            containers=self._containers,
            settings=self._settings,
            docker=self._means.docker,
            http=self._means.http,
            redactor=self._scene.redactor,
            thresholds=self._options.thresholds,
            deadline=self._options.probe_deadline,
            now=self._means.clock(),
            base_url=base,
            via=via,
            callers=self._scene.callers_of(self.service),
            peers=self._scene.peers_of(self.service),
            platform=self._scene.containers,
            needs=self._scene.needs,
            health_source=lambda: self.health,
            resources=resources,
            log=log,
            sample=self._sample,
            writing=self._options.writing,
            forged_tokens=self._options.forged_tokens,
            thorough=self._options.thorough,
            scene=self._scene,
            means=self._means,
        )

    def _base(self) -> tuple[str, str]:
        for container in self._running:
            target = self._target(container)
            for via, base in base_urls(container, target) if target else ():
                return base, via
        return "", "none"


def _badness(health: HttpHealth) -> tuple[bool, bool, float]:
    bad_status = health.status is not None and not 200 <= health.status < 300
    return (bool(health.failure), bad_status, max(health.latency_ms or 0.0, health.late_after_ms or 0.0))
