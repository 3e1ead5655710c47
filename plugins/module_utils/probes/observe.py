# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One observation of a whole platform: one inspect of all containers, then independent probes side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import EngineVersion
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.crash_facts import CrashReport
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    EngineUnavailableError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.graph import DependencyGraph
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.latency_facts import LatencyFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Container,
    ProbeRun,
    ServiceFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import PostgresFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.timestamp import epoch_seconds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.crash import judge_crashes
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.database_clients import blame_clients
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.latency import (
    Latencies,
    judge_latency,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.latency_load import judge_pressure
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.logs import without_repeats
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.observation import (
    judge_engine,
    judge_probes,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.queue_dependencies import (
    blame_dependencies,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.service import judge_service
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.begin import (
    FirstQuestions,
    ask_first,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.context import (
    KindProbe,
    KindReport,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.crash import look_at_crashes
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.discovery import (
    bears_other_files,
    choose_project,
    user_facing,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.drift import (
    DriftFacts,
    probe_drift,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.host_jobs import HostJobs
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.jobs import Job
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.kinds import KIND_PROBES
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.logs import News, forged_spans
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.means import Means
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import (
    ObserveOptions,
    Scene,
    set_scene,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.service_jobs import ServiceJobs


@dataclass(frozen=True)
class Observation:
    """Everything that one look brought.

    :param engine: versions; empty when the engine does not answer.
    :param scene: None when the engine does not answer.
    :param reports: service -> what its kind's own probe brought.
    :param latencies: service -> its timed probes, when such were asked for.
    :param crashes: service -> what the record and the log tell of its crashes; none without a record.
    """

    engine_answers: bool
    engine_message: str
    findings: tuple[Finding, ...]
    runs: tuple[ProbeRun, ...] = ()
    engine: EngineVersion = field(default_factory=lambda: EngineVersion("", ""))
    scene: Scene | None = None
    services: Mapping[str, ServiceFacts] = field(default_factory=dict)
    reports: Mapping[str, KindReport] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)
    crashes: Mapping[str, CrashReport] = field(default_factory=dict)
    latencies: Mapping[str, LatencyFacts] = field(default_factory=dict)
    host: HostJobs | None = None


def observe(
    options: ObserveOptions,
    means: Means,
    kinds: Mapping[str, KindProbe] | None = None,
    asked: FirstQuestions | None = None,
) -> Observation:
    """Look at the platform and judge what is seen. A stopped engine is a finding, not an error.

    :param kinds: the probes of single kinds; left out, all of them.
    :param asked: the first questions to the engine when they are under way already.
    :raises PlatformNotFoundError: there is no such project, or several and none was named.
    """
    seconds = options.probe_deadline
    first = asked or ask_first(means.docker, seconds)
    try:
        refs = first.containers.require()
        project = choose_project(refs, options.project)
        record = Job("record", "", lambda: means.record(project), deadline=seconds)
        ids = [ref.id for ref in refs if ref.project == project and ref.service and not ref.oneoff]
        inspected = means.docker.inspect(ids, deadline=seconds)
    except (EngineUnavailableError, CommandFailedError) as error:
        return _engine_unavailable(str(error), means.record(options.project) if options.project else {})
    recorded = record.value({"available": False, "reason": "it did not answer in time"})
    scene = set_scene(project, inspected, options, recorded.get("maintenance") or ())
    return _look(
        scene,
        options,
        means,
        KIND_PROBES if kinds is None else kinds,
        recorded,
        [first.version, first.containers, record],
    )


def _engine_unavailable(message: str, record: Mapping[str, Any]) -> Observation:
    return Observation(False, message, (judge_engine(answers=False, message=message),), record=record)


def _look(
    scene: Scene,
    options: ObserveOptions,
    means: Means,
    kinds: Mapping[str, KindProbe],
    record: Mapping[str, Any],
    begun: Sequence[Job[Any]],
) -> Observation:
    host = HostJobs(scene, means, options, record)
    compose = means.compose(scene.files, scene.redactor)
    drift = Job(
        "config_drift",
        "",
        lambda: probe_drift(compose, scene.files, scene.containers, scene.inspected),
        deadline=2 * options.probe_deadline,
    )
    samples = record.get("samples") or {}
    jobs = {
        name: ServiceJobs(name, scene, means, options, kinds.get(scene.kinds[name]), samples.get(name) or {})
        for name in scene.watched
    }
    runs = tuple(run for each in jobs.values() for run in each.runs())
    compared = drift.value(DriftFacts(reason="the comparison did not end in time"))
    runs = (*(job.report() for job in begun), drift.report(), *runs, *host.runs())
    kept = [*samples.values(), *(each.report.sample for each in jobs.values() if each.report is not None)]
    news = News(means.clock() - options.thresholds.log_window_s, forged_spans(kept))
    services = _missed(_facts(scene, options, jobs, compared, news), record)
    engine = begun[0].value(EngineVersion("", ""))
    message = f"Docker {engine.server or 'of an unknown version'} answers."
    findings = [judge_engine(answers=True, message=message), *judge_probes(runs)]
    for name, facts in services.items():
        each = jobs.get(name)
        asked = each is None or not each.health_is_judged
        settings = scene.settings_of(name).health
        own = each.judge_kind() if each else ()
        general = judge_service(facts, settings, options.thresholds, means.clock(), with_health=asked)
        findings += (*without_repeats(general, own), *own)
    needs = {name: facts.depends_on for name, facts in services.items()}
    reports = {name: each.report for name, each in jobs.items() if each.report is not None}
    servers = {name: report for name, report in reports.items() if isinstance(report, PostgresFacts)}
    findings = blame_dependencies(blame_clients(findings, services, servers, means.clock()), needs, scene.kinds)
    crashes = _crashes(services, findings, options, samples, means.clock()) if record.get("available") else {}
    for name, report in crashes.items():
        findings += judge_crashes(
            services[name], report.facts, options.thresholds, means.clock(), in_trouble=_in_trouble(name, findings)
        )
    # What has changed since it was last healthy tells whose fault it is, and is known only now.
    findings = blame_clients(findings, services, servers, means.clock())
    findings += host.findings()
    latencies = {name: each.latency for name, each in jobs.items() if each.latency is not None}
    if options.latency_samples:
        findings += _judge_latencies(latencies, services, findings, options, means)
    return Observation(
        True, message, tuple(findings), runs, engine, scene, services, reports, record, crashes, latencies, host
    )


def _judge_latencies(
    timed: Mapping[str, LatencyFacts],
    services: Mapping[str, ServiceFacts],
    findings: Sequence[Finding],
    options: ObserveOptions,
    means: Means,
) -> list[Finding]:
    graph = DependencyGraph.of({name: facts.depends_on for name, facts in services.items()})
    seen = Latencies(timed, services, findings, graph)
    return [*judge_latency(seen, options.thresholds), *judge_pressure(means.pressure(), options.thresholds)]


def _crashes(
    services: Mapping[str, ServiceFacts],
    findings: Sequence[Finding],
    options: ObserveOptions,
    samples: Mapping[str, Mapping[str, Any]],
    now: float,
) -> dict[str, CrashReport]:
    return {
        name: look_at_crashes(
            facts, samples.get(name) or {}, options.thresholds, now, in_trouble=_in_trouble(name, findings)
        )
        for name, facts in services.items()
        if not facts.declared and facts.containers
    }


def _in_trouble(service: str, findings: Sequence[Finding]) -> bool:
    return any(finding.service == service and finding.is_trouble for finding in findings)


def _facts(
    scene: Scene, options: ObserveOptions, jobs: Mapping[str, ServiceJobs], drift: DriftFacts, news: News
) -> dict[str, ServiceFacts]:
    needs = {name: tuple(sorted({*told, *drift.depends_on.get(name, ())})) for name, told in scene.needs.items()}
    needed = {other for names in needs.values() for other in names}
    facing = user_facing(scene.services, scene.kinds, needs, scene.settings)
    found = {}
    for name in scene.shown:
        each, containers = jobs.get(name), scene.services[name]
        # A recreate would bring the release back that a rollback has replaced, so this is not called drift.
        rolled_back = any(container.rolled_back_from for container in containers)
        other_files = any(bears_other_files(container, scene.files) for container in containers)
        found[name] = ServiceFacts(
            service=name,
            kind=scene.kinds[name],
            containers=containers,
            declared=scene.declared.get(name, ""),
            expected=name in scene.settings or name in needed,
            may_complete=scene.may_complete(name),
            managed=scene.settings_of(name).managed and not containers,
            depends_on=needs[name],
            user_facing=name in facing,
            health=each.health if each else ServiceFacts(name).health,
            resources=each.resources if each else {},
            log=each.log_facts(news, options.log_excerpt) if each else ServiceFacts(name).log,
            drift=None if rolled_back else True if other_files else drift.drift_of(name),
            drift_reason=_reason(name, drift, rolled_back=rolled_back, other_files=other_files),
        )
    for name in sorted(drift.absent - set(scene.services)) if scene.only is None else ():
        found[name] = ServiceFacts(name, expected=False, depends_on=tuple(sorted(drift.depends_on.get(name, ()))))
    return found


def _missed(services: Mapping[str, ServiceFacts], record: Mapping[str, Any]) -> dict[str, ServiceFacts]:
    """What ended while a run of ours acted on it was stopped by that: it has to run, also when it looks like a job."""
    begun: dict[str, list[float]] = {}
    for incident in record.get("open_incidents") or ():
        for name, times in (incident.get("unfinished_since") or {}).items():
            begun.setdefault(name, []).extend(times)
    return {
        name: replace(facts, expected=True)
        if any(_ended_after(item, begun.get(name, ())) for item in facts.containers)
        else facts
        for name, facts in services.items()
    }


def _ended_after(container: Container, times: Sequence[float]) -> bool:
    """It ran at one of these times and does not any more."""
    if container.running or not container.started_at or not container.finished_at:
        return False
    started, ended = epoch_seconds(container.started_at), epoch_seconds(container.finished_at)
    return any(started <= time <= ended for time in times)


def _reason(service: str, drift: DriftFacts, *, rolled_back: bool, other_files: bool) -> str:
    if rolled_back:
        return "it was rolled back to another image"
    if other_files:
        return "it was made from other Compose files"
    return drift.unknown.get(service, "") if drift.compared else drift.reason
