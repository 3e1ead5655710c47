# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten thousand incidents: what it takes is told by plans and by numbers of statements, which no busy machine changes.

How long it takes is measured by tests/benchmark/record.py.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from guard_runs import Host
from many_incidents import COUNT, fill
from outbox_ticks import Ticks, a_sender
from record_fakes import NOON, FakeClock, an_incident

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    incident_table,
    query,
    retention,
    review,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import Query
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Writer

DAY = 86_400.0


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record with ten thousand incidents, one every quarter of an hour."""
    state_dir = tmp_path_factory.mktemp("many") / "state"
    Writer(str(state_dir)).run(fill)
    return state_dir


class Asked:
    """The statements of an operation, with their plans."""

    def __init__(self, state_dir: Path, operation: Callable[[sqlite3.Connection], Any]) -> None:
        self.statements: list[str] = []

        def ask(connection: sqlite3.Connection) -> Any:
            connection.set_trace_callback(self.statements.append)
            try:
                return operation(connection)
            finally:
                connection.set_trace_callback(None)

        writer = Writer(str(state_dir))
        self.answer = writer.run(ask)
        self.statements = [one for one in self.statements if one.lstrip()[:6].upper() in ("SELECT", "UPDATE", "DELETE")]
        self.scans = [
            statement for statement in self.statements if "SCAN" in writer.run(partial(plan_of, statement=statement))
        ]


def plan_of(connection: sqlite3.Connection, statement: str) -> str:
    return " ".join(str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}"))


def test_a_list_of_some_weeks_is_one_statement_by_index_and_reads_no_more_than_it_shows(full: Path) -> None:
    asked = Asked(full, lambda con: incident_table.select(con, since=NOON + 10 * DAY, before=NOON + 20 * DAY, limit=50))

    assert (len(asked.statements), asked.scans, len(asked.answer)) == (1, [], 50)


def test_reviews_that_wait_are_found_by_an_index_of_their_own(full: Path) -> None:
    asked = Asked(full, incident_table.awaiting_review)

    assert (len(asked.statements), asked.scans) == (1, [])
    assert 0 < len(asked.answer) < COUNT / 100


def test_the_statistics_of_all_of_them_take_one_statement(full: Path) -> None:
    asked = Asked(full, lambda con: query.select(con, Query(limit=-1)))

    assert (len(asked.statements), len(asked.answer)) == (1, COUNT)
    found = query.incident_statistics(str(full), Query(limit=1), FakeClock().now())
    assert found["all"]["count"] == COUNT
    assert sum(one["count"] for one in found["by_month"].values()) == COUNT
    assert len(found["recurring"]) == 50


def test_a_fault_that_comes_again_is_found_by_index_and_so_is_how_often_it_was_there(full: Path) -> None:
    newest = Writer(str(full)).run(lambda con: incident_table.select(con, limit=1))[0]

    found = Asked(full, lambda con: incident_table.find_active(con, newest.fingerprint))
    again = Asked(full, lambda con: review._recurrence(con, newest))

    assert (found.scans, again.scans, len(again.statements)) == ([], [], 2)
    assert again.answer["count"] > 10


def test_a_new_incident_costs_the_same_however_many_there_are(full: Path) -> None:
    newest = Writer(str(full)).run(lambda con: incident_table.select(con, limit=1))[0]
    asked = Asked(full, lambda con: incident_table.get(con, newest.id))

    assert (len(asked.statements), asked.scans) == (1, [])


def test_what_may_leave_is_told_by_a_handful_of_statements(full: Path) -> None:
    asked = Asked(full, lambda con: retention._plan(con, NOON + 60 * DAY))

    assert len(asked.statements) == 4
    assert len(asked.answer.leave) > 1000


@pytest.mark.parametrize("platform", ["shop", "garage"])
def test_the_oldest_of_many_active_incidents_is_carried_on_whomever_the_others_belong_to(
    host: Host, platform: str
) -> None:
    def add_many(connection: sqlite3.Connection) -> None:
        for number in range(1001):
            incident_table.add(connection, an_incident(platform=platform, services=(f"s{number}",), severity="P4"))

    ticks = Ticks(host, a_sender())
    oldest = ticks.incident()
    Writer(host.state_dir).run(add_many)
    host.clock.move(3600)

    assert [one["incident"]["id"] for one in ticks.tick() if one["kind"] == "unanswered"] == [oldest] * 2
