# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard's last phase: the incident comes to its end for this run, and the lease is given back."""

from __future__ import annotations

import hmac
import sqlite3
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import (
    Escalation,
    Incident,
    State,
    move,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    incident_table,
    lease_table,
    notice_table,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import LOST, Platform
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.timeline_table import tell

RESOLVED = "resolved"
ESCALATED = "escalated"
RELEASED = "released"


@dataclass(frozen=True)
class Ending:
    """How a run ends: resolved, escalated or released, with the reason and how a person goes on."""

    outcome: str
    reason: str
    remedy: str = ""
    issue_type: str = ""


def end(platform: Platform, token: str, incident: str, ending: Ending) -> dict[str, Any]:
    """Bring the incident to its end and give the lease back.

    A lease that lapsed but that nobody took is good enough: nobody else has acted since. When another run holds it,
    the incident is that run's, and only the timeline tells how this one ended.

    :returns: ``changed`` (the state changed, or it is newly escalated), ``incident`` and ``refused``.
    """

    def write(connection: sqlite3.Connection) -> dict[str, Any]:
        now = platform.clock.now()
        known = incident_table.get(connection, incident)
        lease = lease_table.find(connection, platform.name)
        if lease is None or not hmac.compare_digest(lease.token, token):
            tell(connection, incident, now, "guard", "refused", f"{ending.outcome}: {ending.reason} {LOST.message}")
            return {"changed": False, "incident": known.to_data(), "refused": LOST.to_data()}
        finished = _finish(known, ending, now)
        if finished != known:
            finished = incident_table.save(connection, finished)
        notice_table.announce(connection, known, finished, now)
        tell(connection, incident, now, lease.actor, ending.outcome, f"{ending.reason} {ending.remedy}".strip())
        lease_table.remove(connection, platform.name)
        changed = finished.state is not known.state or (known.escalation is None and finished.escalation is not None)
        return {"changed": changed, "incident": finished.to_data(), "refused": None}

    return platform.record.run(write)


def _finish(incident: Incident, ending: Ending, now: Moment) -> Incident:
    if ending.outcome == RESOLVED and incident.is_active:
        return move(move(incident, State.STABLE, now.wall), State.RESOLVED, now.wall)
    if ending.outcome == ESCALATED:
        first = now.wall if incident.escalation is None else incident.escalation.at
        issue_type = ending.issue_type or incident.issue_type
        return replace(incident, escalation=Escalation(first, ending.reason, ending.remedy, issue_type))
    return incident
