# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""P1 to P4 by rules that are data. The first rule that holds gives the severity and names itself in the record."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import (
    Finding,
    failing_services,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.host import HOST


@dataclass(frozen=True)
class SeverityFacts:
    """What the rules look at.

    :param engine_answers: False when the Docker engine does not answer.
    :param user_facing: services that users meet directly.
    :param failing: services with a critical finding.
    :param in_trouble: True when any finding of the scenario is critical or unknown.
    """

    engine_answers: bool
    user_facing: frozenset[str]
    failing: frozenset[str]
    in_trouble: bool

    @property
    def outage_share(self) -> float:
        """Share of the user-facing services that fail, 0.0 to 1.0."""
        return len(self.user_facing & self.failing) / len(self.user_facing) if self.user_facing else 0.0


@dataclass(frozen=True)
class Severity:
    """A level and the rule that gave it."""

    level: str
    rule: str


_Rule = tuple[str, str, Callable[[SeverityFacts], bool]]

RULES: tuple[_Rule, ...] = (
    ("P1", "the Docker engine does not answer: complete outage", lambda facts: not facts.engine_answers),
    ("P1", "every user-facing service fails: complete outage", lambda facts: facts.outage_share >= 1.0),
    ("P2", "the host is short of what its services need", lambda facts: facts.failing == {HOST}),
    ("P2", "a service fails: a major feature is unavailable", lambda facts: bool(facts.failing)),
    ("P3", "the state of a service cannot be told", lambda facts: facts.in_trouble),
    ("P4", "nothing fails", lambda _facts: True),
)


def judge_severity(facts: SeverityFacts) -> Severity:
    """The first rule of :data:`RULES` that holds."""
    return next(Severity(level, rule) for level, rule, holds in RULES if holds(facts))


def severity_facts(findings: Iterable[Finding], user_facing: Collection[str], *, engine_answers: bool) -> SeverityFacts:
    """The facts of one observation."""
    seen = list(findings)
    return SeverityFacts(
        engine_answers=engine_answers,
        user_facing=frozenset(user_facing),
        failing=failing_services(seen),
        in_trouble=any(finding.is_trouble for finding in seen),
    )
