# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the inventory refines what was discovered of each service. Everything is optional."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_settings import (
    ModelServerSettings,
    read_model_server_settings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_settings import (
    PostgresSettings,
    read_postgres_settings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_settings import (
    RabbitmqSettings,
    read_rabbitmq_settings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_settings import (
    RedisSettings,
    read_redis_settings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.token_settings import (
    TokenSettings,
    read_token_settings,
)

KINDS = ("model_server", "postgres", "redis", "rabbitmq", "token_issuer", "http", "other")
DECLARATIONS = ("stopped", "ignored")
_SERVICE_KEYS = (
    "declared",
    "depends_on",
    "health",
    "kind",
    "model_server",
    "port",
    "postgres",
    "rabbitmq",
    "redis",
    "token",
    "user_facing",
)
_HEALTH_KEYS = ("deadline", "expect", "path", "statuses")
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")


@dataclass(frozen=True)
class HealthSettings:
    """What to ask a service for, and what a healthy answer is.

    :param enabled: False when the inventory switches the check off.
    :param path: empty means: the path of the container's own health check, else ``/health``.
    :param expect: a JMESPath expression that the answer must make true; it is evaluated on the controller.
    :param statuses: HTTP statuses that mean healthy; empty means any 2xx.
    :param deadline: seconds.
    """

    enabled: bool = True
    path: str = ""
    expect: str = ""
    statuses: tuple[int, ...] = ()
    deadline: float = 2.0


@dataclass(frozen=True)
class ServiceSettings:
    """The inventory's words on one service.

    :param kind: empty means: told from image, name and ports.
    :param depends_on: services it needs, beyond those that Compose knows of.
    :param declared: ``stopped``, ``ignored`` or empty.
    :param user_facing: None means: told from ports and dependencies.
    :param port: container port of its HTTP server; 0 means: told from its health check and its ports.
    """

    kind: str = ""
    depends_on: tuple[str, ...] = ()
    declared: str = ""
    user_facing: bool | None = None
    port: int = 0
    health: HealthSettings = field(default_factory=HealthSettings)
    model_server: ModelServerSettings = field(default_factory=ModelServerSettings)
    postgres: PostgresSettings = field(default_factory=PostgresSettings)
    rabbitmq: RabbitmqSettings = field(default_factory=RabbitmqSettings)
    redis: RedisSettings = field(default_factory=RedisSettings)
    token: TokenSettings = field(default_factory=TokenSettings)

    @property
    def managed(self) -> bool:
        """True for a server that is reached by an address and need not have a container here."""
        return bool(self.postgres.host or self.redis.host)


def read_services(data: object, option: str = "services") -> dict[str, ServiceSettings]:
    """Settings by service, from plain data.

    :raises InvalidInputError: names the option that is wrong or unknown, for example
        ``services.model-server.helath``.
    """
    if data is None:
        return {}
    if not isinstance(data, Mapping):
        raise InvalidInputError(option, data, remedy="Give a mapping of service names to their settings.")
    services = {}
    for name, settings in data.items():
        if not isinstance(name, str) or not _NAME.match(name):
            raise InvalidInputError(option, name, remedy="Give the service's name in the Compose file.")
        services[name] = _service(settings, f"{option}.{name}")
    return services


def _service(data: object, option: str) -> ServiceSettings:
    if data is None:
        return ServiceSettings()
    given = _mapping(data, option, _SERVICE_KEYS)
    user_facing = given.get("user_facing")
    if user_facing is not None and not isinstance(user_facing, bool):
        raise InvalidInputError(f"{option}.user_facing", user_facing, remedy="Use true or false.")
    return ServiceSettings(
        kind=_one_of(given.get("kind"), KINDS, f"{option}.kind"),
        depends_on=_names(given.get("depends_on"), f"{option}.depends_on"),
        declared=_one_of(given.get("declared"), DECLARATIONS, f"{option}.declared"),
        user_facing=user_facing,
        port=_port(given.get("port"), f"{option}.port"),
        health=_health(given.get("health"), f"{option}.health"),
        model_server=read_model_server_settings(given.get("model_server"), f"{option}.model_server"),
        postgres=read_postgres_settings(given.get("postgres"), f"{option}.postgres"),
        rabbitmq=read_rabbitmq_settings(given.get("rabbitmq"), f"{option}.rabbitmq"),
        redis=read_redis_settings(given.get("redis"), f"{option}.redis"),
        token=read_token_settings(given.get("token"), f"{option}.token"),
    )


def _health(data: object, option: str) -> HealthSettings:
    if data is None or data is True:
        return HealthSettings()
    if data is False:
        return HealthSettings(enabled=False)
    given = _mapping(data, option, _HEALTH_KEYS)
    expect = given.get("expect", "")
    if not isinstance(expect, str):
        raise InvalidInputError(f"{option}.expect", expect, remedy="Give a JMESPath expression.")
    return HealthSettings(
        path=_path(given.get("path", ""), f"{option}.path"),
        expect=expect.strip(),
        statuses=_statuses(given.get("statuses"), f"{option}.statuses"),
        deadline=_seconds(given.get("deadline", 2.0), f"{option}.deadline"),
    )


def _mapping(data: object, option: str, known: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise InvalidInputError(option, data, remedy=f"Give a mapping with the keys {', '.join(known)}.")
    for key in data:
        if key not in known:
            raise InvalidInputError(f"{option}.{key}", data[key], remedy=f"Known keys: {', '.join(known)}.")
    return data


def _one_of(value: object, words: tuple[str, ...], option: str) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, str) and value in words:
        return value
    raise InvalidInputError(option, value, remedy=f"Use one of: {', '.join(words)}.")


def _names(value: object, option: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, (list, tuple)) and all(isinstance(name, str) and _NAME.match(name) for name in value):
        return tuple(value)
    raise InvalidInputError(option, value, remedy="Give a list of service names.")


def _port(value: object, option: str) -> int:
    if value is None:
        return 0
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536:
        return value
    raise InvalidInputError(option, value, remedy="Give a port of the container, 1 to 65535.")


def _path(value: object, option: str) -> str:
    if value == "":
        return ""
    if isinstance(value, str) and re.match(r"^/[!-~]*$", value) and not value.startswith("//"):
        return value
    raise InvalidInputError(option, value, remedy="Give a path that begins with '/', such as '/health'.")


def _statuses(value: object, option: str) -> tuple[int, ...]:
    if value is None:
        return ()
    if isinstance(value, (list, tuple)) and value and all(_is_status(status) for status in value):
        return tuple(value)
    raise InvalidInputError(option, value, remedy="Give a list of HTTP statuses, such as [200, 204].")


def _is_status(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599


def _seconds(value: object, option: str) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < float("inf"):
        return float(value)
    raise InvalidInputError(option, value, remedy="Give a positive number of seconds.")
