# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is the holder of a lease alive? Real processes of this machine, and copies of /proc that tell of others."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from record_fakes import holder_of

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import StateUnavailableError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import host
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.host import (
    LocalProcesses,
    SystemClock,
)

PROC = Path("/proc")


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """A process that waits for its end of input."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        yield child
        child.kill()


def test_a_process_that_runs_is_not_gone(process: subprocess.Popen[bytes]) -> None:
    assert not LocalProcesses().is_gone(holder_of(process.pid))


def test_a_process_that_ended_is_gone(process: subprocess.Popen[bytes]) -> None:
    holder = holder_of(process.pid)
    process.kill()
    process.wait()
    assert LocalProcesses().is_gone(holder)


def test_a_killed_process_that_nobody_buried_is_gone(process: subprocess.Popen[bytes]) -> None:
    holder = holder_of(process.pid)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert (PROC / str(process.pid)).exists()
    assert LocalProcesses().is_gone(holder)


def test_another_process_of_the_same_number_is_not_taken_for_it(process: subprocess.Popen[bytes]) -> None:
    holder = holder_of(process.pid)
    assert LocalProcesses().is_gone(replace(holder, pid_started=holder.pid_started - 1))


@pytest.mark.parametrize("boot_id, namespace", [("another", None), (None, "pid:[1]"), (None, "")])
def test_a_process_that_cannot_be_seen_from_here_is_never_gone(boot_id: str | None, namespace: str | None) -> None:
    here = replace(holder_of(os.getpid()), pid=2**22 + 1)
    elsewhere = replace(
        here,
        boot_id=here.boot_id if boot_id is None else boot_id,
        pid_namespace=here.pid_namespace if namespace is None else namespace,
    )
    assert LocalProcesses().is_gone(here)
    assert not LocalProcesses().is_gone(elsewhere)


def test_without_a_process_number_nothing_is_certain() -> None:
    assert not LocalProcesses().is_gone(replace(holder_of(os.getpid()), pid=0))


def test_a_host_without_proc_tells_nothing(tmp_path: Path) -> None:
    assert not LocalProcesses(tmp_path).is_gone(holder_of(os.getpid()))


def test_a_name_with_spaces_and_parentheses_does_not_confuse(tmp_path: Path) -> None:
    holder = replace(holder_of(os.getpid()), pid=5, pid_started=777)
    (tmp_path / "sys/kernel/random").mkdir(parents=True)
    (tmp_path / "sys/kernel/random/boot_id").write_text(holder.boot_id)
    (tmp_path / "self/ns").mkdir(parents=True)
    (tmp_path / "self/ns/pid").symlink_to(holder.pid_namespace)
    (tmp_path / "5").mkdir()
    fields = " ".join(["S", *("0" for _unused in range(18)), "777", "0"])
    (tmp_path / "5/stat").write_text(f"5 (a) Z (b c) {fields}\n")
    assert not LocalProcesses(tmp_path).is_gone(holder)
    assert LocalProcesses(tmp_path).is_gone(replace(holder, pid_started=778))


def test_the_clock_goes_on_and_stays_within_one_boot() -> None:
    clock = SystemClock()
    first, second = clock.now(), clock.now()
    assert first.boot_id == second.boot_id
    assert 0 < first.boot <= second.boot


def test_a_host_that_does_not_tell_its_boot_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "_PROC", tmp_path)
    with pytest.raises(StateUnavailableError, match="does not tell when it was started"):
        SystemClock().now()
