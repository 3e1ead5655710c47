# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that can be told of a container, for a person who looks at one service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.exit_code import explain_exit_code
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Container,
    Resources,
    ServiceFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import (
    Redactor,
    is_secret_name,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.container_facts import (
    environment_of,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.jobs import Job
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_processes import (
    probe_processes,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.observe import Observation

_HEALTH_LOG = 5
_HIDDEN = "[secret]"


def container_details(observation: Observation, docker: DockerCli, deadline: float) -> dict[str, list[dict[str, Any]]]:
    """Service -> its containers in all detail. The processes of all of them are asked for side by side."""
    scene = observation.scene
    if scene is None:
        return {}
    entries = {str(entry.get("Id", "")): entry for entry in scene.inspected}
    jobs = {
        container.id: _processes(container, docker, scene.redactor, deadline)
        for facts in observation.services.values()
        for container in facts.containers
        if container.running or container.state == "paused"
    }
    return {
        name: [
            {
                **_detail(container, facts, entries.get(container.id, {}), scene.redactor),
                "processes": jobs[container.id].value([]) if container.id in jobs else [],
            }
            for container in facts.containers
        ]
        for name, facts in observation.services.items()
    }


def _processes(
    container: Container, docker: DockerCli, redactor: Redactor, deadline: float
) -> Job[list[dict[str, Any]]]:
    def look() -> list[dict[str, Any]]:
        found, _reason = probe_processes(docker, container.id, container.pid, redactor, deadline=deadline)
        return [process.to_data() for process in found]

    return Job("processes", container.service, look, deadline=2 * deadline)


def _detail(container: Container, facts: ServiceFacts, entry: Mapping[str, Any], redactor: Redactor) -> dict[str, Any]:
    state = entry.get("State") or {}
    log = ((state.get("Health") or {}).get("Log") or [])[-_HEALTH_LOG:]
    started = container.state != "created"
    return {
        **container.to_data(),
        "exit_reason": explain_exit_code(container.exit_code, oom_killed=container.oom_killed)
        if started and not container.running and container.state != "paused"
        else "",
        "config_drift": facts.drift,
        "config_drift_reason": facts.drift_reason,
        "resources": facts.resources.get(container.id, Resources()).to_data(),
        "environment": environment_shown(environment_of(entry), redactor),
        "health_checks": [
            {
                "ended": str(item.get("End", "")),
                "exit_code": item.get("ExitCode"),
                "output": redactor.line(str(item.get("Output") or "")),
            }
            for item in log
        ],
    }


def environment_shown(environment: Mapping[str, str], redactor: Redactor) -> dict[str, str]:
    """Names and values; a value whose name tells of a secret is hidden whole, the others are redacted."""
    return {
        redactor.line(name): _HIDDEN if is_secret_name(name) else redactor.line(value)
        for name, value in sorted(environment.items())
    }
