# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What faults share: a container made from another configuration, and a service made well again."""

from __future__ import annotations

from . import environment
from .platform import PYTHON_IMAGE, Platform


def apply_override(platform: Platform, service: str, override: str) -> None:
    """Recreate one service with one more Compose file (faults/overrides/): its configuration has then drifted."""
    platform.compose("up", "-d", "--no-deps", service, override=override)


def make_well(platform: Platform, service: str) -> None:
    """Give a service its plain configuration back, start it, and restart it when it does not answer."""
    before = platform.containers().get(service)
    if before is not None and before.paused:
        platform.docker("unpause", before.id)
    platform.compose("up", "-d", "--no-deps", service)
    after = platform.container(service)
    was_running = before is not None and before.started_at == after.started_at
    if was_running and not _answers(platform, service):
        platform.docker("restart", "-t", "3", after.id)
    platform.wait_healthy([service])


def set_variable(platform: Platform, name: str, value: str) -> None:
    """Change one variable of the lab's env file; it counts for a service when that is created next."""
    environment.write(platform.env_file, {**platform.variables(), name: value})


def kill_on_host(platform: Platform, signal: str, pid: int) -> None:
    """Send a signal to a process by its pid on Docker's host, as a container of its own pid space cannot.

    Goes through a helper container, so that it needs no root and works where Docker runs in a virtual machine.
    """
    platform.docker("run", "--rm", "--pid", "host", "--network", "none", PYTHON_IMAGE, "kill", f"-{signal}", str(pid))


def _answers(platform: Platform, service: str) -> bool:
    if service not in environment.PORTS or service == "rabbitmq":
        return platform.container(service).status == "running"
    return platform.http(service, "/health", timeout=3)[0] == 200
