# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lease on a real record with a steered clock: who holds it, when it is void, who may go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from guard_runs import (
    Host,
    refused,
    the_holder_dies,
    the_host_restarts,
    the_lease_lapses,
)

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    guard_lease,
)


def test_one_run_at_a_time_and_the_next_one_when_it_ends(host: Host) -> None:
    first, second = host.run("first"), host.run("second")
    assert refused(first.begin()) is None
    assert refused(second.begin()) == "lease"
    first.end()
    assert refused(second.begin()) is None


def test_a_run_waits_for_the_other_and_tells_how_long(host: Host) -> None:
    first, second = host.run("first"), host.run("second")
    first.begin()

    def end_after_a_while() -> None:
        if host.clock.slept == 3.0:
            first.end()

    host.clock.on_sleep = end_after_a_while
    begun = second.begin(wait=30)
    assert refused(begun) is None
    assert begun["lease"]["waited"] == 3.0


def test_a_run_stops_waiting_after_its_time(host: Host) -> None:
    host.run("first").begin()
    result = host.run("second").begin(wait=10)
    assert refused(result) == "lease"
    assert host.clock.slept == 10
    assert "run first of ops on desk (pid 7)" in result["refused"]["message"]


def test_waiting_without_taking(host: Host) -> None:
    first, second = host.run("first"), host.run("second")
    assert refused(guard_lease.wait(second.platform, 0)) is None
    first.begin()
    assert refused(guard_lease.wait(second.platform, 5)) == "lease"
    first.end()
    assert refused(guard_lease.wait(second.platform, 5)) is None
    assert refused(first.begin()) is None


@pytest.mark.parametrize("void", [the_lease_lapses, the_holder_dies, the_host_restarts])
def test_a_void_lease_is_taken_over_and_its_run_may_not_go_on(host: Host, void: Any) -> None:
    first, second = host.run("first"), host.run("second")
    first.begin()
    void(host)
    assert refused(second.begin()) is None
    assert [refused(first.permit()), refused(first.renew())] == ["lease", "lease"]
    assert not first.permit()["allowed"]
    assert "lease" in host.timeline(second.incident)


def test_a_clock_that_is_set_forward_by_years_lets_no_lease_lapse(host: Host) -> None:
    host.run("first").begin()
    host.clock.set_wall(9e9)
    assert refused(host.run("second").begin()) == "lease"


@pytest.mark.parametrize("keep", ["renew", "permit", "complete"])
def test_each_sign_of_life_keeps_the_lease(host: Host, keep: str) -> None:
    first, second = host.run("first"), host.run("second")
    first.begin()
    attempt = first.permit()["attempt"]["id"]
    host.clock.move(100)
    signs: dict[str, Callable[[], object]] = {
        "renew": first.renew,
        "permit": first.permit,
        "complete": lambda: first.complete(attempt),
    }
    signs[keep]()
    host.clock.move(100)
    assert refused(second.begin()) == "lease"


def test_a_lapsed_lease_that_nobody_took_does_not_allow_a_step_but_an_end(host: Host) -> None:
    first = host.run("first")
    first.begin()
    host.clock.move(500)
    assert refused(first.permit()) == "lease"
    ended = first.end()
    assert (refused(ended), ended["incident"]["state"]) == (None, "resolved")


def test_a_run_that_lost_its_lease_does_not_end_the_incident_of_the_other(host: Host) -> None:
    first, second = host.run("first"), host.run("second")
    first.begin()
    the_holder_dies(host)
    second.begin()
    ended = first.end()
    assert (refused(ended), ended["changed"], ended["incident"]["state"]) == ("lease", False, "open")
    assert refused(second.permit()) is None


def test_what_was_done_is_recorded_although_the_lease_is_lost(host: Host) -> None:
    first = host.run("first")
    first.begin()
    attempt = first.permit()["attempt"]["id"]
    host.clock.move(500)
    completed = first.complete(attempt, "done", healed=True)
    assert refused(completed) == "lease"
    assert host.incident(first.incident)["attempts"][0]["outcome"] == "done"


@pytest.mark.parametrize(
    "first_is_host_wide, second_is_host_wide, expected",
    [(False, False, None), (True, False, "lease"), (False, True, "lease"), (True, True, "lease")],
)
def test_platforms_do_not_hinder_each_other_unless_one_acts_on_the_host(
    host: Host, first_is_host_wide: bool, second_is_host_wide: bool, expected: str | None
) -> None:
    host.run("first", "shop").begin(host_wide=first_is_host_wide)
    assert refused(host.run("second", "blog").begin(host_wide=second_is_host_wide)) == expected
