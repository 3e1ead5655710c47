# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DS-3: daemon.json is merged, never overwritten, and dockerd is never restarted."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from scripted_runner import Reply, ScriptedRunner, answered

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.log_rotation import (
    Rotated,
    configure_rotation,
    dockerd_command_lines,
    rotation_result,
    unbounded_containers,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.daemon_json import Rotation
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError

OLD_ENGINE = answered(stderr="unknown flag: --validate", exit_code=125)
VALID = answered("configuration OK")
ROTATED = {"max-size": "10m", "max-file": "3"}


def dockerd(proc: Path, pid: int, *words: str, namespace: str = "") -> None:
    """A process of /proc."""
    folder = proc / str(pid)
    (folder / "ns").mkdir(parents=True)
    (folder / "comm").write_text("dockerd\n")
    (folder / "cmdline").write_bytes(b"\0".join(word.encode() for word in ("/usr/bin/dockerd", *words)) + b"\0")
    if namespace:
        (folder / "ns" / "mnt").symlink_to(namespace)


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    path = tmp_path / "proc"
    (path / "self" / "ns").mkdir(parents=True)
    (path / "self" / "ns" / "mnt").symlink_to("mnt:[1]")
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "docker" / "daemon.json"


def put(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def merge(path: Path, proc: Path, reply: Reply = OLD_ENGINE, *, check_mode: bool = False) -> Rotated:
    return configure_rotation(
        ScriptedRunner(("dockerd", reply)), str(path), Rotation(), check_mode=check_mode, proc=proc
    )


def test_it_is_merged_and_what_was_there_is_kept_beside_it(path: Path, proc: Path) -> None:
    before = '{"data-root": "/srv/docker", "log-opts": {"tag": "x"}}'
    put(path, before)
    path.chmod(0o640)

    rotated = merge(path, proc)

    assert json.loads(path.read_text()) == {
        "data-root": "/srv/docker", "log-opts": {"tag": "x", **ROTATED}, "log-driver": "json-file",
    }  # fmt: skip
    assert Path(rotated.backup).read_text() == before
    assert [file.stat().st_mode & 0o777 for file in (path, Path(rotated.backup))] == [0o640, 0o640]
    assert sorted(path.parent.iterdir()) == [path, Path(rotated.backup)]
    again = merge(path, proc)
    assert (again.changed, again.backup) == (False, "")


def test_without_a_file_one_is_made(path: Path, proc: Path) -> None:
    rotated = merge(path, proc)
    assert (rotated.changed, rotated.backup, rotated.before) == (True, "", "")
    assert json.loads(path.read_text())["log-opts"] == ROTATED


def test_check_mode_shows_the_difference_and_writes_nothing(path: Path, proc: Path) -> None:
    put(path, "{}")
    rotated = merge(path, proc, check_mode=True)
    assert (rotated.changed, path.read_text(), len(list(path.parent.iterdir()))) == (True, "{}", 1)
    diff = rotation_result(rotated, [])["diff"]
    assert (diff["before_header"], diff["before"]) == (str(path), "{}")
    assert '"max-size": "10m"' in diff["after"]


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"a": 1,}', '{"log-driver": "journald"}', '{"log-opts": 3}', "\xff" * 10, "x" * (1 << 21)]
)
def test_what_cannot_be_merged_is_refused_and_stays_as_it_is(path: Path, proc: Path, text: str) -> None:
    put(path, "")
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(IncidentResponseError):
        merge(path, proc)
    assert path.read_bytes() == text.encode("latin-1")
    assert len(list(path.parent.iterdir())) == 1


def test_a_link_is_refused(path: Path, proc: Path) -> None:
    put(path, "{}")
    link = path.with_name("link.json")
    link.symlink_to(path)
    with pytest.raises(IncidentResponseError, match="cannot be used"):
        merge(link, proc)


@pytest.mark.parametrize(
    "reply, validated",
    [(VALID, "dockerd"), (OLD_ENGINE, "json"), (FileNotFoundError(2, "dockerd"), "json")],
    ids=["new engine", "20.10 has no check", "no dockerd in the path"],
)
def test_the_engine_checks_it_where_it_can(path: Path, proc: Path, reply: Reply, validated: str) -> None:
    assert merge(path, proc, reply).validated == validated


def test_what_the_engine_would_not_take_is_not_written(path: Path, proc: Path) -> None:
    put(path, "{}")
    refusal = answered(stderr="unable to configure the Docker daemon: unknown log opt", exit_code=1)
    with pytest.raises(IncidentResponseError, match="unknown log opt"):
        merge(path, proc, refusal)
    assert path.read_text() == "{}"


def test_a_disk_that_takes_no_file_leaves_the_old_one_and_no_half_of_a_new_one(
    path: Path, proc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(path, "{}")

    def full(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(IncidentResponseError, match="It is as it was"):
        merge(path, proc)
    assert path.read_text() == "{}"
    assert not list(path.parent.glob("*.bak"))


def test_a_dockerd_with_the_same_settings_as_flags_is_refused_since_it_would_not_start_again(
    path: Path, proc: Path
) -> None:
    dockerd(proc, 10, "--log-opt", "max-size=5m", namespace="mnt:[1]")
    with pytest.raises(IncidentResponseError, match="would not start again"):
        merge(path, proc)
    assert not path.exists()


def test_of_several_engines_the_one_that_reads_the_file_counts(path: Path, proc: Path) -> None:
    dockerd(proc, 10, "--log-opt=max-size=5m", "--config-file=/elsewhere.json", namespace="mnt:[1]")
    dockerd(proc, 11, f"--config-file={path}", namespace="mnt:[1]")
    # One that runs in a container has files of its own.
    dockerd(proc, 12, f"--config-file={path}", "--log-driver=syslog", namespace="mnt:[2]")
    assert len(dockerd_command_lines(proc)) == 2
    assert merge(path, proc).changed


def test_no_command_ever_restarts_anything(path: Path, proc: Path) -> None:
    runner = ScriptedRunner(("dockerd", VALID))
    configure_rotation(runner, str(path), Rotation(), check_mode=False, proc=proc)
    assert [call[:2] for call in runner.calls] == [("dockerd", "--validate")]


@pytest.mark.parametrize(
    "changed, names, told",
    [
        (True, ["b", "a"], ("daemon.json asks for rotation now", "never does by itself", "make anew: a, b")),
        (True, [], ("daemon.json asks for rotation now", "never does by itself")),
        (False, ["a"], ("never does by itself", "make anew: a")),
    ],
)
def test_it_says_what_is_left_to_a_person(changed: bool, names: list[str], told: tuple[str, ...]) -> None:
    result = rotation_result(Rotated("/d", "", "{}", changed), names)
    assert all(words in result["note"] for words in told)
    assert (result["restart_needed"], result["recreate"]) == (changed, sorted(names))


def test_nothing_is_said_when_nothing_is_left() -> None:
    assert rotation_result(Rotated("/d", "{}", "{}", False), [])["note"] == ""


@pytest.mark.parametrize(
    "driver, options, unbounded",
    [
        ("json-file", {}, True),
        ("json-file", None, True),
        ("json-file", {"max-size": "-1"}, True),
        ("json-file", {"max-size": "10m"}, False),
        ("local", {}, False),
        ("journald", {}, False),
    ],
)
def test_which_containers_have_to_be_made_anew(driver: str, options: dict[str, str] | None, unbounded: bool) -> None:
    entry = {"Name": "/web", "HostConfig": {"LogConfig": {"Type": driver, "Config": options}}}
    assert unbounded_containers([entry]) == (["web"] if unbounded else [])
