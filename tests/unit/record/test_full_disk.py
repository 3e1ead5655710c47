# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A full disk: the reserve is released once, the record stays whole, and nothing is recorded elsewhere.

Root fills a small file system of its own. Without root the process may write no larger files, which stops a
write in its middle as well.
"""

from __future__ import annotations

import itertools
import resource
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from file_systems import IS_ROOT, fill_bytes, fill_inodes, small_file_system
from record_fakes import an_incident

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import StateUnavailableError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    directory,
    incident_table,
    reserve,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import Query, find_incidents
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Writer


@dataclass(frozen=True)
class Disk:
    """A state directory whose disk a test can fill.

    :param reserve_helps: False where only the size of each file is limited, not the room of all.
    """

    path: Path
    fill: Callable[[], None]
    reserve_helps: bool


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    path = tmp_path / "disk"
    if IS_ROOT:
        with small_file_system(path, "4m"):
            yield Disk(path, partial(fill_bytes, path / "someone-elses-data"), reserve_helps=True)
        return
    path.mkdir(mode=0o700)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        yield Disk(path, partial(allow_no_larger_files, path), reserve_helps=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def allow_no_larger_files(path: Path) -> None:
    size = (path / directory.DATABASE).stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def add(state_dir: Path, name: str, words: int = 1) -> list[str]:
    """Store an incident. :returns: what the record has to say about itself."""
    writer = Writer(str(state_dir))
    incident = an_incident(services=(name,), summary="many words " * words)
    writer.run(partial(incident_table.add, incident=incident))
    return writer.notes


def add_without_end(state_dir: Path, accepted: list[str], notes: list[str]) -> None:
    for number in itertools.count():
        notes += add(state_dir, f"{number:05d}", words=80)
        accepted.append(f"{number:05d}")


def stored(state_dir: Path) -> list[str]:
    return sorted(one["services"][0] for one in find_incidents(str(state_dir), Query(limit=10_000)))


def is_whole(state_dir: Path) -> bool:
    connection = sqlite3.connect(f"file:{state_dir / directory.DATABASE}?mode=ro", uri=True)
    try:
        return bool(connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok")
    finally:
        connection.close()


RESERVE = "incident_response.reserve"


def give_away_the_reserve(state_dir: Path) -> None:
    for reserved in state_dir.glob(f"{RESERVE}*"):
        reserved.unlink()


def test_the_reserve_is_kept_from_the_first_write_on(state_dir: Path) -> None:
    add(state_dir, "a")
    found = (state_dir / RESERVE).stat()
    assert found.st_size == reserve.SIZE
    assert found.st_blocks * 512 >= reserve.SIZE


def test_a_record_on_a_full_disk_goes_on_into_the_reserve_then_says_so_and_stays_whole(disk: Disk) -> None:
    add(disk.path, "before")
    disk.fill()
    accepted: list[str] = []
    notes: list[str] = []
    with pytest.raises(StateUnavailableError, match=r"is full|disk refuses") as raised:
        add_without_end(disk.path, accepted, notes)
    assert "nothing is recorded elsewhere" in raised.value.remedy
    assert ("is full" in raised.value.message) or not disk.reserve_helps
    assert len(notes) == (1 if disk.reserve_helps else 0)
    assert (len(accepted) > 100) or not disk.reserve_helps
    disk.fill()
    with pytest.raises(StateUnavailableError, match=r"is full|disk refuses"):
        add(disk.path, "once more, with the reserve gone and not a byte left")
    assert stored(disk.path) == [*accepted, "before"]
    assert is_whole(disk.path)


@pytest.mark.skipif(not IS_ROOT, reason="only root can make a file system that has few inodes")
def test_a_record_on_a_disk_without_inodes_goes_on_with_those_of_the_reserve(tmp_path: Path) -> None:
    with small_file_system(tmp_path / "disk", "8m", inodes=64) as path:
        add(path, "before")
        fill_inodes(path / "someone-elses-files")

        notes = add(path, "after") + add(path, "later")

        assert len(notes) == 1
        assert "reserve" in notes[0]
        assert stored(path) == ["after", "before", "later"]
        assert is_whole(path)
        assert [one.name for one in path.iterdir() if one.name.startswith(RESERVE)] == []


@pytest.mark.skipif(not IS_ROOT, reason="only root can make a file system that has few inodes")
def test_without_a_reserve_a_disk_without_inodes_is_named_full(tmp_path: Path) -> None:
    with small_file_system(tmp_path / "disk", "8m", inodes=64) as path:
        add(path, "before")
        give_away_the_reserve(path)
        fill_inodes(path / "someone-elses-files")

        with pytest.raises(StateUnavailableError, match="is full") as raised:
            add(path, "after")

        assert "df -i" in raised.value.remedy
        assert stored(path) == ["before"]


def test_the_reserve_is_released_once_and_kept_again_when_there_is_room(state_dir: Path) -> None:
    full = [True, False, True, True]

    def operation(connection: sqlite3.Connection) -> str:
        if full.pop(0):
            raise sqlite3.OperationalError("database or disk is full")
        return "done"

    writer = Writer(str(state_dir))
    writer.run(incident_table.select)
    assert writer.run(operation) == "done"
    assert "reserve" in writer.notes[0]
    assert (state_dir / RESERVE).exists()
    with pytest.raises(StateUnavailableError, match="is full"):
        writer.run(operation)
    assert not (state_dir / RESERVE).exists()
    assert full == []


def test_without_a_reserve_a_full_disk_is_not_tried_twice(state_dir: Path) -> None:
    tries = []

    def operation(connection: sqlite3.Connection) -> None:
        tries.append(1)
        raise sqlite3.OperationalError("database or disk is full")

    Writer(str(state_dir)).run(incident_table.select)
    give_away_the_reserve(state_dir)
    with pytest.raises(StateUnavailableError, match="is full"):
        Writer(str(state_dir)).run(operation)
    assert tries == [1]
