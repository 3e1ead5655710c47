# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema: an older record is carried on, a migration that fails changes nothing, and no question reads all rows."""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path

import pytest
from record_fakes import NOON, FakeClock, an_incident

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import StateUnavailableError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import ACTIVE
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    attempt_table,
    directory,
    incident_table,
    policy_table,
    schema,
    timeline_table,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import Query, find_incidents
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Rehearsal, Writer

NEXT = ("ALTER TABLE incident ADD COLUMN owner TEXT NOT NULL DEFAULT 'nobody'",)


def version(state_dir: Path) -> int:
    connection = sqlite3.connect(state_dir / directory.DATABASE)
    try:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
    finally:
        connection.close()


@pytest.fixture
def known(state_dir: Path) -> str:
    """An incident, stored by the release of today."""
    return Writer(str(state_dir)).run(partial(incident_table.add, incident=an_incident())).id


def test_the_next_release_carries_the_record_on(state_dir: Path, known: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, NEXT))
    owner = "SELECT owner FROM incident WHERE id = ?"
    assert Writer(str(state_dir)).run(lambda con: con.execute(owner, (known,)).fetchone()[0]) == "nobody"
    assert version(state_dir) == len(schema.MIGRATIONS)


def test_reading_an_older_record_leaves_it_at_its_version(
    state_dir: Path, known: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, NEXT))
    assert [one["id"] for one in find_incidents(str(state_dir), Query())] == [known]
    assert Rehearsal(str(state_dir)).run(incident_table.select)[0].id == known
    assert version(state_dir) == len(schema.MIGRATIONS) - 1


def test_a_migration_that_fails_halfway_changes_nothing(
    state_dir: Path, known: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = schema.MIGRATIONS
    monkeypatch.setattr(schema, "MIGRATIONS", (*before, (*NEXT, "CREATE TABLE incident (again)")))
    with pytest.raises(StateUnavailableError, match="already exists"):
        Writer(str(state_dir)).run(incident_table.select)
    monkeypatch.setattr(schema, "MIGRATIONS", before)
    assert [one["id"] for one in find_incidents(str(state_dir), Query())] == [known]


COPY = """
    WITH RECURSIVE n(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < 10000)
    INSERT INTO incident (id, number, fingerprint, state, {others})
    SELECT 'INC-2026-02-27-' || n, n, 'fingerprint ' || n, iif(n % 4000 = 0, 'open', 'closed'), {others}
    FROM n, incident WHERE incident.number = 1"""


def fill(connection: sqlite3.Connection) -> None:
    """Ten thousand incidents of one day, three of them open."""
    incident_table.add(connection, an_incident())
    columns = {row["name"] for row in connection.execute("PRAGMA table_info(incident)")}
    others = ", ".join(sorted(columns - {"seq", "id", "number", "fingerprint", "state"}))
    connection.execute(COPY.format(others=others))


def test_ten_thousand_incidents_are_asked_by_index_and_never_read_one_by_one(state_dir: Path) -> None:
    def ask(connection: sqlite3.Connection) -> list[str]:
        asked: list[str] = []
        connection.set_trace_callback(asked.append)
        now = FakeClock().now()
        (open_one, *others) = incident_table.select(connection, platform="shop", states=ACTIVE)
        assert len(others) == 2
        incident_table.find_active(connection, open_one.fingerprint)
        incident_table.add(connection, an_incident(services=("new",)))
        timeline_table.entries(connection, open_one.id)
        attempt_table.of_incident(connection, open_one.id)
        attempt_table.under_way(connection, "shop")
        attempt_table.touched_by(connection, "shop", "run")
        attempt_table.times_of(connection, "shop", "restart", ["api"])
        policy_table.windows(connection, "shop", now)
        connection.set_trace_callback(None)
        return asked

    Writer(str(state_dir)).run(fill)
    asked = Writer(str(state_dir)).run(ask)
    assert len([statement for statement in asked if statement.startswith("SELECT")]) >= 9
    plans = {statement: explain(state_dir, statement) for statement in asked if not statement.startswith("--")}
    assert {statement: plan for statement, plan in plans.items() if "SCAN" in plan} == {}
    assert len(find_incidents(str(state_dir), Query(since=NOON - 1, limit=20_000))) == 10_001


def explain(state_dir: Path, statement: str) -> str:
    connection = sqlite3.connect(state_dir / directory.DATABASE)
    try:
        return " ".join(str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}"))
    finally:
        connection.close()
