# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rung of a ladder, read from the data of a role's defaults or of the inventory."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status

_ACTION = re.compile(r"[a-z][a-z0-9_]*")
_Word = TypeVar("_Word", bound=Enum)
_KEYS = ("action", "tier", "findings", "unless", "statuses", "deadline", "parameters")


class Tier(str, Enum):
    """How much harm an action can do. Destructive ones need approval by name."""

    SAFE = "safe"
    DISRUPTIVE = "disruptive"
    DESTRUCTIVE = "destructive"


@dataclass(frozen=True)
class Rung:
    """One remedy.

    :param action: name of the task file that carries it out.
    :param tier: how much harm it can do.
    :param findings: patterns of finding ids that call for it (``*`` matches any run of characters), the most telling
        first: the plan gives the first one's sentence as its reason.
    :param unless: patterns of finding ids that make it useless or harmful, the most telling first: where no rung is
        left, that one's sentence is the root cause.
    :param statuses: judgements that count as a call. A warning calls only when it is listed.
    :param deadline: seconds until the platform must be healed after the action.
    :param parameters: what the action's task file needs beyond the services.
    """

    action: str
    tier: Tier
    findings: tuple[str, ...]
    unless: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = (Status.CRITICAL,)
    deadline: float = 60.0
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def is_called_for_by(self, finding: Finding) -> bool:
        """True when the finding's id and status match."""
        return finding.status in self.statuses and self.rank(finding) < len(self.findings)

    def rank(self, finding: Finding) -> int:
        """Position of the first pattern that matches the finding's id: the most telling findings are named first.

        The number of patterns when none matches.
        """
        for position, pattern in enumerate(self.findings):
            if fnmatchcase(finding.id, pattern):
                return position
        return len(self.findings)


def read_ladder(data: object, option: str = "ladder") -> tuple[Rung, ...]:
    """A ladder from plain data, a list of mappings.

    :param option: what to call it in an error, for example ``model_server_ladder``.
    :raises InvalidInputError: names the entry and the key that is wrong, for example ``ladder[2].tier``.
    """
    if not isinstance(data, (list, tuple)):
        raise InvalidInputError(option, data, remedy="Give a list of rungs, least harmful first.")
    return tuple(_read_rung(entry, f"{option}[{number}]") for number, entry in enumerate(data))


def _read_rung(entry: object, option: str) -> Rung:
    if not isinstance(entry, Mapping):
        raise InvalidInputError(option, entry, remedy="Give a mapping with action, tier and findings.")
    unknown = sorted(set(entry) - set(_KEYS), key=str)
    if unknown:
        raise InvalidInputError(f"{option}.{unknown[0]}", entry[unknown[0]], remedy=f"Known keys: {', '.join(_KEYS)}.")
    action = entry.get("action")
    if not isinstance(action, str) or not _ACTION.fullmatch(action):
        raise InvalidInputError(f"{option}.action", action, remedy="Use lower-case letters, digits and underscores.")
    findings = _patterns(entry.get("findings"), f"{option}.findings")
    if not findings:
        raise InvalidInputError(f"{option}.findings", entry.get("findings"), remedy="Name a finding that calls for it.")
    parameters = entry.get("parameters", {})
    if not isinstance(parameters, Mapping):
        raise InvalidInputError(f"{option}.parameters", parameters, remedy="Give a mapping.")
    return Rung(
        action=action,
        tier=_member(Tier, entry.get("tier"), f"{option}.tier"),
        findings=findings,
        unless=_patterns(entry.get("unless", ()), f"{option}.unless"),
        statuses=_statuses(entry.get("statuses", (Status.CRITICAL,)), f"{option}.statuses"),
        deadline=_seconds(entry.get("deadline", 60), f"{option}.deadline"),
        parameters=dict(parameters),
    )


def _patterns(value: object, option: str) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) and item for item in value):
        return tuple(value)
    raise InvalidInputError(option, value, remedy="Give a list of finding ids such as 'model_server.*'.")


def _statuses(value: object, option: str) -> tuple[Status, ...]:
    if isinstance(value, (list, tuple)) and value:
        return tuple(_member(Status, status, option) for status in value)
    raise InvalidInputError(option, value, remedy="Give a list such as ['critical', 'warning'].")


def _member(kind: type[_Word], value: object, option: str) -> _Word:
    try:
        return kind(value)
    except ValueError:
        words = ", ".join(member.value for member in kind)
        raise InvalidInputError(option, value, remedy=f"Use one of: {words}.") from None


def _seconds(value: object, option: str) -> float:
    """A number, or its digits: Ansible hands on what a person gives as an extra variable as text."""
    try:
        seconds = float(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        seconds = math.nan
    if math.isfinite(seconds) and seconds > 0:
        return seconds
    raise InvalidInputError(option, value, remedy="Give a positive number of seconds.")
