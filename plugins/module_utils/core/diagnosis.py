# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One scenario's answer to one observation: is something wrong here, why, and which rungs would heal it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import (
    Finding,
    Status,
    failing_services,
    own_faults,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.graph import DependencyGraph
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.host import HOST
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.plan import Plan, make_plan
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rung import Rung


class Condition(str, Enum):
    """What a scenario sees."""

    HEALTHY = "healthy"
    NOTHING_IN_SCOPE = "nothing_in_scope"
    IN_TROUBLE = "in_trouble"
    ENGINE_UNAVAILABLE = "engine_unavailable"


@dataclass(frozen=True)
class Diagnosis:
    """The judgement of one scenario.

    :param condition: what it sees.
    :param scope: the services that it looks after.
    :param services: the services in scope that are in trouble by their own fault; those named in the incident.
    :param root_cause: one sentence for a person, empty when healthy.
    :param dependants: services outside the scope that fail because of ``services`` -> those that each suffers from.
    :param plan: the rungs.
    """

    condition: Condition
    scope: tuple[str, ...]
    services: tuple[str, ...] = ()
    root_cause: str = ""
    dependants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plan: Plan = field(default_factory=Plan)

    def healed_by_next_step(self) -> tuple[str, ...]:
        """What has to be well after the next step: the sick and whatever it touches first, then whoever only suffers.

        Who suffers from somebody else as well, or waits for a step of its own, cannot be healed by it.
        """
        touched = self.plan.steps[0].services if self.plan.steps else ()
        causes = {*self.services, *touched} - set(self.plan.later)
        roots = {**self.plan.suffering, **self.dependants}
        others = {name for name in roots if not causes.issuperset(roots[name])}
        return (*sorted(causes - others), *sorted(set(roots) - causes - others - set(self.plan.later)))

    def healed_by_later_steps(self) -> tuple[str, ...]:
        """The services in trouble that have a step of their own to come."""
        return tuple(sorted(set(self.services) & set(self.plan.later)))


def choose_scope(
    kinds: Mapping[str, str], wanted_kinds: Collection[str], named: Sequence[str] | None, option: str
) -> tuple[str, ...]:
    """The services that a scenario looks after.

    :param kinds: service -> kind, of the whole platform.
    :param named: services that the user named; None means 'by kind', an empty list means none.
    :param option: what the user called ``named``, for the error.
    :raises InvalidInputError: a named service is not part of the platform.
    """
    if named is None:
        return tuple(sorted(service for service, kind in kinds.items() if kind in wanted_kinds))
    for service in named:
        if service not in kinds:
            known = ", ".join(sorted(kinds)) or "none"
            raise InvalidInputError(option, service, remedy=f"The services of this platform are: {known}.")
    return tuple(sorted(set(named)))


def diagnose(
    findings: Iterable[Finding],
    graph: DependencyGraph,
    scope: Sequence[str],
    ladder: Sequence[Rung],
    *,
    engine_answers: bool,
    attempted: Collection[tuple[str, str]] = (),
    declared_down: Collection[str] = (),
) -> Diagnosis:
    """Judge one scenario.

    :param findings: everything that was observed, all statuses.
    :param attempted: (action, service) pairs tried in this run.
    :param declared_down: services that do not run because somebody declared it: no trouble, but a cause of trouble.
    """
    seen = list(findings)
    if not engine_answers:
        reason = next((finding.message for finding in seen if finding.id == "engine.answers"), "")
        return Diagnosis(Condition.ENGINE_UNAVAILABLE, tuple(scope), root_cause=reason or "Docker does not answer.")
    if not scope:
        return Diagnosis(Condition.NOTHING_IN_SCOPE, ())
    trouble = [finding for finding in seen if finding.service in scope and finding.is_trouble]
    if not trouble:
        return Diagnosis(Condition.HEALTHY, tuple(scope))
    failing = failing_services(seen)
    plan = make_plan(ladder, seen, graph, scope, failing, attempted, declared_down)
    services = tuple(sorted({finding.service for finding in trouble} - set(plan.suffering)))
    return Diagnosis(
        condition=Condition.IN_TROUBLE,
        scope=tuple(scope),
        services=services or tuple(sorted(plan.suffering)),
        root_cause=_root_cause(trouble, plan, declared_down),
        dependants=_dependants(graph.symptoms({*failing, *declared_down}, own_faults(seen)), failing, services, scope),
        plan=plan,
    )


def _dependants(
    symptoms: Mapping[str, Sequence[str]],
    failing: Collection[str],
    services: Sequence[str],
    scope: Collection[str],
) -> dict[str, tuple[str, ...]]:
    causes = set(services)
    return {
        name: tuple(roots)
        for name, roots in sorted(symptoms.items())
        if set(roots) <= causes and name in failing and name not in scope
    }


def _root_cause(trouble: Sequence[Finding], plan: Plan, declared_down: Collection[str]) -> str:
    """The sentence of the finding that the lowest rung answers, else of the first critical one, else of the first.

    The rungs of a full disk answer what could be removed, which is not why it is full. Where no rung is left, what
    stands against the remedies tells more than what would call for them.
    """
    own = [finding for finding in trouble if finding.service not in plan.suffering]
    if not own:
        service, causes = next(iter(plan.suffering.items()))
        on_purpose = set(causes) <= set(declared_down)
        what = "not running by declaration" if on_purpose else "to be healed first"
        return f"{service} suffers from {', '.join(causes)}, which {_are(causes)} {what}."
    if plan.steps and own[0].service != HOST:
        return plan.steps[0].reason
    critical = [finding for finding in own if finding.status is Status.CRITICAL]
    obstacles = [] if plan.steps else [finding for finding in plan.obstacles if finding in critical]
    return (*obstacles, *critical, *own)[0].message


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
