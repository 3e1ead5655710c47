# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A finding: a fact that was judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.host import HOST


class Status(str, Enum):
    """How a fact was judged. ``UNKNOWN`` is never ok; ``NOT_CONFIGURED`` is neither ok nor unknown."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"
    NOT_CONFIGURED = "not_configured"


_ORDER = {Status.CRITICAL: 0, Status.UNKNOWN: 1, Status.WARNING: 2, Status.NOT_CONFIGURED: 3, Status.OK: 4}


@dataclass(frozen=True)
class Finding:
    """A judged fact.

    :param id: dotted name, ``<probe>.<what>``, for example ``model_server.canary_timeout``. The same id is used
        whether the fact is good or bad, so that a ladder and a verification can name it.
    :param service: Compose service, or an empty string when the fact is about the whole platform or host.
    :param status: the judgement.
    :param message: one plain sentence for a person, without secrets.
    :param value: what was measured, or None.
    :param limit: the threshold it was held against, in the same unit, or None.
    :param unit: ``s``, ``ms``, ``bytes``, ``%``, ``1`` (a count) or an empty string.
    :param evidence: redacted lines that show it.
    :param step: the playbook's step that asks for this check, for example ``MS-1``, or an empty string.
    :param targets: the services that a remedy acts on, when these are others than ``service``: the service that leaks a
        database's connections, the consumers of a queue.
    """

    id: str
    service: str
    status: Status
    message: str
    value: float | str | None = None
    limit: float | str | None = None
    unit: str = ""
    evidence: tuple[str, ...] = ()
    step: str = ""
    targets: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """Identity over time: id and service."""
        return (self.id, self.service)

    @property
    def is_bad(self) -> bool:
        """Warning, critical or unknown: something that a person wants to see."""
        return self.status in (Status.WARNING, Status.CRITICAL, Status.UNKNOWN)

    @property
    def is_trouble(self) -> bool:
        """Critical or unknown: something to heal or to escalate."""
        return self.status in (Status.CRITICAL, Status.UNKNOWN)

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON: the fields by name, the status as its word, evidence and targets as lists."""
        data = asdict(self)
        data["status"] = self.status.value
        data["evidence"] = list(self.evidence)
        data["targets"] = list(self.targets)
        return data

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Finding:
        """The inverse of :meth:`to_data`. Raises KeyError or ValueError on data of another shape."""
        return cls(
            id=str(data["id"]),
            service=str(data["service"]),
            status=Status(data["status"]),
            message=str(data["message"]),
            value=data.get("value"),
            limit=data.get("limit"),
            unit=str(data.get("unit", "")),
            evidence=tuple(str(line) for line in data.get("evidence", ())),
            step=str(data.get("step", "")),
            targets=tuple(str(service) for service in data.get("targets", ())),
        )


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Order for people: critical, unknown, warning, not configured, ok; by service and id within each."""
    return sorted(findings, key=lambda finding: (_ORDER[finding.status], finding.service, finding.id))


def failing_services(findings: Iterable[Finding]) -> frozenset[str]:
    """Services that bear a critical finding. Findings about the host (no service) do not count.

    A service whose critical findings all name others as their targets (a broker whose queue nobody consumes) is well
    itself: those others fail. The host is in trouble itself, whoever has filled its disk.
    """
    critical = [finding for finding in findings if finding.status is Status.CRITICAL and finding.service]
    own = {finding.service for finding in critical if not finding.targets or finding.service == HOST}
    blamed = {name for finding in critical if finding.service not in own for name in finding.targets}
    return frozenset(own | blamed)


# Somebody removed or paused the container. A process that ended may have done so because what it needs is away.
_NEVER_A_SYMPTOM = ("service.missing", "container.paused")


def own_faults(findings: Iterable[Finding]) -> frozenset[str]:
    """Services that fail by what no dependency can have caused: healing that one would not bring them back."""
    return frozenset(
        finding.service
        for finding in findings
        if finding.status is Status.CRITICAL and finding.id in _NEVER_A_SYMPTOM and finding.service
    )
