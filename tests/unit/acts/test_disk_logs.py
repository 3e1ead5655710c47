# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DS-3: the end of a log is kept without its secrets before anything is lost, wherever there is room for it."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from file_systems import IS_ROOT, fill_bytes, small_file_system
from scripted_runner import ScriptedRunner

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.disk_logs import (
    Truncated,
    Truncation,
    read_truncation,
    truncate_logs,
    truncation_result,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.disk_room import Room
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    IncidentResponseError,
    InvalidInputError,
)

LINE = '{"log":"password=hunter2-and-more %04d\\n","stream":"stdout"}\n'


def room(_path: str) -> Room:
    return Room(1000, 500)


@dataclass
class Logs:
    """Services with a log each, and the wish to truncate that of web."""

    folder: Path
    drivers: dict[str, str] = field(default_factory=lambda: {"web": "json-file"})
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for service in self.drivers:
            self.path(service).write_text("".join(LINE % number for number in range(100)))

    def path(self, service: str = "web") -> Path:
        return self.folder / f"{service}.log"

    def truncate(self, *, check_mode: bool = False) -> tuple[Truncated, ...]:
        listed = "".join(f"id-{name}\tshop\t{name}\tFalse\n" for name in self.drivers)
        entries = {
            f"id-{name}": {
                "Id": f"id-{name}",
                "Name": f"/shop-{name}-1",
                "LogPath": str(self.path(name)),
                "HostConfig": {"LogConfig": {"Type": driver, "Config": {}}},
                "Config": {
                    "Labels": {"com.docker.compose.service": name},
                    "Env": ["API_SECRET=Zq8vXw2LpRt5"],
                },
            }
            for name, driver in self.drivers.items()
        }

        def inspect(argv: Sequence[str]) -> str:
            return json.dumps([entries[word] for word in argv if word in entries])

        docker = DockerCli(ScriptedRunner(("ps", listed), ("inspect", inspect)))
        wish = {"services": ("web",), "archive_dir": str(self.folder / "kept"), "spool_dir": str(self.folder),
                "least_bytes": 1000, **self.options}  # fmt: skip
        return truncate_logs(docker, Truncation("shop", **wish), room, check_mode=check_mode)


def content(archive: str | Path) -> str:
    return gzip.decompress(Path(archive).read_bytes()).decode()


def test_the_end_is_kept_for_its_owner_alone_and_the_same_file_goes_on(tmp_path: Path) -> None:
    logs = Logs(tmp_path)
    inode, size = logs.path().stat().st_ino, logs.path().stat().st_size

    (done,) = logs.truncate()

    assert (logs.path().stat().st_ino, logs.path().stat().st_size) == (inode, 0)
    assert (done.size, Path(done.archive).parent) == (size, tmp_path / "kept")
    assert Path(done.archive).stat().st_mode & 0o777 == 0o600
    assert content(done.archive).count("\n") == 100
    assert "hunter2" not in content(done.archive)
    assert logs.truncate() == ()


def test_secrets_of_the_environment_do_not_reach_the_archive(tmp_path: Path) -> None:
    logs = Logs(tmp_path)
    with logs.path().open("a") as file:
        file.write('{"log":"called with Zq8vXw2LpRt5 just now"}\n')

    (done,) = logs.truncate()

    assert "called with" in content(done.archive)
    assert "Zq8vXw2LpRt5" not in content(done.archive)


def test_a_line_that_the_limit_cuts_is_left_out_since_it_may_hold_half_of_a_secret(tmp_path: Path) -> None:
    logs = Logs(tmp_path, options={"tail_bytes": 3 * len(LINE % 0) - 10})

    (done,) = logs.truncate()

    assert [line[-28:-24] for line in content(done.archive).splitlines()] != []
    assert content(done.archive).count("\n") == 2
    assert all(line.startswith('{"log":') for line in content(done.archive).splitlines())


def test_what_is_written_while_the_end_is_redacted_is_kept_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = Logs(tmp_path)
    real, late = os.pread, ['{"log":"late"}\n', '{"log":"later"}\n', '{"log":"half of a li']

    def pread(descriptor: int, size: int, at: int) -> bytes:
        found = real(descriptor, size, at)
        if late:
            with logs.path().open("a") as file:
                file.write(late.pop(0))
        return found

    monkeypatch.setattr(os, "pread", pread)

    (done,) = logs.truncate()

    assert content(done.archive).splitlines()[-2:] == ['{"log":"late"}', '{"log":"later"}']


def test_check_mode_says_what_would_be_and_writes_nothing(tmp_path: Path) -> None:
    logs = Logs(tmp_path)
    size = logs.path().stat().st_size

    done = logs.truncate(check_mode=True)

    result = truncation_result(done)
    assert (result["changed"], result["freed_bytes"]) == (True, size)
    assert result["note"].startswith("Would truncate the log of shop-web-1 and free ")
    assert [entry["status"] for entry in result["actions"]] == ["would be truncated"]
    assert logs.path().stat().st_size == size
    assert not (tmp_path / "kept").exists()


def test_only_the_named_services_and_only_logs_that_are_worth_it(tmp_path: Path) -> None:
    logs = Logs(tmp_path, {"web": "json-file", "db": "json-file"})
    assert [item.log.service for item in logs.truncate()] == ["web"]
    assert logs.path("db").stat().st_size > 0
    small = Logs(tmp_path, options={"least_bytes": 1 << 20})
    assert small.truncate() == ()
    local = Logs(tmp_path, {"web": "local"})
    assert local.truncate() == ()
    assert truncation_result(())["note"] == ""


@pytest.mark.skipif(not IS_ROOT, reason="only root can make a file system that is full")
def test_on_a_full_disk_the_end_is_kept_in_memory_and_brought_home_when_there_is_room(tmp_path: Path) -> None:
    with small_file_system(tmp_path / "disk", "4m") as disk:
        logs = Logs(disk, options={"spool_dir": str(tmp_path)})
        fill_bytes(disk / "somebody-elses-data")

        (done,) = logs.truncate()

        assert Path(done.archive).parent == disk / "kept"
        assert content(done.archive).count("\n") == 100
        assert logs.path().stat().st_size == 0
        assert list(tmp_path.glob("*.gz")) == []


@pytest.mark.skipif(not IS_ROOT, reason="only root can make a file system that is full")
def test_it_stays_in_memory_when_its_folder_is_full_even_then(tmp_path: Path) -> None:
    with small_file_system(tmp_path / "disk", "64k") as disk:
        fill_bytes(disk / "somebody-elses-data")
        logs = Logs(tmp_path, options={"archive_dir": str(disk)})

        (done,) = logs.truncate()

        assert Path(done.archive).parent == tmp_path
        assert content(done.archive).count("\n") == 100


@pytest.mark.skipif(not IS_ROOT, reason="only root can make a file system that is full")
def test_a_log_whose_end_can_be_kept_nowhere_is_not_truncated(tmp_path: Path) -> None:
    with small_file_system(tmp_path / "disk", "64k") as disk:
        fill_bytes(disk / "somebody-elses-data")
        logs = Logs(tmp_path, options={"archive_dir": str(disk), "spool_dir": str(disk)})
        size = logs.path().stat().st_size

        with pytest.raises(IncidentResponseError, match="is not truncated, since its end cannot be kept"):
            logs.truncate()

        assert logs.path().stat().st_size == size


def test_a_link_in_place_of_the_log_is_not_followed(tmp_path: Path) -> None:
    logs = Logs(tmp_path)
    precious = tmp_path / "precious"
    precious.write_text("x" * 5000)
    logs.path().unlink()
    logs.path().symlink_to(precious)
    logs.options["least_bytes"] = 1

    with pytest.raises(CommandFailedError, match="cannot be opened"):
        logs.truncate()

    assert precious.read_text() == "x" * 5000


@pytest.mark.parametrize("services", [(), ("nobody",), ("web", "nobody")])
def test_no_service_never_means_all_and_an_unknown_one_is_named(tmp_path: Path, services: tuple[str, ...]) -> None:
    logs = Logs(tmp_path, options={"services": services})
    with pytest.raises(InvalidInputError) as caught:
        logs.truncate()
    assert caught.value.option == "services"
    assert logs.path().stat().st_size > 0


@pytest.mark.parametrize(
    "option, value", [("archive_dir", "kept"), ("spool_dir", "shm"), ("tail_bytes", 0), ("least_bytes", -1)]
)
def test_an_option_that_cannot_be_used_is_named(option: str, value: Any) -> None:
    options = {"project": "shop", "services": ["web"], "archive_dir": "/kept", "spool_dir": "/tmp", "tail_bytes": 1,
               "least_bytes": 1}  # fmt: skip
    with pytest.raises(InvalidInputError) as caught:
        read_truncation({**options, option: value})
    assert caught.value.option == option
