# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets a Redis go on: ends a pause of its clients, or a script that does not end. Nothing is lost by either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_info import read_info_fields
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_reply import (
    Command,
    Conversation,
    End,
    RedisError,
)

UNPAUSE = "unpause"
KILL_SCRIPT = "kill_script"
_PATIENCE = 7.0
"""Seconds: a script can be killed only after ``busy-reply-threshold``, 5 s by default."""
_WRITE_SECONDS = 1.0
_BY_RESTART = "Only a restart of the server ends it."


class TalkingServer(Protocol):
    """What is asked of the server; ``probes.redis_server.RedisServer`` is the real one."""

    @property
    def service(self) -> str:
        """Its name."""

    @property
    def redactor(self) -> Redactor:
        """Hides secrets in what it says."""

    def talk(self, commands: Sequence[Command], *, seconds: float | None = None) -> Conversation:
        """The answers, as far as there are any."""


@dataclass(frozen=True)
class Unblocked:
    """What was done, or under check mode would be done.

    :param needed: False when nothing was paused, or no script ran.
    """

    service: str
    action: str
    needed: bool

    def to_result(self) -> dict[str, Any]:
        """What the module returns."""
        what, status = ("clients", "unpaused") if self.action == UNPAUSE else ("script", "killed")
        action = {"what": what, "id": self.service, "status": status, "service": self.service}
        return {
            "changed": self.needed,
            "actions": [action] if self.needed else [],
            "diff": {"before": f"{self.service}: {_BEFORE[self.action]}\n" if self.needed else "", "after": ""},
        }


_BEFORE = {UNPAUSE: "clients paused", KILL_SCRIPT: "a script runs"}


def unpause_clients(server: TalkingServer, *, check_mode: bool) -> Unblocked:
    """CLIENT UNPAUSE, where a write of our own is held back. During a failover nothing is done.

    :raises CommandFailedError: all commands are held back, this one as well, or the server does not answer.
    """
    told = server.talk([("INFO", "replication")])
    if not told.replies and told.end is End.TIMED_OUT:
        raise CommandFailedError(f"{server.service} holds every command back, this one as well. {_BY_RESTART}")
    _refuse(server, told, must_end=True)
    # DEL of a key that never was: a write for Redis, and without any effect. By itself, so that a machine on which
    # everything is slow does not make it look held.
    written = server.talk([("DEL", "incident_response:probe:none")], seconds=_WRITE_SECONDS)
    _refuse(server, written, must_end=written.end is not End.TIMED_OUT)
    if written.replies:
        return Unblocked(server.service, UNPAUSE, needed=False)
    server_now = read_info_fields(told.replies[0])
    if server_now.get("master_failover_state", "no-failover") != "no-failover":
        raise CommandFailedError(f"{server.service} holds writes back because of a failover, which must end first.")
    if not check_mode:
        _refuse(server, server.talk([("CLIENT", "UNPAUSE")]), must_end=True)
    return Unblocked(server.service, UNPAUSE, needed=True)


def kill_script(server: TalkingServer, *, check_mode: bool) -> Unblocked:
    """SCRIPT KILL, or FUNCTION KILL where that runs. A script that has written is never killed: its writes would stay
    halfway, and all that ends it (SHUTDOWN NOSAVE) loses more.

    :raises CommandFailedError: it has written, or the server does not answer.
    """
    if check_mode:
        told = server.talk([("PING",)], seconds=_PATIENCE)
        return Unblocked(server.service, KILL_SCRIPT, needed=told.reply(0) != "PONG")
    for command in (("SCRIPT", "KILL"), ("FUNCTION", "KILL")):
        told = server.talk([command], seconds=_PATIENCE)
        reply = told.reply(0)
        code = reply.code if isinstance(reply, RedisError) else ""
        if code == "NOTBUSY":
            return Unblocked(server.service, KILL_SCRIPT, needed=False)
        if code == "UNKILLABLE":
            raise CommandFailedError(f"The script that keeps {server.service} busy has written. {_BY_RESTART}")
        if code != "BUSY":
            _refuse(server, told, must_end=True)
            return Unblocked(server.service, KILL_SCRIPT, needed=True)
    raise CommandFailedError(f"What keeps {server.service} busy can be ended neither as a script nor as a function.")


def _refuse(server: TalkingServer, told: Conversation, *, must_end: bool = False) -> None:
    for reply in told.replies:
        if isinstance(reply, RedisError):
            raise CommandFailedError(f"{server.service} refused a command: {server.redactor.line(reply.message)}")
    if must_end and told.end is not End.COMPLETE:
        raise CommandFailedError(f"{server.service} does not answer: {server.redactor.line(told.error)}")
