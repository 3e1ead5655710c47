# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An observation as the plain data that a module returns. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import worst_first
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.graph import DependencyGraph
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Container,
    Resources,
    ServiceFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.conclusion import conclude
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.context import KindReport
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.observe import Observation

_CONTAINER_FIELDS = (
    "id", "name", "image", "image_id", "state", "health", "health_log", "exit_code", "oom_killed", "error",
    "restart_count", "restart_policy", "created_at", "started_at", "finished_at", "memory_limit", "cpu_limit",
    "ports", "log_driver", "health_check", "privileged", "engine_socket",
)  # fmt: skip


def platform_data(observation: Observation, project: str) -> dict[str, Any]:
    """The result of ``platform_info`` without its duration.

    :param project: the project that was asked for; used when the engine does not answer.
    """
    services = observation.services
    graph = DependencyGraph.of({name: facts.depends_on for name, facts in services.items()})
    conclusion = conclude(
        observation.findings,
        graph,
        [name for name, facts in services.items() if facts.user_facing],
        engine_answers=observation.engine_answers,
        declared_down=declared_down(services),
    )
    return {
        "engine": _engine(observation),
        "platform": _platform(observation, project),
        "services": {name: _service(observation, name) for name in services},
        "host": observation.host.to_data() if observation.host else {},
        "findings": [finding.to_data() for finding in worst_first(observation.findings)],
        **conclusion,
        "probes": [run.to_data() for run in observation.runs],
        "record": dict(observation.record) or {"available": False, "reason": "the platform is not known"},
        "samples": _samples(observation),
    }


def _service(observation: Observation, name: str) -> dict[str, Any]:
    data = service_data(observation.services[name], observation.reports.get(name))
    crashes, latency = observation.crashes.get(name), observation.latencies.get(name)
    return {
        **data,
        **({"crashes": crashes.facts.to_data()} if crashes else {}),
        **({"latency": latency.to_data()} if latency else {}),
    }


def _samples(observation: Observation) -> dict[str, dict[str, Any]]:
    """Service -> what is new to the record, of the general probes and of its kind's."""
    found: dict[str, dict[str, Any]] = observation.host.samples() if observation.host else {}
    for reports in (observation.crashes, observation.reports):
        for name, report in reports.items():
            if report.sample:
                found.setdefault(name, {}).update(report.sample)
    return found


def declared_down(services: Mapping[str, ServiceFacts]) -> list[str]:
    """Services that do not run and are declared to be left alone."""
    return [
        name
        for name, facts in services.items()
        if facts.declared and not any(container.running for container in facts.containers)
    ]


def service_data(facts: ServiceFacts, report: KindReport | None = None) -> dict[str, Any]:
    """One service; the part of its kind's own probe bears the kind's name."""
    return {
        "kind": facts.kind,
        "depends_on": list(facts.depends_on),
        "declared": facts.declared,
        "managed": facts.managed,
        "may_complete": facts.may_complete,
        "user_facing": facts.user_facing,
        "containers": [_container(container, facts) for container in facts.containers],
        "health": facts.health.to_data(),
        "resources": next(iter(facts.resources.values()), Resources()).to_data(),
        "logs": facts.log.to_data(),
        **({facts.kind: report.to_data()} if report is not None else {}),
    }


def _container(container: Container, facts: ServiceFacts) -> dict[str, Any]:
    data = container.to_data()
    return {**{name: data[name] for name in _CONTAINER_FIELDS}, "config_drift": facts.drift}


def _engine(observation: Observation) -> dict[str, Any]:
    scene = observation.scene
    versions = {container.compose.version for container in scene.containers} if scene else set()
    return {
        "answers": observation.engine_answers,
        "version": observation.engine.server,
        "client_version": observation.engine.client,
        "compose_version": max(versions, default=""),
        "message": observation.engine_message,
    }


def _platform(observation: Observation, project: str) -> dict[str, Any]:
    scene = observation.scene
    if scene is None:
        return {"project": project, "working_dir": "", "compose_files": [], "env_files": [], "profiles": [],
                "files_from": "none"}  # fmt: skip
    files = scene.files
    return {
        "project": scene.project,
        "working_dir": files.directory,
        "compose_files": list(files.files),
        "env_files": list(files.env_files),
        "profiles": list(files.profiles),
        "files_from": files.source,
    }
