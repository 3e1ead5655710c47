# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which role a service logs in to PostgreSQL as, told by its environment. Only the name is ever read, no password."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.container_facts import (
    environment_of,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.context import ServiceContext

_URL = re.compile(r"^(?:jdbc:)?postgres(?:ql)?(?:\+\w+)?://(?P<user>[^:@/\s]+)(?::[^@\s]*)?@(?P<host>[^:/?\s,]+)")
_NAMES = ("PGUSER", "POSTGRES_USER", "POSTGRESQL_USER", "DB_USER", "DB_USERNAME", "DATABASE_USER", "DATABASE_USERNAME")


def database_users(context: ServiceContext) -> dict[str, str]:
    """Service -> role, of every service that names one for this server."""
    if context.scene is None:
        return {}
    entries = {str(entry.get("Id", "")): entry for entry in context.scene.inspected}
    found: dict[str, str] = {}
    for container in context.platform:
        if container.service in (context.service, ""):
            continue
        needs_it = context.service in context.needs.get(container.service, ())
        user = user_of(environment_of(entries.get(container.id, {})), context.service, needs_it=needs_it)
        if user:
            found.setdefault(container.service, user)
    return found


def user_of(environment: Mapping[str, str], server: str, *, needs_it: bool) -> str:
    """The role of a URL that leads to the server, else of a variable when the service depends on it; else empty."""
    for _name, value in sorted(environment.items()):
        match = _URL.match(value)
        if match is not None and match["host"] == server:
            return unquote(match["user"])
    named = (environment[name] for name in _NAMES if environment.get(name))
    return next(named, "") if needs_it else ""
