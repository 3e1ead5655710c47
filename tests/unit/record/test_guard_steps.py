# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Permission on a real record: intent before the act, budget, cap, maintenance, approval."""

from __future__ import annotations

import pytest
from guard_runs import (
    RESTORE,
    Host,
    approve,
    refused,
)

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.guard_rules import (
    MaintenanceWindow,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    policy_table,
)


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
