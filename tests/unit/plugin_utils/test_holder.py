# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds a lease is told by facts of the process that cannot be mistaken for those of a later one."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils import holder


def fake_proc(root: Path, pid: int, stat: str) -> Path:
    (root / str(pid)).mkdir(parents=True)
    (root / str(pid) / "stat").write_bytes(stat.encode("utf-8", "surrogateescape"))
    (root / "sys/kernel/random").mkdir(parents=True)
    (root / "sys/kernel/random/boot_id").write_text("0c3b4a5e-boot\n")
    (root / "self/ns").mkdir(parents=True)
    (root / "self/ns/pid").symlink_to("pid:[4026531836]")
    return root


@pytest.mark.parametrize(
    "name", ["ansible-playbook", "a name", "a) S 1 2 3 4 5 6 7 8 (name", "", "\udcff\udcfe", "line\nbreak"]
)
def test_the_start_of_a_process_is_read_whatever_its_name_holds(tmp_path: Path, name: str) -> None:
    fields = " ".join(str(number) for number in range(4, 53))
    proc = fake_proc(tmp_path, 77, f"77 ({name}) S {fields}\n")

    # Field 22 of proc(5) stat.
    assert holder.process_started(77, proc) == 22


@pytest.mark.parametrize("stat", ["", "77 (cut", "77 (cut) S 1 2 3"])
def test_the_start_of_a_process_that_cannot_be_read_is_zero(tmp_path: Path, stat: str) -> None:
    assert holder.process_started(77, fake_proc(tmp_path, 77, stat)) == 0
    assert holder.process_started(78, tmp_path) == 0


def test_the_holder_is_the_run_and_not_its_worker(tmp_path: Path) -> None:
    stat = f"{os.getppid()} (ansible-playbook) S " + " ".join(str(number) for number in range(4, 53))

    told = holder.current_holder(fake_proc(tmp_path, os.getppid(), stat))

    assert told["pid"] == os.getppid()
    assert told["pid_started"] == 22
    assert told["boot_id"] == "0c3b4a5e-boot"
    assert told["pid_namespace"] == "pid:[4026531836]"
    assert told["user"]
    assert told["host"]


def test_without_proc_the_holder_is_told_without_its_process(tmp_path: Path) -> None:
    told = holder.current_holder(tmp_path)

    assert (told["pid_started"], told["boot_id"], told["pid_namespace"]) == (0, "", "")


def test_a_user_without_a_name_is_told_by_number(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Execution environments of AWX run under a random number."""

    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 1000680000")

    monkeypatch.setattr("getpass.getuser", nameless)

    assert holder.current_holder(tmp_path)["user"] == str(os.getuid())


@pytest.mark.parametrize(
    "started_by, parent, gone",
    [(4711, 4711, False), (4711, 1, True), (1, 1, False), (None, 4711, False)],
    ids=["its run goes on", "its run was killed", "its run is the first process of a container", "no worker"],
)
def test_a_worker_knows_whether_its_run_is_gone(
    monkeypatch: pytest.MonkeyPatch, started_by: int | None, parent: int, gone: bool
) -> None:
    run = None if started_by is None else SimpleNamespace(pid=started_by)
    monkeypatch.setattr("multiprocessing.parent_process", lambda: run)
    monkeypatch.setattr("os.getppid", lambda: parent)

    assert holder.run_is_gone() is gone
