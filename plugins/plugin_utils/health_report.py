# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a health check tells: one row for each service, one for the host and one for the engine; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.host import HOST
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.version import SCHEMA_VERSION

ENGINE = "Docker engine"
# The worst first. What is not configured is neither good nor bad.
_ORDER = (Status.CRITICAL, Status.UNKNOWN, Status.WARNING, Status.OK)
LEVELS: Mapping[str, tuple[Status, ...]] = {
    "warning": (Status.CRITICAL, Status.UNKNOWN, Status.WARNING),
    "unknown": (Status.CRITICAL, Status.UNKNOWN),
    "critical": (Status.CRITICAL,),
    "never": (),
}
"""From which status on a check fails, by the name of the threshold."""


@dataclass(frozen=True)
class Row:
    """One line of the table.

    :param service: Compose service, the host, or the engine.
    :param status: the worst of its findings: ``ok``, ``warning``, ``unknown`` or ``critical``.
    :param state: the engine's word for its containers, the worst of several; empty when it has none.
    :param health: how it answered: an HTTP status, the engine's own health check, or empty.
    :param via: which way its health was asked; empty when nothing answers to HTTP.
    :param latency_ms: milliseconds until it answered, or None.
    :param restarts: restarts by the engine of all its containers, or None.
    :param finding: the worst finding in one sentence; empty when all is well.
    :param step: the playbook's step of that finding.
    :param declared: ``stopped``, ``ignored``, ``maintenance``, or empty when it has to run.
    """

    service: str
    status: str
    state: str = ""
    health: str = ""
    via: str = ""
    latency_ms: float | None = None
    restarts: int | None = None
    finding: str = ""
    step: str = ""
    declared: str = ""


def health_report(observed: Mapping[str, Any], host: str) -> dict[str, Any]:
    """What is shown, written and handed on, from one observation.

    :param observed: a result of ``platform_info``.
    :param host: inventory host.
    :returns: ``schema_version``, ``host``, ``platform``, ``status`` (the worst of all), ``counts`` (status ->
        services), ``rows``, ``findings`` (all but those that are not configured), ``root_causes``, ``symptoms`` and
        ``duration_ms``.
    """
    findings = [Finding.from_data(data) for data in observed["findings"]]
    rows = list(_rows(observed, findings))
    return {
        "schema_version": SCHEMA_VERSION,
        "host": host,
        "platform": observed["platform"]["project"],
        "status": worst(Status(row.status) for row in rows).value,
        "counts": {status.value: sum(row.status == status.value for row in rows) for status in _ORDER},
        "rows": [asdict(row) for row in rows],
        "findings": [finding.to_data() for finding in findings if finding.status is not Status.NOT_CONFIGURED],
        "root_causes": list(observed["root_causes"]),
        "symptoms": dict(observed["symptoms"]),
        "duration_ms": observed["duration_ms"],
    }


def worst(statuses: Iterable[Status]) -> Status:
    """The worst of some statuses; ``ok`` when there is none."""
    seen = set(statuses)
    return next((status for status in _ORDER if status in seen), Status.OK)


def fails(status: str, threshold: str) -> bool:
    """Whether a check with this worst status has to fail.

    :param threshold: a key of :data:`LEVELS`.
    """
    return Status(status) in LEVELS[threshold]


def _rows(observed: Mapping[str, Any], findings: Sequence[Finding]) -> Iterable[Row]:
    about: dict[str, list[Finding]] = {}
    for finding in findings:
        about.setdefault(finding.service, []).append(finding)
    platform = about.pop("", [])
    host = about.pop(HOST, [])
    yield _row(ENGINE, platform)
    if host:
        yield _row(HOST, host)
    for name in sorted({*observed["services"], *about}):
        yield _row(name, about.get(name, []), observed["services"].get(name, {}))


def _row(name: str, findings: Sequence[Finding], seen: Mapping[str, Any] | None = None) -> Row:
    status = worst(finding.status for finding in findings)
    first = next((finding for finding in findings if finding.status is status and status is not Status.OK), None)
    service = seen or {}
    containers = service.get("containers", [])
    health = service.get("health", {})
    code = health.get("http_status")
    return Row(
        service=name,
        status=status.value,
        state=_state(containers),
        health=str(code) if code is not None else _docker_health(containers),
        via=health.get("via", "") if code is not None else "",
        latency_ms=health.get("latency_ms") if code is not None else None,
        restarts=sum(container["restart_count"] for container in containers) if containers else None,
        finding=first.message if first else "",
        step=first.step if first else "",
        declared=service.get("declared", ""),
    )


def _state(containers: Sequence[Mapping[str, Any]]) -> str:
    """The state of the containers; of several the one that does not run."""
    states = {str(container["state"]) for container in containers}
    return min(states, key=lambda state: state == "running", default="")


def _docker_health(containers: Sequence[Mapping[str, Any]]) -> str:
    seen = sorted(
        {str(container["health"]) for container in containers} - {"", "none"}, key=lambda health: health == "healthy"
    )
    return seen[0] if seen else ""
