# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way leads to a PostgreSQL server: by exec in its container, or by TCP from wherever psql is."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.postgres_psql import Psql
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Container
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_settings import (
    ON_THIS_HOST,
    PostgresSettings,
)

HOST = "tcp from the host"


def way_to_server(
    docker: DockerCli, settings: PostgresSettings, own: Container | None, others: Sequence[Container]
) -> Psql:
    """The way that the inventory tells; without a word of it, exec in the server's own container.

    :param own: the service's container, None for a managed server.
    :param others: running containers of other services.
    :raises InvalidInputError: psql is to run in a container that does not run, or the password's file cannot be read.
    """
    password = read_password(settings.password_file)
    if not settings.host:
        return Psql(
            docker,
            own.id if own else "",
            user=settings.user,
            database=settings.database,
            port=settings.port,
            password=password,
        )
    container, via = _client(settings, own, others)
    return Psql(
        docker,
        container,
        user=settings.user,
        database=settings.database,
        host=settings.host,
        port=settings.port,
        password=password,
        via=via,
    )


def _client(settings: PostgresSettings, own: Container | None, others: Sequence[Container]) -> tuple[str, str]:
    """Id of the container where psql runs (empty for the host), and the way in words."""
    if settings.client == ON_THIS_HOST or (not settings.client and own is None):
        return "", HOST
    known = [*others, *([own] if own else [])]
    wanted = settings.client or (own.service if own else "")
    for container in known:
        if container.service == wanted and container.running:
            return container.id, f"tcp from {container.service}"
    remedy = f"Name a running service whose container has psql, or '{ON_THIS_HOST}' for the target host."
    raise InvalidInputError("postgres.client", settings.client, remedy=remedy)


def read_password(path: str) -> str:
    """The first line of the file, or an empty string without a file.

    :raises InvalidInputError: it cannot be read. Its content is never shown.
    """
    if not path:
        return ""
    try:
        with open(path, encoding="utf-8") as file:
            return file.readline(1024).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InvalidInputError("postgres.password_file", path, remedy=f"It cannot be read: {reason}.") from error
