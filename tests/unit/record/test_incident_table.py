# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Incidents in the record: ids, one open incident for a fault, what is stored."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from record_fakes import NOON, FakeClock, an_incident

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import (
    Escalation,
    Incident,
    State,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    incident_table,
    timeline_table,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.incident_table import (
    NoSuchIncidentError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Writer

DAY = 86_400.0


def store(state_dir: Path, *incidents: Incident) -> list[Incident]:
    writer = Writer(str(state_dir))
    return [writer.run(partial(incident_table.add, incident=one)) for one in incidents]


def test_ids_count_up_within_their_day_and_begin_anew_on_the_next(state_dir: Path) -> None:
    opened = (NOON, NOON + 1, NOON + DAY)
    stored = store(state_dir, *(an_incident(services=(f"s{at}",), opened_at=at) for at in opened))
    assert [one.id for one in stored] == ["INC-2026-02-27-001", "INC-2026-02-27-002", "INC-2026-02-28-001"]


def test_an_id_is_not_given_twice_when_the_clock_was_set_back(state_dir: Path) -> None:
    opened = (NOON, NOON + DAY, NOON)
    stored = store(state_dir, *(an_incident(services=(f"s{n}",), opened_at=at) for n, at in enumerate(opened)))
    assert [one.id[-6:] for one in stored] == ["27-001", "28-001", "27-002"]


def test_an_incident_is_read_back_as_it_was_stored(state_dir: Path) -> None:
    incident = an_incident(
        services=("b", "a"),
        source="awx",
        source_detail="job 17",
        escalation=Escalation(NOON, "no rung left", "call the ML engineer", "Model server failure"),
        acknowledged_at=NOON + 1,
    )
    (stored,) = store(state_dir, incident)
    assert stored == replace(incident, id="INC-2026-02-27-001", services=("a", "b"))


def test_the_database_refuses_a_second_open_incident_of_the_same_fault(state_dir: Path) -> None:
    store(state_dir, an_incident())
    with pytest.raises(sqlite3.IntegrityError):
        store(state_dir, an_incident())


@pytest.mark.parametrize("state", list(State))
def test_only_an_incident_that_is_not_resolved_is_joined(state_dir: Path, state: State) -> None:
    (stored,) = store(state_dir, an_incident(state=state))
    found = Writer(str(state_dir)).run(lambda connection: incident_table.find_active(connection, stored.fingerprint))
    assert found == (stored if state in (State.OPEN, State.ACKNOWLEDGED, State.STABLE) else None)


def test_an_unknown_id_is_an_error_that_says_where_to_look(state_dir: Path) -> None:
    with pytest.raises(NoSuchIncidentError, match="incident_info"):
        Writer(str(state_dir)).run(lambda connection: incident_table.get(connection, "INC-2026-01-01-001"))


def test_filters_narrow_the_selection_newest_first(state_dir: Path) -> None:
    a, b, c = store(
        state_dir,
        an_incident(services=("a",), scenario="model_server"),
        an_incident(services=("b",), scenario="service_crash", state=State.RESOLVED, opened_at=NOON + DAY),
        an_incident(services=("c",), platform="other", opened_at=NOON + 2 * DAY),
    )
    writer = Writer(str(state_dir))
    assert writer.run(incident_table.select) == [c, b, a]
    assert writer.run(lambda con: incident_table.select(con, platform="shop")) == [b, a]
    assert writer.run(lambda con: incident_table.select(con, scenario="service_crash")) == [b]
    assert writer.run(lambda con: incident_table.select(con, states=(State.OPEN,), platform="shop")) == [a]
    assert writer.run(lambda con: incident_table.select(con, since=NOON + 1.5 * DAY)) == [c]
    assert writer.run(lambda con: incident_table.select(con, limit=1)) == [c]


def test_nothing_that_looks_like_a_secret_reaches_the_file(state_dir: Path, clock: FakeClock) -> None:
    secret = "password=hunter2hunter2"
    (stored,) = store(
        state_dir,
        an_incident(summary=secret, root_cause=secret, severity_rule=secret, source_detail=secret),
    )

    def write(connection: sqlite3.Connection) -> None:
        findings = [{"message": secret, "evidence": [secret]}]
        incident_table.save_observation(connection, stored.id, findings, {"s": secret})
        timeline_table.tell(connection, stored.id, clock.now(), "person", "note", secret, [secret])

    Writer(str(state_dir)).run(write)
    assert b"hunter2" not in b"".join(file.read_bytes() for file in state_dir.iterdir())


def test_digests_and_ids_are_not_taken_for_secrets(state_dir: Path) -> None:
    digest = "3f" * 32
    (stored,) = store(state_dir, an_incident())
    writer = Writer(str(state_dir))
    plan = {"steps": [{"action": "restart", "digest": digest}]}
    writer.run(lambda connection: incident_table.save_observation(connection, stored.id, [{"id": digest[:12]}], plan))
    assert writer.run(lambda con: incident_table.observation(con, stored.id)) == {
        "plan": plan,
        "findings": [{"id": digest[:12]}],
    }


def test_a_repeated_entry_is_counted_and_another_one_is_added(state_dir: Path, clock: FakeClock) -> None:
    (stored,) = store(state_dir, an_incident())
    writer = Writer(str(state_dir))
    for message in ("still down", "still down", "still down", "up", "still down"):
        clock.move(60)
        tell = partial(timeline_table.tell, incident=stored.id, now=clock.now(), actor="alert", kind="joined")
        writer.run(partial(tell, message=message))
    entries = writer.run(lambda con: timeline_table.entries(con, stored.id))
    assert [(entry["message"], entry["repeated"]) for entry in entries] == [
        ("still down", 2), ("up", 0), ("still down", 0),
    ]  # fmt: skip
    assert (entries[0]["at"], entries[0]["last_at"]) == ("2026-02-27T12:01:00Z", "2026-02-27T12:03:00Z")


def test_evidence_is_bounded(state_dir: Path, clock: FakeClock) -> None:
    (stored,) = store(state_dir, an_incident())
    writer = Writer(str(state_dir))
    evidence = ["word " * 10_000] * 100
    writer.run(lambda con: timeline_table.tell(con, stored.id, clock.now(), "run", "outcome", "m " * 10_000, evidence))
    assert len(json.dumps(writer.run(lambda con: timeline_table.entries(con, stored.id)))) < 50 * 310 + 1500
