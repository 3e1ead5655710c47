# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that heals a hung model server by a restart, as the guard and the verification record it."""

from __future__ import annotations

from typing import Any

from findings import critical, fine
from guard_runs import Host

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.measurement import Look, measured

CANARY = "model_server.canary"
HUNG = critical(
    CANARY, message="model-server never answers.", value=5000.0, limit=1000.0, unit="ms", evidence=("504 after 5 s",)
)
BACK = fine(CANARY, value=12.0, limit=1000.0, unit="ms")
OTHER = fine("model_server.memory", value=3.0, limit=90.0, unit="%")


def look(ago: float, *findings: Finding) -> Look:
    """What one observation measured, so many seconds ago."""
    return Look(ago, measured(finding.to_data() for finding in findings))


def heal(host: Host, name: str = "first", **trouble: Any) -> dict[str, Any]:
    """The incident of such a run: 20 s of action, 2 s until it is back, 8 s of stability."""
    run = host.run(name)
    run.begin(findings=[HUNG.to_data()], **trouble)
    number = run.permit()["attempt"]["id"]
    host.clock.move(30)
    looks = [look(10, HUNG, OTHER), look(8, BACK), look(0, BACK)]
    run.complete(number, healed=True, verified_for=10.0, stable_for=8.0, looks=looks, message="it answers again")
    run.end()
    return host.incident(run.incident)
