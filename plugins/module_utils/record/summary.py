# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the record says about a platform, for every observation of it. Quick, and leaves no trace."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.attempt import left_unfinished
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import (
    ACTIVE,
    ENGINE_SCENARIO,
    UNNAMED_PLATFORM,
    Incident,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment, iso
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    attempt_table,
    incident_table,
    lease_table,
    policy_table,
    sample_table,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.host import (
    LocalProcesses,
    ProcessTable,
    SystemClock,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.reader import read


def read_summary(
    state_dir: str, platform: str, now: Moment | None = None, processes: ProcessTable | None = None
) -> dict[str, Any]:
    """The record of a platform, in short. Never raises for what is wrong with the record: it is said instead.

    :param now: of this host; None reads the clock.
    :returns: ``available`` and ``state_dir``; when available ``open_incidents`` (newest first: id, scenario, severity,
        state, services, fingerprint, opened_at, escalated, unfinished: services whose attempt has no outcome, was
        interrupted or has failed, and that no attempt has healed since; unfinished_since: when the actions began that
        may have stopped them, wall clock in s), ``maintenance`` (platform, service, by, reason, remaining in s),
        ``lease`` (None when nobody holds a valid one) and ``samples`` (service -> name -> value); otherwise ``reason``
        and ``remedy``. No record yet is an available, empty one.
    """
    try:
        moment = SystemClock().now() if now is None else now
        watch = LocalProcesses() if processes is None else processes
        found = read(Path(state_dir), lambda connection: _summary(connection, platform, moment, watch))
    except IncidentResponseError as error:
        return {"available": False, "state_dir": state_dir, "reason": error.message, "remedy": error.remedy}
    if found is None:
        found = {"open_incidents": [], "maintenance": [], "lease": None, "samples": {}}
    return {"available": True, "state_dir": state_dir, **found}


def _summary(connection: sqlite3.Connection, platform: str, now: Moment, processes: ProcessTable) -> dict[str, Any]:
    leases = list(lease_table.in_the_way(connection, platform, host_wide=False))
    held = [lease for lease in leases if lease.is_valid(now, processes.is_gone)]
    return {
        "open_incidents": [_short(connection, incident) for incident in _open_incidents(connection, platform)],
        "maintenance": [window.to_data(now) for window in policy_table.windows(connection, platform, now)],
        "lease": held[0].to_data(now) if held else None,
        "samples": sample_table.of_platform(connection, platform),
    }


def _open_incidents(connection: sqlite3.Connection, platform: str) -> list[Incident]:
    """Those of the platform, and those of the engine that were filed while no platform could be named."""
    own = incident_table.select(connection, platform=platform, states=ACTIVE)
    if platform == UNNAMED_PLATFORM:
        return own
    unnamed = incident_table.select(connection, platform=UNNAMED_PLATFORM, scenario=ENGINE_SCENARIO, states=ACTIVE)
    return [*own, *unnamed]


def _short(connection: sqlite3.Connection, incident: Incident) -> dict[str, Any]:
    unfinished = left_unfinished(attempt_table.of_incident(connection, incident.id))
    return {
        "id": incident.id,
        "scenario": incident.scenario,
        "severity": incident.severity,
        "state": incident.state.value,
        "services": list(incident.services),
        "fingerprint": incident.fingerprint,
        "opened_at": iso(incident.opened_at),
        "escalated": incident.escalation is not None,
        "unfinished": list(unfinished),
        "unfinished_since": {service: list(times) for service, times in unfinished.items()},
    }
