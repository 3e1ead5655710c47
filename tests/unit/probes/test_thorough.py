# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only a thorough observation looks at: the newest backups, listed with the platform's own PostgreSQL."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_platform import NOW, FakePlatform, inspected
from scripted_runner import Reply, answered

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import DiskFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_settings import (
    BackupPolicy,
    DiskSettings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.observe import observe
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.options import ObserveOptions
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.platform_data import platform_data

CONTENTS = (
    "; Archive created at 2026-02-27\n;\n215; 1259 16385 TABLE public events app\n216; 0 16385 TABLE DATA public\n"
)


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    """A folder with one archive of PostgreSQL, an hour old."""
    archive = tmp_path / "shop.dump"
    archive.write_bytes(b"PGDMP and the rest")
    os.utime(archive, (NOW - 3600, NOW - 3600))
    return tmp_path


def seen(backups: Path, restore: Reply, *, thorough: bool = True, state: str = "running") -> tuple[Any, FakePlatform]:
    database = inspected("db", image="postgres:15", state={"Status": state})
    platform = FakePlatform([database], replies=[("pg_restore", restore)])
    means = replace(platform.means, disk=lambda *_arguments: DiskFacts())
    options = ObserveOptions(disk=DiskSettings(backups=(BackupPolicy(str(backups), "*.dump"),)), thorough=thorough)
    data = platform_data(observe(options, means, {}), "shop")
    return data["host"].get("backups"), platform


def test_the_newest_backup_is_listed_by_pg_restore_which_gets_it_on_its_standard_input(backups: Path) -> None:
    (backup,), platform = seen(backups, CONTENTS)

    assert (backup["name"], backup["age"], backup["count"]) == ("shop.dump", 3600, 1)
    assert backup["listing"] == {
        "state": "sound",
        "kind": "PostgreSQL archive",
        "message": "2 objects are listed",
    }
    (call,) = (call for call in platform.runner.calls if "pg_restore" in call)
    assert call[1:4] == ("exec", "--interactive", "db-id")
    assert call[-2:] == ("pg_restore", "--list")


@pytest.mark.parametrize(
    "restore, state, words",
    [
        (answered(stderr="pg_restore: error: could not read from input file", exit_code=1), "broken", "could not read"),
        (answered(stderr="timeout: failed to run command", exit_code=127), "unknown", "could not be run"),
    ],
)
def test_what_pg_restore_says_decides(backups: Path, restore: Reply, state: str, words: str) -> None:
    (backup,), _platform = seen(backups, restore)

    assert backup["listing"]["state"] == state
    assert words in backup["listing"]["message"]


def test_without_a_running_postgresql_an_archive_cannot_be_listed(backups: Path) -> None:
    (backup,), platform = seen(backups, CONTENTS, state="exited")

    assert backup["listing"]["state"] == "unknown"
    assert not [call for call in platform.runner.calls if "pg_restore" in call]


def test_an_ordinary_observation_looks_into_no_backup(backups: Path) -> None:
    found, platform = seen(backups, CONTENTS, thorough=False)

    assert found is None
    assert not [call for call in platform.runner.calls if "pg_restore" in call]
