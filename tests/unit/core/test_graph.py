# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Causes and symptoms in the dependency graph of a platform."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.graph import DependencyGraph

LAB = DependencyGraph.of(
    {
        "api-gateway": ["auth", "recommendation"],
        "auth": ["database", "cache"],
        "recommendation": ["model-server", "cache"],
        "model-server": [],
        "database": [],
        "cache": [],
    }
)

names = st.sampled_from("abcdefg")
graphs = st.dictionaries(names, st.frozensets(names)).map(DependencyGraph.of)
acyclic = st.lists(st.permutations("abcdefg"), min_size=1, max_size=1).flatmap(
    lambda orders: st.fixed_dictionaries(
        {
            name: st.frozensets(st.sampled_from(orders[0][:position])) if position else st.just(frozenset())
            for position, name in enumerate(orders[0])
        }
    ).map(DependencyGraph.of)
)


@pytest.mark.parametrize(
    "failing, roots, symptoms",
    [
        ([], set(), {}),
        (["model-server"], {"model-server"}, {}),
        (
            ["model-server", "recommendation", "api-gateway"],
            {"model-server"},
            {"api-gateway": ("model-server",), "recommendation": ("model-server",)},
        ),
        # The gateway suffers through a service that looks well, for example because it does not check what it needs.
        (["model-server", "api-gateway"], {"model-server"}, {"api-gateway": ("model-server",)}),
        (["model-server", "auth", "api-gateway"], {"model-server", "auth"}, {"api-gateway": ("auth", "model-server")}),
        (["api-gateway"], {"api-gateway"}, {}),
        (["a-service-of-nobody"], {"a-service-of-nobody"}, {}),
    ],
)
def test_the_deepest_failing_services_are_the_causes_of_the_others(
    failing: list[str], roots: set[str], symptoms: dict[str, tuple[str, ...]]
) -> None:
    assert LAB.root_causes(failing) == roots
    assert LAB.symptoms(failing) == symptoms


def test_in_a_failing_cycle_nobody_is_first_so_each_is_a_cause() -> None:
    cycle = DependencyGraph.of({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]})

    assert cycle.root_causes("abcd") == {"a", "b", "c"}
    assert cycle.symptoms("abcd") == {"d": ("a", "b", "c")}


def test_a_cycle_that_needs_a_failing_service_only_suffers() -> None:
    graph = DependencyGraph.of({"a": ["b"], "b": ["a", "c"]})

    assert graph.root_causes("abc") == {"c"}
    assert graph.symptoms("abc") == {"a": ("c",), "b": ("c",)}


def test_who_fails_by_a_fault_of_its_own_is_a_cause_whatever_else_fails() -> None:
    graph = DependencyGraph.of({"shop": ["web"], "web": ["sessions"]})
    failing = ["shop", "web", "sessions"]

    assert graph.root_causes(failing, ["web", "well"]) == {"web", "sessions"}
    assert graph.symptoms(failing, ["web", "well"]) == {"shop": ("sessions", "web")}


@given(graphs, st.frozensets(names), st.frozensets(names))
def test_each_failing_service_is_a_cause_or_needs_one(
    graph: DependencyGraph, failing: frozenset[str], own: frozenset[str]
) -> None:
    roots, symptoms = graph.root_causes(failing, own), graph.symptoms(failing, own)

    assert bool(roots) == bool(failing)
    assert roots | set(symptoms) == failing
    assert roots.isdisjoint(symptoms)
    for service, causes in symptoms.items():
        assert causes
        assert set(causes) <= roots & graph.dependencies(service)


@given(acyclic, st.frozensets(names, min_size=1))
def test_a_cause_needs_no_failing_service(graph: DependencyGraph, failing: frozenset[str]) -> None:
    for root in graph.root_causes(failing):
        assert graph.dependencies(root) & failing == set()


def test_dependants_are_found_through_others_and_without_the_service_itself() -> None:
    assert LAB.dependants("model-server") == {"recommendation", "api-gateway"}
    assert LAB.direct_dependants("model-server") == {"recommendation"}
    assert DependencyGraph.of({"a": ["b"], "b": ["a"]}).dependants("a") == {"b"}
    assert LAB.dependants("a-service-of-nobody") == set()


@given(acyclic, st.frozensets(names))
def test_each_service_comes_after_those_it_needs(graph: DependencyGraph, services: frozenset[str]) -> None:
    ordered = graph.dependencies_first(services)

    assert sorted(ordered) == sorted(services)
    for position, service in enumerate(ordered):
        assert graph.dependencies(service).isdisjoint(ordered[position:])


@given(graphs, st.frozensets(names))
def test_an_order_loses_nobody_even_with_cycles(graph: DependencyGraph, services: frozenset[str]) -> None:
    assert sorted(graph.dependencies_first(services)) == sorted(services)


def test_the_order_is_alphabetical_where_it_is_free() -> None:
    assert LAB.dependencies_first(LAB.needs) == [
        "cache",
        "database",
        "model-server",
        "auth",
        "recommendation",
        "api-gateway",
    ]
