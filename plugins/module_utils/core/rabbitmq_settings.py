# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory's part on a RabbitMQ broker. Everything is optional: container and connections tell the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError

DEFAULT_MANAGEMENT_PORT = 15672
QUARANTINE_SUFFIX = ".quarantine"
"""Name of the queue in which poison messages are parked: that of their own queue and this."""

_KEYS = ("consumers", "ignore_queues", "limits", "management_port", "password_file", "user")
_SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class RabbitmqSettings:
    """How to ask the broker, and what is known of its queues.

    :param user: for the management API; empty means the container's ``RABBITMQ_DEFAULT_USER``, else ``guest``.
    :param password_file: file on the target host whose first line is the password; empty means the container's
        ``RABBITMQ_DEFAULT_PASS``, else ``guest``. The password never enters a command line.
    :param management_port: the API's port in the container.
    :param consumers: queue -> services that consume it, for when none of them is connected.
    :param ignore_queues: patterns of queues that may fill up, such as ``*.dead``.
    :param limits: queue -> messages from which on it is behind, where that differs from the platform's limit.
    """

    user: str = ""
    password_file: str = ""
    management_port: int = DEFAULT_MANAGEMENT_PORT
    consumers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ignore_queues: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)

    def ignores(self, queue: str) -> bool:
        """True for a queue that nobody is meant to consume."""
        return queue.endswith(QUARANTINE_SUFFIX) or any(fnmatchcase(queue, pattern) for pattern in self.ignore_queues)


def read_rabbitmq_settings(data: object, option: str = "rabbitmq") -> RabbitmqSettings:
    """Settings from plain data.

    :param option: what to call it in an error, for example ``services.rabbitmq.rabbitmq``.
    :raises InvalidInputError: names the key that is wrong or unknown.
    """
    if data is None:
        return RabbitmqSettings()
    if not isinstance(data, Mapping):
        raise InvalidInputError(option, "(no mapping)", remedy=f"Give a mapping with the keys {', '.join(_KEYS)}.")
    for key in data:
        if key not in _KEYS:
            raise InvalidInputError(f"{option}.{key}", "(unknown key)", remedy=f"Known keys: {', '.join(_KEYS)}.")
    port = data.get("management_port", DEFAULT_MANAGEMENT_PORT)
    if not _is_count(port) or not port < 65536:
        raise InvalidInputError(f"{option}.management_port", port, remedy="Give a port, 1 to 65535.")
    return RabbitmqSettings(
        user=_text(data.get("user"), f"{option}.user"),
        password_file=_path(data.get("password_file"), f"{option}.password_file"),
        management_port=port,
        consumers=_consumers(data.get("consumers"), f"{option}.consumers"),
        ignore_queues=_patterns(data.get("ignore_queues"), f"{option}.ignore_queues"),
        limits=_limits(data.get("limits"), f"{option}.limits"),
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _text(value: object, option: str) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, str) and value.isprintable() and ":" not in value:
        return value
    raise InvalidInputError(option, value, remedy="Give a name without a colon.")


def _path(value: object, option: str) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, str) and value.startswith("/") and value.isprintable():
        return value
    raise InvalidInputError(option, value, remedy="Give an absolute path on the target host.")


def _patterns(value: object, option: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, (list, tuple)) and all(isinstance(name, str) and name for name in value):
        return tuple(value)
    raise InvalidInputError(option, value, remedy="Give a list of queue names; * stands for any characters.")


def _consumers(value: object, option: str) -> dict[str, tuple[str, ...]]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidInputError(option, value, remedy="Give a mapping of queues to lists of services.")
    for queue, services in value.items():
        known = isinstance(services, (list, tuple)) and services
        if not known or not all(isinstance(name, str) and _SERVICE.fullmatch(name) for name in services):
            raise InvalidInputError(f"{option}.{queue}", services, remedy="Give a list of service names.")
    return {str(queue): tuple(services) for queue, services in value.items()}


def _limits(value: object, option: str) -> dict[str, int]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidInputError(option, value, remedy="Give a mapping of queues to numbers of messages.")
    for queue, limit in value.items():
        if not _is_count(limit):
            raise InvalidInputError(f"{option}.{queue}", limit, remedy="Give a number of messages, 1 or more.")
    return {str(queue): limit for queue, limit in value.items()}
