# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Room is made one thing after the other, measured after each, until it is enough."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.disk_room import (
    Cleaning,
    Goal,
    Removal,
    Room,
    measure_room,
    measured,
    remove_in_turn,
)

FULL = Room(1000, 0, 100, 50)
THINGS = tuple(Removal("backup", f"/b/{name}", 100, name, 1) for name in "abcde")


class Disk:
    """A disk that gets its room back when things are removed from it."""

    def __init__(self, room: Room, stubborn: str = "", gone: str = "") -> None:
        self.room = room
        self.removed: list[str] = []
        self._stubborn = stubborn
        self._gone = gone

    def measure(self, _path: str) -> Room:
        return self.room

    def remove(self, item: Removal) -> str | None:
        if item.name == self._stubborn:
            return f"{item.name} stays: it is in use."
        if item.name == self._gone:
            return ""
        self.removed.append(item.name)
        self.room = self.room.with_more(item.size, item.files)
        return None


@pytest.mark.parametrize(
    "room, percent",
    [
        (Room(1000, 1000), 0),
        (Room(1000, 250), 75),
        (Room(1000, 0), 100),
        (Room(1000, 900, 100, 5), 95),
        (Room(1000, 100, 100, 95), 90),
        # A file system without a fixed number of inodes, and one without any room at all (proc).
        (Room(1000, 500, 0, 0), 50),
        (Room(0, 0), 0),
    ],
)
def test_the_use_of_a_disk_is_that_of_bytes_or_inodes_whichever_is_scarcer(room: Room, percent: float) -> None:
    assert room.used_percent == pytest.approx(percent)


@pytest.mark.parametrize(
    "goal, room, left, reached",
    [
        # No target: everything that the policy lets go goes.
        (Goal(), Room(1000, 1000), 0, False),
        (Goal(80), Room(1000, 199), 9, False),
        (Goal(80), Room(1000, 200), 9, True),
        (Goal(80), Room(1000, 900, 100, 10), 9, False),
        # What cannot be measured is never enough.
        (Goal(80), None, 9, False),
        # Too much of it, though the disk has room.
        (Goal(80, most_bytes=8), Room(1000, 900), 9, False),
        (Goal(80, most_bytes=9), Room(1000, 900), 9, True),
    ],
)
def test_when_it_is_enough(goal: Goal, room: Room | None, left: int, reached: bool) -> None:
    assert goal.reached(room, left) is reached


@pytest.mark.parametrize(
    "goal, room, removed, left",
    [
        (Goal(80), FULL, "ab", 3),
        (Goal(75), FULL, "abc", 2),
        (Goal(80), Room(1000, 500, 100, 50), "", 5),
        (Goal(80), Room(10_000, 9000, 100, 17), "abc", 2),
        (Goal(10), FULL, "abcde", 0),
        (Goal(), Room(10_000, 9000), "abcde", 0),
        (Goal(80, most_bytes=300), Room(10_000, 9000), "ab", 3),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True], ids=["for real", "check mode"])
def test_it_stops_at_the_goal_and_check_mode_says_the_same(
    goal: Goal, room: Room, removed: str, left: int, check_mode: bool
) -> None:
    disk = Disk(room)

    cleaning = remove_in_turn("/b", THINGS, goal, disk.measure, None if check_mode else disk.remove)

    assert "".join(item.name for item in cleaning.removed) == removed
    assert (cleaning.left, cleaning.freed) == (left, 100 * len(removed))
    assert "".join(disk.removed) == ("" if check_mode else removed)
    result = cleaning.to_result()
    assert result["changed"] is bool(removed)
    assert result["diff"] == {"before": "".join(f"backup {name}\n" for name in removed), "after": ""}


def test_what_stays_is_told_and_the_next_one_goes_in_its_place() -> None:
    disk = Disk(FULL, stubborn="a", gone="b")

    cleaning = remove_in_turn("/b", THINGS, Goal(80), disk.measure, disk.remove)

    assert disk.removed == ["c", "d"]
    assert cleaning.problems == ("a stays: it is in use.",)
    assert cleaning.note == (
        "Removed 2 and freed 200 B; /b went from 100 to 80 %; 1 more may go and stay, it is enough. "
        "a stays: it is in use."
    )


def test_where_nothing_can_be_measured_the_policy_alone_decides() -> None:
    def nowhere(_path: str) -> Room:
        raise FileNotFoundError

    cleaning = remove_in_turn("/far/away", THINGS, Goal(80), nowhere, Disk(FULL).remove)

    assert (len(cleaning.removed), cleaning.freed, cleaning.before) == (5, 500, None)
    assert cleaning.note == "Removed 5 and freed 500 B."


@pytest.mark.parametrize(
    "cleaning, note",
    [
        (Cleaning("/b"), "Nothing was removed."),
        (Cleaning("/b", left=3), "Nothing was removed; 3 may go and stay, it is enough."),
        (Cleaning("/b", problems=("a stays: busy.",)), "Nothing was removed. a stays: busy."),
        (
            Cleaning("/b", THINGS[:2], FULL, FULL.with_more(200, 2), rehearsed=True),
            "Would remove 2 and free 200 B; /b would go from 100 to 80 %.",
        ),
        (Cleaning("/b", THINGS[:1], reported=7), "Removed 1 and freed 7 B."),
        # Somebody else wrote more meanwhile than was gained.
        (
            Cleaning("/b", THINGS[:1], Room(1000, 500), Room(1000, 400)),
            "Removed 1 and freed 0 B; /b went from 50 to 60 %.",
        ),
    ],
)
def test_what_a_person_reads(cleaning: Cleaning, note: str) -> None:
    assert cleaning.note == note


def test_the_room_of_a_real_folder_is_what_df_says(tmp_path: Path) -> None:
    room = measure_room(str(tmp_path))
    assert 0 < room.available <= room.size
    assert 0 <= room.used_percent <= 100
    assert measured(measure_room, str(tmp_path / "nowhere")) is None
