# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MS-5: which devices the container was given, and what nvidia-smi shows of them. Never fails."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import (
    DeviceFacts,
    Gpu,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor

_QUERY = "index,name,memory.used,memory.total,utilization.gpu"
# Positional parameter: what to query. Exit code 0 also when there is no such program.
_SCRIPT = """
command -v nvidia-smi >/dev/null 2>&1 || { echo absent; exit 0; }
exec nvidia-smi "--query-gpu=$1" --format=csv,noheader,nounits
"""


def probe_devices(
    docker: DockerCli, container: str, requested: Sequence[str], redactor: Redactor, *, ask: bool, deadline: float
) -> DeviceFacts:
    """The devices.

    :param requested: the container's device requests in words.
    :param ask: True to look for nvidia-smi in the container.
    """
    if not ask:
        return DeviceFacts(tuple(requested))
    try:
        result = docker.exec(container, ["sh", "-c", _SCRIPT, "sh", _QUERY], deadline=deadline)
    except IncidentResponseError as error:
        return DeviceFacts(tuple(requested), looked=True, error=redactor.line(str(error)))
    output = result.stdout.decode("utf-8", "replace")
    if result.timed_out:
        return DeviceFacts(tuple(requested), looked=True, error="nvidia-smi did not answer in time")
    if not result.succeeded:
        told = output + result.stderr.decode("utf-8", "replace")
        return DeviceFacts(tuple(requested), looked=True, error=redactor.line(told) or "nvidia-smi failed")
    if output.strip() == "absent":
        return DeviceFacts(tuple(requested), looked=True, error="there is no nvidia-smi in the container")
    return DeviceFacts(tuple(requested), looked=True, gpus=parse_gpus(output, redactor))


def parse_gpus(output: str, redactor: Redactor) -> tuple[Gpu, ...]:
    """From nvidia-smi's CSV without units; lines of another shape are left out."""
    gpus = []
    for line in output.splitlines()[:64]:
        parts = [part.strip() for part in line.split(",")]
        if len(parts) == 5 and parts[0].isdigit():
            used, total, utilization = (_number(part) for part in parts[2:])
            gpus.append(Gpu(int(parts[0]), redactor.line(parts[1], 80), used, total, utilization))
    return tuple(gpus)


def _number(text: str) -> float | None:
    """``[N/A]`` and the like are None."""
    return float(text) if text.replace(".", "", 1).isdigit() else None
