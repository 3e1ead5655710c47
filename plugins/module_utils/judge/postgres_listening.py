# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Can other containers reach a PostgreSQL server at all: where does it listen (DB-2)? Pure.

One that listens on its own loopback alone answers every check inside its container, pg_isready as well, and refuses
everybody else. It does so again after each restart.
"""

from __future__ import annotations

import re

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import (
    Listening,
    PostgresFacts,
)

_LOOPBACK = re.compile(r"(localhost|127(\.\d{1,3}){3}|::1)", re.IGNORECASE)
_PATH = re.compile(r"/[\w./+-]{1,150}")
_COMMAND_LINE = "command line"


def judge_listening(facts: PostgresFacts) -> tuple[Finding, ...]:
    """Its addresses, critical when they are nobody's but its own and others depend on it.

    Where a changed configuration waits for a restart, that is a finding of its own: there a restart does help.
    """
    told = facts.configuration.listening if facts.configuration is not None else None
    if told is None or facts.state != "running":
        return ()
    service, addresses = facts.service, _addresses(told)
    if not _is_for_itself(addresses):
        message = f"{service} listens on addresses beyond its own loopback."
        return (_finding("postgres.listen_addresses", service, Status.OK, message, told),)
    where = f"on {', '.join(addresses)} only" if addresses else "on no address at all"
    if not _is_needed(facts):
        message = f"{service} listens {where}; no other container is known to need more."
        return (_finding("postgres.listen_addresses", service, Status.OK, message, told),)
    deaf = f"{service} listens {where}, so that no other container can reach it."
    # It waits for ever where the command line says otherwise: that one wins over every file, after a restart as well.
    if told.changed and told.source != _COMMAND_LINE:
        message = f"{deaf} Its listen_addresses were changed since, which only a restart loads."
        return (_finding("postgres.listen_addresses_changed", service, Status.CRITICAL, message, told),)
    message = f"{deaf} {_remedy(told)}"
    return (_finding("postgres.listen_addresses", service, Status.CRITICAL, message, told),)


def _finding(name: str, service: str, status: Status, message: str, told: Listening) -> Finding:
    return Finding(name, service, status, message, told.addresses, "*", step="DB-2")


def _addresses(told: Listening) -> tuple[str, ...]:
    """The entries of the list; each may stand in quotes."""
    entries = (entry.strip().strip('"').strip() for entry in told.addresses.split(","))
    return tuple(entry for entry in entries if entry)


def _is_for_itself(addresses: tuple[str, ...]) -> bool:
    """A name that is not known is given the benefit of the doubt: what it leads to is not known here."""
    return all(_LOOPBACK.fullmatch(address) for address in addresses)


def _is_needed(facts: PostgresFacts) -> bool:
    """Its port was found shut from outside, or could not be looked at while services would come over the network.

    An open one belongs to a proxy beside it; and what shares its network reaches its loopback.
    """
    return facts.port == "refused" or (facts.port == "unknown" and bool(facts.reached_from))


def _remedy(told: Listening) -> str:
    """What to set, where, and how that is loaded."""
    how = "in its postgresql.conf and restart it"
    if told.source == _COMMAND_LINE:
        how = "in the command of its Compose service and recreate it"
    elif told.file.endswith("/postgresql.auto.conf"):
        how = "by ALTER SYSTEM and restart it"
    elif _PATH.fullmatch(told.file):
        how = f"in {told.file} and restart it"
    return f"Set listen_addresses to '*' {how}; a restart alone would change nothing."
