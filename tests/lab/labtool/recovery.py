# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What faults share: a container of another configuration, and a service made well again."""

from __future__ import annotations

from collections.abc import Sequence

from . import environment
from .model import restore_model_files
from .platform import PYTHON_IMAGE, Container, Platform


def recreate(platform: Platform, service: str, override: str = "") -> None:
    """Replace a service's container, and no other, by one of the plain configuration plus an override.

    Not by `up --no-deps`: that leaves out the label `depends_on` and makes another configuration hash, and plain `up`
    would wait for dependencies that may be sick.
    """
    _recreate(platform, [service], override)


def _recreate(platform: Platform, services: Sequence[str], override: str = "") -> None:
    platform.compose("rm", "--stop", "--force", *services)
    platform.compose("create", "--no-recreate", *services, override=override)
    containers = platform.containers()
    platform.docker("start", *(containers[service].id for service in services))


def put_back(platform: Platform) -> None:
    """Give every service a running container of the plain configuration, and the model its files; does not wait."""
    for container in platform.containers().values():
        if container.paused:
            platform.docker("unpause", container.id)
    restore_model_files(platform)
    drifted = platform.drifted()
    if drifted:
        _recreate(platform, drifted)
    idle = [container.id for container in platform.containers().values() if container.status != "running"]
    if idle:
        platform.docker("restart", "-t", "3", *idle)


def make_well(platform: Platform, service: str) -> None:
    """Give a service its plain configuration back, start it, and restart it when it does not answer."""
    container = platform.containers().get(service)
    if container is None or service in platform.drifted([service]):
        recreate(platform, service)
    elif container.paused:
        platform.docker("unpause", container.id)
    elif container.status != "running":
        platform.docker("restart", "-t", "3", container.id)
    if container is not None and platform.containers()[service].started_at == container.started_at:
        _restart_unless_it_answers(platform, container)
    platform.wait_healthy([service])


def set_variable(platform: Platform, name: str, value: str) -> None:
    """Change one variable of the lab's env file; it counts for a service when that is created next."""
    environment.write(platform.env_file, {**platform.variables(), name: value})


def kill_on_host(platform: Platform, signal: str, pid: int) -> None:
    """Send a signal to a process by its pid on Docker's host, as a container of its own pid space cannot.

    Goes through a helper container, so that it needs no root and works where Docker runs in a virtual machine.
    """
    platform.docker("run", "--rm", "--pid", "host", "--network", "none", PYTHON_IMAGE, "kill", f"-{signal}", str(pid))


def _restart_unless_it_answers(platform: Platform, container: Container) -> None:
    asks = container.service in environment.PORTS and container.service != "rabbitmq"
    if asks and platform.http(container.service, "/health", timeout=3)[0] != 200:
        platform.docker("restart", "-t", "3", container.id)
