# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DS-4: no backup that the policy keeps is ever lost, never the newest, and no link is followed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts import disk_backups as act
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.disk_backups import clean_backups
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.disk_room import Goal, Room
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_backups import choose_backups
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_settings import BackupPolicy
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    IncidentResponseError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk_backups import (
    look_at_backups,
)

DAY = 86400.0
NOW = 1_700_000_000.0
EVERYTHING = Goal()


def room(_path: str) -> Room:
    return Room(1000, 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Backups of 1 to 9 days, a folder among them, and things that are none."""
    path = tmp_path / "backups"
    path.mkdir()
    for days in range(1, 9):
        age(write(path / f"day-{days}.dump"), days)
    inside = write(path / "day-9.dump" / "base.tar")
    age(inside, 9)
    age(inside.parent, 9)
    age(write(path / "README"), 400)
    (path / "link.dump").symlink_to(write(tmp_path / "precious.dump"))
    return path


def write(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x" * 5000)
    return path


def age(path: Path, days: float) -> None:
    os.utime(path, (NOW - days * DAY, NOW - days * DAY))


def policy(path: Path, **changes: Any) -> BackupPolicy:
    return BackupPolicy(**{"path": str(path), "pattern": "*.dump", "keep": 3, "older_than_days": 5, **changes})


def names(path: Path) -> set[str]:
    return {entry.name for entry in path.iterdir()}


def test_old_backups_go_the_oldest_first_and_all_else_stays(folder: Path) -> None:
    before = names(folder)

    cleaning = clean_backups(policy(folder), NOW, room, EVERYTHING, check_mode=False)

    assert [item.name for item in cleaning.removed] == [
        "day-9.dump",
        "day-8.dump",
        "day-7.dump",
        "day-6.dump",
        "day-5.dump",
    ]
    assert names(folder) == before - {item.name for item in cleaning.removed}
    assert (folder.parent / "precious.dump").exists()
    assert not clean_backups(policy(folder), NOW, room, EVERYTHING, check_mode=False).removed


def test_check_mode_names_them_and_removes_nothing(folder: Path) -> None:
    before = names(folder)
    cleaning = clean_backups(policy(folder), NOW, room, EVERYTHING, check_mode=True)
    assert len(cleaning.removed) == 5
    assert cleaning.to_result()["actions"][0]["status"] == "would be removed"  # type: ignore[index]
    assert names(folder) == before


def test_a_backup_that_is_written_anew_meanwhile_stays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    def choose(*arguments: Any) -> Any:
        choice = choose_backups(*arguments)
        (folder / "day-8.dump").write_bytes(b"new")
        (folder / "day-7.dump").unlink()
        (folder / "day-7.dump").symlink_to(folder.parent / "precious.dump")
        (folder / "day-6.dump").unlink()
        return choice

    monkeypatch.setattr(act, "choose_backups", choose)

    cleaning = clean_backups(policy(folder), NOW, room, EVERYTHING, check_mode=False)

    assert [item.name for item in cleaning.removed] == ["day-9.dump", "day-5.dump"]
    assert cleaning.problems == (
        "day-8.dump stays: it was written to meanwhile.",
        "day-7.dump stays: it is something else meanwhile.",
    )
    assert (folder.parent / "precious.dump").exists()


def test_a_folder_that_was_written_into_meanwhile_stays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    def choose(*arguments: Any) -> Any:
        choice = choose_backups(*arguments)
        write(folder / "day-9.dump" / "more.tar")
        return choice

    monkeypatch.setattr(act, "choose_backups", choose)

    cleaning = clean_backups(policy(folder, older_than_days=8.5), NOW, room, EVERYTHING, check_mode=False)

    assert cleaning.removed == ()
    assert cleaning.problems == ("day-9.dump stays: it was written to meanwhile.",)
    assert (folder / "day-9.dump" / "base.tar").exists()


@pytest.mark.parametrize("path", ["/", "/etc", "/var/lib/docker", "/var/lib/../lib", "/home/", "/var/log"])
def test_a_folder_of_the_system_is_refused(path: str) -> None:
    with pytest.raises(InvalidInputError):
        clean_backups(BackupPolicy(path), NOW, room, EVERYTHING, check_mode=False)


def test_a_folder_behind_a_link_is_refused_and_a_missing_one_is_told(folder: Path) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder)
    with pytest.raises(InvalidInputError, match="without links"):
        clean_backups(policy(link), NOW, room, EVERYTHING, check_mode=False)
    shutil.rmtree(folder)
    with pytest.raises(IncidentResponseError, match="cannot be read"):
        clean_backups(policy(folder), NOW, room, EVERYTHING, check_mode=False)


def test_the_look_tells_what_may_go_and_names_a_problem(folder: Path) -> None:
    seen = look_at_backups(policy(folder), NOW)
    assert (seen.count, seen.kept, len(seen.removable), seen.problem) == (9, 4, 5, "")
    assert seen.removable[0][0] == "day-9.dump"
    assert seen.removable_size >= 25_000
    assert look_at_backups(policy(folder / "nowhere"), NOW).problem == "it cannot be read: No such file or directory"
    assert "nothing but backups" in look_at_backups(BackupPolicy("/etc"), NOW).problem
