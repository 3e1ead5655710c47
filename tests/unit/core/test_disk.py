# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_backups import (
    BackupEntry,
    choose_backups,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import FileSystem
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_growth import (
    growth,
    read_history,
    samples_to_keep,
    seconds_until_full,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_settings import (
    BackupPolicy,
    DiskSettings,
    read_disk_settings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_size import (
    read_size,
    size_in_words,
    time_in_words,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError

DAY = 86400.0
NOW = 100 * DAY
DISK = FileSystem("/srv", 7, size=1000, used=500, available=400)


@pytest.mark.parametrize(
    "text, size",
    [
        ("0B", 0),
        ("44.21kB", 44210),
        ("219MB", 219_000_000),
        ("1.5GiB", 1610612736),
        ("", 0),
        ("N/A", 0),
        ("2 MB", 2_000_000),
    ],
)
def test_a_size_as_docker_prints_it(text: str, size: int) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize(
    "size, words",
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (59_000_000, "59.0 MB"),
        (250_000_000, "250 MB"),
        (2.5e12, "2.5 TB"),
    ],
)
def test_a_size_for_a_person(size: float, words: str) -> None:
    assert size_in_words(size) == words


@pytest.mark.parametrize(
    "seconds, words", [(10, "1 minute"), (3000, "50 minutes"), (7200, "2 hours"), (3 * DAY, "3 days")]
)
def test_a_time_for_a_person(seconds: float, words: str) -> None:
    assert time_in_words(seconds) == words


def test_nothing_has_to_be_said_of_disks() -> None:
    assert read_disk_settings(None) == read_disk_settings({}) == DiskSettings()


def test_all_that_can_be_said_of_disks() -> None:
    backup = {"path": "/srv/backups/", "pattern": "*.dump", "keep": 3, "older_than_days": 1}
    settings = read_disk_settings({"paths": ["/data"], "backups": [backup], "labels": ["a=b", "c"], "detail": True})

    assert settings.paths == ("/data",)
    assert settings.backups == (BackupPolicy("/srv/backups", "*.dump", 3, 1.0),)
    assert (settings.labels, settings.detail) == (("a=b", "c"), True)


@pytest.mark.parametrize(
    "data, option",
    [
        ("all", "disk"),
        ({"path": "/"}, "disk.path"),
        ({"paths": "/data"}, "disk.paths"),
        ({"paths": ["data"]}, "disk.paths[0]"),
        ({"labels": ["a b"]}, "disk.labels"),
        ({"labels": [3]}, "disk.labels"),
        ({"detail": "yes"}, "disk.detail"),
        ({"image_age_h": -1}, "disk.image_age_h"),
        ({"image_age_h": True}, "disk.image_age_h"),
        ({"container_age_h": float("nan")}, "disk.container_age_h"),
        ({"backups": [{}]}, "disk.backups[0].path"),
        ({"backups": [{"path": "/b", "keep": 0}]}, "disk.backups[0].keep"),
        ({"backups": [{"path": "/b", "keep": True}]}, "disk.backups[0].keep"),
        ({"backups": [{"path": "/b", "pattern": "../*"}]}, "disk.backups[0].pattern"),
        ({"backups": [{"path": "/b", "pattern": ""}]}, "disk.backups[0].pattern"),
        ({"backups": [{"path": "/b", "kept": 1}]}, "disk.backups[0].kept"),
    ],
)
def test_a_wrong_word_about_disks_is_refused_by_its_name(data: Any, option: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_disk_settings(data)
    assert caught.value.option == option


def backup(name: str, days: float, size: int = 10) -> BackupEntry:
    """Return a backup of that age."""
    return BackupEntry(name, size, NOW - days * DAY)


def test_the_oldest_backups_go_first_and_the_newest_stay() -> None:
    entries = [backup(f"{age}.dump", age) for age in (9, 1, 30, 20, 8)]

    choice = choose_backups(entries, BackupPolicy("/b", keep=2, older_than_days=7), NOW)

    assert [entry.name for entry in choice.removable] == ["30.dump", "20.dump", "9.dump"]
    assert [entry.name for entry in choice.kept] == ["1.dump", "8.dump"]


@pytest.mark.parametrize(
    "entries, policy, removable",
    [
        ([backup("a", 50)], BackupPolicy("/b", keep=1, older_than_days=0), []),
        ([backup("a", 50), backup("b", 40)], BackupPolicy("/b", keep=1, older_than_days=0), ["a"]),
        ([backup("a", 50), backup("b", 40)], BackupPolicy("/b", keep=1, older_than_days=60), []),
        # The empty file of a failed run is no backup: the last good one stays.
        ([backup("good", 50), backup("empty", 40, 0)], BackupPolicy("/b", keep=1, older_than_days=0), []),
        ([backup("old", 60), backup("good", 50), backup("empty", 40, 0)], BackupPolicy("/b", keep=1), ["old"]),
        # Whatever age is asked for, one that is written now is left alone.
        ([backup("a", 0.001), backup("b", 0.002)], BackupPolicy("/b", keep=1, older_than_days=0), []),
        ([backup("a.dump", 50), backup("b.dump", 40), backup("n", 90)], BackupPolicy("/b", "*.dump", 1), ["a.dump"]),
        ([], BackupPolicy("/b"), []),
    ],
)  # fmt: skip
def test_which_backups_a_policy_lets_go(entries: list[BackupEntry], policy: BackupPolicy, removable: list[str]) -> None:
    assert [entry.name for entry in choose_backups(entries, policy, NOW).removable] == removable


@given(
    st.lists(st.tuples(st.floats(0, 400), st.integers(0, 3)), max_size=30, unique_by=lambda pair: pair[0]),
    st.integers(1, 10),
    st.floats(0, 100),
)
def test_no_backup_that_a_policy_keeps_is_ever_lost(ages: list[tuple[float, int]], keep: int, days: float) -> None:
    entries = [backup(str(number), age, size) for number, (age, size) in enumerate(ages)]

    choice = choose_backups(entries, BackupPolicy("/b", keep=keep, older_than_days=days), NOW)

    gone = {entry.name for entry in choice.removable}
    sound = sorted((entry for entry in entries if entry.size), key=lambda entry: -entry.modified)
    assert not gone & {entry.name for entry in sound[:keep]}
    assert not gone & {entry.name for entry in entries if entry.modified > NOW - days * DAY}
    assert not entries or max(entries, key=lambda entry: entry.modified).name not in gone
    assert sorted([*choice.kept, *choice.removable], key=lambda entry: entry.name) == sorted(
        entries, key=lambda entry: entry.name
    )


@pytest.mark.parametrize(
    "history, used, rate",
    [
        ((), 500, None),
        (((NOW - 100, 400),), 500, None),
        (((NOW - 1000, 400),), 500, 0.1),
        (((NOW - 2000, 300), (NOW - 1000, 400)), 500, 0.1),
        # Somebody made room 1000 s ago: what was before does not count.
        (((NOW - 9000, 900), (NOW - 1000, 400)), 500, 0.1),
        (((NOW - 1000, 600),), 500, None),
        (((NOW + 1000, 100), (NOW - 1000, 500)), 500, 0.0),
    ],
)
def test_how_fast_a_disk_fills(history: Any, used: int, rate: float | None) -> None:
    assert growth(history, NOW, used) == (pytest.approx(rate) if rate is not None else None)


@pytest.mark.parametrize("rate, seconds", [(None, None), (0.0, None), (-1.0, None), (2.0, 200.0)])
def test_when_a_disk_is_full(rate: float | None, seconds: float | None) -> None:
    assert seconds_until_full(DISK, rate) == seconds


def test_a_sample_is_kept_only_now_and_then_and_not_for_ever() -> None:
    assert samples_to_keep([DISK], {}, NOW) == {"disk /srv": [[NOW, 500]]}
    assert samples_to_keep([DISK], {"/srv": ((NOW - 599, 1),)}, NOW) == {}
    many = tuple((NOW - 1000.0 * age, age) for age in range(99, 0, -1))
    kept = samples_to_keep([DISK], {"/srv": many}, NOW)["disk /srv"]
    assert (len(kept), kept[-1], kept[-2]) == (48, [NOW, 500], [NOW - 1000, 1])


@pytest.mark.parametrize("recorded", [None, "x", {"a": 1}, [[1]], [["a", 2]], [[True, 2]]])
def test_samples_of_another_shape_are_left_out(recorded: object) -> None:
    assert read_history(recorded) == ()


def test_what_is_kept_back_for_root_is_not_room() -> None:
    assert DISK.used_percent == pytest.approx(55.6, abs=0.1)
    assert (DISK.to_free(50), DISK.to_free(60)) == (50, 0)
    assert (DISK.to_grow(50), DISK.to_grow(60)) == (100, 0)
    assert DISK.inodes_percent is None
