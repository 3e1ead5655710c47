# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An attempt: one action on the way to healing, written down before it is taken. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment, iso

DONE = "done"
UNCHANGED = "unchanged"
FAILED = "failed"
INTERRUPTED_DONE = "interrupted: done"
INTERRUPTED_NOT_DONE = "interrupted: not done"
INTERRUPTED_PARTLY = "interrupted: partly done"
INTERRUPTED_UNKNOWN = "interrupted: cannot be told"

_CUT_OFF = (INTERRUPTED_DONE, INTERRUPTED_NOT_DONE, INTERRUPTED_PARTLY, INTERRUPTED_UNKNOWN, FAILED)

_STOPS_NOTHING = ("wait", "unpause", "start")

WITHOUT_EFFECT = (UNCHANGED, INTERRUPTED_NOT_DONE)
"""Outcomes after which nothing had happened to the services: they spend neither budget nor approval."""

Identity = Mapping[str, tuple[tuple[str, str], ...]]
"""Service -> (container id, StartedAt) of each of its containers, sorted."""


@dataclass(frozen=True)
class Attempt:
    """One action.

    :param containers: the containers of its services as they were before it.
    :param approved_by: who approved a destructive action, and how; an empty string for the others.
    :param outcome: None while it is under way, or when the run was killed.
    :param healed: None when that was not (yet) told.
    :param acted_at: when the action itself was over (wall clock, s); its verification comes after that.
    :param restored_at: since when its services are seen healthy (wall clock, s).
    """

    number: int
    incident: str
    platform: str
    run_id: str
    action: str
    services: tuple[str, ...]
    tier: str
    digest: str
    reason: str
    started: Moment
    containers: Identity = field(default_factory=dict)
    approved_by: str = ""
    outcome: str | None = None
    healed: bool | None = None
    message: str = ""
    finished_at: float | None = None
    duration: float | None = None
    acted_at: float | None = None
    restored_at: float | None = None

    def to_data(self) -> dict[str, Any]:
        """Plain data: times in ISO 8601 (UTC), ``duration_s`` in seconds."""
        return {
            "id": self.number,
            "incident": self.incident,
            "run_id": self.run_id,
            "action": self.action,
            "services": list(self.services),
            "tier": self.tier,
            "digest": self.digest,
            "reason": self.reason,
            "approved_by": self.approved_by,
            "started_at": iso(self.started.wall),
            "finished_at": None if self.finished_at is None else iso(self.finished_at),
            "acted_at": None if self.acted_at is None else iso(self.acted_at),
            "restored_at": None if self.restored_at is None else iso(self.restored_at),
            "duration_s": self.duration,
            "outcome": self.outcome,
            "healed": self.healed,
            "message": self.message,
        }


def left_unfinished(attempts: Iterable[Attempt]) -> dict[str, tuple[float, ...]]:
    """The services of actions that were cut off or have failed, until an attempt on them has healed: one may be stopped
    still.

    :param attempts: those of one incident, in their order.
    :returns: service -> when actions on it began that may have stopped it (wall clock, s).
    """
    left: dict[str, tuple[float, ...]] = {}
    for attempt in attempts:
        if attempt.healed:
            left = {service: times for service, times in left.items() if service not in attempt.services}
        elif attempt.outcome is None or attempt.outcome in _CUT_OFF:
            begun = () if attempt.action in _STOPS_NOTHING else (attempt.started.wall,)
            left.update({service: (*left.get(service, ()), *begun) for service in attempt.services})
    return dict(sorted(left.items()))


def interrupted_outcome(attempt: Attempt, now: Identity) -> str:
    """What became of an attempt whose run was killed, told by its services' containers then and now.

    A service of which no container was or is known tells nothing.
    """
    told = [
        attempt.containers[service] != now[service]
        for service in attempt.services
        if attempt.containers.get(service) and now.get(service)
    ]
    if not told or len(told) < len(attempt.services):
        return INTERRUPTED_UNKNOWN
    if all(told):
        return INTERRUPTED_DONE
    return INTERRUPTED_PARTLY if any(told) else INTERRUPTED_NOT_DONE
