# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole platform in memory: real adapters above a command runner, an HTTP client and files that only pretend."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scripted_runner import Reply, ScriptedRunner, answered

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.compose_reader import Configuration
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import (
    Failure,
    HttpAnswer,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Resources
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.means import Means

NOW = 1_772_200_000.0
LONG_AGO = "2026-02-27T10:00:00.123456789Z"
SECRET = "Sesame-0pen!"


def inspected(service: str, project: str = "shop", **changes: Any) -> dict[str, Any]:
    """What ``docker inspect`` says of a healthy container; ``changes`` are State, labels, port and needs."""
    port = changes.get("port", 0)
    labels = {
        "com.docker.compose.project": project,
        "com.docker.compose.service": service,
        "com.docker.compose.depends_on": ",".join(f"{name}:service_started:false" for name in changes.get("needs", ())),
        **changes.get("labels", {}),
    }
    state = {"Status": "running", "Pid": 100, "StartedAt": LONG_AGO, "ExitCode": 0, **changes.get("state", {})}
    ports = {f"{port}/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port)}]} if port else {}
    return {
        "Id": f"{service}-id",
        "Name": f"/{project}-{service}-1",
        "State": state,
        "RestartCount": changes.get("restarts", 0),
        "Config": {
            "Image": changes.get("image", f"example/{service}:1"),
            "Labels": labels,
            "Env": [f"JWT_SECRET={SECRET}"],
            "Healthcheck": {"Test": ["CMD-SHELL", f"curl http://localhost:{port}/health"]} if port else {},
        },
        "NetworkSettings": {"Ports": ports, "Networks": {f"{project}_default": {"IPAddress": "172.18.0.9"}}},
    }


class NoCompose:
    """A platform without Compose files."""

    def version(self) -> str:
        return "2.26.1"

    def configuration(self) -> Configuration:
        return Configuration()

    def hashes(self) -> dict[str, str]:
        return {}

    def hashes_without_dependencies(self, services: Sequence[str]) -> dict[str, str]:
        return {}


@dataclass
class FakePlatform:
    """Containers, and what the services answer on their published ports.

    :param replies: what the docker client says, before the ordinary answers.
    :param http: port -> answer; ``{"status": "ok"}`` where none is given.
    """

    containers: Sequence[dict[str, Any]] = ()
    replies: Sequence[tuple[str, Reply]] = ()
    http: Mapping[int, HttpAnswer] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=lambda: {"available": True, "maintenance": [], "samples": {}})
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.runner = ScriptedRunner(
            *self.replies,
            ("version", '{"client": "28.2.2", "server": "20.10.24"}'),
            ("ps", "".join(self._row(entry) for entry in self.containers)),
            ("inspect", lambda argv: json.dumps([entry for entry in self.containers if entry["Id"] in argv])),
            ("logs", "2026-02-27T13:46:00.000000000Z all is well\n"),
            ("exec", answered(stderr="no shell", exit_code=126)),
            ("top", "PID PPID STAT %CPU RSS ELAPSED COMMAND\n100 1 S 0.0 1000 10 python3 -m web\n"),
        )

    @property
    def means(self) -> Means:
        """The adapters."""
        return Means(
            docker=DockerCli(self.runner),
            http=self,
            resources=self,
            compose=lambda _files, _redactor: NoCompose(),
            record=lambda _project: self.record,
            clock=lambda: NOW,
        )

    def request(
        self,
        method: str,
        url: str,
        *,
        deadline: float,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        limit: int = 1 << 16,
    ) -> HttpAnswer:
        self.asked.append(url)
        port = int(url.split(":")[2].split("/")[0])
        good = HttpAnswer(url, 200, b'{"status": "ok"}', latency=0.01, connected=True)
        return self.http.get(port, good)

    def read(self, container: str, pid: int) -> Resources:
        return Resources(reason="not here")

    @staticmethod
    def _row(entry: Mapping[str, Any]) -> str:
        labels = entry["Config"]["Labels"]
        names = ("project", "service", "oneoff")
        told = [labels.get(f"com.docker.compose.{name}", "") for name in names]
        return "\t".join([entry["Id"], *told, entry["Name"].lstrip("/"), entry["State"]["Status"].capitalize()]) + "\n"


def hang(port: int) -> HttpAnswer:
    """A service that takes the connection and says nothing."""
    return HttpAnswer(
        f"http://127.0.0.1:{port}/health",
        latency=2.0,
        connected=True,
        failure=Failure.DEADLINE,
        error="It sent no complete answer before the deadline.",
    )
