# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rungs are climbed, on which services, in which order, and why not the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from findings import critical, fine, unknown, warning
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import (
    Finding,
    Status,
    failing_services,
    own_faults,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.graph import DependencyGraph
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.plan import Plan, Step, make_plan
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rung import Rung, Tier

ALONE = DependencyGraph.of({})
WAIT = Rung("wait", Tier.SAFE, ("model_server.loading",))
RESTART = Rung(
    "restart", Tier.DISRUPTIVE, ("model_server.held", "model_server.*"), unless=("model_server.file_*",), deadline=90.0
)
RECREATE = Rung("recreate", Tier.DISRUPTIVE, ("container.config_drift",), statuses=(Status.WARNING,))
RESTORE = Rung("restore_model", Tier.DESTRUCTIVE, ("model_server.file_*",))
LADDER = (WAIT, RESTART, RECREATE, RESTORE)


def plan_of(
    findings: Sequence[Finding],
    *,
    ladder: Sequence[Rung] = LADDER,
    graph: DependencyGraph = ALONE,
    scope: Sequence[str] = ("model-server",),
    attempted: Sequence[tuple[str, str]] = (),
) -> Plan:
    return make_plan(ladder, findings, graph, scope, failing_services(findings), attempted)


def actions(plan: Plan) -> list[str]:
    return [step.action for step in plan.steps]


def reason_against(plan: Plan, action: str) -> str:
    (reason,) = (skipped.reason for skipped in plan.skipped if skipped.action == action)
    return reason


def test_a_step_says_what_calls_for_it_the_most_telling_first() -> None:
    plan = plan_of([critical("model_server.canary"), critical("model_server.held", message="A lock is held.")])

    assert plan.steps == (
        Step(
            action="restart",
            services=("model-server",),
            tier=Tier.DISRUPTIVE,
            deadline=90.0,
            reason="A lock is held.",
            findings=("model_server.canary", "model_server.held"),
            subjects=("model-server",),
        ),
    )
    assert reason_against(plan, "wait") == "no finding calls for it"


@pytest.mark.parametrize(
    "findings, chosen",
    [
        ([], []),
        ([fine("model_server.canary")], []),
        ([critical("container.state")], []),
        ([critical("model_server.loading")], ["wait", "restart"]),
        ([critical("model_server.file_corrupt")], ["restore_model"]),
        ([critical("model_server.canary"), critical("model_server.file_truncated")], ["restore_model"]),
        ([critical("model_server.canary"), warning("container.config_drift")], ["restart", "recreate"]),
        # Nothing is wrong with a service that merely bears a warning.
        ([warning("container.config_drift")], []),
        ([unknown("model_server.canary"), warning("container.config_drift")], ["recreate"]),
        ([critical("model_server.canary", "another-server")], []),
        ([critical("model_server.canary", "")], []),
    ],
)
def test_the_rungs_that_the_findings_call_for_are_chosen(findings: list[Finding], chosen: list[str]) -> None:
    assert actions(plan_of(findings)) == chosen


def test_a_rung_that_would_not_help_is_skipped_with_the_finding_that_says_so() -> None:
    plan = plan_of(
        [
            critical("model_server.file_corrupt", "batch-server", message="The batch server's file is corrupt."),
            critical("model_server.canary", "model-server"),
            critical("model_server.file_lfs_pointer", "model-server", message="The file is a Git LFS pointer."),
        ],
        ladder=[Rung("restart", Tier.DISRUPTIVE, ("model_server.canary",), unless=("model_server.file_*",))],
        scope=("model-server", "batch-server"),
    )

    assert reason_against(plan, "restart") == "it would not help: The file is a Git LFS pointer."


def test_a_service_that_a_rung_would_not_help_is_spared_while_the_others_are_helped() -> None:
    plan = plan_of(
        [
            critical("model_server.canary", "batch-server"),
            critical("model_server.canary", "model-server"),
            critical("model_server.file_corrupt", "batch-server"),
        ],
        scope=("model-server", "batch-server"),
    )

    assert {step.action: step.services for step in plan.steps} == {
        "restart": ("model-server",),
        "restore_model": ("batch-server",),
    }


def test_a_service_with_nothing_but_a_warning_is_not_touched_along_with_one_in_trouble() -> None:
    plan = plan_of(
        [
            critical("model_server.canary", "model-server"),
            warning("container.config_drift", "model-server"),
            warning("container.config_drift", "batch-server"),
        ],
        scope=("model-server", "batch-server"),
    )

    assert {step.services for step in plan.steps} == {("model-server",)}


def test_what_was_tried_is_not_tried_again_on_the_same_service() -> None:
    findings = [critical("model_server.canary", "model-server"), critical("model_server.canary", "batch-server")]
    scope = ("model-server", "batch-server")

    once = plan_of(findings, scope=scope, attempted=[("restart", "batch-server")])
    twice = plan_of(findings, scope=scope, attempted=[("restart", "batch-server"), ("restart", "model-server")])

    assert [step.services for step in once.steps] == [("model-server",)]
    assert twice.steps == ()
    assert reason_against(twice, "restart") == "was tried in this run and did not heal"


def test_a_symptom_is_left_alone_and_says_from_what_it_suffers() -> None:
    plan = plan_of(
        [critical("model_server.canary", "model-server"), critical("http.health", "storage")],
        graph=DependencyGraph.of({"model-server": ["storage"]}),
    )

    assert plan.steps == ()
    assert plan.suffering == {"model-server": ("storage",)}


@pytest.mark.parametrize(
    "finding_id, suffering",
    [("service.missing", {}), ("container.paused", {}), ("container.exit_code", {"model-server": ("storage",)})],
)
def test_a_container_that_was_removed_or_paused_is_no_symptom_of_what_it_needs(
    finding_id: str, suffering: dict[str, tuple[str, ...]]
) -> None:
    plan = plan_of(
        [critical(finding_id, "model-server"), critical("http.health", "storage")],
        graph=DependencyGraph.of({"model-server": ["storage"]}),
        ladder=[Rung("recreate", Tier.DISRUPTIVE, (finding_id,))],
    )

    assert plan.suffering == suffering
    assert bool(plan.steps) is not bool(suffering)


@pytest.mark.parametrize(
    "findings, chosen, suffering",
    [
        ([unknown("model_server.loading", "web")], [("wait", ("web",))], {}),
        (
            [unknown("model_server.loading", "web"), critical("model_server.held", "users")],
            [("restart", ("users",))],
            {"web": ("users",)},
        ),
        (
            [unknown("model_server.loading", "users"), critical("model_server.held", "web")],
            [("wait", ("users",)), ("restart", ("web",))],
            {},
        ),
    ],
    ids=["nobody fails: wait", "what it needs fails: that first", "who needs it fails: it is waited for"],
)
def test_nobody_waits_for_a_service_that_needs_one_that_fails(
    findings: list[Finding], chosen: list[tuple[str, tuple[str, ...]]], suffering: dict[str, tuple[str, ...]]
) -> None:
    graph = DependencyGraph.of({"web": ["users"]})
    ladder = (Rung("wait", Tier.SAFE, ("model_server.loading",), statuses=(Status.UNKNOWN,)), RESTART)

    plan = plan_of(findings, ladder=ladder, graph=graph, scope=("web", "users"))

    assert [(step.action, step.services) for step in plan.steps] == chosen
    assert plan.suffering == suffering


def test_an_empty_scope_gives_an_empty_plan() -> None:
    plan = plan_of([critical("model_server.canary")], scope=())

    assert plan.steps == ()
    assert plan.suffering == {}


def test_destructive_steps_need_approval_and_others_do_not() -> None:
    plan = plan_of([critical("model_server.file_corrupt"), warning("container.config_drift")])

    assert [(step.action, step.needs_approval) for step in plan.steps] == [("recreate", False), ("restore_model", True)]


STEP = Step("restart", ("b", "a"), Tier.DISRUPTIVE, 60.0, "Because.", ("x.y",), {"timeout": 5})


@pytest.mark.parametrize(
    "other, platform, scenario, same",
    [
        ({"services": ("a", "b")}, "shop", "crash", True),
        ({"findings": ("x.y", "x.z"), "reason": "Because of more.", "deadline": 1.0}, "shop", "crash", True),
        ({"services": ("a",)}, "shop", "crash", False),
        ({"action": "recreate"}, "shop", "crash", False),
        ({"parameters": {"timeout": 6}}, "shop", "crash", False),
        ({}, "another-shop", "crash", False),
        ({}, "shop", "latency", False),
    ],
)
def test_an_approval_is_bound_to_what_is_done_and_not_to_why(
    other: dict[str, Any], platform: str, scenario: str, same: bool
) -> None:
    fields = {field: getattr(STEP, field) for field in STEP.__dataclass_fields__}
    changed = Step(**{**fields, **other})

    assert (changed.digest(platform, scenario) == STEP.digest("shop", "crash")) is same


def test_a_plan_as_data_carries_what_the_flow_reads() -> None:
    plan = plan_of([critical("model_server.file_corrupt")])

    (step,) = plan.to_data("shop", "model_server")["steps"]

    assert step == {
        "action": "restore_model",
        "services": ["model-server"],
        "tier": "destructive",
        "deadline": 60.0,
        "reason": "model-server: model_server.file_corrupt is critical.",
        "findings": ["model_server.file_corrupt"],
        "parameters": {},
        "needs_approval": True,
        "digest": plan.steps[0].digest("shop", "model_server"),
    }


SERVICES = "abcd"
services = st.sampled_from(SERVICES)
any_findings = st.lists(
    st.builds(
        Finding,
        id=st.sampled_from(["http.health", "model_server.held", "model_server.file_corrupt", "container.config_drift"]),
        service=st.sampled_from([*SERVICES, ""]),
        status=st.sampled_from(Status),
        message=st.just("It is so."),
        targets=st.just(()) | st.just(("a", "b")),
    )
)
patterns = st.lists(st.sampled_from(["*", "model_server.*", "http.health", "*.held"]), min_size=1).map(tuple)
rungs = st.builds(
    Rung,
    action=st.sampled_from(["wait", "restart", "recreate", "restore_model"]),
    tier=st.sampled_from(Tier),
    findings=patterns,
    unless=st.just(()) | patterns,
    statuses=st.lists(st.sampled_from(Status), min_size=1).map(tuple),
)
graphs = st.dictionaries(services, st.frozensets(services)).map(DependencyGraph.of)
attempts = st.frozensets(st.tuples(st.sampled_from(["wait", "restart", "recreate"]), services))


@given(st.lists(rungs), any_findings, graphs, st.frozensets(services), attempts)
def test_no_plan_breaks_the_rules(
    ladder: list[Rung],
    findings: list[Finding],
    graph: DependencyGraph,
    scope: frozenset[str],
    attempted: frozenset[tuple[str, str]],
) -> None:
    plan = make_plan(ladder, findings, graph, scope, failing_services(findings), attempted)
    touched = {service for step in plan.steps for service in step.services}
    in_trouble = {finding.service for finding in findings if finding.is_trouble}
    may_call = (scope & in_trouble) - set(graph.symptoms(failing_services(findings), own_faults(findings)))
    called_by = [finding for finding in findings if finding.service in may_call]

    assert touched <= {service for finding in called_by for service in finding.targets or (finding.service,)}
    assert attempted.isdisjoint((step.action, service) for step in plan.steps for service in step.services)
    assert all(step.services for step in plan.steps)
    assert all(step.needs_approval for step in plan.steps if step.tier is Tier.DESTRUCTIVE)
    # Every rung is answered for, in the order of the ladder.
    assert len(plan.steps) + len(plan.skipped) == len(ladder)
    remaining = iter(ladder)
    assert all(any(rung.action == step.action for rung in remaining) for step in plan.steps)
