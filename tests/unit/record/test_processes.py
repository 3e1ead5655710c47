# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writers that are killed at random moments, and writers that write at once: real processes on a real file."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import random
import signal
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from record_fakes import an_incident, holder_of

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.guard_rules import Limits, WantedStep
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.lease import Holder
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rung import Tier
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    directory,
    guard_begin,
    guard_end,
    guard_steps,
    incident_table,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import (
    LeaseWish,
    Platform,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.host import (
    LocalProcesses,
    SystemClock,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import Query, find_incidents
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Writer

FORK = multiprocessing.get_context("fork")
KILLS = 60


def remediate(state_dir: Path, service: str, say: Callable[[str], None]) -> None:
    """One remediation. Says each thing that was acknowledged as durable."""
    platform = Platform("shop", Writer(str(state_dir)), SystemClock(), LocalProcesses())
    trouble = guard_begin.Trouble("model_server", (service,), "P2", "a service fails", "it hangs")
    # The holder is this process: when it was killed, the next run need not wait until the lease lapses.
    wish = LeaseWish(holder_of(os.getpid()), ttl=600)
    begun = guard_begin.begin(platform, trouble, wish)
    say(f"incident {begun['incident']['id']}")
    token, incident = begun["lease"]["token"], begun["incident"]["id"]
    step = WantedStep("restart", (service,), Tier.DISRUPTIVE)
    limits = guard_steps.Permission(Limits(budget=3, window=3600, cap=5))
    permit = guard_steps.permit(platform, token, incident, step, limits, 5)
    if permit["allowed"]:
        say(f"attempt {permit['attempt']['id']}")
        result = guard_steps.StepResult(permit["attempt"]["id"], "done", healed=True)
        guard_steps.complete(platform, token, result, 5)
        say(f"outcome {permit['attempt']['id']}")
    if guard_end.end(platform, token, incident, guard_end.Ending("resolved", "healed"))["refused"] is None:
        say(f"resolved {incident}")


def remediate_for_ever(state_dir: Path, name: str, pipe: int) -> None:
    def say(line: str) -> None:
        os.write(pipe, f"{line}\n".encode())

    for number in itertools.count():
        remediate(state_dir, f"{name}-{number}", say)


def run_and_kill(state_dir: Path, name: str, acknowledged: int, delay: float) -> list[str]:
    """Kill a writer some time after that many acknowledgements.

    :returns: what the writer was told to be durable before it was killed.
    """
    reading, writing = os.pipe()
    writer = FORK.Process(target=remediate_for_ever, args=(state_dir, name, writing))
    writer.start()
    os.close(writing)
    with os.fdopen(reading, encoding="ascii") as pipe:
        lines = [pipe.readline() for _unused in range(acknowledged)]
        writer.join(delay)
        os.kill(writer.pid or 0, signal.SIGKILL)
        writer.join()
        lines += pipe.readlines()
    # A line may have been cut by the kill.
    return [line.strip() for line in lines if line.endswith("\n")]


def facts(state_dir: Path) -> set[str]:
    """What the record holds, in the words of :func:`remediate`."""
    found: set[str] = set()
    for incident in find_incidents(str(state_dir), Query(limit=100_000, full=True)):
        found.add(f"incident {incident['id']}")
        if incident["state"] == "resolved":
            found.add(f"resolved {incident['id']}")
        for attempt in incident["attempts"]:
            found.add(f"attempt {attempt['id']}")
            if attempt["outcome"] == "done":
                found.add(f"outcome {attempt['id']}")
    return found


def integrity(state_dir: Path) -> str:
    connection = sqlite3.connect(state_dir / directory.DATABASE)
    try:
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
        return f"{connection.execute('PRAGMA integrity_check').fetchone()[0]} {broken}"
    finally:
        connection.close()


def test_no_acknowledged_record_is_lost_when_writers_are_killed_at_random_moments(tmp_path: Path) -> None:
    chance = random.Random(20260227)  # noqa: S311, moments to kill at, the same in each run
    acknowledged: dict[Path, set[str]] = {}
    for number in range(KILLS):
        # Every sixth writer also makes the directory and the file, and is killed during that.
        state_dir = tmp_path / f"state{number // 6}"
        count, delay = (0, chance.uniform(0, 0.02)) if number % 6 == 0 else (number % 7, chance.uniform(0, 0.03))
        told = run_and_kill(state_dir, f"w{number}", count, delay)
        acknowledged.setdefault(state_dir, set()).update(told)
        assert acknowledged[state_dir] - facts(state_dir) == set()
        Writer(str(state_dir)).run(incident_table.select)
        assert integrity(state_dir) == "ok []"
        assert acknowledged[state_dir] - facts(state_dir) == set()
    kinds = {line.split()[0] for lines in acknowledged.values() for line in lines}
    assert kinds == {"incident", "attempt", "outcome", "resolved"}


def open_many(state_dir: Path, name: str, count: int) -> None:
    for number in range(count):
        Writer(str(state_dir)).run(partial(incident_table.add, incident=an_incident(services=(f"{name}{number}",))))


@pytest.mark.parametrize("exists", [False, True])
def test_writers_at_once_get_different_ids(state_dir: Path, exists: bool) -> None:
    if exists:
        open_many(state_dir, "first", 1)
    writers = [FORK.Process(target=open_many, args=(state_dir, f"w{number}", 15)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0, 0]
    ids = sorted(one["id"] for one in find_incidents(str(state_dir), Query(limit=1000)))
    assert ids == [f"INC-2026-02-27-{number:03d}" for number in range(1, 61 + exists)]


def try_to_begin(state_dir: Path, name: str, answers: str) -> None:
    platform = Platform("shop", Writer(str(state_dir)), SystemClock(), LocalProcesses())
    trouble = guard_begin.Trouble("model_server", ("model-server",), "P2", "a service fails")
    begun = guard_begin.begin(platform, trouble, LeaseWish(Holder(name), ttl=60))
    Path(answers, name).write_text("refused" if begun["refused"] else f"began {begun['incident']['id']}")


def test_of_runs_that_begin_at_once_one_gets_the_lease(tmp_path: Path) -> None:
    (tmp_path / "answers").mkdir()
    runs = [
        FORK.Process(target=try_to_begin, args=(tmp_path / "state", f"r{number}", str(tmp_path / "answers")))
        for number in range(6)
    ]
    for one in runs:
        one.start()
    for one in runs:
        one.join()
    answers = sorted(file.read_text() for file in (tmp_path / "answers").iterdir())
    assert answers[0].startswith("began INC-")
    assert answers[1:] == ["refused"] * 5
    assert len(find_incidents(str(tmp_path / "state"), Query())) == 1
