# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which ways lead to a broker's management API, and with which credentials. No credential leaves this file but in a
request's header."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import HttpClient
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.rabbitmq_api import RabbitmqApi
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Container
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_settings import (
    RabbitmqSettings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.http_health import Target, base_urls

GUEST = "guest"
"""RabbitMQ's default user, and its password."""


@dataclass(frozen=True)
class Credentials:
    """A user and its password, which no text of this object shows."""

    user: str
    password: str = field(repr=False)

    @property
    def are_default(self) -> bool:
        """True for those that every broker has at first."""
        return (self.user, self.password) == (GUEST, GUEST)


def find_credentials(docker: DockerCli, container: Container, settings: RabbitmqSettings) -> Credentials:
    """The inventory's, else those of the container's environment, else RabbitMQ's default.

    :raises InvalidInputError: the inventory's password file cannot be read.
    """
    environment = _environment(docker.inspect([container.id]))
    user = settings.user or environment.get("RABBITMQ_DEFAULT_USER") or GUEST
    if settings.password_file:
        return Credentials(user, _read_password(settings.password_file))
    return Credentials(user, environment.get("RABBITMQ_DEFAULT_PASS") or GUEST)


def api_ways(
    http: HttpClient, container: Container, settings: RabbitmqSettings, credentials: Credentials, deadline: float
) -> Iterator[RabbitmqApi]:
    """Published port first, then the container's address.

    :param deadline: seconds for one request.
    """
    for via, base in base_urls(container, Target(settings.management_port, "")):
        yield RabbitmqApi(http, base, credentials.user, credentials.password, via=via, deadline=deadline)


def _environment(inspected: list[dict[str, Any]]) -> Mapping[str, str]:
    entries = ((inspected[0].get("Config") or {}).get("Env") or []) if inspected else []
    return dict(str(entry).split("=", 1) for entry in entries if "=" in str(entry))


def _read_password(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.readline(1024).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InvalidInputError("rabbitmq.password_file", path, remedy=f"It cannot be read: {reason}.") from error
