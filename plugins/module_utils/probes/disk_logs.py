# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DS-1: the logs of all containers of the host. A disk is filled by those of other platforms as well."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import ContainerLog
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk import container_logs


def every_container(docker: DockerCli, *, deadline: float | None = None) -> list[dict[str, Any]]:
    """What the engine says of all containers of the host, of Compose projects or not.

    :raises CommandFailedError: they could not be listed.
    """
    listed = docker.call(["ps", "--all", "--quiet", "--no-trunc"], deadline=deadline)
    if not listed.succeeded:
        raise CommandFailedError("The containers of the host could not be listed.")
    return docker.inspect(listed.stdout.decode("utf-8", "replace").split(), deadline=deadline)


def other_logs(docker: DockerCli, own: Collection[str], *, deadline: float) -> tuple[ContainerLog, ...]:
    """Those without bounds of containers that are none of the platform's, the largest first.

    :param own: ids of the platform's containers.
    :raises CommandFailedError: see :func:`every_container`.
    """
    logs = container_logs(every_container(docker, deadline=deadline))
    return tuple(log for log in logs if log.container not in own and not log.rotated)
