# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import threading
import time

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import EngineUnavailableError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import ProbeState
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.jobs import Job


def test_a_job_brings_what_its_work_returns() -> None:
    job = Job("logs", "web", lambda: 42, deadline=10.0, writes=True)
    assert job.value(0) == 42
    run = job.report()
    assert (run.name, run.service, run.state, run.message, run.writes) == ("logs", "web", ProbeState.DONE, "", True)


def test_a_job_that_hangs_costs_its_deadline_and_no_more() -> None:
    release = threading.Event()
    begin = time.monotonic()
    job = Job("logs", "web", lambda: release.wait(60), deadline=0.2)
    assert job.value(False) is False
    assert job.report().state is ProbeState.DEADLINE
    assert "0.2 s" in job.report().message
    assert time.monotonic() - begin < 50
    release.set()


def test_jobs_that_hang_side_by_side_cost_the_deadline_once() -> None:
    release = threading.Event()
    begin = time.monotonic()
    jobs = [Job("logs", str(number), lambda: release.wait(60), deadline=1.0) for number in range(20)]
    assert {job.report().state for job in jobs} == {ProbeState.DEADLINE}
    assert time.monotonic() - begin < 15
    release.set()


def fail_plainly() -> int:
    raise EngineUnavailableError("The engine is away.", remedy="Start it.")


def fail_unforeseen() -> int:
    raise KeyError("password=Sesame-0pen!")


@pytest.mark.parametrize(
    "work, message",
    [(fail_plainly, "The engine is away. Start it."), (fail_unforeseen, "it failed with KeyError")],
)
def test_a_job_that_fails_says_why_but_never_what_an_unforeseen_error_holds(work, message: str) -> None:  # type: ignore[no-untyped-def]
    job: Job[int] = Job("logs", "web", work, deadline=10.0)
    assert job.value(-1) == -1
    assert (job.report().state, job.report().message) == (ProbeState.FAILED, message)


def test_a_job_begins_when_those_before_it_have_ended_and_has_its_own_deadline_from_then_on() -> None:
    order: list[str] = []
    gate = threading.Event()

    def first() -> None:
        gate.wait(10)
        order.append("first")

    one = Job("first", "", first, deadline=10.0)
    two = Job("second", "", lambda: order.append("second"), deadline=5.0, after=[one])
    gate.set()
    two.wait()
    assert order == ["first", "second"]
    assert two.report().state is ProbeState.DONE


def test_a_job_does_not_wait_for_ever_for_one_that_hangs() -> None:
    release = threading.Event()
    one = Job("first", "", lambda: release.wait(60), deadline=0.1)
    two = Job("second", "", lambda: "ran", deadline=5.0, after=[one])
    assert two.value("") == "ran"
    release.set()


def test_no_thread_holds_up_the_end_of_the_process() -> None:
    job = Job("logs", "", lambda: None, deadline=1.0)
    assert job._thread.daemon
