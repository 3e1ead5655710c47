# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Sequence

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.redis_unblock import (
    kill_script,
    unpause_clients,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_reply import (
    Command,
    Conversation,
    End,
    RedisError,
    Reply,
)

NO_FAILOVER = "role:master\nmaster_failover_state:no-failover"
BUSY = RedisError("BUSY Redis is busy running a script.")


class Talking:
    """Gives one conversation after the other."""

    service = "redis"
    redactor = Redactor(())

    def __init__(self, *told: Sequence[Reply]) -> None:
        ends = [End.COMPLETE if replies else End.TIMED_OUT for replies in told]
        self.left = [Conversation(tuple(replies), end) for replies, end in zip(told, ends, strict=True)]
        self.given: list[Command] = []

    def talk(self, commands: Sequence[Command], *, seconds: float | None = None) -> Conversation:
        self.given += commands
        return self.left.pop(0)


def test_a_write_that_hangs_is_let_go_on() -> None:
    server = Talking((NO_FAILOVER,), (), ("OK",))
    assert unpause_clients(server, check_mode=False).to_result()["actions"][0]["status"] == "unpaused"
    assert server.given[-1] == ("CLIENT", "UNPAUSE")


def test_a_write_that_is_answered_needs_nothing() -> None:
    server = Talking((NO_FAILOVER,), (0,))
    assert not unpause_clients(server, check_mode=False).needed
    assert ("CLIENT", "UNPAUSE") not in server.given


def test_check_mode_unpauses_nothing() -> None:
    server = Talking((NO_FAILOVER,), ())
    assert unpause_clients(server, check_mode=True).needed
    assert ("CLIENT", "UNPAUSE") not in server.given


@pytest.mark.parametrize(
    "told, message",
    [
        (((),), "every command back"),
        ((("role:master\nmaster_failover_state:waiting-for-sync",), ()), "failover"),
        (((RedisError("NOAUTH Authentication required."),),), "NOAUTH"),
        (((NO_FAILOVER,), (RedisError("NOPERM this user has no permissions"),)), "NOPERM"),
    ],
)
def test_where_an_unpause_cannot_help_it_is_not_tried(told: Sequence[Sequence[Reply]], message: str) -> None:
    server = Talking(*told)
    with pytest.raises(CommandFailedError, match=message):
        unpause_clients(server, check_mode=False)
    assert ("CLIENT", "UNPAUSE") not in server.given


@pytest.mark.parametrize(
    "told, given, needed",
    [
        ((("OK",),), [("SCRIPT", "KILL")], True),
        (((RedisError("NOTBUSY No scripts in execution right now."),),), [("SCRIPT", "KILL")], False),
        (((BUSY,), ("OK",)), [("SCRIPT", "KILL"), ("FUNCTION", "KILL")], True),
    ],
)
def test_a_script_or_a_function_is_killed(told: Sequence[Sequence[Reply]], given: list[Command], needed: bool) -> None:
    server = Talking(*told)
    assert kill_script(server, check_mode=False).needed is needed
    assert server.given == given


def test_a_script_that_has_written_is_left_alone() -> None:
    server = Talking((RedisError("UNKILLABLE Sorry the script already executed write commands"),))
    with pytest.raises(CommandFailedError, match="has written"):
        kill_script(server, check_mode=False)
    assert [word for command in server.given for word in command] == ["SCRIPT", "KILL"]


def test_what_is_neither_script_nor_function_is_said_so() -> None:
    with pytest.raises(CommandFailedError, match="neither"):
        kill_script(Talking((BUSY,), (BUSY,)), check_mode=False)


def test_a_server_that_stays_silent_was_not_healed() -> None:
    with pytest.raises(CommandFailedError, match="does not answer"):
        kill_script(Talking(()), check_mode=False)


@pytest.mark.parametrize("reply, needed", [("PONG", False), (BUSY, True)])
def test_check_mode_kills_nothing(reply: Reply, needed: bool) -> None:
    server = Talking((reply,))
    assert kill_script(server, check_mode=True).needed is needed
    assert server.given == [("PING",)]
