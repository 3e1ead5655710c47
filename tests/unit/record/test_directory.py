# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state directory: which ones are refused and with which remedy, which rights the files get."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from file_systems import read_only_directory
from record_fakes import FakeClock, an_incident

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import StateUnavailableError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import directory, incident_table
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import Query, find_incidents
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Rehearsal, Writer
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.summary import read_summary


def nothing(connection: sqlite3.Connection) -> None:
    """An operation that does nothing: opening alone has to fail."""


def a_link(path: Path) -> None:
    path.with_name("real").mkdir()
    path.symlink_to(path.with_name("real"))


def a_file(path: Path) -> None:
    path.write_text("not a directory")


def open_to_everybody(path: Path) -> None:
    path.mkdir()
    path.chmod(0o777)


def a_linked_database(path: Path) -> None:
    path.mkdir(mode=0o700)
    (path / directory.DATABASE).symlink_to(path.with_name("elsewhere"))


def garbage(path: Path) -> None:
    path.mkdir(mode=0o700)
    (path / directory.DATABASE).write_bytes(b"garbage " * 1000)


def a_torn_database(path: Path) -> None:
    Writer(str(path)).run(lambda connection: incident_table.add(connection, an_incident()))
    file = path / directory.DATABASE
    content = bytearray(file.read_bytes())
    content[100 : len(content) // 2] = os.urandom(len(content) // 2 - 100)
    file.write_bytes(content)


def of_a_newer_release(path: Path) -> None:
    Writer(str(path)).run(nothing)
    connection = sqlite3.connect(path / directory.DATABASE)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


UNUSABLE: list[tuple[Callable[[Path], None], str, str]] = [
    (a_link, "is a symbolic link", "points to"),
    (a_file, "is not a directory", "Move that file away"),
    (open_to_everybody, "is writable for everybody", "mode 0700"),
    (a_linked_database, "is a symbolic link", "Put the file itself there"),
    (garbage, "is damaged|cannot be read", "away"),
    (a_torn_database, "is damaged|cannot be read", "away"),
    (of_a_newer_release, "schema version 99", "newer release"),
]


@pytest.mark.parametrize("make, reason, remedy", UNUSABLE)
@pytest.mark.parametrize("kind", [Writer, Rehearsal])
def test_a_directory_that_is_not_safe_is_refused_with_a_remedy(
    state_dir: Path,
    make: Callable[[Path], None],
    reason: str,
    remedy: str,
    kind: Callable[[str], Writer | Rehearsal],
) -> None:
    make(state_dir)
    with pytest.raises(StateUnavailableError, match=reason) as raised:
        kind(str(state_dir)).run(incident_table.select)
    assert remedy in raised.value.remedy


@pytest.mark.parametrize("make, reason, remedy", UNUSABLE)
def test_a_summary_says_why_there_is_none(
    state_dir: Path, make: Callable[[Path], None], reason: str, remedy: str, clock: FakeClock
) -> None:
    make(state_dir)
    summary = read_summary(str(state_dir), "shop", clock.now())
    assert not summary["available"]
    assert remedy in summary["remedy"]


def test_a_damaged_record_is_left_as_it_is(state_dir: Path) -> None:
    garbage(state_dir)
    before = {file.name: file.read_bytes() for file in state_dir.iterdir()}
    with pytest.raises(StateUnavailableError):
        Writer(str(state_dir)).run(nothing)
    assert {file.name: file.read_bytes() for file in state_dir.iterdir()} == before


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    with read_only_directory(tmp_path / "ro") as path:
        yield path


def test_a_read_only_directory_is_refused_for_writing(read_only: Path) -> None:
    with pytest.raises(StateUnavailableError, match=r"read-only|not writable"):
        Writer(str(read_only)).run(nothing)


def test_a_record_on_a_read_only_file_system_can_be_read(tmp_path: Path) -> None:
    def fill(path: Path) -> None:
        Writer(str(path)).run(lambda connection: incident_table.add(connection, an_incident()))

    with read_only_directory(tmp_path / "ro", fill) as path:
        assert len(find_incidents(str(path), Query())) == 1


@pytest.mark.parametrize(
    "mode, owner, user, fault",
    [
        (stat.S_IFDIR | 0o700, 0, 0, None),
        (stat.S_IFDIR | 0o700, 1000, 1000, None),
        (stat.S_IFDIR | 0o2770, 0, 1000, None),
        (stat.S_IFDIR | 0o755, 0, 1000, None),
        (stat.S_IFDIR | 0o700, 1000, 0, "belongs to uid 1000"),
        (stat.S_IFDIR | 0o770, 1000, 1001, "belongs to uid 1000"),
        (stat.S_IFDIR | 0o702, 0, 0, "writable for everybody"),
        (stat.S_IFDIR | 0o1777, 0, 0, "writable for everybody"),
        (stat.S_IFLNK | 0o777, 0, 0, "symbolic link"),
        (stat.S_IFREG | 0o600, 0, 0, "not a directory"),
    ],
)
def test_a_directory_is_roots_or_the_users_own_and_not_everybodys(
    mode: int, owner: int, user: int, fault: str | None
) -> None:
    found = directory.fault_of(mode, owner, user)
    assert (found is None) == (fault is None)
    assert fault is None or (found is not None and fault in found[0])


def test_a_relative_path_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for kind in (Writer, Rehearsal):
        with pytest.raises(StateUnavailableError, match="not an absolute path"):
            kind("state").run(nothing)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_parent_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StateUnavailableError, match="cannot be created") as raised:
        Writer(str(tmp_path / "no" / "such")).run(nothing)
    assert "install -d" in raised.value.remedy
    assert "platform_state_dir" in raised.value.remedy


@pytest.mark.parametrize("directory_mode, file_mode", [(0o700, 0o600), (0o750, 0o600), (0o2770, 0o660)])
def test_files_are_for_the_owner_or_for_the_prepared_group(
    state_dir: Path, directory_mode: int, file_mode: int
) -> None:
    state_dir.mkdir()
    state_dir.chmod(directory_mode)
    Writer(str(state_dir)).run(nothing)
    assert stat.S_IMODE((state_dir / directory.DATABASE).stat().st_mode) == file_mode


def test_a_directory_that_is_made_is_for_the_owner_alone(state_dir: Path) -> None:
    Writer(str(state_dir)).run(nothing)
    assert stat.S_IMODE(state_dir.stat().st_mode) == 0o700


def test_readers_and_rehearsals_make_nothing(state_dir: Path, clock: FakeClock) -> None:
    assert read_summary(str(state_dir), "shop", clock.now()) == {
        "available": True,
        "state_dir": str(state_dir),
        "open_incidents": [],
        "maintenance": [],
        "lease": None,
        "samples": {},
    }
    assert find_incidents(str(state_dir), Query()) == []
    Rehearsal(str(state_dir)).run(lambda connection: incident_table.add(connection, an_incident()))
    assert not state_dir.exists()


def test_readers_and_rehearsals_leave_an_existing_record_untouched(state_dir: Path, clock: FakeClock) -> None:
    Writer(str(state_dir)).run(lambda connection: incident_table.add(connection, an_incident()))
    before = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in state_dir.iterdir()}
    changed = state_dir.stat().st_mtime_ns
    assert len(read_summary(str(state_dir), "shop", clock.now())["open_incidents"]) == 1
    assert len(find_incidents(str(state_dir), Query(full=True))) == 1
    added = Rehearsal(str(state_dir)).run(
        lambda connection: incident_table.add(connection, an_incident(services=("other",)))
    )
    assert added.id.endswith("-002")
    assert {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in state_dir.iterdir()} == before
    assert state_dir.stat().st_mtime_ns == changed


def test_a_record_that_is_open_for_writing_is_read_with_what_was_committed(state_dir: Path) -> None:
    Writer(str(state_dir)).run(nothing)
    other = sqlite3.connect(state_dir / directory.DATABASE, isolation_level=None)
    other.row_factory = sqlite3.Row
    try:
        other.execute("BEGIN IMMEDIATE")
        incident_table.add(other, an_incident(services=("committed",)))
        other.execute("COMMIT")
        other.execute("BEGIN IMMEDIATE")
        incident_table.add(other, an_incident(services=("not",)))
        assert (state_dir / f"{directory.DATABASE}-wal").exists()
        assert [one["services"] for one in find_incidents(str(state_dir), Query())] == [["committed"]]
    finally:
        other.close()


def test_a_writer_waits_for_another_and_says_so_when_it_does_not_end(state_dir: Path) -> None:
    Writer(str(state_dir)).run(nothing)
    other = sqlite3.connect(state_dir / directory.DATABASE, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateUnavailableError, match="locked by another process"):
            Writer(str(state_dir), busy_seconds=0.05).run(nothing)
    finally:
        other.close()


def test_an_operation_that_fails_leaves_nothing_behind(state_dir: Path) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        incident_table.add(connection, an_incident())
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        Writer(str(state_dir)).run(fail)
    assert find_incidents(str(state_dir), Query()) == []
