# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory's part on a Redis server. Everything is optional."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_prefix import check_prefix

DEFAULT_PORT = 6379

_KEYS = ("cache", "database", "disposable_prefixes", "host", "password_file", "port", "tls", "user")
_HOST = re.compile(r"[A-Za-z0-9_.:-]+")


@dataclass(frozen=True)
class RedisSettings:
    """How to reach the server, and what of it may be thrown away.

    :param host: address of a managed server; empty means by ``docker exec``.
    :param port: TCP port.
    :param database: number of the database that is looked at, written to and, as a cache, flushed.
    :param user: ACL user; empty means the default user.
    :param password_file: file on the target host whose first line is the password. It never enters a command line.
    :param tls: True when ``host`` speaks TLS.
    :param cache: True declares that the database is a cache: everything in it can be made anew.
    :param disposable_prefixes: beginnings of keys that may be deleted when memory is short.
    """

    host: str = ""
    port: int = DEFAULT_PORT
    database: int = 0
    user: str = ""
    password_file: str = ""
    tls: bool = False
    cache: bool = False
    disposable_prefixes: tuple[str, ...] = ()


def read_redis_settings(data: object, option: str = "redis") -> RedisSettings:
    """Settings from plain data.

    :param option: what to call it in an error, for example ``services.redis.redis``.
    :raises InvalidInputError: names the key that is wrong or unknown.
    """
    if data is None:
        return RedisSettings()
    if not isinstance(data, Mapping):
        raise InvalidInputError(option, data, remedy=f"Give a mapping with the keys {', '.join(_KEYS)}.")
    for key in data:
        if key not in _KEYS:
            raise InvalidInputError(f"{option}.{key}", "(unknown key)", remedy=f"Known keys: {', '.join(_KEYS)}.")
    return RedisSettings(
        host=_text(data, "host", option, _HOST, "Give a name or an address without a port."),
        port=_number(data.get("port", DEFAULT_PORT), f"{option}.port", 1, 65535),
        database=_number(data.get("database", 0), f"{option}.database", 0, 1 << 16),
        user=_text(data, "user", option, re.compile(r"[^\s-]\S*"), "Give the name of an ACL user."),
        password_file=_text(data, "password_file", option, re.compile(r"/.*"), "Give an absolute path on the target."),
        tls=_flag(data.get("tls", False), f"{option}.tls"),
        cache=_flag(data.get("cache", False), f"{option}.cache"),
        disposable_prefixes=_prefixes(data.get("disposable_prefixes"), f"{option}.disposable_prefixes"),
    )


def _text(data: Mapping[str, object], key: str, option: str, pattern: re.Pattern[str], remedy: str) -> str:
    value = data.get(key)
    if value is None or value == "":
        return ""
    if isinstance(value, str) and value.isprintable() and pattern.fullmatch(value):
        return value
    raise InvalidInputError(f"{option}.{key}", value, remedy=remedy)


def _number(value: object, option: str, least: int, most: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    raise InvalidInputError(option, value, remedy=f"Give a whole number, {least} to {most}.")


def _flag(value: object, option: str) -> bool:
    if isinstance(value, bool):
        return value
    raise InvalidInputError(option, value, remedy="Use true or false.")


def _prefixes(value: object, option: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, (list, tuple)):
        raise InvalidInputError(option, value, remedy="Give a list of beginnings of keys, such as ['page:'].")
    return tuple(check_prefix(prefix, f"{option}[{number}]") for number, prefix in enumerate(value))
