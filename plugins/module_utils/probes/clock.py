# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads clocks: this host's against NTP, and those of containers. AU-6."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.clock_facts import (
    ClockReading,
    HostClock,
    read_chrony,
    read_date_output,
    read_timesyncd,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError

_DEADLINE = 2.0


def probe_host_clock(runner: CommandRunner, deadline: float = _DEADLINE) -> HostClock:
    """Ask chrony, else systemd's time service, for how far this host's clock is off."""
    answer = _output(runner, ["chronyc", "-n", "-c", "tracking"], deadline)
    if answer:
        return read_chrony(answer)
    shown = _output(runner, ["timedatectl", "show"], deadline)
    if not shown:
        return HostClock()
    return read_timesyncd(shown, _output(runner, ["timedatectl", "timesync-status"], deadline))


def _output(runner: CommandRunner, argv: list[str], deadline: float) -> str:
    try:
        result = runner.run(argv, deadline=deadline, limit=1 << 16)
    except OSError:
        return ""  # it is not installed here
    return result.stdout.decode("utf-8", "replace") if result.succeeded else ""


def is_faked(environment: Mapping[str, str]) -> bool:
    """True when libfaketime, or a wish for it, is in a container's environment."""
    return "FAKETIME" in environment or "faketime" in environment.get("LD_PRELOAD", "")


def probe_container_clock(
    docker: DockerCli, container: str, clock: Callable[[], float], deadline: float, *, faked: bool = False
) -> ClockReading | None:
    """``date`` inside a container; None when it has no such program or does not answer.

    The start of the program takes some tens of milliseconds, and the reading is no better known than that.
    """
    before = clock()
    try:
        result = docker.exec(container, ["date", "-u", "+%s.%N"], deadline=deadline, limit=256)
    except IncidentResponseError:
        return None
    after = clock()
    if not result.succeeded:
        return None
    return read_date_output(result.stdout.decode("ascii", "replace"), before, after, faked=faked)
