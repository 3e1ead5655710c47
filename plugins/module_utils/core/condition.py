# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules as data: the first one whose conditions all hold decides, on a severity or on the type of an issue. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import (
    Finding,
    Status,
    failing_services,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.graph import DependencyGraph
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.host import HOST

_TIMED = ("latency.p95", "http.health")


@dataclass(frozen=True)
class Circumstances:
    """What the rules look at.

    :param engine_answers: False when the Docker engine does not answer.
    :param user_facing: services that users meet directly.
    :param failing: services with a critical finding.
    :param touched: the failing services, and all that need one of them, directly or through others.
    :param findings: all that was observed.
    :param scenario: of the incident; empty when a platform is judged and not an incident.
    """

    engine_answers: bool = True
    user_facing: frozenset[str] = frozenset()
    failing: frozenset[str] = frozenset()
    touched: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()
    scenario: str = ""

    @property
    def outage_share(self) -> float:
        """Share of the user-facing services that fail, 0.0 to 1.0."""
        return len(self.user_facing & self.failing) / len(self.user_facing) if self.user_facing else 0.0

    @property
    def degraded_share(self) -> float:
        """Share of the user-facing services that fail or answer slowly themselves, 0.0 to 1.0."""
        slow = {finding.service for finding in self.findings if _is_slow(finding)}
        return len(self.user_facing & (self.failing | slow)) / len(self.user_facing) if self.user_facing else 0.0

    def is_all_trouble_of(self, names: Collection[str]) -> bool:
        """Something is in trouble, and nothing but findings of these names."""
        trouble = [finding.id for finding in self.findings if finding.is_trouble]
        return bool(trouble) and all(any(fnmatchcase(found, name) for name in names) for found in trouble)

    @property
    def users_are_affected(self) -> bool:
        """A user-facing service fails or needs one that does. Where none is known, any failure may affect users."""
        return bool(self.touched & self.user_facing) if self.user_facing else bool(self.failing)


def _is_slow(finding: Finding) -> bool:
    """A timed answer over its limit, or a health answer that takes so long that it is told."""
    late = isinstance(finding.value, float) and isinstance(finding.limit, float) and finding.value > finding.limit
    return finding.is_bad and late and finding.id in _TIMED


def circumstances(
    findings: Iterable[Finding],
    graph: DependencyGraph,
    user_facing: Collection[str],
    *,
    engine_answers: bool,
    scenario: str = "",
    causes: Collection[str] | None = None,
) -> Circumstances:
    """The circumstances of one observation.

    :param causes: the services of one incident: only what fails because of them counts. None means the whole platform.
    """
    seen = tuple(findings)
    failing = failing_services(seen)
    if causes is not None:
        because = frozenset(causes).union(*(graph.dependants(service) for service in causes))
        failing &= because
        # What is true of the platform beyond the incident is another incident's.
        seen = tuple(finding for finding in seen if finding.service in because or not finding.service)
    touched = failing.union(*(graph.dependants(service) for service in failing))
    return Circumstances(
        engine_answers=engine_answers,
        user_facing=frozenset(user_facing),
        failing=failing,
        touched=touched,
        findings=seen,
        scenario=scenario,
    )


@dataclass(frozen=True)
class Conditions:
    """What has to be true. What is None or empty is not asked for; all the others have to hold."""

    engine_answers: bool | None = None
    outage_share: float | None = None
    degraded_share: float | None = None
    users_affected: bool | None = None
    failing: bool | None = None
    host_only: bool | None = None
    in_trouble: bool | None = None
    findings: tuple[str, ...] = ()
    only_findings: tuple[str, ...] = ()
    statuses: tuple[str, ...] = (Status.CRITICAL.value,)
    scenarios: tuple[str, ...] = ()

    def hold(self, seen: Circumstances) -> bool:
        """True when every condition that is given holds."""
        facts: dict[str, bool] = {
            "engine_answers": seen.engine_answers,
            "users_affected": seen.users_are_affected,
            "failing": bool(seen.failing),
            "host_only": seen.failing == {HOST},
            "in_trouble": any(finding.is_trouble for finding in seen.findings),
        }
        return (
            all(getattr(self, name) in (None, fact) for name, fact in facts.items())
            and (self.outage_share is None or seen.outage_share >= self.outage_share)
            and (self.degraded_share is None or seen.degraded_share >= self.degraded_share)
            and (not self.only_findings or seen.is_all_trouble_of(self.only_findings))
            and (not self.findings or self._is_found(seen.findings))
            and (not self.scenarios or seen.scenario in self.scenarios)
        )

    def _is_found(self, findings: Iterable[Finding]) -> bool:
        return any(
            finding.status.value in self.statuses and any(fnmatchcase(finding.id, name) for name in self.findings)
            for finding in findings
        )


@dataclass(frozen=True)
class Rule:
    """A result, the sentence that names the rule, and its conditions."""

    result: str
    name: str
    conditions: Conditions = field(default_factory=Conditions)


_BOOLEANS = ("engine_answers", "users_affected", "failing", "host_only", "in_trouble")
_SHARES = ("outage_share", "degraded_share")
_LISTS = ("findings", "only_findings", "statuses", "scenarios")
_CONDITIONS = (*_BOOLEANS, *_SHARES, *_LISTS)


def read_rules(data: object, result: str, known: Collection[str], option: str) -> tuple[Rule, ...]:
    """Rules from plain data, a list of mappings with the result, ``rule`` and ``when``.

    :param result: key of the result, ``severity`` or ``issue_type``, and ``known`` what it may be.
    :param option: what to call the list in an error.
    :raises InvalidInputError: names the entry and the key that is wrong; also when no rule holds always.
    """
    if not isinstance(data, (list, tuple)) or not data:
        raise InvalidInputError(option, data, remedy="Give a list of rules; the first one that holds decides.")
    rules = tuple(_rule(entry, result, known, f"{option}[{number}]") for number, entry in enumerate(data))
    if rules[-1].conditions != Conditions():
        remedy = "End with a rule without 'when', so that one always holds."
        raise InvalidInputError(f"{option}[{len(rules) - 1}].when", data[-1].get("when"), remedy=remedy)
    return rules


def decide(rules: Iterable[Rule], seen: Circumstances) -> Rule:
    """The first rule that holds."""
    return next(rule for rule in rules if rule.conditions.hold(seen))


def _rule(entry: object, result: str, known: Collection[str], option: str) -> Rule:
    if not isinstance(entry, Mapping):
        raise InvalidInputError(option, entry, remedy=f"Give a mapping with {result}, rule and when.")
    _only(entry, (result, "rule", "when"), option)
    if entry.get(result) not in known:
        raise InvalidInputError(f"{option}.{result}", entry.get(result), remedy=f"Use one of: {', '.join(known)}.")
    name = entry.get("rule")
    if not isinstance(name, str) or not name.strip():
        raise InvalidInputError(f"{option}.rule", name, remedy="Say the rule in words: the record names it.")
    return Rule(str(entry[result]), name, _conditions(entry.get("when") or {}, f"{option}.when"))


def _conditions(when: object, option: str) -> Conditions:
    if not isinstance(when, Mapping):
        raise InvalidInputError(option, when, remedy=f"Give a mapping of conditions: {', '.join(_CONDITIONS)}.")
    _only(when, _CONDITIONS, option)
    for name in _BOOLEANS:
        if not isinstance(when.get(name, True), bool):
            raise InvalidInputError(f"{option}.{name}", when[name], remedy="Use true or false.")
    values: dict[str, Any] = {name: when[name] for name in _BOOLEANS if name in when}
    for name in _LISTS:
        if name in when:
            values[name] = _words(when[name], f"{option}.{name}")
    for name in _SHARES:
        if name in when:
            values[name] = _share(when[name], f"{option}.{name}")
    unknown = set(values.get("statuses", ())) - {status.value for status in Status}
    if unknown:
        words = ", ".join(status.value for status in Status)
        raise InvalidInputError(f"{option}.statuses", sorted(unknown)[0], remedy=f"Use: {words}.")
    return Conditions(**values)


def _only(entry: Mapping[Any, Any], keys: Collection[str], option: str) -> None:
    unknown = sorted(str(key) for key in entry if key not in keys)
    if unknown:
        raise InvalidInputError(f"{option}.{unknown[0]}", entry[unknown[0]], remedy=f"Known keys: {', '.join(keys)}.")


def _words(value: object, option: str) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)) and value and all(isinstance(item, str) and item for item in value):
        return tuple(value)
    raise InvalidInputError(option, value, remedy="Give a list of words.")


def _share(value: object, option: str) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and 0 < value <= 1:
        return float(value)
    raise InvalidInputError(option, value, remedy="Give a share above 0 and at most 1.")
