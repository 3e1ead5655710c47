# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the diagnoses of several scenarios to the ones that have to be run, in which order; pure.

Several scenarios may see the same fault: a hung model server is a crash as well, and makes everything slow. Each
service that is in trouble by its own fault is left to one scenario: the first one that has a remedy for it, in their
given order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.graph import DependencyGraph
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.host import HOST


@dataclass(frozen=True)
class Seen:
    """What one scenario makes of an observation.

    :param scenario: its name.
    :param services: the services that are in trouble by their own fault.
    :param remedied: those of them for which its plan has a step.
    """

    scenario: str
    services: tuple[str, ...]
    remedied: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """A scenario that has to be run.

    :param scenario: its name.
    :param services: the services for which it is called.
    """

    scenario: str
    services: tuple[str, ...]


def choose_scenarios(seen: Sequence[Seen], graph: DependencyGraph) -> tuple[Call, ...]:
    """The scenarios to run, dependencies first.

    :param seen: the scenarios that see trouble, the most specific first.
    :param graph: who needs whom; what lies on a disk that is short needs the host.
    """
    claims: dict[str, list[str]] = {}
    for service in sorted({service for one in seen for service in one.services}):
        claims.setdefault(_responsible(service, seen), []).append(service)
    if seen and not claims:
        # Trouble without any service, such as an engine that does not answer, is the same for all: one records it.
        claims[seen[0].scenario] = []
    order = {one.scenario: number for number, one in enumerate(seen)}
    place = {service: number for number, service in enumerate(_order(claims.values(), graph))}
    calls = [Call(scenario, tuple(services)) for scenario, services in claims.items()]
    return tuple(
        sorted(calls, key=lambda call: (min((place[name] for name in call.services), default=-1), order[call.scenario]))
    )


def _responsible(service: str, seen: Sequence[Seen]) -> str:
    about = [one for one in seen if service in one.services]
    return next((one.scenario for one in about if service in one.remedied), about[0].scenario)


def _order(groups: Iterable[Sequence[str]], graph: DependencyGraph) -> list[str]:
    """All services, those that others need first; the host before all of them."""
    names = {name for group in groups for name in group}
    return [*(names & {HOST}), *graph.dependencies_first(names - {HOST})]
