# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory's part on a PostgreSQL server. Everything is optional: the container's environment tells the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError

DEFAULT_PORT = 5432
ON_THIS_HOST = "host"
"""The value of ``client`` that means: psql of the target host itself."""

_KEYS = (
    "client",
    "database",
    "host",
    "password_file",
    "port",
    "protected_applications",
    "protected_users",
    "standby",
    "user",
)
_SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_HOST = re.compile(r"[A-Za-z0-9_.:-]+")


@dataclass(frozen=True)
class PostgresSettings:
    """How to reach the server, and whose sessions are nobody's business.

    :param user: role to connect as; empty means the container's ``POSTGRES_USER``, else ``postgres``.
    :param database: the platform's database; empty means the container's ``POSTGRES_DB``, else the user's name.
    :param host: address of a managed server; empty means by ``docker exec`` and the server's own socket.
    :param port: TCP port.
    :param client: where psql runs when ``host`` is set: a service whose container has psql, or ``host`` for the target
        host. Empty means the service's own container when it has one, else the target host.
    :param password_file: file on the target host whose first line is the password. It never enters a command line.
    :param standby: True when the server is meant to be a standby: recovery is its normal state then.
    :param protected_applications: beginnings of application names whose sessions are never touched.
    :param protected_users: roles whose sessions are never touched.
    """

    user: str = ""
    database: str = ""
    host: str = ""
    port: int = DEFAULT_PORT
    client: str = ""
    password_file: str = ""
    standby: bool = False
    protected_applications: tuple[str, ...] = ()
    protected_users: tuple[str, ...] = ()


def read_postgres_settings(data: object, option: str = "postgres") -> PostgresSettings:
    """Settings from plain data.

    :param option: what to call it in an error, for example ``services.postgres.postgres``.
    :raises InvalidInputError: names the key that is wrong or unknown.
    """
    if data is None:
        return PostgresSettings()
    if not isinstance(data, Mapping):
        raise InvalidInputError(option, data, remedy=f"Give a mapping with the keys {', '.join(_KEYS)}.")
    for key in data:
        if key not in _KEYS:
            raise InvalidInputError(f"{option}.{key}", "(unknown key)", remedy=f"Known keys: {', '.join(_KEYS)}.")
    standby = data.get("standby", False)
    if not isinstance(standby, bool):
        raise InvalidInputError(f"{option}.standby", standby, remedy="Use true or false.")
    return PostgresSettings(
        user=_identifier(data.get("user"), f"{option}.user"),
        database=_identifier(data.get("database"), f"{option}.database"),
        host=_matching(_HOST, data.get("host"), f"{option}.host", "Give a name or an address without a port."),
        port=_port(data.get("port", DEFAULT_PORT), f"{option}.port"),
        client=_matching(_SERVICE, data.get("client"), f"{option}.client", "Give a service's name, or 'host'."),
        password_file=_path(data.get("password_file"), f"{option}.password_file"),
        standby=standby,
        protected_applications=_names(data.get("protected_applications"), f"{option}.protected_applications"),
        protected_users=_names(data.get("protected_users"), f"{option}.protected_users"),
    )


def _identifier(value: object, option: str) -> str:
    """A role or database. A connection string (``dbname=...``, a URI) in its place would choose another server."""
    if value is None or value == "":
        return ""
    if isinstance(value, str) and value.isprintable() and len(value) <= 63 and not re.search(r"[=:/]|^-", value):
        return value
    raise InvalidInputError(option, value, remedy="Give a plain name of at most 63 characters.")


def _matching(pattern: re.Pattern[str], value: object, option: str, remedy: str) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, str) and pattern.fullmatch(value) and not value.startswith("-"):
        return value
    raise InvalidInputError(option, value, remedy=remedy)


def _port(value: Any, option: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536:
        return value
    raise InvalidInputError(option, value, remedy="Give a port, 1 to 65535.")


def _path(value: object, option: str) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, str) and value.startswith("/") and value.isprintable():
        return value
    raise InvalidInputError(option, value, remedy="Give an absolute path on the target host.")


def _names(value: object, option: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, (list, tuple)) and all(isinstance(name, str) and name.strip() for name in value):
        return tuple(value)
    raise InvalidInputError(option, value, remedy="Give a list of names.")
