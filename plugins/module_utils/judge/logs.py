# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service's log says of trouble: a hint for a person, never more than a warning. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.log_signatures import NO_TROUBLE
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    LogSignature,
    ServiceFacts,
)

_WORDS = {
    "auth_failure": "refused credentials or tokens",
    "cuda_oom": "the GPU's memory being full",
    "deadlock": "locks",
    "disk_full": "a full disk",
    "integrity": "damaged data",
    "name_resolution": "host names that cannot be resolved",
    "out_of_memory": "lack of memory",
    "panic": "a crash of the program",
    "refused": "refused connections",
    "reset": "broken connections",
    "timeout": "time-outs",
    "too_many_connections": "too many connections",
    "traceback": "an error of the program",
}


def judge_log(facts: ServiceFacts) -> tuple[Finding, ...]:
    """One warning for each class of trouble, or a single ok."""
    if not facts.log.kept:
        message = f"{facts.service} keeps no log that could be read."
        return (Finding("log.trouble", facts.service, Status.NOT_CONFIGURED, message, step="SC-1"),)
    trouble = [signature for signature in facts.log.signatures if signature.name not in NO_TROUBLE]
    if not trouble:
        message = f"The last {facts.log.lines} lines of {facts.service}'s log tell of no recent trouble."
        return (Finding("log.trouble", facts.service, Status.OK, message, 0.0, None, "1", step="SC-1"),)
    return tuple(_warning(facts.service, signature) for signature in trouble)


def without_repeats(general: Iterable[Finding], own: Iterable[Finding]) -> tuple[Finding, ...]:
    """The general findings about a service without those whose lines its own kind's findings tell too, and better.

    Both read the same log. Told twice is what has the same newest line, when the other one knows no fewer lines.
    """
    told = {line: finding for finding in own if finding.is_bad for line in finding.evidence}
    return tuple(finding for finding in general if not _is_told(finding, told))


def _is_told(finding: Finding, told: Mapping[str, Finding]) -> bool:
    other = told.get(finding.evidence[-1]) if finding.id.startswith("log.") and finding.evidence else None
    if other is None or not isinstance(finding.value, float) or not isinstance(other.value, float):
        return False
    return finding.value <= other.value


def _warning(service: str, signature: LogSignature) -> Finding:
    what = _WORDS.get(signature.name, signature.name)
    lines = "1 recent line" if signature.count == 1 else f"{signature.count} recent lines"
    message = f"The log of {service} tells of {what} ({lines})."
    evidence = (signature.last,) if signature.last else ()
    return Finding(
        f"log.{signature.name}", service, Status.WARNING, message, float(signature.count), None, "1", evidence, "SC-1"
    )
