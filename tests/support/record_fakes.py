# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A clock and a process table that a test steers, and makers of what most tests need."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.fingerprint import (
    incident_fingerprint,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import Incident
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.lease import Holder
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment

NOON = 1_772_193_600.0
"""2026-02-27 12:00:00 UTC, a Friday."""


class FakeClock:
    """Stands still until it is moved; sleeping moves it."""

    def __init__(self, wall: float = NOON, boot: float = 1000.0, boot_id: str = "boot-1") -> None:
        self._now = Moment(wall, boot, boot_id)
        self.slept = 0.0
        self.on_sleep: Callable[[], None] | None = None

    def now(self) -> Moment:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.move(seconds)
        if self.on_sleep is not None:
            self.on_sleep()

    def move(self, seconds: float) -> None:
        self._now = replace(self._now, wall=self._now.wall + seconds, boot=self._now.boot + seconds)

    def set_wall(self, wall: float) -> None:
        self._now = replace(self._now, wall=wall)

    def restart_host(self, down: float = 60.0) -> None:
        number = int(self._now.boot_id.split("-")[1]) + 1
        self._now = Moment(self._now.wall + down, 0.0, f"boot-{number}")


class FakeProcesses:
    """Processes that a test lets end."""

    def __init__(self) -> None:
        self.gone: set[str] = set()

    def is_gone(self, holder: Holder) -> bool:
        return holder.run_id in self.gone


def an_incident(**changes: Any) -> Incident:
    """A P2 of the model server; what a test cares about is named by it."""
    platform = changes.get("platform", "shop")
    scenario = changes.get("scenario", "model_server")
    services = tuple(changes.get("services", ("model-server",)))
    fields: dict[str, Any] = {
        "id": "",
        "platform": platform,
        "scenario": scenario,
        "fingerprint": incident_fingerprint(platform, scenario, services),
        "services": services,
        "severity": "P2",
        "severity_rule": "a service fails",
        "opened_at": NOON,
        "detected_at": NOON,
        "summary": "model-server does not answer",
    }
    return Incident(**{**fields, **changes})


def holder_of(pid: int) -> Holder:
    """The holder that a real process of this machine is."""
    proc = Path("/proc")
    fields = (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return Holder(
        run_id=f"run of {pid}",
        pid=pid,
        pid_started=int(fields[19]),
        boot_id=(proc / "sys/kernel/random/boot_id").read_text().strip(),
        pid_namespace=os.readlink("/proc/self/ns/pid"),
    )
