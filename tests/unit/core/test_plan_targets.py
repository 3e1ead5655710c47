# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A finding of one service whose remedy acts on another one: a leaking service holds a database's connections."""

from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.graph import DependencyGraph
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.plan import Plan, make_plan
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rung import Rung, Tier

GRAPH = DependencyGraph.of({"reports": ["postgres"], "users": ["postgres"], "postgres": []})
LEAK = Finding("postgres.leak", "postgres", Status.CRITICAL, "reports leaks.", targets=("reports",))
LOCKED_OUT = Finding("postgres.locked_out", "postgres", Status.CRITICAL, "No slot is left.")
RESTART = Rung("restart", Tier.DISRUPTIVE, ("postgres.leak",))


def plan_of(*findings: Finding, rung: Rung = RESTART, attempted: tuple[tuple[str, str], ...] = ()) -> Plan:
    failing = {"postgres", "reports", "users"}
    return make_plan([rung], findings, GRAPH, ["postgres"], failing, attempted)


def test_a_step_names_the_service_that_is_touched_and_not_the_one_that_suffers() -> None:
    assert [step.services for step in plan_of(LEAK).steps] == [("reports",)]


@pytest.mark.parametrize(
    "attempted, services",
    [
        ((("restart", "reports"),), []),
        ((("restart", "postgres"),), [("reports",)]),
        ((("start", "reports"),), [("reports",)]),
    ],
)
def test_what_was_tried_is_counted_by_the_service_that_was_touched(
    attempted: tuple[tuple[str, str], ...], services: list[tuple[str, ...]]
) -> None:
    assert [step.services for step in plan_of(LEAK, attempted=attempted).steps] == services


def test_a_rung_that_would_not_help_is_told_by_the_service_that_bears_the_findings() -> None:
    spared = Rung("restart", Tier.DISRUPTIVE, ("postgres.leak",), unless=("postgres.locked_out",))

    plan = plan_of(LEAK, LOCKED_OUT, rung=spared)

    assert plan.steps == ()
    assert plan.skipped[0].reason == "it would not help: No slot is left."


def test_targets_survive_the_way_through_json() -> None:
    assert Finding.from_data(LEAK.to_data()) == LEAK
