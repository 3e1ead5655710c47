# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HL-5: is a slow service short of CPU or memory, and is the host? Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Resources,
    ServiceFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds

STATELESS = ("http", "model_server")
"""Kinds whose restart loses nothing that is kept."""
_BUSY_SHARE = 0.9
_WORDS = {"cpu": "CPU", "memory": "memory", "io": "its disks"}


def judge_saturation(facts: ServiceFacts, thresholds: Thresholds) -> list[Finding]:
    """About a service that is slow by its own fault and keeps no state: only such a one is restarted for being slow."""
    if facts.kind not in STATELESS:
        return []
    name, service = "latency.saturated", facts.service
    reasons = [
        line
        for container in facts.containers
        for line in _shortages(facts.resources.get(container.id), container.cpu_limit, thresholds)
    ]
    if not reasons:
        message = f"{service} is slow, though it is short of neither CPU nor memory."
        return [Finding(name, service, Status.OK, message, step="HL-5")]
    message = f"{service} is slow and saturated: {reasons[0]}."
    return [Finding(name, service, Status.CRITICAL, message, evidence=tuple(reasons), step="HL-5")]


def _shortages(used: Resources | None, cpu_limit: float | None, thresholds: Thresholds) -> list[str]:
    if used is None:
        return []
    found = []
    # What was throttled long ago does not slow it down now.
    throttled = used.throttled_now_percent
    if throttled is not None and throttled > thresholds.throttled_percent:
        found.append(f"{throttled:.0f} % of its CPU quota periods were throttled while it was timed")
    if cpu_limit and used.cpu_cores is not None and used.cpu_cores >= _BUSY_SHARE * cpu_limit:
        found.append(f"it uses {used.cpu_cores:.1f} of its {cpu_limit:.1f} CPUs")
    if used.memory_percent is not None and used.memory_percent > thresholds.memory_percent:
        found.append(f"{used.memory_percent:.0f} % of its memory limit is in use")
    found += [
        f"its processes waited for {_WORDS[what]} {percent:.0f} % of the last 10 s"
        for what, percent in sorted(used.pressure.items())
        if percent > thresholds.pressure_percent
    ]
    return found


def judge_pressure(pressure: Mapping[str, float], thresholds: Thresholds) -> list[Finding]:
    """About the host: the share of the last 10 s for which some work waited (PSI, ``some avg10``).

    :param pressure: ``cpu``, ``memory`` and ``io``; empty where the kernel does not tell.
    """
    limit = thresholds.pressure_percent
    if not pressure:
        message = "The kernel of this host does not tell how long work waits for CPU, memory and disks (PSI)."
        return [Finding("host.pressure", "", Status.NOT_CONFIGURED, message, None, limit, "%", step="HL-5")]
    what, worst = max(sorted(pressure.items()), key=lambda item: item[1])
    status = Status.WARNING if worst > limit else Status.OK
    message = f"Work on this host waited for {_HOST_WORDS[what]} {worst:.0f} % of the last 10 s."
    evidence = tuple(f"{_HOST_WORDS[name]}: {percent:.0f} %" for name, percent in sorted(pressure.items()))
    return [Finding("host.pressure", "", status, message, round(worst, 1), limit, "%", evidence, "HL-5")]


_HOST_WORDS = {"cpu": "CPU", "memory": "memory", "io": "disks"}
