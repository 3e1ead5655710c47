# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One scenario's answer to one observation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from findings import critical, fine, unknown, warning

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.diagnosis import (
    Condition,
    Diagnosis,
    choose_scope,
    diagnose,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.graph import DependencyGraph
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.host import HOST
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rung import Rung, Tier

GRAPH = DependencyGraph.of({"api-gateway": ["recommendation"], "recommendation": ["model-server", "cache"]})
LADDER = (
    Rung("wait", Tier.SAFE, ("model_server.loading",)),
    Rung("restart", Tier.DISRUPTIVE, ("model_server.held", "model_server.*", "http.*")),
)
HANG = critical("model_server.held", message="model-server holds a lock.")


def diagnosis_of(
    findings: Sequence[Finding], scope: Sequence[str] = ("model-server",), *, engine: bool = True, **more: Any
) -> Diagnosis:
    return diagnose(findings, more.pop("graph", GRAPH), scope, LADDER, engine_answers=engine, **more)


@pytest.mark.parametrize(
    "findings, scope, engine, condition",
    [
        ([fine("model_server.canary")], ["model-server"], True, Condition.HEALTHY),
        ([warning("log.timeout")], ["model-server"], True, Condition.HEALTHY),
        ([critical("http.health", "cache")], ["model-server"], True, Condition.HEALTHY),
        ([], ["model-server"], True, Condition.HEALTHY),
        ([HANG], [], True, Condition.NOTHING_IN_SCOPE),
        ([HANG], ["model-server"], True, Condition.IN_TROUBLE),
        ([unknown("observation.model_server")], ["model-server"], True, Condition.IN_TROUBLE),
        ([HANG], ["model-server"], False, Condition.ENGINE_UNAVAILABLE),
        ([], [], False, Condition.ENGINE_UNAVAILABLE),
    ],
)
def test_a_scenario_sees(findings: list[Finding], scope: list[str], engine: bool, condition: Condition) -> None:
    diagnosis = diagnosis_of(findings, scope, engine=engine)

    assert diagnosis.condition is condition
    assert bool(diagnosis.plan.steps) is (findings == [HANG] and condition is Condition.IN_TROUBLE)


def test_the_cause_is_named_and_whoever_suffers_from_it_as_well() -> None:
    diagnosis = diagnosis_of(
        [critical("http.health", "api-gateway"), critical("http.health", "recommendation"), fine("http.health"), HANG]
    )

    assert diagnosis.services == ("model-server",)
    assert diagnosis.root_cause == "model-server holds a lock."
    assert diagnosis.dependants == {"api-gateway": ("model-server",), "recommendation": ("model-server",)}


def test_a_full_disk_is_its_own_cause_and_not_what_could_be_removed_from_it() -> None:
    full = critical("disk.bytes", HOST, message="/srv is full.")
    litter = warning("disk.build_cache", HOST, message="Build cache may go.")
    rung = Rung("prune", Tier.SAFE, ("disk.build_cache",), statuses=(Status.WARNING,))

    diagnosis = diagnose([litter, full], GRAPH, [HOST], [rung], engine_answers=True)

    assert diagnosis.root_cause == "/srv is full."
    assert [(step.action, step.reason) for step in diagnosis.plan.steps] == [("prune", "Build cache may go.")]


def test_whoever_suffers_from_another_cause_too_is_not_counted_as_ours() -> None:
    diagnosis = diagnosis_of([HANG, critical("http.health", "recommendation"), critical("redis.ping", "cache")])

    assert diagnosis.dependants == {}


def test_a_service_that_only_suffers_is_named_without_a_remedy() -> None:
    diagnosis = diagnosis_of(
        [critical("http.health", "recommendation"), critical("redis.ping", "cache")], ["recommendation"]
    )

    assert diagnosis.condition is Condition.IN_TROUBLE
    assert diagnosis.services == ("recommendation",)
    assert diagnosis.plan.steps == ()
    assert diagnosis.root_cause == "recommendation suffers from cache, which is to be healed first."


def test_a_service_that_needs_one_stopped_on_purpose_is_not_restarted() -> None:
    diagnosis = diagnosis_of(
        [critical("http.health", "recommendation"), fine("container.state", "cache")],
        ["recommendation"],
        declared_down=["cache"],
    )

    assert diagnosis.plan.steps == ()
    assert diagnosis.root_cause == "recommendation suffers from cache, which is not running by declaration."


def test_a_service_that_is_stopped_on_purpose_is_no_trouble_itself() -> None:
    diagnosis = diagnosis_of([fine("container.state")], declared_down=["model-server"])

    assert diagnosis.condition is Condition.HEALTHY


def test_a_warning_beside_a_suffering_service_calls_for_nothing() -> None:
    """Else a rung would be climbed on a service that is not in trouble, and nothing would be left to verify."""
    diagnosis = diagnosis_of(
        [critical("http.health", "recommendation"), critical("redis.ping", "cache"), warning("model_server.loading")],
        ["recommendation", "model-server"],
    )

    assert diagnosis.plan.steps == ()
    assert diagnosis.services == ("recommendation",)


SHOP = DependencyGraph.of({"web": ["cache"], "cart": ["cache"], "mail": ["queue"]})
TWO_RUNGS = (
    Rung("start", Tier.DISRUPTIVE, ("container.state",)),
    Rung("restart", Tier.DISRUPTIVE, ("http.health", "container.paused")),
)


@pytest.mark.parametrize(
    "findings, steps, now, later",
    [
        pytest.param(
            [critical("container.state", "mail"), critical("http.health", "cache")],
            [("start", ("mail",)), ("restart", ("cache",))], ("mail",), ("cache",),
            id="two that have nothing to do with each other",
        ),
        pytest.param(
            [critical("container.state", "mail"), critical("http.health", "cache"), critical("http.health", "web")],
            [("start", ("mail",)), ("restart", ("cache",))], ("mail",), ("cache",),
            id="who suffers from the later one is waited for with it",
        ),
        pytest.param(
            [critical("container.state", "mail"), critical("http.health", "mail")],
            [("start", ("mail",)), ("restart", ("mail",))], ("mail",), (),
            id="two rungs for the same service",
        ),
        pytest.param(
            [critical("container.state", "cache"), critical("container.paused", "web")],
            [("start", ("cache",)), ("restart", ("web",))], ("cache", "web"), (),
            id="the later one needs the first: its healing may suffice",
        ),
        pytest.param(
            [critical("container.state", "mail", targets=("queue",)), critical("http.health", "mail")],
            [("start", ("queue",)), ("restart", ("mail",))], ("mail", "queue"), (),
            id="the first acts on another service for the sake of the later one",
        ),
        pytest.param(
            [critical("container.state", "mail"), critical("http.health", "queue", targets=("mail",))],
            [("start", ("mail",)), ("restart", ("mail",))], ("mail", "queue"), (),
            id="the later one would be healed by way of what the first acts on",
        ),
        pytest.param(
            [critical("container.state", "mail"), critical("http.health", "mail"), critical("http.health", "cache")],
            [("start", ("mail",)), ("restart", ("cache", "mail"))], ("mail",), ("cache",),
            id="the later step is for the first one as well",
        ),
        pytest.param(
            [critical("container.state", "mail"), critical("disk.full", "cache")],
            [("start", ("mail",))], ("cache", "mail"), (),
            id="without a step of its own it may get well by itself",
        ),
    ],
)  # fmt: skip
def test_a_step_is_judged_by_what_it_can_heal(
    findings: list[Finding], steps: list[tuple[str, Any]], now: tuple[str, ...], later: tuple[str, ...]
) -> None:
    diagnosis = diagnose(findings, SHOP, ["cache", "cart", "mail", "queue", "web"], TWO_RUNGS, engine_answers=True)

    assert [(step.action, step.services) for step in diagnosis.plan.steps] == steps
    assert (diagnosis.healed_by_next_step(), diagnosis.healed_by_later_steps()) == (now, later)


@pytest.mark.parametrize(
    "findings, root_cause",
    [
        ([critical("model_server.canary", message="No answer."), HANG], HANG.message),
        ([critical("model_server.loading", message="It loads."), HANG], "It loads."),
        ([unknown("x.y", message="Cannot be told."), critical("x.z", message="It is bad.")], "It is bad."),
        ([unknown("x.y", message="Cannot be told.")], "Cannot be told."),
    ],
)
def test_the_root_cause_is_what_the_lowest_rung_answers_else_the_worst(
    findings: list[Finding], root_cause: str
) -> None:
    assert diagnosis_of(findings).root_cause == root_cause


def test_an_engine_that_does_not_answer_is_the_cause_itself() -> None:
    said = diagnosis_of([critical("engine.answers", "", message="The engine is stopped.")], (), engine=False)
    unsaid = diagnosis_of([], (), engine=False)

    assert (said.root_cause, unsaid.root_cause) == ("The engine is stopped.", "Docker does not answer.")
    assert said.plan.steps == ()


KINDS = {"model-server": "model_server", "batch-server": "model_server", "cache": "redis"}


@pytest.mark.parametrize(
    "named, scope",
    [
        (None, ("batch-server", "model-server")),
        (["model-server"], ("model-server",)),
        (["model-server", "cache", "model-server"], ("cache", "model-server")),
        ([], ()),
    ],
)
def test_a_scope_is_chosen_by_kind_unless_services_are_named(named: list[str] | None, scope: tuple[str, ...]) -> None:
    assert choose_scope(KINDS, ["model_server"], named, "model_server_services") == scope


@pytest.mark.parametrize("named", [["model-sever"], [""], ["model-server", "nobody"]])
def test_a_service_that_is_not_there_is_named_with_those_that_are(named: list[str]) -> None:
    with pytest.raises(InvalidInputError, match=r"batch-server, cache, model-server") as caught:
        choose_scope(KINDS, ["model_server"], named, "model_server_services")

    assert caught.value.option == "model_server_services"
    assert caught.value.value == named[-1]


GUARDED = (
    Rung("start", Tier.DISRUPTIVE, ("container.state",), unless=("crash.loop",)),
    Rung("restart", Tier.DISRUPTIVE, ("a.slow",), unless=("z.disk", "y.log", "container.state", "z.hint")),
)


@pytest.mark.parametrize(
    "findings, root_cause",
    [
        ([critical("a.slow"), critical("z.disk", message="It is full.")], "It is full."),
        ([critical("a.slow"), critical("z.other")], critical("a.slow").message),
        ([critical("a.slow"), warning("z.hint")], critical("a.slow").message),
        ([critical("b.first"), critical("z.disk", message="It is full.")], critical("b.first").message),
        ([critical("a.slow"), critical("z.disk", "cache", message="It is full.")], critical("a.slow").message),
        (
            [critical("a.slow"), critical("container.state"), critical("crash.loop", message="It crashes.")],
            "It crashes.",
        ),
        ([critical("a.slow"), critical("y.log"), critical("z.disk", message="It is full.")], "It is full."),
        (
            [
                critical("a.slow"),
                critical("container.state"),
                critical("crash.loop"),
                critical("z.disk", message="Full."),
            ],
            "Full.",
        ),
    ],
    ids=[
        "it stands against the remedy",
        "it stands against nothing",
        "a warning",
        "no remedy is called for",
        "of another service",
        "what calls for a remedy itself is no obstacle",
        "the one that the rung names first",
        "the one against the strongest remedy",
    ],
)
def test_where_no_rung_is_left_what_stands_against_the_remedies_is_the_root_cause(
    findings: list[Finding], root_cause: str
) -> None:
    found = diagnose(findings, GRAPH, ("model-server",), GUARDED, engine_answers=True)

    assert found.root_cause == root_cause
