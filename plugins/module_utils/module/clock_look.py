# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module about clocks: from options to every clock of a platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.clock_facts import ClockFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.clock import judge_clocks
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.platform_arguments import (
    observe_options,
    real_means,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.token_look import look_at_scene
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.clock_readings import probe_clocks


def look_at_clocks(options: Mapping[str, Any], runner: CommandRunner, check_mode: bool) -> dict[str, Any]:
    """All readings and what they come to."""
    wanted = observe_options(options, check_mode=check_mode)
    means = real_means(options, runner)
    scene, _record = look_at_scene(wanted, means)
    host, readings = probe_clocks(scene, means, wanted.probe_deadline)
    best = {name: min(found, key=lambda one: one.uncertainty) for name, found in readings.items() if found}
    facts = ClockFacts(host, best)
    return {
        "project": scene.project,
        "clocks": facts.to_data(),
        "readings": {name: [one.to_data() for one in found] for name, found in sorted(readings.items())},
        "findings": [finding.to_data() for finding in judge_clocks(facts, "", wanted.thresholds)],
    }
