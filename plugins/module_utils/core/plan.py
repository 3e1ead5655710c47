# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From findings to a plan: which rungs of a scenario's ladder are climbed, in which order, and why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import (
    Finding,
    Status,
    own_faults,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.graph import DependencyGraph
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rung import Rung, Tier

NOT_CALLED = "no finding calls for it"
"""The reason against a rung that nothing speaks for."""


@dataclass(frozen=True)
class Step:
    """A rung that is climbed: one action on named services.

    :param services: what it acts on.
    :param subjects: whose findings call for it; a remedy acts on another service than the one in trouble now and then.
    """

    action: str
    services: tuple[str, ...]
    tier: Tier
    deadline: float
    reason: str
    findings: tuple[str, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    subjects: tuple[str, ...] = ()

    @property
    def needs_approval(self) -> bool:
        """Destructive steps run only when a person approved them by name."""
        return self.tier is Tier.DESTRUCTIVE

    def digest(self, platform: str, scenario: str) -> str:
        """What an approval is bound to: SHA-256 (hex) of platform, scenario, action, services and parameters.

        The findings are left out on purpose: after a lower rung failed, more findings may call for the same step.
        """
        content = [platform, scenario, self.action, sorted(self.services), dict(self.parameters)]
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class Skipped:
    """A rung that is not climbed, and the reason."""

    action: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """The answer to 'what now?'.

    :param steps: least harmful first. They are climbed one at a time, each only when the one before did not heal.
    :param skipped: the ladder's other rungs with the reason.
    :param suffering: service in scope -> the root causes elsewhere that have to be healed first.
    :param later: services that the first step has nothing to do with and that a later one is for.
    :param obstacles: findings that make a remedy useless or harmful which others call for, and have none themselves.
    """

    steps: tuple[Step, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    suffering: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    later: tuple[str, ...] = ()
    obstacles: tuple[Finding, ...] = ()

    def to_data(self, platform: str, scenario: str) -> dict[str, Any]:
        """Plain data: ``steps`` (each with its approval digest), ``skipped`` and ``suffering``."""
        return {
            "steps": [
                {
                    "action": step.action,
                    "services": list(step.services),
                    "tier": step.tier.value,
                    "deadline": step.deadline,
                    "reason": step.reason,
                    "findings": list(step.findings),
                    "parameters": dict(step.parameters),
                    "needs_approval": step.needs_approval,
                    "digest": step.digest(platform, scenario),
                }
                for step in self.steps
            ],
            "skipped": [{"action": rung.action, "reason": rung.reason} for rung in self.skipped],
            "suffering": {service: list(causes) for service, causes in self.suffering.items()},
        }


def make_plan(
    ladder: Sequence[Rung],
    findings: Iterable[Finding],
    graph: DependencyGraph,
    scope: Collection[str],
    failing: Iterable[str],
    attempted: Collection[tuple[str, str]] = (),
    declared_down: Iterable[str] = (),
) -> Plan:
    """Choose the rungs.

    :param ladder: rungs, least harmful first.
    :param findings: everything that was observed.
    :param graph: the platform's dependencies.
    :param scope: the services that this scenario may heal. An empty scope gives an empty plan, never 'all'.
    :param failing: services with a critical finding, on the whole platform.
    :param attempted: (action, service) pairs that were tried in this run and did not heal.
    :param declared_down: services that do not run because somebody declared it: no trouble, but a cause of trouble.
    """
    seen = list(findings)
    bad = frozenset(failing)
    sick, own = bad.union(declared_down), own_faults(seen)
    suffering = {
        **_unsure(seen, graph, frozenset(scope) - sick, graph.root_causes(sick, own)),
        **{name: causes for name, causes in graph.symptoms(sick, own).items() if name in scope and name in bad},
    }
    candidates = _candidates(seen, frozenset(scope) - frozenset(suffering))
    steps: list[Step] = []
    skipped: list[Skipped] = []
    for rung in ladder:
        outcome = _consider(rung, candidates, attempted)
        if isinstance(outcome, Step):
            steps.append(outcome)
        else:
            skipped.append(outcome)
    return Plan(tuple(steps), tuple(skipped), suffering, _for_later(steps, graph), _obstacles(ladder, candidates))


def _for_later(steps: Sequence[Step], graph: DependencyGraph) -> tuple[str, ...]:
    """The services that the first step cannot heal, not even as a side effect: none of them needs what it is for.

    Nor is any healed by way of what it acts on, as a broker is whose stopped consumer is started.
    """
    acted_on = {name for step in steps[:1] for name in step.services}
    now = acted_on.union(*(step.subjects for step in steps[:1]))
    others = {name for step in steps[1:] for name in (*step.services, *step.subjects)} - now
    for step in steps[1:]:
        if acted_on & set(step.services):
            now |= set(step.subjects) - set(step.services)
    return tuple(sorted(name for name in others - now if not graph.dependencies(name) & now))


def _unsure(
    findings: Iterable[Finding], graph: DependencyGraph, services: Collection[str], roots: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Services of which nothing certain is known and that need one that fails: waiting for them would be in vain."""
    unknown = {finding.service for finding in findings if finding.status is Status.UNKNOWN} & set(services)
    needed = {name: tuple(sorted(graph.dependencies(name) & set(roots))) for name in sorted(unknown)}
    return {name: causes for name, causes in needed.items() if causes}


def _candidates(findings: Iterable[Finding], services: Collection[str]) -> list[Finding]:
    """The bad findings of those services that are in trouble: one that merely bears a warning is left alone."""
    bad = [finding for finding in findings if finding.service in services and finding.is_bad]
    in_trouble = {finding.service for finding in bad if finding.is_trouble}
    return [finding for finding in bad if finding.service in in_trouble]


def _consider(rung: Rung, candidates: Sequence[Finding], attempted: Collection[tuple[str, str]]) -> Step | Skipped:
    calling = sorted((finding for finding in candidates if rung.is_called_for_by(finding)), key=rung.rank)
    if not calling:
        return Skipped(rung.action, NOT_CALLED)
    callers = {finding.service for finding in calling}
    against = _against(rung, candidates, callers)
    spared = {finding.service for finding in against}
    helpful = [finding for finding in calling if finding.service not in spared]
    if not helpful:
        return Skipped(rung.action, f"it would not help: {against[0].message}")
    services = sorted({service for finding in helpful for service in _targets(finding)})
    fresh = tuple(name for name in services if (rung.action, name) not in attempted)
    if not fresh:
        return Skipped(rung.action, "was tried in this run and did not heal")
    reasons = [finding for finding in helpful if set(_targets(finding)) & set(fresh)]
    return Step(
        action=rung.action,
        services=fresh,
        tier=rung.tier,
        deadline=rung.deadline,
        reason=reasons[0].message,
        findings=tuple(sorted({finding.id for finding in reasons})),
        parameters=rung.parameters,
        subjects=tuple(sorted({finding.service for finding in reasons})),
    )


def _against(rung: Rung, candidates: Sequence[Finding], callers: Collection[str]) -> list[Finding]:
    """In the order in which the rung names them."""
    found = [finding for finding in candidates if finding.service in callers and _matches(finding.id, rung.unless)]
    return sorted(found, key=lambda finding: [not fnmatchcase(finding.id, pattern) for pattern in rung.unless])


def _obstacles(ladder: Sequence[Rung], candidates: Sequence[Finding]) -> tuple[Finding, ...]:
    """In the order of the strongest remedy that they stand against."""
    called_for: set[tuple[str, str]] = set()
    against: dict[tuple[str, str], Finding] = {}
    for rung in reversed(ladder):
        calling = [finding for finding in candidates if rung.is_called_for_by(finding)]
        called_for.update(finding.key for finding in calling)
        for finding in _against(rung, candidates, {one.service for one in calling}):
            against.setdefault(finding.key, finding)
    return tuple(finding for key, finding in against.items() if key not in called_for)


def _targets(finding: Finding) -> tuple[str, ...]:
    """The services that a remedy of this finding acts on."""
    return finding.targets or (finding.service,)


def _matches(finding_id: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(finding_id, pattern) for pattern in patterns)
