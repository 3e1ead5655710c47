# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judgement of a model server: each fault has a set of findings of its own (a table in the tests shows it).

| fault | findings |
| --- | --- |
| worker stopped | canary, process_state |
| lock held | canary, held |
| file damaged | canary, and file_corrupt, file_truncated, file_lfs_pointer or file_missing |
| crash loop | crash_loop, and the file's finding when that is the reason |
| loading | loading (a warning while it is young) |
"""

from __future__ import annotations

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import (
    ModelServerFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_settings import (
    ModelServerSettings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Resources
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
    judge_crash_loop,
    judge_limits,
    judge_loading,
    says_loading,
)


def judge_model_server(
    facts: ModelServerFacts, settings: ModelServerSettings, resources: Resources, thresholds: Thresholds
) -> tuple[Finding, ...]:
    """All findings of one model server, good ones too, in the order of the playbook's steps."""
    limit = settings.latency_limit_ms or thresholds.canary_latency_ms
    configured = settings.canary is not None
    loading = judge_loading(facts, settings.load_deadline)
    # Once it has been loading for too long, that excuses nothing any more.
    excused = says_loading(facts) and loading.status.value == "warning"
    return (
        judge_health(facts, loading=excused),
        judge_canary(facts, limit, configured=configured, loading=excused),
        judge_callers(facts, limit, configured=configured, loading=excused),
        *judge_processes(facts, loading=excused),
        loading,
        judge_crash_loop(facts, thresholds),
        *judge_files(facts),
        *judge_limits(facts, resources, thresholds),
    )
