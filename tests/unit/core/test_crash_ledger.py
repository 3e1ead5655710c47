# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our own count of crashes, which goes on where Docker forgets."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from service_facts import NOW, container

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.crash_ledger import (
    Crash,
    Ledger,
    advance,
    is_crashed,
    is_killed,
    read_ledger,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Container

T1, T2, T3 = (f"2026-02-27T13:4{minute}:00.5Z" for minute in (1, 2, 3))
NAME = "web-id"


def seen(**fields: Any) -> Container:
    return container(**{"started_at": T1, **fields})


def down(code: int = 137, at: str = T2, **fields: Any) -> Container:
    return seen(state="exited", exit_code=code, finished_at=at, pid=0, **fields)


def test_restarts_from_before_the_first_look_are_nobody_s_crash() -> None:
    assert advance(Ledger(), [seen(restart_count=7)]) == Ledger((), {NAME: 7})


@pytest.mark.parametrize(
    "restarts, now, crashes",
    [
        ({NAME: 0}, seen(restart_count=0), ()),
        ({NAME: 2}, seen(restart_count=5), (Crash(T1, 3, None),)),
        # A start by hand set the count back: what is counted now is new.
        ({NAME: 5}, seen(restart_count=0), ()),
        ({NAME: 5}, seen(restart_count=2), (Crash(T1, 2, None),)),
        # Recreated: a new container counts from zero.
        ({"another": 5}, seen(restart_count=2), (Crash(T1, 2, None),)),
        ({NAME: 1}, seen(state="restarting", restart_count=2, exit_code=78), (Crash(T1, 1, 78),)),
        ({NAME: 0}, down(139), (Crash(T2, 1, 139),)),
        (None, down(137), (Crash(T2, 1, 137),)),
        ({NAME: 0}, down(0), ()),
        ({NAME: 0}, down(143), ()),
        # A program that does not heed SIGTERM is killed by docker stop in the end. Docker leaves down only what it was
        # told to stop, when its policy is to start it again.
        ({NAME: 0}, down(137, restart_policy="unless-stopped"), ()),
        ({NAME: 0}, down(1, restart_policy="always"), ()),
        ({NAME: 0}, down(137, restart_policy="unless-stopped", oom_killed=True), (Crash(T2, 1, 137),)),
        ({NAME: 0}, down(137, restart_policy="on-failure"), (Crash(T2, 1, 137),)),
        ({NAME: 0}, down(137, restart_policy="no"), (Crash(T2, 1, 137),)),
    ],
)
def test_what_a_look_adds(restarts: dict[str, int] | None, now: Container, crashes: tuple[Crash, ...]) -> None:
    after = advance(Ledger((), restarts), [now])
    assert after.crashes == crashes
    assert after.restarts == {NAME: now.restart_count}


def test_the_same_end_is_counted_once() -> None:
    once = advance(Ledger((), {NAME: 0}), [down()])
    assert advance(once, [down()]) == once
    assert advance(once, [down(at=T3)]).crashes == (Crash(T2, 1, 137), Crash(T3, 1, 137))


def test_a_job_that_ends_well_has_not_crashed_and_one_that_was_stopped_has_not_done_its_work() -> None:
    assert not is_crashed(down(0), may_complete=True)
    assert is_crashed(down(143), may_complete=True)
    assert not is_crashed(down(143))


def test_a_container_that_never_ran_has_not_crashed() -> None:
    assert not is_crashed(container(state="created", exit_code=127, finished_at=""))


def test_only_crashes_within_the_window_count() -> None:
    ledger = Ledger((Crash("2026-02-27T12:46:39Z", 4), Crash("2026-02-27T12:46:41Z", 2), Crash(T1)))
    assert ledger.count(NOW, 3600) == 3


def test_the_ledger_keeps_the_newest_twenty() -> None:
    ledger = Ledger(tuple(Crash(f"t{number}") for number in range(20)), {NAME: 0})
    after = advance(ledger, [down()])
    assert (len(after.crashes), after.crashes[-1].at, after.crashes[0].at) == (20, T2, "t1")


def test_the_last_exit_code_is_that_of_the_newest_crash_or_not_known() -> None:
    assert Ledger().last_exit_code is None
    assert Ledger((Crash(T1, 1, 137), Crash(T2, 1, 1))).last_exit_code == 1
    assert Ledger((Crash(T1, 1, 137), Crash(T2, 1, None))).last_exit_code is None


@given(
    st.lists(st.builds(Crash, st.text(), st.integers(1, 9), st.none() | st.integers(0, 255)), max_size=20),
    st.dictionaries(st.text(), st.integers(0, 99)),
)
def test_a_ledger_survives_the_record(crashes: list[Crash], restarts: dict[str, int]) -> None:
    ledger = Ledger(tuple(crashes), restarts)
    assert read_ledger({"crashes": ledger.to_data()}) == ledger


@pytest.mark.parametrize(
    "recorded",
    [{}, {"crashes": None}, {"crashes": []}, {"crashes": {"crashes": 1, "restarts": {}}}, {"crashes": {"crashes": []}},
     {"crashes": {"crashes": [{"at": T1}], "restarts": {}}}, {"crashes": {"crashes": [], "restarts": {"x": "y"}}}],
)  # fmt: skip
def test_what_has_another_shape_is_as_good_as_not_recorded(recorded: dict[str, Any]) -> None:
    assert read_ledger(recorded) == Ledger()


@pytest.mark.parametrize("code, killed", [(137, True), (143, True), (139, False), (134, False), (1, False), (0, False)])
def test_which_ends_come_from_outside(code: int, killed: bool) -> None:
    assert is_killed(code) is killed
