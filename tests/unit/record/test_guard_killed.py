# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a killed run leaves, and how the next one goes on from what is true."""

from __future__ import annotations

import pytest
from guard_runs import (
    NEW,
    OLD,
    RESTORE,
    Host,
    approve,
    refused,
    the_holder_dies,
    the_lease_lapses,
)

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.attempt import Identity
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import State
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.lifecycle import Change, alter


@pytest.mark.parametrize(
    "now, outcome, budget_left",
    [(NEW, "interrupted: done", 1), (OLD, "interrupted: not done", 2), ({}, "interrupted: cannot be told", 1)],
)
def test_a_killed_runs_attempt_is_settled_by_what_the_containers_tell(
    host: Host, now: Identity, outcome: str, budget_left: int
) -> None:
    killed, following = host.run("first"), host.run("second")
    killed.begin()
    killed.permit()
    the_holder_dies(host)
    begun = following.begin(containers=now)
    assert [settled["outcome"] for settled in begun["reconciled"]] == [outcome]
    assert begun["incident"]["id"] == killed.incident
    assert host.timeline(killed.incident) == ["opened", "intent", "joined", "lease", "interrupted"]
    assert [refused(following.permit()) for _unused in range(budget_left + 1)] == [None] * budget_left + ["budget"]


@pytest.mark.parametrize(
    "now, outcome",
    [(NEW, "interrupted: done"), (OLD, "interrupted: not done"), ({}, "interrupted: cannot be told")],
)
def test_an_incident_whose_trouble_is_over_is_resolved_with_the_attempt_of_the_killed_run_settled(
    host: Host, now: Identity, outcome: str
) -> None:
    killed = host.run("first")
    killed.begin()
    killed.permit()
    the_holder_dies(host)
    result = alter(killed.platform, killed.incident, Change(State.RESOLVED, containers=now), "jane")
    assert (result["changed"], result["refused"]) == (True, None)
    assert [attempt["outcome"] for attempt in host.incident(killed.incident)["attempts"]] == [outcome]
    assert host.timeline(killed.incident) == ["opened", "intent", "interrupted", "state"]


def test_an_attempt_that_is_under_way_is_not_settled_by_anybody_else(host: Host) -> None:
    alive = host.run("first")
    alive.begin()
    alive.permit()
    result = alter(alive.platform, alive.incident, Change(State.RESOLVED, containers=NEW), "jane")
    assert refused(result) == "lease"
    assert [attempt["outcome"] for attempt in host.incident(alive.incident)["attempts"]] == [None]


def test_an_interrupted_destructive_step_that_was_not_done_may_use_its_approval(host: Host) -> None:
    killed, following = host.run("first"), host.run("second")
    killed.begin()
    approve(host)
    killed.permit(**RESTORE)
    the_holder_dies(host)
    following.begin(containers=OLD)
    assert refused(following.permit(**RESTORE)) is None


def test_a_run_taken_for_dead_that_still_completes_corrects_the_record(host: Host) -> None:
    slow, following = host.run("first"), host.run("second")
    slow.begin()
    attempt = slow.permit()["attempt"]["id"]
    the_lease_lapses(host)
    following.begin(containers=OLD)
    slow.complete(attempt, "done", healed=True)
    assert host.incident(slow.incident)["attempts"][0]["outcome"] == "done"


def test_an_attempt_of_another_run_cannot_be_completed(host: Host) -> None:
    first, second = host.run("first"), host.run("second")
    first.begin()
    attempt = first.permit()["attempt"]["id"]
    the_holder_dies(host)
    second.begin()
    with pytest.raises(InvalidInputError, match="attempt has the value 1"):
        second.complete(attempt)


def test_the_duration_is_measured_when_it_is_not_told(host: Host) -> None:
    run = host.run("first")
    run.begin()
    attempt = run.permit()["attempt"]["id"]
    host.clock.move(2.5)
    host.clock.set_wall(0)
    assert run.complete(attempt)["attempt"]["duration_s"] == 2.5
