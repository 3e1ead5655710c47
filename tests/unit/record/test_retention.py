# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Old incidents leave the record only when they may, and never before the disk has them."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sqlite3
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from guard_runs import Host
from healed_runs import heal
from module_calls import fail, run
from record_fakes import NOON, FakeClock, FakeProcesses, an_incident

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import StateUnavailableError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import Incident, State
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.retention import (
    Facts,
    Keep,
    reason_to_keep,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_state import ReviewState
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    export_file,
    incident_table,
    related_rows,
    retention,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import Query, find_incidents
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.review import (
    ReviewChange,
    change_review,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Writer
from ansible_collections.agentfoundry.incident_response.plugins.modules import incident_prune

DAY = 86_400.0
CUTOFF = NOON + 30 * DAY
ENDS = {"resolved_at": NOON + 1, "reviewed_at": NOON + 2, "closed_at": NOON + 3}
CLOSED: dict[str, Any] = {"state": State.CLOSED, **ENDS}
TABLES = {"incident", "timeline", "attempt", "measurement", "review", "review_text", "notice", "message", "escalation"}


@pytest.mark.parametrize(
    "fields, facts, reason",
    [
        pytest.param(CLOSED, Facts(), None, id="closed long ago"),
        pytest.param({"state": State.REVIEWED, "reviewed_at": NOON}, Facts(), None, id="reviewed long ago"),
        pytest.param({"state": State.RESOLVED, "resolved_at": NOON, "severity": "P3"}, Facts(), None, id="a P3"),
        pytest.param({}, Facts(), Keep.OPEN, id="open"),
        pytest.param({"state": State.STABLE, "severity": "P4"}, Facts(), Keep.OPEN, id="stable"),
        pytest.param({"state": State.RESOLVED, "resolved_at": NOON}, Facts(), Keep.UNREVIEWED, id="a P2 unreviewed"),
        pytest.param(
            {"state": State.RESOLVED, "resolved_at": NOON, "severity": "P3"},
            Facts(review_begun=True),
            Keep.UNREVIEWED,
            id="a P3 whose review was begun",
        ),
        pytest.param({**CLOSED, "closed_at": CUTOFF + 1}, Facts(), Keep.RECENT, id="closed lately"),
        pytest.param({"state": State.CLOSED}, Facts(), Keep.RECENT, id="no end is recorded"),
        pytest.param(CLOSED, Facts(unsent=True), Keep.UNSENT, id="a message waits"),
        pytest.param(CLOSED, Facts(has_last_attempt=True), Keep.LAST_ATTEMPT, id="the last action"),
    ],
)
def test_an_incident_leaves_only_when_nothing_speaks_for_keeping_it(
    fields: dict[str, Any], facts: Facts, reason: Keep | None
) -> None:
    assert reason_to_keep(an_incident(**fields), CUTOFF, facts) is reason


def store(state_dir: Path, *incidents: Incident) -> list[str]:
    writer = Writer(str(state_dir))
    return [writer.run(partial(incident_table.add, incident=one)).id for one in incidents]


def closed(number: int, **fields: Any) -> Incident:
    return an_incident(**{**CLOSED, "services": (f"s{number}",), **fields})


def prune(host: Host, *, rehearse: bool = False) -> dict[str, Any]:
    host.clock.set_wall(CUTOFF + DAY)
    folder = str(Path(host.state_dir) / "exports")
    return retention.prune(host.run("prune").platform, CUTOFF, folder, rehearse=rehearse)


def ids(host: Host) -> list[str]:
    return sorted(one["id"] for one in find_incidents(host.state_dir, Query(limit=100_000)))


def exported(host: Host) -> list[dict[str, Any]]:
    files = sorted((Path(host.state_dir) / "exports").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def test_what_leaves_is_in_the_export_with_all_that_the_record_held_of_it(host: Host, state_dir: Path) -> None:
    number = heal(host)["id"]
    texts = dict.fromkeys(("impact", "corrective_actions", "went_well", "improve", "monitoring"), "none")
    platform = host.run("review").platform
    change_review(platform, number, ReviewChange(texts={**texts, "notes": "first"}), "jane")
    change_review(platform, number, ReviewChange(texts={"notes": "second"}), "jane")
    for state in (ReviewState.REVIEWED, ReviewState.CLOSED):
        change_review(platform, number, ReviewChange(state=state), "jane")
    heal(host, "later", services=("redis",))
    before = host.incident(number)

    result = prune(host)

    assert (result["changed"], result["pruned"], result["kept"]) == (True, [number], {"not reviewed": 1})
    assert ids(host) == [one for one in ids(host) if one != number]
    (line,) = exported(host)
    told = ("timeline", "attempts", "measurements", "findings", "root_cause")
    assert {name: line["incident"][name] for name in told} == {name: before[name] for name in told}
    assert [row["text"] for row in line["rows"]["review_text"] if row["section"] == "notes"] == ["first", "second"]
    assert set(line["rows"]) == TABLES
    assert prune(host)["changed"] is False


def test_nothing_is_left_of_it_in_any_table(host: Host, state_dir: Path) -> None:
    (number,) = store(state_dir, closed(1))
    writer = Writer(str(state_dir))
    tables = writer.run(related_rows.tables_of_incidents)
    assert set(tables) == TABLES

    prune(host)

    left = writer.run(lambda connection: related_rows.rows_of(connection, tables, number))
    assert {table: rows for table, rows in left.items() if rows} == {}


def test_an_export_that_cannot_be_written_removes_nothing(
    host: Host, state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = store(state_dir, closed(1))

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StateUnavailableError, match=r"cannot be written.*No space left.*nothing was pruned"):
        prune(host)
    monkeypatch.undo()
    assert ids(host) == stored
    assert [path.name for path in (state_dir / "exports").iterdir()] == []


def test_an_incident_that_changes_between_export_and_removal_stays(
    host: Host, state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = store(state_dir, closed(1), closed(2))
    write = export_file.write_export

    def write_while_somebody_notes(folder: Path, name: str, lines: Any) -> Path:
        statement = "UPDATE incident SET summary = 'more' WHERE id = ?"
        Writer(str(state_dir)).run(lambda connection: connection.execute(statement, (first,)))
        return write(folder, name, lines)

    monkeypatch.setattr(export_file, "write_export", write_while_somebody_notes)
    assert prune(host)["pruned"] == [second]
    assert ids(host) == [first]


def test_the_files_come_in_batches_and_many_leave_in_one_run(
    host: Host, state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 4)
    stored = store(state_dir, *(closed(number) for number in range(10)))

    result = prune(host)

    assert (result["pruned"], len(result["exports"]), ids(host)) == (stored, 3, [])
    assert [line["incident"]["id"] for line in exported(host)] == stored


def test_a_rehearsal_tells_what_would_leave_and_writes_nothing(host: Host, state_dir: Path) -> None:
    stored = store(state_dir, closed(1), an_incident())

    rehearsed = prune(host, rehearse=True)

    assert (rehearsed["changed"], rehearsed["pruned"], rehearsed["kept"]) == (True, stored[:1], {"not resolved": 1})
    assert ids(host) == stored
    assert not (state_dir / "exports").exists()


def test_an_id_is_not_given_again_after_it_left_and_the_clock_was_set_back(host: Host, state_dir: Path) -> None:
    assert store(state_dir, closed(1), closed(2)) == ["INC-2026-02-27-001", "INC-2026-02-27-002"]
    prune(host)

    assert store(state_dir, closed(3)) == ["INC-2026-02-27-003"]


FORK = multiprocessing.get_context("fork")
MOMENTS = ("before the export", "after the export", "during the removal")


def prune_and_die(state_dir: Path, moment: str) -> None:
    """A run that kills itself at that moment."""
    host = Host(state_dir, FakeClock(), FakeProcesses())
    write, delete = export_file.write_export, related_rows.delete

    def die(*_args: Any) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)

    def write_and_die(*args: Any) -> Any:
        write(*args)
        die()

    def delete_and_die(connection: sqlite3.Connection, tables: Any, number: str) -> None:
        delete(connection, tables, number)
        if number.endswith("003"):
            die()

    dies: dict[str, tuple[object, str, Any]] = {
        MOMENTS[0]: (Path, "replace", die),
        MOMENTS[1]: (export_file, "write_export", write_and_die),
        MOMENTS[2]: (related_rows, "delete", delete_and_die),
    }
    target, name, instead = dies[moment]
    with mock.patch.object(target, name, instead):
        prune(host)


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_moment_each_incident_is_in_the_record_or_in_the_export_and_the_next_run_ends_it(
    host: Host, state_dir: Path, moment: str
) -> None:
    stored = store(state_dir, *(closed(number) for number in range(5)))
    killed = FORK.Process(target=prune_and_die, args=(state_dir, moment))
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL

    assert set(ids(host)) | {line["incident"]["id"] for line in exported(host)} == set(stored)
    prune(host)
    assert ids(host) == []
    assert [line["incident"]["id"] for line in exported(host)] == stored


@pytest.mark.parametrize(
    "options, words",
    [
        ({"older_than": 0.5}, "older_than has the value 0.5"),
        ({"older_than": 1e9}, "older_than"),
        ({"export_dir": "exports"}, "export_dir"),
    ],
)
def test_an_option_that_is_wrong_is_named(state_dir: Path, options: dict[str, Any], words: str) -> None:
    assert words in fail(incident_prune, {"state_dir": str(state_dir), **options})["msg"]


def test_a_host_without_a_record_gets_none(state_dir: Path) -> None:
    assert run(incident_prune, {"state_dir": str(state_dir)})["changed"] is False
    assert not state_dir.exists()


def test_the_module_prunes_by_age_and_check_mode_only_tells(state_dir: Path) -> None:
    stored = store(state_dir, closed(1), replace(an_incident(), severity="P3"))
    options = {"state_dir": str(state_dir), "older_than": 30}

    rehearsed = run(incident_prune, {**options, "_ansible_check_mode": True})
    done, again = run(incident_prune, options), run(incident_prune, options)

    assert (rehearsed["pruned"], rehearsed["exports"]) == (stored[:1], [])
    assert (done["changed"], done["pruned"], done["kept"]) == (True, stored[:1], {"not resolved": 1})
    assert [Path(path).parent for path in done["exports"]] == [state_dir / "exports"]
    assert again["changed"] is False
