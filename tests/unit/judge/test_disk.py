# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DS-1 to DS-5, judged: what is short, what could be given back, and what a person has to add."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import (
    Backups,
    ContainerLog,
    DeletedFile,
    DiskDetail,
    DiskFacts,
    FileSystem,
    Litter,
    Unmeasured,
    WriteAheadLog,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import (
    Finding,
    failing_services,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.host import HOST
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.disk import (
    judge_disk,
    short_of_room,
)

NOW = 1_800_000_000.0
MB = 1_000_000
LIMITS = Thresholds()


def disk(percent: float = 50, inodes: float = 1, **fields: Any) -> FileSystem:
    """A disk of 1 GB and 1,000,000 inodes of which so many percent are in use."""
    used = round(1000 * MB * percent / 100)
    left = round(1_000_000 * (1 - inodes / 100))
    return FileSystem("/srv", 7, 1000 * MB, used, 1000 * MB - used, 1_000_000, left, **fields)


def facts(*systems: FileSystem, **fields: Any) -> DiskFacts:
    return DiskFacts("/srv/docker", 7, systems or (disk(),), **fields)


def judged(seen: DiskFacts, limits: Thresholds = LIMITS, **options: Any) -> dict[str, Finding]:
    return {finding.id: finding for finding in judge_disk(seen, limits, NOW, **options)}


def statuses(seen: DiskFacts, limits: Thresholds = LIMITS, **options: Any) -> dict[str, str]:
    return {name: finding.status.value for name, finding in judged(seen, limits, **options).items()}


@pytest.mark.parametrize(
    "percent, inodes, recovering, expected",
    [
        (50, 1, False, ("ok", "ok")),
        (80, 80, False, ("ok", "ok")),
        (81, 81, False, ("warning", "warning")),
        (90, 90, False, ("warning", "warning")),
        (91, 1, False, ("critical", "ok")),
        (1, 91, False, ("ok", "critical")),
        # While an incident is open it has to come down to the target.
        (85, 1, True, ("critical", "ok")),
        (1, 85, True, ("ok", "critical")),
        (80, 80, True, ("ok", "ok")),
    ],
)
def test_bytes_and_inodes_are_judged_each(
    percent: float, inodes: float, recovering: bool, expected: tuple[str, str]
) -> None:
    seen = statuses(facts(disk(percent, inodes)), recovering=recovering)
    assert (seen["disk.bytes"], seen["disk.inodes"]) == expected
    assert bool(short_of_room(facts(disk(percent, inodes)), LIMITS, recovering=recovering)) is ("critical" in expected)


def test_a_full_disk_says_what_to_free_and_what_to_add() -> None:
    found = judged(facts(disk(100, holds=("Docker's root", "the record of incidents"))))["disk.bytes"]
    assert found.message == (
        "/srv is 100 % full: 0 B of 1.0 GB left. Free 200 MB, or expand it by 250 MB, to come down to 80 %."
    )
    assert found.evidence == ("holds: Docker's root, the record of incidents",)
    inodes = judged(facts(disk(1, 100)))["disk.inodes"]
    assert inodes.message == (
        "100 % of the inodes of /srv are in use: 0 left. Remove 200,000 files to come down to 80 %;"
        " more room alone does not help."
    )


def test_what_is_kept_back_for_root_is_told_beside_the_share_so_that_it_agrees_with_df() -> None:
    # df -H: Size 1.0G, Used 855M, Avail 95M, Use% 90%.
    kept = FileSystem("/srv", 7, 1000 * MB, 855 * MB, 95 * MB)

    assert judged(facts(kept))["disk.bytes"].message == (
        "/srv is 90 % full: 95.0 MB left of the 950 MB that users may fill; its size is 1.0 GB."
    )
    full = replace(kept, used=950 * MB, available=0)
    assert judged(facts(full))["disk.bytes"].message == (
        "/srv is 100 % full: 0 B left of the 950 MB that users may fill; its size is 1.0 GB."
        " Free 190 MB, or expand it by 238 MB, to come down to 80 %."
    )


def test_what_is_kept_back_is_left_unsaid_where_the_words_would_not_differ() -> None:
    barely = FileSystem("/srv", 7, 1000 * MB, 500 * MB, 500 * MB - 4096)

    assert judged(facts(barely))["disk.bytes"].message == "/srv is 50 % full: 500 MB of 1.0 GB left."


def test_a_disk_that_will_soon_be_full_is_a_warning_with_the_time() -> None:
    history = {"/srv": ((NOW - 3600, 400 * MB),)}
    found = judged(facts(disk(50), history=history))["disk.bytes"]
    assert found.status.value == "warning"
    assert found.message.endswith("At its present rate it is full in 5 hours.")
    slow = {"/srv": ((NOW - 36_000, 499 * MB),)}
    assert statuses(facts(disk(50), history=slow))["disk.bytes"] == "ok"


@pytest.mark.parametrize("absent, status", [(True, "not_configured"), (False, "unknown")])
def test_a_path_that_cannot_be_measured_is_named_and_never_ok(absent: bool, status: str) -> None:
    found = judge_disk(facts(unmeasured=(Unmeasured("/data", "it hangs", absent),)), LIMITS, NOW)[-1]
    assert (found.status.value, found.message) == (status, "/data could not be measured: it hangs.")


def litter(kind: str, *sizes: int) -> Litter:
    ids = tuple(f"{kind}-{number}" for number in range(len(sizes)))
    return Litter(kind, ids, sum(sizes), ids, sizes)


DETAIL = DiskDetail(
    litter=(litter("build_cache", 10 * MB), litter("images", 20 * MB), litter("containers", 30 * MB)),
    backups=(Backups("/srv/backups", "*", 9, 900 * MB, 7, (("a", 40 * MB), ("b", 40 * MB)), 7),),
)
LITTER = ("disk.build_cache", "disk.dangling_images", "disk.stopped_containers", "disk.docker", "disk.old_backups")


@pytest.mark.parametrize(
    "percent, limits, status",
    [(50, LIMITS, "ok"), (95, LIMITS, "warning")],
    ids=["nobody needs the room", "the room is needed"],
)
def test_litter_matters_when_its_room_is_needed(percent: float, limits: Thresholds, status: str) -> None:
    seen = statuses(facts(disk(percent), detail=DETAIL), limits)
    assert {seen[name] for name in LITTER} == {status}


def test_litter_that_is_too_much_is_critical_though_the_disk_has_room() -> None:
    seen = statuses(facts(detail=DETAIL), replace(LIMITS, disk_litter_bytes=25 * MB))
    assert [seen[name] for name in LITTER] == ["ok", "ok", "critical", "warning", "ok"]


def test_on_another_disk_than_the_one_that_is_short_nothing_is_gained() -> None:
    other = FileSystem("/data", 8, 100, 99, 1)
    seen = statuses(facts(disk(50), other, detail=DETAIL))
    assert {seen[name] for name in LITTER} == {"ok"}


@pytest.mark.parametrize(
    "count, words",
    [(1, "1 stopped container may go: 10.0 MB."), (2, "2 stopped containers may go: 20.0 MB.")],
)
def test_one_and_many_are_told_in_words(count: int, words: str) -> None:
    detail = DiskDetail(litter=(litter("containers", *[10 * MB] * count),))
    assert judged(facts(detail=detail))["disk.stopped_containers"].message == words


@pytest.mark.parametrize(
    "percent, detail, missing",
    [
        # 100 % of 1 GB: 200 MB to free. 60 of litter and 80 of backups can go.
        (100, DETAIL, 60 * MB),
        (93, DETAIL, None),
        (100, DiskDetail(), 200 * MB),
        (50, DiskDetail(), None),
        # Nobody looked closer: nothing can be said.
        (100, None, None),
    ],
)
def test_expanding_is_asked_for_when_there_is_not_enough_to_remove(
    percent: float, detail: DiskDetail | None, missing: int | None
) -> None:
    found = judged(facts(disk(percent), detail=detail)).get("disk.expand")
    assert (found.value if found else None) == missing


def log(service: str, size: int | None, limit: str = "", driver: str = "json-file") -> ContainerLog:
    return ContainerLog(service, f"id-{service}", f"shop-{service}-1", f"/srv/{service}.log", driver, limit, size, 7)


@pytest.mark.parametrize(
    "one, percent, status",
    [
        (log("web", 59 * MB), 50, "ok"),
        (log("web", 59 * MB), 95, "warning"),
        (log("web", 9 * MB), 95, "ok"),
        (log("web", 1001 * MB), 50, "critical"),
        (log("web", 1001 * MB, limit="10m"), 95, "ok"),
        (log("web", 1001 * MB, limit="-1"), 50, "critical"),
        (log("web", 1001 * MB, driver="local"), 95, "ok"),
    ],
)
def test_a_log_matters_when_it_has_no_bounds_and_is_large_or_its_room_is_needed(
    one: ContainerLog, percent: float, status: str
) -> None:
    found = judged(facts(disk(percent), logs=(one,)))["disk.log_size"]
    assert found.status.value == status
    assert found.targets == (("web",) if status != "ok" else ())


@pytest.mark.parametrize("percent, size, told", [(95, 59 * MB, True), (50, 59 * MB, False), (95, 9 * MB, False)])
def test_a_log_of_another_platform_is_named_when_its_room_is_needed_and_no_target(
    percent: float, size: int, told: bool
) -> None:
    found = judged(facts(disk(percent), detail=DiskDetail(other_logs=(log("mill", size),)))).get("disk.other_log")
    assert bool(found) is told
    if found:
        assert (found.targets, found.status.value) == ((), "warning")
        assert "shop-mill-1, which is none of this platform's containers, is 59.0 MB" in found.message


def test_a_log_that_cannot_be_read_is_neither_large_nor_the_largest() -> None:
    assert "disk.log_size" not in judged(facts(disk(95), logs=(log("web", None),)))


@pytest.mark.parametrize(
    "configured, name, status", [(False, "disk.log_rotation", "warning"), (True, "disk.log_recreate", "warning")]
)
def test_rotation_is_called_for_only_until_daemon_json_asks_for_it(configured: bool, name: str, status: str) -> None:
    seen = statuses(facts(logs=(log("web", 1001 * MB),), rotation_configured=configured))
    assert {key: value for key, value in seen.items() if key in ("disk.log_rotation", "disk.log_recreate")} == {
        name: status
    }


def test_the_host_fails_and_not_the_service_that_filled_its_disk() -> None:
    found = judge_disk(facts(logs=(log("web", 1001 * MB),)), LIMITS, NOW)
    assert failing_services(found) == {HOST}


def test_a_deleted_file_that_is_still_open_names_who_holds_it() -> None:
    held = DeletedFile(42, "java", "/srv/old.log", 90 * MB, 7, "web")
    small = DeletedFile(43, "java", "/srv/small", 2 * MB, 7)
    found = judged(facts(disk(95), detail=DiskDetail(deleted=(held, small))))["disk.deleted_file"]
    assert found.message == (
        "java of web (pid 42) still holds a deleted file of 90.0 MB on /srv: its room comes back when the process is"
        " restarted."
    )
    assert "disk.deleted_file" not in judged(facts(disk(50), detail=DiskDetail(deleted=(held,))))


@pytest.mark.parametrize(
    "wal, status, words",
    [
        (WriteAheadLog("db", 5), "ok", "nothing of it is ever removed"),
        (WriteAheadLog("db", 11_000 * MB), "warning", "takes 11.0 GB"),
        (
            WriteAheadLog("db", 5, (("lost", False, 11_000 * MB),)),
            "warning",
            "replication slot lost of db is not in use",
        ),
        (WriteAheadLog("db", 5, (("busy", True, 11_000 * MB),)), "ok", "nothing of it is ever removed"),
    ],
)
def test_the_write_ahead_log_is_told_and_never_touched(wal: WriteAheadLog, status: str, words: str) -> None:
    found = judged(facts(detail=DiskDetail(wal=(wal,))))["disk.wal"]
    assert found.status.value == status
    assert words in found.message


def test_what_could_not_be_looked_at_is_a_warning() -> None:
    seen = judged(
        facts(
            detail=DiskDetail(
                backups=(Backups("/b", "*", problem="it cannot be read: Permission denied"),), problems=("df: hung",)
            )
        )
    )
    assert seen["disk.old_backups"].message == (
        "The backups in /b could not be looked at: it cannot be read: Permission denied."
    )
    assert (seen["disk.old_backups"].status.value, seen["disk.detail"].status.value) == ("warning", "warning")
