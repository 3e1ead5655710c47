# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the health check asks, asked with stock modules: one task for each question, as people write it by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from labtool.environment import SUPERUSER
from labtool.lab import Lab

HTTP_SERVICES = (
    "ai-recommendation",
    "api-gateway",
    "compliance-monitor",
    "model-server",
    "notification-service",
    "reporting-service",
    "user-service",
)
ACTIVITY = "SELECT state, count(*) FROM pg_stat_activity GROUP BY state"

Task = dict[str, Any]


def tasks(lab: Lab, predict_body: dict[str, Any]) -> list[Task]:
    """Return the tasks for the lab's ten services."""
    containers = {service: container.id for service, container in sorted(lab.containers().items())}
    return [
        {"name": "The engine answers", "community.docker.docker_host_info": {}},
        *_containers(containers),
        *_http(lab),
        _inference(lab, predict_body),
        *_inside(containers),
    ]


def _containers(containers: dict[str, str]) -> Iterator[Task]:
    for service, name in containers.items():
        yield {"name": f"State of {service}", "community.docker.docker_container_info": {"name": name}}
        logs = {"argv": ["docker", "logs", "--timestamps", "--tail", "100", name]}
        yield {"name": f"Log of {service}", "ansible.builtin.command": logs, "changed_when": False}


def _http(lab: Lab) -> Iterator[Task]:
    for service in HTTP_SERVICES:
        request = {"url": lab.url(service, "/health"), "return_content": True, "timeout": 5}
        yield {"name": f"Health of {service}", "ansible.builtin.uri": request}


def _inference(lab: Lab, body: dict[str, Any]) -> Task:
    url = lab.url("model-server", "/predict")
    request = {"url": url, "method": "POST", "body_format": "json", "body": body, "timeout": 5}
    return {"name": "Inference of model-server", "ansible.builtin.uri": request}


def _inside(containers: dict[str, str]) -> Iterator[Task]:
    commands = {
        ("model-server", "Files of the model"): ["sh", "-c", "sha256sum /app/models/*"],
        ("model-server", "Processes of model-server"): ["ps", "ax"],
        ("postgres", "Sessions of postgres"): ["psql", "-U", SUPERUSER, "-d", SUPERUSER, "-c", ACTIVITY],
        ("redis", "Memory of redis"): ["redis-cli", "info"],
        ("rabbitmq", "Queues of rabbitmq"): ["rabbitmqctl", "list_queues", "name", "messages", "consumers"],
    }
    for (service, name), argv in commands.items():
        yield {
            "name": name,
            "community.docker.docker_container_exec": {"container": containers[service], "argv": argv},
            "changed_when": False,
        }
