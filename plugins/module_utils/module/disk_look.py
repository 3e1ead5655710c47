# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at the host's disks, without looking at the services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import worst_first
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.platform_arguments import (
    observe_options,
    real_means,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.discovery import choose_project
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.host_jobs import HostJobs
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import set_scene


def look_at_disks(options: Mapping[str, Any], runner: CommandRunner, *, check_mode: bool) -> dict[str, Any]:
    """``disk``, ``findings`` and ``samples``.

    :raises EngineUnavailableError: Docker does not answer.
    :raises PlatformNotFoundError: there is no such project, or several and none was named.
    """
    wanted = observe_options(options, check_mode=check_mode)
    wanted = replace(wanted, disk=replace(wanted.disk, detail=True))
    means = real_means(options, runner)
    refs = means.docker.containers()
    project = choose_project(refs, wanted.project)
    inspected = means.docker.inspect([ref.id for ref in refs if ref.project == project and not ref.oneoff])
    record = means.record(project)
    host = HostJobs(set_scene(project, inspected, wanted, ()), means, wanted, record)
    return {
        "disk": host.to_data().get("disk", {}),
        "findings": [finding.to_data() for finding in worst_first(host.findings())],
        "samples": host.samples(),
    }
