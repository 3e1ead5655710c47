# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads every clock of a platform, side by side."""

from __future__ import annotations

from functools import partial

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.clock_facts import (
    ClockReading,
    HostClock,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Container
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.clock import (
    is_faked,
    probe_container_clock,
    probe_host_clock,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.http_health import find_target
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.jobs import Job
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.means import Means
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import Scene
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.secret_values import (
    environments,
    first_container,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.token_login import door_to


def probe_clocks(scene: Scene, means: Means, deadline: float) -> tuple[HostClock, dict[str, list[ClockReading]]]:
    """This host's clock, and the readings of each service that runs.

    :param deadline: seconds for each reading.
    """
    host = Job("host clock", "", lambda: probe_host_clock(means.docker.runner, deadline), deadline=deadline + 0.5)
    known = environments(scene)
    jobs: dict[str, list[Job[ClockReading | None]]] = {}
    for service in scene.watched:
        container = first_container(scene.services[service])
        if container is None or not container.running:
            continue
        faked = is_faked(known.get(service, {}))
        inside = partial(probe_container_clock, means.docker, container.id, means.clock, deadline, faked=faked)
        header = partial(_header, scene, means, container, deadline, faked=faked)
        jobs[service] = [Job("clock", service, look, deadline=deadline + 0.5) for look in (header, inside)]
    readings = {
        service: [found for job in each if (found := job.value(None)) is not None] for service, each in jobs.items()
    }
    return host.value(HostClock()), readings


def _header(scene: Scene, means: Means, container: Container, deadline: float, *, faked: bool) -> ClockReading | None:
    """The Date header of whatever the health path answers; None where no HTTP is spoken."""
    service = container.service
    target = find_target(container, scene.kinds[service], scene.settings_of(service))
    if target is None:
        return None
    door = door_to(scene, service, means.http, means.clock, faked=faked)
    _answer, clock = door.request("GET", target.path, deadline, {})
    return clock
