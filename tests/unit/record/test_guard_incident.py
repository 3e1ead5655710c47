# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The incident under the guard: opened, joined, ended; check mode; and what the summary tells of it."""

from __future__ import annotations

from typing import Any

import pytest
from guard_runs import (
    Host,
    refused,
    the_holder_dies,
    the_lease_lapses,
)

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.guard_rules import (
    MaintenanceWindow,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    policy_table,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import (
    Rehearsal,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.summary import read_summary


def test_a_second_run_joins_the_open_incident_of_the_same_fault(host: Host) -> None:
    first, second = host.run("first"), host.run("second")
    assert first.begin()["changed"]
    first.end("escalated")
    joined = second.begin()
    assert (joined["incident"]["id"], joined["incident"]["joined"], joined["changed"]) == (first.incident, True, False)


@pytest.mark.parametrize(
    "change", [{"services": ("other",)}, {"scenario": "other"}, {"services": ()}], ids=["services", "scenario", "none"]
)
def test_another_fault_opens_another_incident(host: Host, change: dict[str, Any]) -> None:
    first, second = host.run("first"), host.run("second")
    first.begin()
    first.end("escalated")
    assert second.begin(**change)["changed"]
    assert second.incident != first.incident


def test_the_same_fault_after_it_was_resolved_opens_another_incident(host: Host) -> None:
    first, second = host.run("first"), host.run("second")
    first.begin()
    first.end()
    second.begin()
    assert (first.incident[-3:], second.incident[-3:]) == ("001", "002")


def test_joining_takes_over_a_worse_severity(host: Host) -> None:
    host.run("first").begin()
    the_holder_dies(host)
    joined = host.run("second").begin(severity="P1", severity_rule="all fail")
    assert (joined["incident"]["severity"], joined["incident"]["severity_rule"]) == ("P1", "all fail")


def test_a_run_that_is_refused_leaves_a_word_in_the_open_incident(host: Host) -> None:
    first = host.run("first")
    first.begin()
    host.run("second").begin()
    assert host.timeline(first.incident) == ["opened", "refused"]


def test_the_summary_names_whom_an_attempt_without_an_outcome_acts_on(host: Host) -> None:
    run = host.run("first")
    run.begin()
    assert unfinished(host) == []
    number = run.permit()["attempt"]["id"]
    assert unfinished(host) == ["model-server"]
    run.complete(number, healed=False)
    assert unfinished(host) == []


@pytest.mark.parametrize(
    "outcome, healed, named",
    [
        ("failed", False, ["model-server"]),
        ("failed", True, []),
        ("done", False, []),
        ("unchanged", False, []),
    ],
)
def test_whom_a_failed_action_may_have_left_stopped_is_named(
    host: Host, outcome: str, healed: bool, named: list[str]
) -> None:
    run = host.run("first")
    run.begin()
    run.complete(run.permit()["attempt"]["id"], outcome=outcome, healed=healed)

    assert unfinished(host) == named


def test_whom_a_killed_run_acted_on_is_named_until_an_attempt_heals_it(host: Host) -> None:
    killed, killed_too, last = host.run("first"), host.run("second"), host.run("third")
    killed.begin()
    killed.permit()
    the_holder_dies(host)
    # It settles what it finds, and is killed before it acts.
    killed_too.begin()
    assert unfinished(host) == ["model-server"]
    the_lease_lapses(host)
    last.begin()
    last.complete(last.permit()["attempt"]["id"], outcome="failed", healed=False)
    assert unfinished(host) == ["model-server"]
    last.complete(last.permit()["attempt"]["id"], healed=True)
    assert unfinished(host) == []


@pytest.mark.parametrize("action, times", [("restart", 1), ("quarantine_messages", 1), ("start", 0), ("unpause", 0)])
def test_when_an_action_began_that_may_have_stopped_it_is_told(host: Host, action: str, times: int) -> None:
    killed = host.run("first")
    killed.begin()
    begun = host.clock.now().wall
    killed.permit(action)
    (incident,) = read_summary(host.state_dir, "shop", host.clock.now(), host.processes)["open_incidents"]
    assert incident["unfinished_since"] == {"model-server": [begun] * times}


def unfinished(host: Host) -> list[str]:
    summary = read_summary(host.state_dir, "shop", host.clock.now(), host.processes)
    return [name for one in summary["open_incidents"] for name in one["unfinished"]]


def test_ends_and_whether_they_are_changes(host: Host) -> None:
    told = []
    for outcome in ("released", "escalated", "escalated", "resolved"):
        run = host.run(outcome)
        run.begin()
        ended = run.end(outcome)
        told.append((outcome, ended["changed"], ended["incident"]["state"], ended["incident"]["escalated"]))
    assert told == [
        ("released", False, "open", False),
        ("escalated", True, "open", True),
        ("escalated", False, "open", True),
        ("resolved", True, "resolved", True),
    ]


def test_a_rehearsal_judges_and_writes_nothing(host: Host) -> None:
    first = host.run("first")
    first.begin()
    first.act()
    before = host.incident(first.incident)
    rehearsed = host.run("second", record=Rehearsal(host.state_dir))
    assert refused(rehearsed.begin()) == "lease"
    assert host.incident(first.incident) == before


def test_the_summary_tells_open_incidents_lease_and_maintenance(host: Host) -> None:
    run = host.run("first")
    run.begin()
    window = MaintenanceWindow("shop", "", "jane", "upgrade", host.clock.now(), 600)
    run.platform.record.run(lambda connection: policy_table.start_maintenance(connection, window))
    summary = read_summary(host.state_dir, "shop", host.clock.now(), host.processes)
    assert summary["lease"]["holder"]["run_id"] == "first"
    assert run.token not in str(summary)
    assert [(one["id"], one["severity"], one["state"]) for one in summary["open_incidents"]] == [
        (run.incident, "P2", "open")
    ]
    assert [(one["by"], one["remaining"]) for one in summary["maintenance"]] == [("jane", 600)]
    run.end()
    the_lease_lapses(host)
    summary = read_summary(host.state_dir, "shop", host.clock.now(), host.processes)
    assert (summary["lease"], summary["open_incidents"]) == (None, [])
    other = read_summary(host.state_dir, "blog", host.clock.now(), host.processes)
    assert (other["maintenance"], other["open_incidents"]) == ([], [])


@pytest.mark.parametrize("scenario, seen", [("engine", True), ("model_server", False)])
def test_an_engine_that_was_down_when_nobody_named_a_platform_is_seen_by_every_platform(
    host: Host, scenario: str, seen: bool
) -> None:
    run = host.run("first", platform="docker")
    run.begin(scenario=scenario, services=())

    summary = read_summary(host.state_dir, "shop", host.clock.now(), host.processes)

    assert [one["id"] for one in summary["open_incidents"]] == ([run.incident] if seen else [])
