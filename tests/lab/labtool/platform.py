# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Compose project of the lab: how to reach its containers. What faults and tests are built of."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import environment
from .commands import LabError, run, wait_until

LAB_DIR = Path(__file__).resolve().parent.parent
REPO_ROOT = LAB_DIR.parent.parent
COMPOSE_FILE = LAB_DIR / "compose.yaml"
OVERRIDES = LAB_DIR / "faults" / "overrides"
PYTHON_IMAGE = "agentfoundry-lab/python-service:1"
SERVICES = (*environment.PORTS, "postgres", "redis")


@dataclass(frozen=True)
class Container:
    """What Docker tells of one service's container. `health` is '' for a container without a health check."""

    id: str
    service: str
    status: str
    paused: bool
    health: str
    pid: int
    exit_code: int
    oom_killed: bool
    started_at: str
    restart_count: int
    config_hash: str
    config_files: str

    @classmethod
    def from_inspect(cls, facts: Mapping[str, Any]) -> Container:
        """Read one element of `docker inspect`."""
        state, labels = facts["State"], facts["Config"]["Labels"]
        return cls(
            id=facts["Id"],
            service=labels["com.docker.compose.service"],
            status=state["Status"],
            paused=state["Paused"],
            health=state.get("Health", {}).get("Status", ""),
            pid=state["Pid"],
            exit_code=state["ExitCode"],
            oom_killed=state["OOMKilled"],
            started_at=state["StartedAt"],
            restart_count=facts["RestartCount"],
            config_hash=labels.get("com.docker.compose.config-hash", ""),
            config_files=labels.get("com.docker.compose.project.config_files", ""),
        )


class Platform:
    """A project by its name; its files are kept in `state_dir`."""

    def __init__(self, project: str = "agentfoundry", port_offset: int = 0, state_root: Path | None = None) -> None:
        self.project = project
        self.port_offset = port_offset
        self.state_dir = (state_root or REPO_ROOT / ".cache" / "lab") / project
        self.env_file = self.state_dir / "lab.env"

    @property
    def beside_label(self) -> str:
        """The label of what belongs to the lab and not to its Compose project: helper containers and images."""
        return f"agentfoundry.lab.beside={self.project}"

    # Compose and Docker

    def compose_argv(self, *arguments: str, override: str = "") -> list[str]:
        """Return the argv of a `docker compose` call for this lab, with one more Compose file for an override."""
        argv = ["docker", "compose", "-f", str(COMPOSE_FILE)]
        if override:
            argv += ["-f", str(OVERRIDES / f"{override}.yaml")]
        return [*argv, "--env-file", str(self.env_file), *arguments]

    def compose(self, *arguments: str, override: str = "") -> str:
        return run(self.compose_argv(*arguments, override=override))

    def docker(self, *arguments: str, stdin: bytes | None = None) -> str:
        return run(["docker", *arguments], stdin=stdin)

    def variables(self) -> dict[str, str]:
        """Return the lab's env file: ports, images and secrets by name."""
        return environment.read(self.env_file)

    # Containers

    def containers(self) -> dict[str, Container]:
        """Return the project's containers by service, also those that are not running."""
        ids = self.docker(
            "ps", "-aq", "--no-trunc",
            "--filter", f"label=com.docker.compose.project={self.project}",
            "--filter", "label=com.docker.compose.oneoff=False",
        ).split()  # fmt: skip
        if not ids:
            return {}
        found = [Container.from_inspect(facts) for facts in json.loads(self.docker("inspect", *ids))]
        return {container.service: container for container in found}

    def container(self, service: str) -> Container:
        """Return one service's container; LabError when it has none."""
        try:
            return self.containers()[service]
        except KeyError:
            raise LabError(f"{service} has no container in the project {self.project}") from None

    def container_id(self, service: str) -> str:
        return self.container(service).id

    def started_at(self, service: str) -> str:
        """Return when the container was last started, as Docker writes it: it changes with each restart."""
        return self.container(service).started_at

    def exec(self, service: str, *argv: str, stdin: bytes | None = None) -> str:
        """Run a command in a service's container and return its output."""
        interactive = ["-i"] if stdin is not None else []
        return self.docker("exec", *interactive, self.container_id(service), *argv, stdin=stdin)

    def exec_in_background(self, service: str, *argv: str) -> None:
        self.docker("exec", "-d", self.container_id(service), *argv)

    def psql(self, statement: str) -> str:
        """Run SQL as the superuser and return the rows, columns separated by `|`.

        The slow query log is of the platform: a bulk insert of the lab's own would outlive its fault there.
        """
        return self.exec("postgres", "env", "PGOPTIONS=-clog_min_duration_statement=-1",
                         "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-U", environment.SUPERUSER, "-d",
                         environment.SUPERUSER, "-c", statement).strip()  # fmt: skip

    def redis(self, *argv: str) -> str:
        return self.exec("redis", "redis-cli", *argv).strip()

    def drifted(self, services: Sequence[str] = SERVICES) -> list[str]:
        """Return those of the services whose container is absent or was not made from the plain Compose file."""
        wanted = dict(line.split() for line in self.compose("config", "--hash", "*").splitlines())
        have = self.containers()
        return [service for service in services if not _is_plain(have.get(service), wanted[service])]

    # HTTP

    def url(self, service: str, path: str = "/") -> str:
        return f"http://127.0.0.1:{environment.PORTS[service] + self.port_offset}{path}"

    def http(
        self,
        service: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 5,
    ) -> tuple[int, Any]:
        """Return status and JSON body (POST when there is a body); status 0 when nothing answers in time."""
        request = urllib.request.Request(
            self.url(service, path),
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                return response.status, json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"null")
        except (OSError, ValueError):
            return 0, None

    def fault_point(self, service: str, name: str, **body: Any) -> None:
        """Call one of a service's own fault points (services/faults.py)."""
        status, answer = self.http(service, f"/faults/{name}", body, timeout=30)
        if status != 200:
            raise LabError(f"the fault point {name} of {service} answers {status}: {answer}")

    # Health

    def unhealthy(self, services: Sequence[str] = SERVICES) -> dict[str, str]:
        """Return why each service that is not well is not: {service: reason}; empty when all are well."""
        containers = self.containers()
        reasons: dict[str, str] = {}
        for service in services:
            reason = self._reason(containers.get(service))
            if reason:
                reasons[service] = reason
        return reasons

    def _reason(self, container: Container | None) -> str:
        if container is None:
            return "no container"
        if container.status != "running":
            return container.status
        if container.health != "healthy":
            return container.health
        # Docker's own opinion is up to an interval old: ask for the present one.
        if container.service in environment.PORTS and container.service != "rabbitmq":
            status, _ = self.http(container.service, "/health", timeout=3)
            if status != 200:
                return f"/health answers {status}" if status else "/health does not answer"
        return ""

    def wait_healthy(self, services: Sequence[str] = SERVICES, deadline: float = 90) -> None:
        """Return when all these services are healthy; LabError says which are not within `deadline` seconds."""
        reasons: dict[str, str] = {}

        def all_well() -> bool:
            reasons.clear()
            reasons.update(self.unhealthy(services))
            return not reasons

        try:
            wait_until("healthy services", all_well, deadline)
        except LabError as error:
            shown = ", ".join(f"{service} ({reason})" for service, reason in reasons.items())
            raise LabError(f"not healthy after {deadline:g} s: {shown}") from error


def _is_plain(container: Container | None, wanted_hash: str) -> bool:
    return (
        container is not None and container.config_hash == wanted_hash and container.config_files == str(COMPOSE_FILE)
    )
