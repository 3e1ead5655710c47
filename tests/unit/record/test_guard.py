# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard on a real record with a steered clock: leases, incidents, permissions, and what a killed run leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from record_fakes import FakeClock, FakeProcesses

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.attempt import Identity
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.guard_rules import (
    Approval,
    Limits,
    MaintenanceWindow,
    WantedStep,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.lease import Holder
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rung import Tier
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    guard_begin,
    guard_end,
    guard_lease,
    guard_steps,
    policy_table,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import (
    LeaseWish,
    Platform,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import Query, find_incidents
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import (
    Record,
    Rehearsal,
    Writer,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.summary import read_summary

DIGEST = "ab" * 32
OLD: Identity = {"model-server": (("c1", "t1"),)}
NEW: Identity = {"model-server": (("c1", "t2"),)}


class Host:
    """A host with a record, on which runs do what a play would do."""

    def __init__(self, state_dir: Path, clock: FakeClock, processes: FakeProcesses) -> None:
        self.state_dir = str(state_dir)
        self.clock = clock
        self.processes = processes

    def run(self, name: str, platform: str = "shop", record: Record | None = None) -> Run:
        return Run(self, name, Platform(platform, record or Writer(self.state_dir), self.clock, self.processes))

    def incident(self, number: str) -> dict[str, Any]:
        return find_incidents(self.state_dir, Query(number=number, full=True))[0]

    def timeline(self, number: str) -> list[str]:
        return [entry["kind"] for entry in self.incident(number)["timeline"]]


class Run:
    """One run of a play."""

    def __init__(self, host: Host, name: str, platform: Platform) -> None:
        self.host = host
        self.name = name
        self.platform = platform
        self.token = ""
        self.incident = ""

    def begin(self, containers: Identity = OLD, **changes: Any) -> dict[str, Any]:
        wish = {key: changes.pop(key) for key in ("wait", "host_wide") if key in changes}
        trouble: dict[str, Any] = {
            "scenario": "model_server",
            "services": ("model-server",),
            "severity": "P2",
            "severity_rule": "a service fails",
            "root_cause": "it hangs",
            "containers": containers,
        }
        result = guard_begin.begin(
            self.platform,
            guard_begin.Trouble(**{**trouble, **changes}),
            LeaseWish(Holder(self.name, "ops", "desk", 7), ttl=120, **wish),
        )
        self.token = result["lease"].get("token", "")
        self.incident = result["incident"].get("id", "")
        return result

    def permit(
        self,
        action: str = "restart",
        services: tuple[str, ...] = ("model-server",),
        tier: Tier = Tier.DISRUPTIVE,
        containers: Identity = OLD,
        **permission: Any,
    ) -> dict[str, Any]:
        limits = Limits(budget=2, window=3600, cap=2)
        return guard_steps.permit(
            self.platform,
            self.token,
            self.incident,
            WantedStep(action, services, tier, DIGEST, "it hangs"),
            guard_steps.Permission(limits, containers, **permission),
            120,
        )

    def complete(self, attempt: int, outcome: str = "done", **details: Any) -> dict[str, Any]:
        return guard_steps.complete(self.platform, self.token, guard_steps.StepResult(attempt, outcome, **details), 120)

    def renew(self) -> dict[str, Any]:
        return guard_lease.renew(self.platform, self.token, 120)

    def end(self, outcome: str = "resolved", reason: str = "it answers") -> dict[str, Any]:
        return guard_end.end(self.platform, self.token, self.incident, guard_end.Ending(outcome, reason, "go on"))

    def act(self, outcome: str = "done", **options: Any) -> int:
        """A step from permission to outcome."""
        number = int(self.permit(**options)["attempt"]["id"])
        self.complete(number, outcome)
        return number


@pytest.fixture
def host(state_dir: Path, clock: FakeClock, processes: FakeProcesses) -> Host:
    return Host(state_dir, clock, processes)


def refused(result: dict[str, Any]) -> str | None:
    return None if result["refused"] is None else str(result["refused"]["rule"])


# The lease


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


def the_lease_lapses(host: Host) -> None:
    host.clock.move(120)


def the_holder_dies(host: Host) -> None:
    host.processes.gone.add("first")


def the_host_restarts(host: Host) -> None:
    host.clock.restart_host(down=5)


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


# The incident


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


# Permission, budget, approval


def test_the_intent_is_written_before_the_act(host: Host) -> None:
    run = host.run("first")
    run.begin()
    attempt = run.permit()["attempt"]
    (stored,) = host.incident(run.incident)["attempts"]
    assert stored == attempt
    assert (stored["outcome"], stored["action"]) == (None, "restart")


def test_a_refused_step_writes_no_attempt_and_says_so_in_the_timeline(host: Host) -> None:
    run = host.run("first")
    run.begin()
    assert refused(run.permit(declared={"model-server": "stopped"})) == "declared"
    assert host.incident(run.incident)["attempts"] == []
    assert host.timeline(run.incident) == ["opened", "refused"]


def test_the_budget_holds_over_runs_and_frees_itself(host: Host) -> None:
    run = host.run("first")
    run.begin()
    run.act()
    run.act()
    assert refused(run.permit()) == "budget"
    assert refused(run.permit(action="recreate")) is None
    run.end("escalated")
    later = host.run("later")
    later.begin()
    assert refused(later.permit()) == "budget"
    host.clock.set_wall(0)
    assert refused(later.permit()) == "budget"
    later.end("escalated")
    host.clock.move(3600)
    later.begin()
    assert refused(later.permit()) is None


@pytest.mark.parametrize("outcome, expected", [("done", "budget"), ("failed", "budget"), ("unchanged", None)])
def test_only_attempts_with_an_effect_spend_the_budget(host: Host, outcome: str, expected: str | None) -> None:
    run = host.run("first")
    run.begin()
    for _unused in range(2):
        run.act(outcome)
    assert refused(run.permit()) == expected


def test_an_attempt_under_way_spends_the_budget(host: Host) -> None:
    run = host.run("first")
    run.begin()
    assert [refused(run.permit()) for _unused in range(3)] == [None, None, "budget"]


def test_the_cap_counts_the_services_of_one_run(host: Host) -> None:
    run = host.run("first")
    run.begin()
    assert [refused(run.permit(services=(name,))) for name in ("a", "b", "c", "a")] == [None, None, "cap", None]
    run.end("escalated")
    other = host.run("other")
    other.begin()
    assert refused(other.permit(services=("c",))) is None


def test_a_step_without_services_is_an_error_and_never_means_all(host: Host) -> None:
    run = host.run("first")
    run.begin()
    with pytest.raises(InvalidInputError, match=r"step\.services"):
        run.permit(services=())


def test_maintenance_stops_the_next_step(host: Host) -> None:
    run = host.run("first")
    run.begin()
    window = MaintenanceWindow("shop", "model-server", "jane", "upgrade", host.clock.now(), 600)
    run.platform.record.run(lambda connection: policy_table.start_maintenance(connection, window))
    assert refused(run.permit()) == "maintenance"
    host.clock.move(600)
    run.begin()
    assert refused(run.permit()) is None


def approve(host: Host) -> None:
    approval = Approval("shop", "restore", DIGEST, "jane", "checked", host.clock.now(), 3600)
    Writer(host.state_dir).run(lambda connection: policy_table.approve(connection, approval))


RESTORE: dict[str, Any] = {"action": "restore", "tier": Tier.DESTRUCTIVE}


def test_a_destructive_step_waits_for_its_approval_and_uses_it_up(host: Host) -> None:
    run = host.run("first")
    run.begin()
    assert refused(run.permit(**RESTORE)) == "approval"
    approve(host)
    allowed = run.permit(**RESTORE)
    assert allowed["attempt"]["approved_by"] == "jane, by approval of this plan"
    run.complete(allowed["attempt"]["id"])
    assert refused(run.permit(**RESTORE)) == "approval"


def test_an_attempt_without_effect_gives_its_approval_back(host: Host) -> None:
    run = host.run("first")
    run.begin()
    approve(host)
    run.act("unchanged", **RESTORE)
    assert refused(run.permit(**RESTORE)) is None


def test_naming_the_action_leaves_an_approval_for_later(host: Host) -> None:
    run = host.run("first")
    run.begin()
    approve(host)
    allowed = run.permit(**RESTORE, approved_actions=["restore"], approver="joe")
    assert allowed["attempt"]["approved_by"] == "joe, by naming the action for this run"
    assert refused(run.permit(**RESTORE)) is None


# A run that was killed


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


# Check mode and the summary


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
