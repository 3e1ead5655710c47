# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.postgres_index import (
    CREATE,
    DROP,
    LOOK,
    IndexOutcome,
    IndexRequest,
    ensure_index,
    read_columns,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import Volume

WANTED = IndexRequest("public", "events", ("account",))
NAME = "events_account_idx"
SCAN = {"Node Type": "Seq Scan", "Relation Name": "events", "Total Cost": 9000.0}
BY_INDEX = {"Node Type": "Bitmap Index Scan", "Index Name": NAME, "Total Cost": 12.0}
PRIMARY = {"name": "events_pkey", "columns": ["id"], "valid": True, "leftover": False, "building": False}


def index(name: str, *columns: str, **fields: bool) -> dict[str, Any]:
    return {**PRIMARY, "name": name, "columns": list(columns), **fields}


LEFTOVER = index(NAME, "account", valid=False, leftover=True)


class Server:
    """A table and its indexes.

    :param build: what a build leaves: a valid index, or one that failed with a message.
    """

    def __init__(self, *indexes: dict[str, Any], build: str | dict[str, Any] = "", free: int = 1 << 40) -> None:
        self.indexes = [PRIMARY, *indexes]
        self.build = build
        self.free = free
        self.asked: list[str] = []
        self.drop_fails = False

    def ask(self, sql: str, variables: Mapping[str, str] | None = None, *, seconds: float = 5.0) -> dict[str, Any]:
        given = dict(variables or {})
        if sql == LOOK:
            columns = ["id", "account", "kind"]
            return {"index": {"table": given["table"] == "events", "size": 60 << 20, "columns": columns,
                              "indexes": list(self.indexes)}}  # fmt: skip
        if sql == CREATE:
            self.asked.append("create")
            if isinstance(self.build, dict):
                self.indexes.append(self.build)
                raise CommandFailedError("db refused a statement: ERROR:  57014: canceling statement")
            if self.build:
                raise CommandFailedError(self.build)
            self.indexes.append(index(given["index"], "account"))
            return {}
        assert sql == DROP
        self.asked.append("drop")
        if self.drop_fails:
            raise CommandFailedError("db does not answer")
        self.indexes = [item for item in self.indexes if item["name"] != given["index"]]
        return {}

    def volumes(self) -> tuple[Volume, ...]:
        return (Volume("/data", 1 << 40, (1 << 40) - self.free, self.free),)

    @property
    def names(self) -> set[str]:
        return {item["name"] for item in self.indexes} - {"events_pkey"}

    def plan(self) -> Mapping[str, Any]:
        """As a planner does that likes indexes."""
        return BY_INDEX if NAME in self.names else SCAN


def ensured(server: Server, request: IndexRequest = WANTED, *, check_mode: bool = False) -> IndexOutcome:
    return ensure_index(server, request, server.plan, check_mode=check_mode)


def test_an_index_that_is_missing_is_created_and_verified_by_the_plan() -> None:
    server = Server()
    result = ensured(server).to_result()
    assert server.asked == ["create"]
    assert (result["changed"], result["verified"], result["index"]) == (True, True, NAME)
    assert result["actions"] == [{"what": "index", "id": NAME, "status": "created"}]
    assert result["plan_before"]["sequential_scans"] == ["events"]
    assert result["plan_after"]["indexes"] == [NAME]
    assert result["diff"]["after"] == f"CREATE INDEX CONCURRENTLY {NAME} ON public.events (account);\n"


def test_a_second_run_changes_nothing() -> None:
    server = Server()
    ensured(server)
    result = ensured(server).to_result()
    assert (result["changed"], result["actions"], server.asked) == (False, [], ["create"])


@pytest.mark.parametrize("there", [index("other", "account"), index("wider", "account", "kind")])
def test_a_valid_index_that_begins_with_the_columns_is_enough(there: dict[str, Any]) -> None:
    outcome = ensured(Server(there))
    assert (outcome.changed, outcome.existing) == (False, there["name"])


@pytest.mark.parametrize(
    "there",
    [index("partial", "account", valid=False), index("second", "kind", "account"), index("by_word", "", "account")],
    ids=["not whole or not valid", "begins with another column", "begins with an expression"],
)
def test_any_other_index_is_not(there: dict[str, Any]) -> None:
    assert ensured(Server(there)).changed


@pytest.mark.parametrize("there, told", [((), 1), ((LEFTOVER,), 2)])
def test_check_mode_tells_and_does_nothing(there: tuple[dict[str, Any], ...], told: int) -> None:
    server = Server(*there)
    result = ensured(server, check_mode=True).to_result()
    assert (result["changed"], len(result["actions"]), server.asked) == (True, told, [])
    assert (result["verified"], result["plan_after"]) == (None, None)


def test_what_an_earlier_build_left_is_dropped_first() -> None:
    server = Server(LEFTOVER)
    result = ensured(server).to_result()
    assert server.asked == ["drop", "create"]
    assert [action["status"] for action in result["actions"]] == ["dropped invalid leftover", "created"]


@pytest.mark.parametrize(
    "there, error, words",
    [
        (index(NAME, "account", valid=False, leftover=True, building=True), CommandFailedError, "built by somebody"),
        (index(NAME, "kind"), InvalidInputError, "index_name has the value"),
    ],
)
def test_an_index_of_somebody_else_under_that_name_is_left_alone(
    there: dict[str, Any], error: type[Exception], words: str
) -> None:
    server = Server(there)
    with pytest.raises(error, match=words):
        ensured(server)
    assert server.asked == []


@pytest.mark.parametrize(
    "request_, words",
    [
        (IndexRequest("public", "evnets", ("account",)), "table has the value 'public.evnets'"),
        (IndexRequest("public", "events", ("acount",)), "The table's columns: id, account, kind"),
    ],
)
def test_a_table_or_column_that_is_not_there_is_named(request_: IndexRequest, words: str) -> None:
    server = Server()
    with pytest.raises(InvalidInputError, match=words):
        ensured(server, request_)
    assert server.asked == []


def test_without_room_for_it_nothing_is_begun() -> None:
    server = Server(free=100 << 20)
    with pytest.raises(CommandFailedError, match="100 MiB available, and building the index may take 120 MiB"):
        ensured(server)
    assert server.asked == []


def test_a_failed_build_leaves_nothing_behind() -> None:
    server = Server(build=LEFTOVER)
    with pytest.raises(CommandFailedError, match="57014"):
        ensured(server)
    assert (server.asked, server.names) == (["create", "drop"], set())


def test_what_could_not_be_dropped_is_told_beside_the_reason() -> None:
    server = Server(build=LEFTOVER)
    server.drop_fails = True
    with pytest.raises(CommandFailedError, match=r"57014.*the next run does that"):
        ensured(server)


def test_an_index_that_somebody_else_made_in_the_same_moment_is_not_dropped() -> None:
    server = Server(build="db refused a statement: ERROR:  42P07: relation already exists")
    original, theirs = server.ask, index(NAME, "account")

    def ask(sql: str, variables: Mapping[str, str] | None = None, *, seconds: float = 5.0) -> dict[str, Any]:
        if sql == CREATE:
            server.indexes.append(theirs)
        return original(sql, variables, seconds=seconds)

    server.ask = ask  # type: ignore[method-assign]
    with pytest.raises(CommandFailedError, match="42P07"):
        ensured(server)
    assert (server.asked, server.names) == (["create"], {NAME})


def test_an_index_without_which_the_statement_is_planned_all_the_same_is_dropped_again() -> None:
    server = Server()
    with pytest.raises(CommandFailedError, match=r"planned without the index .* \(sequential scan of events"):
        ensure_index(server, WANTED, lambda: SCAN, check_mode=False)
    assert (server.asked, server.names) == (["create", "drop"], set())


def test_without_a_plan_it_is_not_verified_and_stays() -> None:
    server = Server()
    result = ensure_index(server, WANTED, lambda: None, check_mode=False).to_result()
    assert (result["changed"], result["verified"], result["plan_before"]) == (True, None, None)
    assert server.asked == ["create"]


def test_an_answer_of_another_shape_is_told() -> None:
    server = Server()
    server.ask = lambda *_given, **_more: {}  # type: ignore[method-assign]
    with pytest.raises(CommandFailedError, match="another shape"):
        ensured(server)


@pytest.mark.parametrize("columns", [[], ["a", "a"]])
def test_columns_are_given_once_each_and_at_least_one(columns: list[str]) -> None:
    with pytest.raises(InvalidInputError, match="columns"):
        read_columns(columns)
