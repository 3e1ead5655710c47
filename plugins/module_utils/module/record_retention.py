# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the module incident_prune."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_arguments import STATE_DIR
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import directory, retention
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import Platform
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Rehearsal

_DAY = 86_400.0
_LONGEST = 36_500.0
_EXPORTS = "exports"

PRUNE_SPEC: dict[str, Any] = {
    **STATE_DIR,
    "older_than": {"type": "float", "default": 365.0},
    "export_dir": {"type": "path"},
}


def run_prune(platform: Platform, params: Mapping[str, Any]) -> dict[str, Any]:
    """Export and prune. A host without a record gets none."""
    days = params["older_than"]
    if not 1 <= days <= _LONGEST:
        remedy = "Give a number of days, at least 1: the guard counts the attempts of the last hours."
        raise InvalidInputError("older_than", days, remedy=remedy)
    folder = params["export_dir"] or os.path.join(params["state_dir"], _EXPORTS)
    if not os.path.isabs(folder):
        raise InvalidInputError("export_dir", folder, remedy="Give an absolute path on the host.")
    if not os.path.exists(os.path.join(params["state_dir"], directory.DATABASE)):
        return {"changed": False, "pruned": [], "exports": [], "kept": {}}
    cutoff = platform.clock.now().wall - days * _DAY
    return retention.prune(platform, cutoff, folder, rehearse=isinstance(platform.record, Rehearsal))
