# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The env file of a lab: its ports, images and secrets, so that plain `docker compose --env-file` works too."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

# The port of each service on the host (loopback only), before the lab's offset is added.
PORTS = {
    "api-gateway": 3000,
    "user-service": 3001,
    "compliance-monitor": 3002,
    "reporting-service": 3003,
    "ai-recommendation": 3004,
    "notification-service": 3005,
    "model-server": 8000,
    "rabbitmq": 15672,
}
# What a person may choose through the environment at `lab.py up`; the choice is kept in the env file.
CHOICES = {
    "POSTGRES_IMAGE": "agentfoundry-lab/postgres:15",
    "REDIS_IMAGE": "agentfoundry-lab/redis:7",
    "RABBITMQ_IMAGE": "agentfoundry-lab/rabbitmq:3-management",
    "TOKEN_TTL": "3600",
    "MODEL_LOAD_SECONDS": "0",
    # The role the services use in PostgreSQL: `app`, or the superuser, as on platforms that were set up in haste.
    "LAB_APP_ROLE": "app",
}
SECRETS = ("JWT_SECRET", "POSTGRES_PASSWORD", "APP_DB_PASSWORD", "PROBE_PASSWORD")
SUPERUSER = "agentfoundry"


def port_variable(service: str) -> str:
    """Return the variable of compose.yaml that holds the service's host port."""
    suffix = "_MANAGEMENT" if service == "rabbitmq" else ""
    return "LAB_PORT_" + service.upper().replace("-", "_") + suffix


def port_offset(variables: Mapping[str, str]) -> int:
    """Return the offset of a lab with these variables; 0 for a lab that has none yet."""
    service, port = next(iter(PORTS.items()))
    return int(variables.get(port_variable(service), port)) - port


def compute(
    project: str, port_offset: int, before: Mapping[str, str], environment: Mapping[str, str]
) -> dict[str, str]:
    """Return the variables of a lab; secrets and choices that it had `before` stay, new secrets are random.

    ValueError when LAB_APP_ROLE is neither `app` nor `superuser`.
    """
    variables = {"COMPOSE_PROJECT_NAME": project}
    variables.update({port_variable(service): str(port + port_offset) for service, port in PORTS.items()})
    for name, default in CHOICES.items():
        variables[name] = environment.get(name) or before.get(name) or default
    for name in SECRETS:
        variables[name] = before.get(name) or secrets.token_hex(24)
    users = {"app": ("app", "APP_DB_PASSWORD"), "superuser": (SUPERUSER, "POSTGRES_PASSWORD")}
    if variables["LAB_APP_ROLE"] not in users:
        raise ValueError(f"LAB_APP_ROLE must be one of {', '.join(sorted(users))}")
    user, password = users[variables["LAB_APP_ROLE"]]
    variables["DATABASE_URL"] = f"postgresql://{user}:{variables[password]}@postgres:5432/agentfoundry"
    return variables


def read(path: Path) -> dict[str, str]:
    """Return the variables of an env file; none when there is no such file."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def write(path: Path, variables: Mapping[str, str]) -> None:
    """Write an env file that only its owner can read, all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "# Written by tests/lab/lab.py; it holds the secrets of this lab.\n"
    text += "".join(f"{name}={value}\n" for name, value in variables.items())
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    temporary.replace(path)
