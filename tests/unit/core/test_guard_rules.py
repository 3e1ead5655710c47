# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard's rules, one table for each, and the lease and the interrupted attempt beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.attempt import (
    INTERRUPTED_DONE,
    INTERRUPTED_NOT_DONE,
    INTERRUPTED_PARTLY,
    INTERRUPTED_UNKNOWN,
    Attempt,
    Identity,
    interrupted_outcome,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.guard_rules import (
    Approval,
    GuardFacts,
    Limits,
    MaintenanceWindow,
    WantedStep,
    approved_by,
    judge_step,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.lease import Holder, Lease
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import redact_text
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rung import Tier

NOW = Moment(wall=100_000, boot=10_000, boot_id="b")
LIMITS = Limits(budget=2, window=3600, cap=2)
DIGEST = "ab" * 32


def ago(seconds: float) -> Moment:
    return Moment(NOW.wall - seconds, NOW.boot - seconds, "b")


def before_restart(seconds: float) -> Moment:
    return Moment(NOW.wall - seconds, 77, "a")


def a_step(tier: Tier = Tier.DISRUPTIVE, *services: str) -> WantedStep:
    return WantedStep("restart", services or ("api",), tier, DIGEST)


def facts(**known: Any) -> GuardFacts:
    return GuardFacts(NOW, "shop", **known)


def rule_of(step: WantedStep, known: GuardFacts, limits: Limits = LIMITS) -> str | None:
    refusal = judge_step(step, known, limits)
    if refusal is None:
        return None
    assert refusal.message
    assert refusal.remedy
    return refusal.rule


def a_window(service: str = "", since: Moment | None = None) -> MaintenanceWindow:
    return MaintenanceWindow("shop", service, "jane", "upgrade", since or ago(10), 600)


@pytest.mark.parametrize("tier, expected", [(Tier.SAFE, None), (Tier.DISRUPTIVE, None), (Tier.DESTRUCTIVE, "approval")])
def test_what_may_be_done_when_nothing_is_known(tier: Tier, expected: str | None) -> None:
    assert rule_of(a_step(tier), facts()) == expected


@pytest.mark.parametrize(
    "window, expected",
    [
        pytest.param(a_window(), "maintenance", id="platform"),
        pytest.param(a_window("api"), "maintenance", id="service"),
        pytest.param(a_window("db"), None, id="another service"),
        pytest.param(a_window(since=ago(600)), None, id="ended"),
        pytest.param(a_window(since=before_restart(20_000)), None, id="ended before the restart"),
        pytest.param(a_window(since=before_restart(-900)), None, id="clock set back, but up for longer than it lasts"),
        pytest.param(
            replace(a_window(since=before_restart(-900)), duration=20_000), "maintenance", id="clock in doubt: holds"
        ),
    ],
)
@pytest.mark.parametrize("tier", list(Tier))
def test_nothing_is_done_during_maintenance(window: MaintenanceWindow, expected: str | None, tier: Tier) -> None:
    allowed = "approval" if tier is Tier.DESTRUCTIVE else None
    assert rule_of(a_step(tier), facts(windows=[window])) == (expected or allowed)


@pytest.mark.parametrize("word", ["stopped", "ignored", "maintenance"])
def test_a_declared_service_is_left_alone(word: str) -> None:
    refusal = judge_step(a_step(Tier.SAFE, "db", "api"), facts(declared={"api": word}), LIMITS)
    assert refusal is not None
    assert (refusal.rule, refusal.message) == ("declared", f"api is declared {word}.")
    assert rule_of(a_step(Tier.SAFE, "db"), facts(declared={"api": word})) is None


@pytest.mark.parametrize(
    "touched, services, tier, expected",
    [
        ((), ("a", "b"), Tier.DISRUPTIVE, None),
        ((), ("a", "b", "c"), Tier.DISRUPTIVE, "cap"),
        (("a", "b"), ("a",), Tier.DISRUPTIVE, None),
        (("a", "b"), ("c",), Tier.DISRUPTIVE, "cap"),
        (("a", "b"), ("c",), Tier.SAFE, None),
    ],
)
def test_one_run_touches_only_so_many_services(
    touched: tuple[str, ...], services: tuple[str, ...], tier: Tier, expected: str | None
) -> None:
    assert rule_of(a_step(tier, *services), facts(touched=touched)) == expected


@pytest.mark.parametrize(
    "attempts, expected",
    [
        pytest.param([ago(10)], None, id="one left"),
        pytest.param([ago(10), ago(20)], "budget", id="spent"),
        pytest.param([ago(10), ago(3600)], None, id="the older one has left the window"),
        pytest.param([ago(10), ago(3599)], "budget", id="the older one is still in it"),
        pytest.param([before_restart(11_000), before_restart(12_000)], None, id="long before the restart"),
        pytest.param([before_restart(-50), before_restart(-60)], None, id="clock set back, but up for longer"),
    ],
)
def test_an_action_is_taken_on_a_service_only_so_often(attempts: list[Moment], expected: str | None) -> None:
    assert rule_of(a_step(), facts(attempts={"api": attempts})) == expected


def test_attempts_from_before_a_restart_count_when_the_clock_was_set_back() -> None:
    just_up = Moment(NOW.wall, 60, "b")
    known = GuardFacts(just_up, "shop", attempts={"api": [before_restart(-50), before_restart(-60)]})
    assert rule_of(a_step(), known) == "budget"


def test_a_clock_that_is_set_back_or_forward_does_not_change_the_budget() -> None:
    attempts = {"api": [ago(10), ago(20)]}
    for wall in (0.0, 1e9):
        known = GuardFacts(replace(NOW, wall=wall), "shop", attempts=attempts)
        assert rule_of(a_step(), known) == "budget"


def test_a_safe_step_needs_no_budget_and_a_budget_of_zero_allows_nothing() -> None:
    assert rule_of(a_step(Tier.SAFE), facts(attempts={"api": [ago(1)] * 9})) is None
    assert rule_of(a_step(), facts(), Limits(budget=0, window=3600, cap=2)) == "budget"


def test_a_spent_budget_says_when_the_next_is_allowed() -> None:
    refusal = judge_step(a_step(), facts(attempts={"api": [ago(3000), ago(100), ago(3500)]}), LIMITS)
    assert refusal is not None
    assert "tried 3 times" in refusal.message
    # Two of the three have to leave the window of 3600 s: the second is 3000 s old.
    assert "in 600 s" in refusal.remedy


AN_APPROVAL = Approval("shop", "restart", DIGEST, "jane", "", ago(60), 3600)


@pytest.mark.parametrize(
    "approval, expected",
    [
        pytest.param(AN_APPROVAL, None, id="good"),
        pytest.param(replace(AN_APPROVAL, lifetime=60), "approval", id="expired"),
        pytest.param(replace(AN_APPROVAL, spent_by=3), "approval", id="used"),
        pytest.param(replace(AN_APPROVAL, digest="cd" * 32), "approval", id="of another plan"),
        pytest.param(replace(AN_APPROVAL, granted=before_restart(10_500), lifetime=11_000), None, id="over a restart"),
        pytest.param(replace(AN_APPROVAL, granted=before_restart(-9), lifetime=1e6), "approval", id="clock in doubt"),
    ],
)
def test_a_destructive_step_needs_an_approval_that_is_good(approval: Approval, expected: str | None) -> None:
    assert rule_of(a_step(Tier.DESTRUCTIVE), facts(approval=approval)) == expected


@pytest.mark.parametrize("action", ["rotate_secret", "rollback"])
def test_the_digest_of_what_has_to_be_approved_is_still_there_in_the_record(action: str) -> None:
    refusal = judge_step(replace(a_step(Tier.DESTRUCTIVE), action=action), facts(), LIMITS)
    assert refusal is not None
    assert f"approve {action} by the module approval, with digest: {DIGEST}." in redact_text(refusal.remedy)


def test_a_step_without_a_digest_is_approved_by_no_approval() -> None:
    step = replace(a_step(Tier.DESTRUCTIVE), digest="")
    assert rule_of(step, facts(approval=replace(AN_APPROVAL, digest=""))) == "approval"


@pytest.mark.parametrize("named, expected", [(["restart"], None), (["restar"], "approval"), (["*"], "approval")])
def test_a_person_approves_by_naming_exactly_the_action(named: list[str], expected: str | None) -> None:
    assert rule_of(a_step(Tier.DESTRUCTIVE), facts(approved_actions=named)) == expected


def test_the_approver_is_told_with_the_way_of_approval() -> None:
    step = a_step(Tier.DESTRUCTIVE)
    assert approved_by(step, facts(approved_actions=["restart"]), "joe") == "joe, by naming the action for this run"
    assert approved_by(step, facts(approval=AN_APPROVAL), "joe") == "jane, by approval of this plan"
    assert approved_by(a_step(), facts(approved_actions=["restart"]), "joe") == ""


def test_the_rules_refuse_in_their_order() -> None:
    everything = facts(
        windows=[a_window()], declared={"api": "stopped"}, touched=("x", "y"), attempts={"api": [ago(1), ago(2)]}
    )
    step = a_step(Tier.DESTRUCTIVE)
    lifted: list[dict[str, Any]] = [{"windows": []}, {"declared": {}}, {"touched": ()}, {"attempts": {}}, {}]
    order = []
    for change in lifted:
        order.append(rule_of(step, everything))
        everything = replace(everything, **change)
    assert order == ["maintenance", "declared", "cap", "budget", "approval"]


A_LEASE = Lease("shop", "t", Holder("r1", "jane", "desk", 7), "INC-1", ago(50), NOW.boot + 70)


@pytest.mark.parametrize(
    "now, gone, valid",
    [
        pytest.param(NOW, False, True, id="held"),
        pytest.param(NOW, True, False, id="holder dead"),
        pytest.param(replace(NOW, boot=NOW.boot + 70), False, False, id="lapsed"),
        pytest.param(replace(NOW, boot_id="c", boot=5), False, False, id="host restarted"),
        pytest.param(replace(NOW, wall=0), False, True, id="clock set back"),
        pytest.param(replace(NOW, wall=1e10), False, True, id="clock set forward"),
    ],
)
def test_a_lease_is_valid_until_it_lapses_or_its_holder_is_dead(now: Moment, gone: bool, valid: bool) -> None:
    assert A_LEASE.is_valid(now, lambda holder: gone and holder.run_id == "r1") is valid


def test_a_lease_names_its_holder_and_keeps_its_token() -> None:
    assert A_LEASE.describe(NOW) == (
        "Platform shop is being remediated by run r1 of jane on desk (pid 7) since 1970-01-02T03:45:50Z (INC-1);"
        " the lease lapses in 70 s."
    )
    assert "token" not in A_LEASE.to_data(NOW)


OLD = (("c1", "t1"),)
NEW = (("c1", "t2"),)


@pytest.mark.parametrize(
    "services, then, now, expected",
    [
        pytest.param(("a",), {"a": OLD}, {"a": NEW}, INTERRUPTED_DONE, id="started anew"),
        pytest.param(("a",), {"a": OLD}, {"a": (("c2", "t1"),)}, INTERRUPTED_DONE, id="another container"),
        pytest.param(("a",), {"a": OLD}, {"a": OLD, "b": NEW}, INTERRUPTED_NOT_DONE, id="as before"),
        pytest.param(("a", "b"), {"a": OLD, "b": OLD}, {"a": NEW, "b": OLD}, INTERRUPTED_PARTLY, id="one of two"),
        pytest.param(("a",), {"a": OLD}, {}, INTERRUPTED_UNKNOWN, id="no container known now"),
        pytest.param(("a",), {}, {"a": NEW}, INTERRUPTED_UNKNOWN, id="no container known then"),
        pytest.param(("a", "b"), {"a": OLD}, {"a": NEW, "b": NEW}, INTERRUPTED_UNKNOWN, id="half of it known"),
    ],
)
def test_the_containers_tell_what_became_of_an_interrupted_attempt(
    services: tuple[str, ...], then: Identity, now: Identity, expected: str
) -> None:
    attempt = Attempt(1, "INC-1", "shop", "r1", "restart", services, "disruptive", "", "", NOW, then)
    assert interrupted_outcome(attempt, now) == expected
