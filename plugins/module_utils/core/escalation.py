# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is told when nobody responds: the escalation matrix, its contacts, and when the next step is due. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import Incident, State
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.issue_type import (
    SERVICE_CRASH,
    TITLES,
)

Group = tuple[str, ...]
"""Contacts that are told at the same time."""


@dataclass(frozen=True)
class Row:
    """One row of the matrix: who responds first, and who is told next, group after group."""

    first: Group
    escalation: tuple[Group, ...] = ()

    def group(self, level: int) -> Group:
        """Who is told at that level: 0 is the first responder; above the last group the last one is told again."""
        if level <= 0 or not self.escalation:
            return self.first
        return self.escalation[min(level, len(self.escalation)) - 1]

    def told(self, level: int) -> Group:
        """All who were told up to that level, the first responder first, each once."""
        reached = range(min(max(level, 0), len(self.escalation)) + 1)
        return tuple(dict.fromkeys(name for one in reached for name in self.group(one)))


Matrix = Mapping[str, Row]
"""Issue type -> row."""


def row_of(matrix: Matrix, issue_type: str) -> Row:
    """The row of an issue type; of a service crash when the matrix or the incident does not say one."""
    return matrix.get(issue_type) or matrix[SERVICE_CRASH]


def read_matrix(data: object, option: str = "matrix") -> Matrix:
    """A matrix from plain data: issue type -> ``first`` and ``escalation``.

    :raises InvalidInputError: names the row and the key that is wrong.
    """
    if not isinstance(data, Mapping):
        raise InvalidInputError(option, data, remedy=f"Give a mapping with: {', '.join(TITLES)}.")
    for issue_type in data:
        if issue_type not in TITLES:
            raise InvalidInputError(f"{option}.{issue_type}", data[issue_type], remedy=f"Known: {', '.join(TITLES)}.")
    if SERVICE_CRASH not in data:
        remedy = f"Give the row {SERVICE_CRASH}: it stands for every row that is left out."
        raise InvalidInputError(option, sorted(data), remedy=remedy)
    return {str(issue_type): _row(row, f"{option}.{issue_type}") for issue_type, row in data.items()}


def _row(data: object, option: str) -> Row:
    if not isinstance(data, Mapping) or set(data) - {"first", "escalation"}:
        raise InvalidInputError(option, data, remedy="Give first (contacts) and escalation (groups of contacts).")
    groups = data.get("escalation", [])
    if not isinstance(groups, (list, tuple)):
        raise InvalidInputError(f"{option}.escalation", groups, remedy="Give a list of groups, the next one first.")
    found = tuple(_group(group, f"{option}.escalation[{number}]") for number, group in enumerate(groups))
    return Row(_group(data.get("first"), f"{option}.first"), found)


def _group(data: object, option: str) -> Group:
    names = [data] if isinstance(data, str) else data
    if isinstance(names, (list, tuple)) and names and all(isinstance(name, str) and name.strip() for name in names):
        return tuple(names)
    raise InvalidInputError(option, data, remedy="Give the name of a contact, or a list of names.")


@dataclass(frozen=True)
class Rules:
    """When an incident is carried on. Each time is by severity, in seconds; 0 or left out means never.

    :param repeat: after a step that nobody answered, the next one.
    :param stale: after an acknowledgement, or the last note since, with the incident still not resolved.
    :param most: so many steps in a row; then it is at an end until somebody acknowledges.
    """

    repeat: Mapping[str, float] = field(default_factory=dict)
    stale: Mapping[str, float] = field(default_factory=dict)
    most: int = 10


@dataclass(frozen=True)
class Progress:
    """How far an incident was carried.

    :param level: 0 is the first responder.
    :param steps: taken in a row, without anybody answering.
    :param age: seconds since the last step, by whichever clock can tell; None when there was none.
    :param at: wall clock (s) of the last step, or None.
    """

    level: int = 0
    steps: int = 0
    age: float | None = None
    at: float | None = None


@dataclass(frozen=True)
class Step:
    """The next step: its level, how many in a row it makes, and why it is taken."""

    level: int
    steps: int
    reason: str


_SKEW = 60.0
"""Seconds by which a recorded time may lie ahead of the wall clock before the clock is known to have been set back."""


def next_step(incident: Incident, progress: Progress, rules: Rules, now: float) -> Step | None:
    """The step that is due at a reading of the wall clock (s), or None. One at a time, also after a long silence.

    What was opened or acknowledged in the future was written by a clock that has been set back since: how long ago
    that was cannot be told, and somebody who is told too early is better than nobody for as long as it was ahead.
    """
    if incident.state is State.OPEN:
        if progress.age is not None:
            return _repeated(incident, progress, rules)
        if incident.opened_at > now + _SKEW:
            return Step(1, 1, "The clock was ahead when it was opened: nobody can tell when a response was due.")
        reason = f"Nobody acknowledged it in the response time of {incident.severity}."
        return Step(1, 1, reason) if now >= incident.response_due else None
    if incident.state is not State.ACKNOWLEDGED:
        return None
    attended = incident.attended_at if incident.attended_at is not None else incident.acknowledged_at or now
    if progress.at is not None and progress.at > attended:
        return _repeated(incident, progress, rules)
    stale = rules.stale.get(incident.severity, 0.0)
    if stale <= 0:
        return None
    if attended > now + _SKEW and (progress.age is None or progress.age >= stale):
        reason = "The clock was ahead when it was acknowledged: nobody can tell how long ago that was."
        return Step(progress.level + 1, 1, reason)
    if now < attended + stale:
        return None
    return Step(progress.level + 1, 1, f"The acknowledgement is stale: nothing was heard for {_duration(stale)}.")


def _repeated(incident: Incident, progress: Progress, rules: Rules) -> Step | None:
    repeat = rules.repeat.get(incident.severity, 0.0)
    if repeat <= 0 or progress.age is None or progress.age < repeat or progress.steps >= rules.most:
        return None
    reason = f"Still nobody acknowledged it, {_duration(repeat)} after the last step."
    return Step(progress.level + 1, progress.steps + 1, reason)


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h" if minutes >= 60 and minutes % 60 == 0 else f"{minutes} min"
