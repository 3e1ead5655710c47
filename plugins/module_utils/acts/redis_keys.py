# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deletes keys of Redis: those with a declared prefix, or a whole database that is declared a cache."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_prefix import (
    check_prefix,
    pattern_of,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_reply import Command, Reply

_SCAN_COUNT = "5000"
_AT_ONCE = 500
"""Keys in one UNLINK, which frees their memory in the background."""


class KeyServer(Protocol):
    """What is asked of the server; ``probes.redis_server.RedisServer`` is the real one."""

    @property
    def service(self) -> str:
        """Its name."""

    def ask(self, commands: Sequence[Command]) -> tuple[Reply, ...]:
        """The answers to all of the commands, or CommandFailedError."""


@dataclass(frozen=True)
class Deleted:
    """What was deleted, or under check mode would be.

    :param what: ``keys`` or ``database``.
    :param name: the prefix, or the database's number.
    """

    service: str
    what: str
    name: str
    count: int
    check_mode: bool

    def to_result(self) -> dict[str, Any]:
        """What the module returns."""
        status = "flushed" if self.what == "database" else "deleted"
        action = {"what": self.what, "id": self.name, "status": status, "service": self.service, "count": self.count}
        line = f"{self.service}: {self.count} keys {self._words}\n"
        return {
            "changed": self.count > 0,
            "actions": [action] if self.count else [],
            "count": self.count,
            "diff": {"before": line if self.count else "", "after": ""},
        }

    @property
    def _words(self) -> str:
        return f"in database {self.name}" if self.what == "database" else f"that begin with {self.name}"


def delete_by_prefix(
    server: KeyServer,
    prefix: str,
    *,
    deadline: float,
    check_mode: bool,
    clock: Callable[[], float] = time.monotonic,
) -> Deleted:
    """SCAN, and UNLINK of what begins with the prefix: the server goes on answering others meanwhile.

    :param deadline: seconds for the whole; a run that is repeated goes on with the rest.
    :raises InvalidInputError: the prefix is empty, or would mean every key.
    :raises CommandFailedError: the server does not answer, refuses, or the time is over.
    """
    check_prefix(prefix)
    end, cursor, count = clock() + deadline, "", 0
    batch: list[str] = []
    seen: set[str] = set()
    while cursor != "0":
        if cursor and clock() >= end:
            raise CommandFailedError(
                f"The keys of {server.service} that begin with {prefix} could not all be looked through within "
                f"{deadline:g} s; {count} are deleted.",
                remedy="Run it again, or give it more time.",
            )
        scan = ("SCAN", cursor or "0", "MATCH", pattern_of(prefix), "COUNT", _SCAN_COUNT)
        # One conversation for the last page's keys and the next page: an exec costs more than either.
        *deleted, page = server.ask([*_unlinks(batch), scan])
        count += _sum(deleted)
        cursor, batch = _page(page, prefix)
        if check_mode:
            seen.update(batch)  # SCAN may tell a key twice
            batch = []
    count += _sum(server.ask(_unlinks(batch))) if batch else 0
    return Deleted(server.service, "keys", prefix, len(seen) if check_mode else count, check_mode)


def _unlinks(keys: Sequence[str]) -> list[Command]:
    return [("UNLINK", *keys[start : start + _AT_ONCE]) for start in range(0, len(keys), _AT_ONCE)]


def _sum(replies: Sequence[Reply]) -> int:
    return sum(reply for reply in replies if isinstance(reply, int))


def _page(reply: Reply, prefix: str) -> tuple[str, list[str]]:
    """The next cursor and the keys of one page; what does not begin with the prefix is never touched."""
    if not isinstance(reply, list) or len(reply) != 2 or not isinstance(reply[1], list):
        raise CommandFailedError("The answer to SCAN has another shape than expected.")
    return str(reply[0]), [key for key in reply[1] if isinstance(key, str) and key.startswith(prefix)]


def flush_cache(server: KeyServer, database: int, *, declared: bool, check_mode: bool) -> Deleted:
    """FLUSHDB ASYNC of one database.

    :param declared: True when the inventory declares the database a cache.
    :raises InvalidInputError: it does not.
    :raises CommandFailedError: the server does not answer or refuses.
    """
    if not declared:
        raise InvalidInputError(
            f"services.{server.service}.redis.cache",
            False,
            remedy=f"Only a database that the inventory declares a cache is flushed, and database {database} is not.",
        )
    count = server.ask([("DBSIZE",)])[0]
    if not isinstance(count, int):
        raise CommandFailedError("The answer to DBSIZE has another shape than expected.")
    if count and not check_mode:
        server.ask([("FLUSHDB", "ASYNC")])
    return Deleted(server.service, "database", str(database), count, check_mode)
