# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small Docker engine in memory: containers with a state, which commands change as the real ones do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandResult
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import (
    SERVICE_LABEL,
    ContainerRef,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError


@dataclass
class FakeContainer:
    id: str
    service: str
    state: str = "running"
    started_at: str = "t0"
    restart_count: int = 0
    stop_timeout: int = 3
    oneoff: bool = False
    fails: dict[str, str] = field(default_factory=dict)
    """Command -> what the engine says when it fails."""
    left_as: str = ""
    """The state in which a failing command leaves it, or empty for unchanged."""
    comes_up_as: str = "running"
    """What it is right after a start."""
    vanishes: bool = False
    """Somebody removes it between the list and the look at it."""


class FakeEngine:
    """Implements the engine's protocol and notes the commands that would change something."""

    def __init__(self, *containers: FakeContainer, project: str = "shop") -> None:
        self.project = project
        self._containers = {container.id: container for container in containers}
        self.commands: list[tuple[str, ...]] = []
        self.deadlines: list[float] = []
        self.inspections_left: int | None = None
        self._starts = 0

    def containers(self, project: str | None = None) -> Sequence[ContainerRef]:
        return [
            ContainerRef(container.id, self.project, container.service, container.oneoff)
            for container in self._containers.values()
            if project in (None, self.project)
        ]

    def inspect(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        if self.inspections_left is not None:
            if self.inspections_left == 0:
                raise CommandFailedError("Could not inspect the containers within 5.0 s.")
            self.inspections_left -= 1
        found = [self._containers[name] for name in ids]
        return [_inspected(container) for container in found if not container.vanishes]

    def restart(self, container: str, *, stop_timeout: int, deadline: float) -> CommandResult:
        return self._act("restart", container, deadline, str(stop_timeout))

    def start(self, container: str, *, deadline: float) -> CommandResult:
        return self._act("start", container, deadline)

    def unpause(self, container: str, *, deadline: float) -> CommandResult:
        return self._act("unpause", container, deadline)

    def _act(self, verb: str, name: str, deadline: float, *more: str) -> CommandResult:
        container = self._containers[name]
        self.commands.append((verb, name, *more))
        self.deadlines.append(deadline)
        if verb in container.fails:
            container.state = container.left_as or container.state
            raise CommandFailedError(container.fails[verb])
        if verb == "unpause":
            container.state = "running"
        else:
            self._starts += 1
            container.state, container.started_at, container.restart_count = (
                container.comes_up_as,
                f"t{self._starts}",
                0,
            )
        return CommandResult((), 0, b"", b"", 0.0)


def _inspected(container: FakeContainer) -> dict[str, Any]:
    return {
        "Id": container.id,
        "Name": f"/{container.id}",
        "State": {"Status": container.state, "StartedAt": container.started_at},
        "RestartCount": container.restart_count,
        "Config": {"StopTimeout": container.stop_timeout, "Labels": {SERVICE_LABEL: container.service}},
    }
