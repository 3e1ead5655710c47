# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an act has to know about a container, read anew right before the act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import SERVICE_LABEL

DEFAULT_STOP_TIMEOUT = 10
"""Seconds the engine waits between SIGTERM and SIGKILL when the container names no other time (docker stop)."""


@dataclass(frozen=True)
class ContainerState:
    """One container of a Compose service.

    :param id: the full id.
    :param state: the engine's word: created, running, paused, restarting, removing, exited or dead.
    :param started_at: the engine's time stamp of the last start; ``0001-01-01T00:00:00Z`` when it never ran.
    :param restart_count: automatic restarts by the engine since the last start by hand.
    :param stop_timeout: seconds between SIGTERM and SIGKILL that the container asks for.
    """

    id: str
    name: str
    service: str
    state: str
    started_at: str
    restart_count: int
    stop_timeout: int

    def to_data(self) -> dict[str, Any]:
        """What a diff shows: the state and since when."""
        return {"state": self.state, "started_at": self.started_at}


def read_state(inspected: Mapping[str, Any]) -> ContainerState:
    """From one entry of ``docker inspect``.

    Source: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerInspect
    """
    config = inspected.get("Config") or {}
    state = inspected.get("State") or {}
    stop_timeout = config.get("StopTimeout")
    return ContainerState(
        id=str(inspected.get("Id", "")),
        name=str(inspected.get("Name", "")).lstrip("/"),
        service=str((config.get("Labels") or {}).get(SERVICE_LABEL, "")),
        state=str(state.get("Status", "")),
        started_at=str(state.get("StartedAt", "")),
        restart_count=int(inspected.get("RestartCount") or 0),
        stop_timeout=DEFAULT_STOP_TIMEOUT if stop_timeout is None else int(stop_timeout),
    )
