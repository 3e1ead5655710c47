# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a compliance run: control, subject, verdict, result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

SEVERITIES = ("critical", "high", "medium", "low")
"""The worst first."""

ROLES = (
    "disk_space",
    "database_connection",
    "queue_backlog",
    "high_latency",
    "model_server",
    "authentication",
    "service_crash",
)
"""Roles of remediation, in the order in which they run: what everything else stands on comes first."""


class Verdict(StrEnum):
    """What became of a control. ``unknown`` is never a pass: it could not be told."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    WAIVED = "waived"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"

    @property
    def is_bad(self) -> bool:
        """Somebody has to do something."""
        return self in (Verdict.FAIL, Verdict.UNKNOWN)


@dataclass(frozen=True)
class Control:
    """Something that has to be so, as ``roles/compliance/vars/main.yml`` says it.

    :param id: ``<area>.<what>``.
    :param severity: one of :data:`SEVERITIES`.
    :param step: of the incident response playbook.
    :param fix: what a person does about it.
    :param playbook: what can heal it, without folder and ending; empty when only a person can.
    :param findings: ids of findings that have to be ok (patterns); empty when a check judges facts.
    :param kind: whose findings: a kind of service, ``service`` for every one, ``host`` or ``engine``.
    :param check: name of what judges facts, see ``checks.CHECKS``; empty when findings are judged.
    """

    id: str
    title: str
    severity: str
    step: str
    rationale: str
    fix: str
    playbook: str = ""
    findings: tuple[str, ...] = ()
    kind: str = ""
    check: str = ""

    @property
    def area(self) -> str:
        """The first part of its id."""
        return self.id.partition(".")[0]

    @property
    def role(self) -> str:
        """The scenario role behind its playbook, or empty."""
        return self.playbook.removeprefix("remediate_")


@dataclass(frozen=True)
class Subject:
    """One thing that a control looks at.

    :param name: a service, the host, an incident; empty for the platform.
    :param message: one sentence.
    """

    name: str
    verdict: Verdict
    message: str

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {**asdict(self), "verdict": self.verdict.value}


@dataclass(frozen=True)
class Waiver:
    """Somebody answers for it that a control fails, until a day.

    :param expires: ``YYYY-MM-DD``; it counts until the end of that day, UTC.
    :param services: the subjects that it covers; empty covers all.
    """

    control: str
    owner: str
    reason: str
    expires: str
    services: tuple[str, ...] = ()
    expired: bool = False

    def covers(self, subject: str) -> bool:
        """Whether it excuses this subject."""
        return not self.expired and (not self.services or subject in self.services)

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {**asdict(self), "services": list(self.services)}


@dataclass(frozen=True)
class Result:
    """What became of one control.

    :param message: one sentence about the worst subject.
    :param waiver: that excuses it, or that expired.
    """

    control: Control
    verdict: Verdict
    message: str
    subjects: Sequence[Subject] = ()
    waiver: Waiver | None = None

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        control = self.control
        return {
            "id": control.id,
            "title": control.title,
            "severity": control.severity,
            "step": control.step,
            "rationale": control.rationale,
            "fix": control.fix,
            "playbook": control.playbook,
            "status": self.verdict.value,
            "message": self.message,
            "subjects": [subject.to_data() for subject in self.subjects],
            "waiver": self.waiver.to_data() if self.waiver else None,
        }


@dataclass(frozen=True)
class Asked:
    """What the inventory asks for beside the controls.

    :param ports: service -> ports of its containers that may be published on any address.
    :param limits: see :data:`LIMITS`.
    """

    waivers: Sequence[Waiver] = ()
    ports: Mapping[str, Iterable[int]] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)


LIMITS: Mapping[str, float] = {
    "backup_age_h": 26.0,
    "response_window_days": 30.0,
    "slow_log_ms": 5000.0,
    "token_lifetime_s": 60.0,
    "token_longest_lifetime_s": 86400.0,
}
"""Names of limits, each with its unit at the end, and their defaults."""
