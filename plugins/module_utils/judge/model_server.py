# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judgement of a model server: each fault has a set of findings of its own (a table in the tests shows it).

| fault | findings |
| --- | --- |
| worker stopped | canary, process_stopped |
| lock held | canary, held |
| file damaged | canary, and file_corrupt, file_truncated, file_lfs_pointer or file_missing |
| crash loop | crash_loop, and the file's finding when that is the reason |
| loading | loading (a warning while it is young); canary and health are unknown until then |
"""

from __future__ import annotations

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import (
    ModelServerFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Resources,
    ServiceFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import ServiceSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.model_server_canary import (
    judge_callers,
    judge_canary,
    judge_health,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.model_server_files import judge_files
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.model_server_processes import (
    judge_processes,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.model_server_state import (
    excuse,
    judge_crash_loop,
    judge_limits,
    judge_loading,
)


def judge_model_server(
    service: ServiceFacts,
    facts: ModelServerFacts,
    settings: ServiceSettings,
    resources: Resources,
    thresholds: Thresholds,
    now: float,
) -> tuple[Finding, ...]:
    """All findings of one model server, good ones too, in the order of the playbook's steps.

    :param service: its containers.
    :param resources: of the container that was looked into.
    :param now: seconds since the epoch.
    """
    own = settings.model_server
    limit = own.latency_limit_ms or thresholds.canary_latency_ms
    configured = own.canary is not None
    reason = excuse(facts, own.load_deadline, thresholds)
    return (
        judge_health(service, facts, settings.health, thresholds, now, excuse=reason),
        judge_canary(facts, limit, configured=configured, excuse=reason),
        judge_callers(facts, limit, configured=configured, excuse=reason),
        *judge_processes(facts, excused=bool(reason)),
        judge_loading(facts, own.load_deadline),
        judge_crash_loop(facts, thresholds),
        *judge_files(facts),
        *judge_limits(facts, resources, thresholds),
    )
