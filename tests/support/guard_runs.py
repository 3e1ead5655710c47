# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of plays on a host with a record, as the guard meets them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from record_fakes import FakeClock, FakeProcesses

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.attempt import Identity
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.guard_rules import (
    Approval,
    Limits,
    WantedStep,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.lease import Holder
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rung import Tier
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    guard_begin,
    guard_end,
    guard_lease,
    guard_steps,
    policy_table,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import (
    LeaseWish,
    Platform,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import Query, find_incidents
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import (
    Record,
    Writer,
)

DIGEST = "ab" * 32
OLD: Identity = {"model-server": (("c1", "t1"),)}
NEW: Identity = {"model-server": (("c1", "t2"),)}


class Host:
    """A host with a record, on which runs do what a play would do."""

    def __init__(self, state_dir: Path, clock: FakeClock, processes: FakeProcesses) -> None:
        self.state_dir = str(state_dir)
        self.clock = clock
        self.processes = processes

    def run(self, name: str, platform: str = "shop", record: Record | None = None) -> Run:
        return Run(self, name, Platform(platform, record or Writer(self.state_dir), self.clock, self.processes))

    def incident(self, number: str) -> dict[str, Any]:
        return find_incidents(self.state_dir, Query(number=number, full=True))[0]

    def timeline(self, number: str) -> list[str]:
        return [entry["kind"] for entry in self.incident(number)["timeline"]]


class Run:
    """One run of a play."""

    def __init__(self, host: Host, name: str, platform: Platform) -> None:
        self.host = host
        self.name = name
        self.platform = platform
        self.token = ""
        self.incident = ""

    def begin(self, containers: Identity = OLD, **changes: Any) -> dict[str, Any]:
        wish = {key: changes.pop(key) for key in ("wait", "host_wide") if key in changes}
        trouble: dict[str, Any] = {
            "scenario": "model_server",
            "services": ("model-server",),
            "severity": "P2",
            "severity_rule": "a service fails",
            "root_cause": "it hangs",
            "containers": containers,
        }
        result = guard_begin.begin(
            self.platform,
            guard_begin.Trouble(**{**trouble, **changes}),
            LeaseWish(Holder(self.name, "ops", "desk", 7), ttl=120, **wish),
        )
        self.token = result["lease"].get("token", "")
        self.incident = result["incident"].get("id", "")
        return result

    def permit(
        self,
        action: str = "restart",
        services: tuple[str, ...] = ("model-server",),
        tier: Tier = Tier.DISRUPTIVE,
        containers: Identity = OLD,
        **permission: Any,
    ) -> dict[str, Any]:
        limits = Limits(budget=2, window=3600, cap=2)
        return guard_steps.permit(
            self.platform,
            self.token,
            self.incident,
            WantedStep(action, services, tier, DIGEST, "it hangs"),
            guard_steps.Permission(limits, containers, **permission),
            120,
        )

    def complete(self, attempt: int, outcome: str = "done", **details: Any) -> dict[str, Any]:
        return guard_steps.complete(self.platform, self.token, guard_steps.StepResult(attempt, outcome, **details), 120)

    def renew(self) -> dict[str, Any]:
        return guard_lease.renew(self.platform, self.token, 120)

    def end(self, outcome: str = "resolved", reason: str = "it answers") -> dict[str, Any]:
        return guard_end.end(self.platform, self.token, self.incident, guard_end.Ending(outcome, reason, "go on"))

    def act(self, outcome: str = "done", **options: Any) -> int:
        """A step from permission to outcome."""
        number = int(self.permit(**options)["attempt"]["id"])
        self.complete(number, outcome)
        return number


def refused(result: dict[str, Any]) -> str | None:
    return None if result["refused"] is None else str(result["refused"]["rule"])


def the_lease_lapses(host: Host) -> None:
    host.clock.move(120)


def the_holder_dies(host: Host) -> None:
    host.processes.gone.add("first")


def the_host_restarts(host: Host) -> None:
    host.clock.restart_host(down=5)


def approve(host: Host) -> None:
    approval = Approval("shop", "restore", DIGEST, "jane", "checked", host.clock.now(), 3600)
    Writer(host.state_dir).run(lambda connection: policy_table.approve(connection, approval))


RESTORE: dict[str, Any] = {"action": "restore", "tier": Tier.DESTRUCTIVE}
