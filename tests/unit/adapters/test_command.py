# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters import command
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import SubprocessRunner


def is_gone(pid: int) -> bool:
    """True when the process has ended; one that waits to be reaped by init has ended, too."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


def wait_until_gone(pid: int) -> bool:
    end = time.monotonic() + 5
    while not is_gone(pid) and time.monotonic() < end:
        os.sched_yield()
    return is_gone(pid)


def test_a_program_is_run_without_a_shell_and_both_streams_are_kept_apart() -> None:
    result = SubprocessRunner().run(
        ["sh", "-c", 'printf "%s" "$1"; echo oops >&2; exit 3', "sh", "$HOME;x"], deadline=5
    )
    assert (result.exit_code, result.stdout, result.stderr) == (3, b"$HOME;x", b"oops\n")
    assert not result.succeeded
    assert not result.timed_out


def test_a_program_that_hangs_is_killed_at_its_deadline_with_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"sleep 600 & echo $! > {pids}; echo $$ >> {pids}; wait"
    begin = time.monotonic()
    result = SubprocessRunner().run(["sh", "-c", script], deadline=2.0)
    assert result.timed_out
    assert not result.succeeded
    assert 2.0 <= time.monotonic() - begin < 60
    for pid in pids.read_text().split():
        assert wait_until_gone(int(pid))


def test_a_child_that_keeps_the_pipes_open_does_not_hold_up_the_result() -> None:
    begin = time.monotonic()
    result = SubprocessRunner().run(["sh", "-c", "sleep 600 & echo done"], deadline=30)
    assert result.stdout == b"done\n"
    assert result.succeeded
    assert time.monotonic() - begin < 60


def test_what_a_program_writes_just_before_its_end_is_not_lost_on_a_busy_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look = command._has_ended

    def look_late(process: subprocess.Popen[bytes]) -> bool:
        """As when this thread gets no CPU until the program is over."""
        end = time.monotonic() + 5
        while not look(process) and time.monotonic() < end:
            os.sched_yield()
        return look(process)

    monkeypatch.setattr(command, "_has_ended", look_late)
    result = SubprocessRunner().run(["sh", "-c", "sleep 0.5; echo late"], deadline=10)
    assert (result.exit_code, result.stdout) == (0, b"late\n")


def test_output_is_bounded() -> None:
    result = SubprocessRunner().run(["sh", "-c", "while :; do echo yes; done"], deadline=30, limit=1000)
    assert result.truncated
    assert len(result.stdout) == 1000
    assert not result.timed_out


@pytest.mark.parametrize("size", [0, 5, 1 << 20])
def test_standard_input_of_any_size_is_fed(size: int) -> None:
    result = SubprocessRunner().run(["wc", "-c"], deadline=10, stdin=b"x" * size)
    assert int(result.stdout) == size


def test_a_program_need_not_read_its_input() -> None:
    assert SubprocessRunner().run(["true"], deadline=10, stdin=b"x" * (1 << 20)).exit_code == 0


def test_messages_are_in_plain_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert SubprocessRunner().run(["sh", "-c", 'echo "$LC_ALL"'], deadline=5).stdout == b"C\n"


def test_a_program_that_does_not_exist_is_an_os_error() -> None:
    with pytest.raises(FileNotFoundError):
        SubprocessRunner().run(["/nonexistent/docker"], deadline=5)


def test_content_can_be_streamed_and_the_program_ends_with_the_context() -> None:
    with SubprocessRunner().stream(["sh", "-c", "echo $$; sleep 600"], deadline=30) as content:
        pid = int(content.readline())
    assert wait_until_gone(pid)


def test_a_stream_ends_at_its_deadline() -> None:
    begin = time.monotonic()
    with SubprocessRunner().stream(["sh", "-c", "echo first; sleep 600"], deadline=2.0) as content:
        assert content.read() == b"first\n"
    assert time.monotonic() - begin < 60


def test_what_still_runs_is_ended_and_nothing_new_is_started() -> None:
    runner = SubprocessRunner()
    ended = threading.Event()

    def hang() -> None:
        runner.run(["sleep", "600"], deadline=600)
        ended.set()

    threading.Thread(target=hang, daemon=True).start()
    end = time.monotonic() + 5
    while not runner._alive and time.monotonic() < end:
        os.sched_yield()
    runner.kill_all()
    assert ended.wait(5)
    with pytest.raises(OSError, match="no more programs"):
        runner.run(["true"], deadline=1)


def test_waiting_for_a_turn_counts_towards_the_deadline() -> None:
    runner = SubprocessRunner(at_once=1)
    holder = threading.Thread(target=runner.run, args=(["sleep", "600"],), kwargs={"deadline": 600}, daemon=True)
    holder.start()
    end = time.monotonic() + 5
    while not runner._alive and time.monotonic() < end:
        os.sched_yield()
    result = runner.run(["true"], deadline=0.2)
    assert result.timed_out
    assert not result.succeeded
    runner.kill_all()
    holder.join(5)
    assert not holder.is_alive()


def test_a_turn_is_given_back_after_a_failure() -> None:
    runner = SubprocessRunner(at_once=1)
    with pytest.raises(FileNotFoundError):
        runner.run(["/nonexistent/docker"], deadline=5)
    assert runner.run(["true"], deadline=5).succeeded
