# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way leads to a Redis server: ``redis-cli`` in its container, or TCP when the inventory gives an address."""

from __future__ import annotations

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.redis_client import (
    RedisCli,
    RedisClient,
    RedisTcp,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Container
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_settings import RedisSettings


def way_to_redis(docker: DockerCli, settings: RedisSettings, own: Container | None) -> RedisClient:
    """The way that the inventory tells; without a word of it, exec in the server's own container.

    :param own: the service's container, None for a managed server.
    :raises InvalidInputError: there is no container and no address, or the password's file cannot be read.
    """
    password = read_password(settings.password_file)
    if settings.host:
        return RedisTcp(
            settings.host,
            settings.port,
            database=settings.database,
            user=settings.user,
            password=password,
            tls=settings.tls,
        )
    if own is None:
        raise InvalidInputError("redis.host", "", remedy="The service has no container: give the server's address.")
    return RedisCli(
        docker, own.id, port=settings.port, database=settings.database, user=settings.user, password=password
    )


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
        raise InvalidInputError("redis.password_file", path, remedy=f"It cannot be read: {reason}.") from error
