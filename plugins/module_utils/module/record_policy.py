# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the modules approval, maintenance and record_samples."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from functools import partial
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.guard_rules import (
    Approval,
    MaintenanceWindow,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.measurement import measured
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_arguments import (
    PLATFORM,
    STATE_DIR,
    positive,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.secret_key import ensure_key
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    measurement_table,
    policy_table,
    sample_table,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import Platform
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.policy_table import Change
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Writer

_DIGEST = re.compile(r"[0-9a-f]{64}")
_STATE: dict[str, Any] = {"type": "str", "choices": ["present", "absent"], "default": "present"}

APPROVAL_SPEC: dict[str, Any] = {
    **STATE_DIR,
    **PLATFORM,
    "state": _STATE,
    "action": {"type": "str", "required": True},
    "digest": {"type": "str", "required": True},
    "approver": {"type": "str"},
    "reason": {"type": "str", "default": ""},
    "expires": {"type": "float", "default": 3600.0},
}
MAINTENANCE_SPEC: dict[str, Any] = {
    **STATE_DIR,
    **PLATFORM,
    "state": _STATE,
    "service": {"type": "str", "default": ""},
    "by": {"type": "str"},
    "reason": {"type": "str"},
    "duration": {"type": "float"},
}
SAMPLES_SPEC: dict[str, Any] = {
    **STATE_DIR,
    **PLATFORM,
    "samples": {"type": "dict", "required": True},
    "findings": {"type": "list", "elements": "dict", "default": []},
}


def run_approval(platform: Platform, params: Mapping[str, Any]) -> dict[str, Any]:
    """Grant or withdraw an approval."""
    if not _DIGEST.fullmatch(params["digest"]):
        remedy = "Give the digest that the plan shows for the step: 64 hexadecimal digits."
        raise InvalidInputError("digest", params["digest"], remedy=remedy)
    now = platform.clock.now()
    key = {"platform": platform.name, "action": params["action"], "digest": params["digest"]}
    if params["state"] == "absent":
        return _result(platform.record.run(partial(policy_table.withdraw, **key, now=now)))
    wanted = Approval(
        **key,
        approver=params["approver"],
        reason=params["reason"],
        granted=now,
        lifetime=positive("expires", params["expires"]),
    )
    return _result(platform.record.run(partial(policy_table.approve, wanted=wanted)))


def run_maintenance(platform: Platform, params: Mapping[str, Any]) -> dict[str, Any]:
    """Begin or end a maintenance window."""
    now = platform.clock.now()
    service = params["service"]
    if params["state"] == "absent":
        end = partial(policy_table.end_maintenance, platform=platform.name, service=service, now=now)
        return _result(platform.record.run(end))
    wanted = MaintenanceWindow(
        platform=platform.name,
        service=service,
        by=params["by"],
        reason=params["reason"],
        since=now,
        duration=positive("duration", params["duration"]),
    )
    return _result(platform.record.run(partial(policy_table.start_maintenance, wanted=wanted)))


def run_samples(platform: Platform, params: Mapping[str, Any]) -> dict[str, Any]:
    """Keep samples. Never a change, it is bookkeeping. :raises InvalidInputError: a value is no mapping."""
    samples = params["samples"]
    for service, values in samples.items():
        if not isinstance(values, dict):
            raise InvalidInputError(f"samples.{service}", values, remedy="Give a mapping of names to values.")
    now = platform.clock.now()
    healthy = measured(finding for finding in params["findings"] if finding.get("status") == "ok")

    def keep(connection: sqlite3.Connection) -> None:
        sample_table.keep(connection, platform.name, samples, now)
        if healthy:
            measurement_table.keep_baseline(connection, platform.name, now.wall, healthy)

    platform.record.run(keep)
    if isinstance(platform.record, Writer) and any("fingerprint_key" in values for values in samples.values()):
        ensure_key(params["state_dir"])
    return {"changed": False}


def _result(change: Change) -> dict[str, Any]:
    return {"changed": change.changed, "diff": {"before": change.before, "after": change.after}}
