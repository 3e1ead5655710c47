# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a control of ``roles/compliance/vars/main.yml`` can name as its check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance import (
    check_containers,
    check_data,
    check_host,
    check_trust,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.model import Subject
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.seen import Seen

Check = Callable[[Seen], Iterable[Subject]]

CHECKS: Mapping[str, Check] = {
    check.__name__: check
    for check in (
        check_containers.health_check,
        check_containers.image_pinned,
        check_containers.log_rotation,
        check_containers.memory_limit,
        check_containers.no_engine_socket,
        check_containers.not_privileged,
        check_containers.ports_listed,
        check_containers.restart_policy,
        check_data.application_role,
        check_data.consumers,
        check_data.dead_letters,
        check_data.eviction_policy,
        check_data.guest_refused,
        check_data.idle_timeout,
        check_data.maxmemory,
        check_data.password_encryption,
        check_data.persistence,
        check_data.slow_query_log,
        check_data.statement_statistics,
        check_host.backups_fresh,
        check_host.backups_listed,
        check_host.backups_there,
        check_host.model_files,
        check_host.record_usable,
        check_host.responses_in_time,
        check_host.reviews_written,
        check_host.waivers_current,
        check_trust.host_clock,
        check_trust.secret_clean,
        check_trust.secret_own,
        check_trust.secret_strong,
        check_trust.token_lifetime,
    )
}
