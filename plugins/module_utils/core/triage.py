# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the diagnoses of several scenarios to the ones that have to be run, in which order; pure.

Several scenarios may see the same fault: a hung model server is a crash as well, and makes everything slow. Each
service that is in trouble by its own fault is left to one scenario: the first one that has a remedy for it, in their
given order; where nobody has one, the one that is meant for what it suffers from.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.graph import DependencyGraph
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.host import HOST


@dataclass(frozen=True)
class Seen:
    """What one scenario makes of an observation.

    :param scenario: its name.
    :param services: the services that are in trouble by their own fault.
    :param remedied: those of them for which its plan has a step.
    :param foreign: those of them whose worst finding is none that the scenario is meant for: a crash is no latency.
    """

    scenario: str
    services: tuple[str, ...]
    remedied: tuple[str, ...]
    foreign: tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    """A scenario that has to be run.

    :param scenario: its name.
    :param services: the services for which it is called.
    """

    scenario: str
    services: tuple[str, ...]


def choose_scenarios(seen: Sequence[Seen], graph: DependencyGraph, uncertain: Collection[str] = ()) -> tuple[Call, ...]:
    """The scenarios to run, dependencies first.

    :param seen: the scenarios that see trouble, the most specific first.
    :param graph: who needs whom; what lies on a disk that is short needs the host.
    :param uncertain: services of which nothing worse is known than that something could not be observed.
    """
    claims: dict[str, list[str]] = {}
    names = {service for one in seen for service in one.services}
    # Those last of which little is known: a scenario that is called for another one names them in its incident anyway.
    for service in sorted(names, key=lambda name: (name in uncertain, name)):
        scenario = _responsible(service, seen, tuple(claims), uncertain=service in uncertain)
        claims.setdefault(scenario, []).append(service)
    if seen and not claims:
        # Trouble without any service, such as an engine that does not answer, is the same for all: one records it.
        claims[seen[0].scenario] = []
    order = {one.scenario: number for number, one in enumerate(seen)}
    place = {service: number for number, service in enumerate(_order(claims.values(), graph))}
    calls = [Call(scenario, tuple(sorted(services))) for scenario, services in claims.items()]
    return tuple(
        sorted(calls, key=lambda call: (min((place[name] for name in call.services), default=-1), order[call.scenario]))
    )


def _responsible(service: str, seen: Sequence[Seen], called: Collection[str], *, uncertain: bool) -> str:
    about = [one for one in seen if service in one.services]
    remedied = [one for one in about if service in one.remedied]
    meant = [one for one in about if service not in one.foreign]
    # To wait for what is unknown is a remedy that several have: no reason to call one that is meant for something else.
    first = [one for one in remedied if one in meant] if uncertain else []
    known = [one for one in about if one.scenario in called] if uncertain else []
    # In the end the last of them, which is the most general.
    return next(group[0].scenario for group in (first, remedied, known, meant, about[-1:]) if group)


def _order(groups: Iterable[Sequence[str]], graph: DependencyGraph) -> list[str]:
    """All services, those that others need first; the host before all of them."""
    names = {name for group in groups for name in group}
    return [*(names & {HOST}), *graph.dependencies_first(names - {HOST})]
