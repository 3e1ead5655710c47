# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What could not be seen is a finding, too: unknown is never ok. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    ProbeRun,
    ProbeState,
)


def judge_engine(*, answers: bool, message: str) -> Finding:
    """The finding about the Docker engine. Without it nothing else can be seen."""
    status = Status.OK if answers else Status.CRITICAL
    return Finding("engine.answers", "", status, message, step="SC-2")


def judge_probes(runs: Iterable[ProbeRun]) -> tuple[Finding, ...]:
    """One finding for each probe that hung or failed."""
    findings = []
    for run in runs:
        if run.state in (ProbeState.DEADLINE, ProbeState.FAILED):
            of = f" of {run.service}" if run.service else ""
            message = f"The probe '{run.name}'{of} brought no facts: {run.message.rstrip('.')}."
            findings.append(Finding(f"observation.{run.name}", run.service, Status.UNKNOWN, message))
    return tuple(findings)
