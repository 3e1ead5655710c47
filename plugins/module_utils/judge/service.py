# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All general judgements of one service. Pure."""

from __future__ import annotations

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import ServiceFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import HealthSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.containers import (
    judge_containers,
    judge_declared,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.http_health import (
    judge_http_health,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.logs import judge_log


def judge_service(
    facts: ServiceFacts, settings: HealthSettings, thresholds: Thresholds, now: float, *, with_health: bool = True
) -> tuple[Finding, ...]:
    """Findings about containers, health and log; a single one about a service that is to be left alone.

    :param now: seconds since the epoch.
    :param with_health: False when the probe of its kind judges the health answer.
    """
    if facts.declared:
        return judge_declared(facts)
    health = judge_http_health(facts, settings, thresholds, now) if with_health else ()
    log = judge_log(facts) if facts.containers else ()
    return (*judge_containers(facts, thresholds, now), *health, *log)
