# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from itertools import count

import pytest
from redis_server import RedisInMemory

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.redis_keys import (
    delete_by_prefix,
    flush_cache,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_reply import Command, Reply

PAGES = ("page:1", "user:1", "page:2", "page:3", "session:page:")


def test_only_what_begins_so_is_deleted() -> None:
    server = RedisInMemory(*PAGES)
    result = delete_by_prefix(server, "page:", deadline=60, check_mode=False).to_result()
    assert server.keys == ["user:1", "session:page:"]
    assert result["changed"]
    assert result["actions"] == [{"what": "keys", "id": "page:", "status": "deleted", "service": "redis", "count": 3}]


def test_check_mode_counts_and_deletes_nothing() -> None:
    server = RedisInMemory(*PAGES)
    result = delete_by_prefix(server, "page:", deadline=60, check_mode=True).to_result()
    assert (result["changed"], result["count"]) == (True, 3)
    assert server.keys == list(PAGES)
    assert {command[0] for command in server.given} == {"SCAN"}


def test_a_second_run_changes_nothing() -> None:
    result = delete_by_prefix(RedisInMemory("user:1"), "page:", deadline=60, check_mode=False).to_result()
    assert (result["changed"], result["actions"]) == (False, [])


@pytest.mark.parametrize("prefix", ["", "*", ":", "page:*"])
def test_what_could_mean_every_key_is_refused_before_anything_is_asked(prefix: str) -> None:
    server = RedisInMemory(*PAGES)
    with pytest.raises(InvalidInputError):
        delete_by_prefix(server, prefix, deadline=60, check_mode=False)
    assert server.given == []


def test_a_key_that_the_server_gives_though_it_does_not_fit_is_left_alone() -> None:
    class Lying(RedisInMemory):
        def _answer(self, command: list[str]) -> Reply:
            return ["0", ["page:1", "user:1"]] if command[0] == "SCAN" else super()._answer(command)

    server = Lying("page:1", "user:1")
    assert delete_by_prefix(server, "page:", deadline=60, check_mode=False).count == 1
    assert server.keys == ["user:1"]


def test_a_scan_without_an_end_is_given_up_and_says_how_far_it_came() -> None:
    class Endless(RedisInMemory):
        def _answer(self, command: list[str]) -> Reply:
            return ["7", []] if command[0] == "SCAN" else super()._answer(command)

    ticks = count(0, 10)
    with pytest.raises(CommandFailedError, match="within 60 s; 0 are deleted"):
        delete_by_prefix(Endless(), "page:", deadline=60, check_mode=False, clock=lambda: float(next(ticks)))


def test_an_answer_of_another_shape_is_an_error() -> None:
    class Odd(RedisInMemory):
        def _answer(self, command: list[str]) -> Reply:
            return "OK"

    with pytest.raises(CommandFailedError, match="SCAN"):
        delete_by_prefix(Odd(), "page:", deadline=60, check_mode=False)
    with pytest.raises(CommandFailedError, match="DBSIZE"):
        flush_cache(Odd(), 0, declared=True, check_mode=False)


def flush_commands(server: RedisInMemory) -> list[Command]:
    return [command for command in server.given if command[0].startswith("FLUSH")]


def test_a_declared_cache_is_flushed_in_the_background() -> None:
    server = RedisInMemory(*PAGES)
    result = flush_cache(server, 0, declared=True, check_mode=False).to_result()
    assert flush_commands(server) == [("FLUSHDB", "ASYNC")]
    assert (result["changed"], result["actions"][0]["status"], result["count"]) == (True, "flushed", 5)


@pytest.mark.parametrize("keys, changed", [(PAGES, True), ((), False)])
def test_check_mode_and_an_empty_cache_flush_nothing(keys: tuple[str, ...], changed: bool) -> None:
    server = RedisInMemory(*keys)
    assert flush_cache(server, 0, declared=True, check_mode=True).to_result()["changed"] is changed
    assert flush_commands(server) == []


def test_a_database_that_is_not_declared_a_cache_is_never_flushed() -> None:
    server = RedisInMemory(*PAGES)
    with pytest.raises(InvalidInputError) as caught:
        flush_cache(server, 0, declared=False, check_mode=False)
    assert caught.value.option == "services.redis.redis.cache"
    assert server.given == []
