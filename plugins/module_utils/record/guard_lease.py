# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lease in the record: is it free, take it, keep it, is it still ours."""

from __future__ import annotations

import hmac
import secrets
import sqlite3
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.guard_rules import Refusal
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.lease import Holder, Lease
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import lease_table
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.host import Clock, ProcessTable
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Record
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.timeline_table import tell

_POLL_SECONDS = 0.5

LOST = Refusal(
    "lease",
    "This run does not hold the platform's lease any more: it lapsed, or another run took over.",
    "Run again: it waits for the other run and goes on from what is true then. Raise lease_ttl when steps take longer.",
)


@dataclass(frozen=True)
class Platform:
    """What every phase of the guard works with: the record of a host, its clock and processes, and a platform."""

    name: str
    record: Record
    clock: Clock
    processes: ProcessTable


@dataclass(frozen=True)
class LeaseWish:
    """Who wants the lease, for how long (s), and how long it waits for another holder (s)."""

    holder: Holder
    ttl: float
    wait: float = 0.0
    host_wide: bool = False


def wait(platform: Platform, seconds: float) -> dict[str, Any]:
    """Wait until the platform's lease is free, without taking it.

    :returns: ``refused`` (rule lease when it is still held) and ``lease`` (waited).
    """
    waited = 0.0
    while True:
        refusal = platform.record.run(lambda connection: obstacle(connection, platform, host_wide=False))
        if refusal is None or waited >= seconds:
            refused = None if refusal is None else refusal.to_data()
            return {"changed": False, "refused": refused, "lease": {"waited": round(waited, 1)}}
        waited += pause(platform.clock, seconds - waited)


def pause(clock: Clock, left: float) -> float:
    """Wait for a moment. :returns: how long it really was, by the boot clock (s)."""
    before = clock.now().boot
    clock.sleep(min(_POLL_SECONDS, left))
    return max(0.001, clock.now().boot - before)


def renew(platform: Platform, token: str, ttl: float) -> dict[str, Any]:
    """Keep the lease for another ``ttl`` seconds. :returns: ``refused`` and ``lease`` (expires_in)."""

    def write(connection: sqlite3.Connection) -> dict[str, Any]:
        now = platform.clock.now()
        lease = own_lease(connection, platform, token, now)
        if lease is None:
            return {"changed": False, "refused": LOST.to_data(), "lease": {}}
        keep_lease(connection, lease, now, ttl)
        return {"changed": False, "refused": None, "lease": {"expires_in": ttl}}

    return platform.record.run(write)


def obstacle(connection: sqlite3.Connection, platform: Platform, *, host_wide: bool) -> Refusal | None:
    """The refusal that names the holder when the lease is held, by whom it cannot be told to be dead."""
    now = platform.clock.now()
    for lease in lease_table.in_the_way(connection, platform.name, host_wide=host_wide):
        if lease.is_valid(now, platform.processes.is_gone):
            return Refusal(
                "lease",
                lease.describe(now),
                "Wait for that run, or give this one a longer lease_wait; a run that was killed blocks no longer.",
            )
    return None


def take(
    connection: sqlite3.Connection, platform: Platform, wish: LeaseWish, incident: str, now: Moment, actor: str
) -> Lease:
    """Take the lease. Whatever is in the way now is void: it has lapsed, or its holder is dead."""
    for void in list(lease_table.in_the_way(connection, platform.name, host_wide=wish.host_wide)):
        tell(connection, incident, now, actor, "lease", f"took over from {void.holder}, which did not give it back")
        lease_table.remove(connection, void.platform)
    lease = Lease(
        platform=platform.name,
        token=secrets.token_hex(16),
        holder=wish.holder,
        incident=incident,
        taken=now,
        expires=now.boot + wish.ttl,
        host_wide=wish.host_wide,
        actor=actor,
    )
    lease_table.put(connection, lease)
    return lease


def own_lease(connection: sqlite3.Connection, platform: Platform, token: str, now: Moment) -> Lease | None:
    """The platform's lease when it is this run's and still good."""
    lease = lease_table.find(connection, platform.name)
    if lease is None or lease.remaining(now) <= 0 or not hmac.compare_digest(lease.token, token):
        return None
    return lease


def keep_lease(connection: sqlite3.Connection, lease: Lease, now: Moment, ttl: float) -> None:
    """Let it last ``ttl`` seconds from now, never shorter than it would."""
    lease_table.put(connection, replace(lease, expires=max(lease.expires, now.boot + ttl)))
