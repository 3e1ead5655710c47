# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module ``compliance_history``: keeps a run and tells the earlier ones."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import iso
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_arguments import (
    PLATFORM,
    STATE_DIR,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import compliance_table
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import Platform

STATUSES = ("pass", "fail", "waived", "not_applicable", "unknown")
_CONTROL = re.compile(r"[a-z0-9_.]{1,100}")
HISTORY_SPEC: dict[str, Any] = {
    **STATE_DIR,
    **PLATFORM,
    "results": {"type": "dict", "required": True},
    "limit": {"type": "int", "default": 60},
    "most": {"type": "int", "default": 1000},
}


def run_history(platform: Platform, params: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the results. Never a change, it is bookkeeping. :raises InvalidInputError: names the option."""
    results, now = params["results"], platform.clock.now()
    for control, status in results.items():
        if not _CONTROL.fullmatch(control):
            raise InvalidInputError("results", control, remedy="Give ids of controls, as in 'image.pinned'.")
        if status not in STATUSES:
            raise InvalidInputError(f"results.{control}", status, remedy=f"Use: {', '.join(STATUSES)}.")
    for option in ("limit", "most"):
        if params[option] < 1:
            raise InvalidInputError(option, params[option], remedy="Give a number above zero.")

    def keep(connection: sqlite3.Connection) -> list[dict[str, Any]]:
        earlier = compliance_table.runs(connection, platform.name, params["limit"])
        compliance_table.keep(connection, platform.name, results, now, params["most"])
        return earlier

    return {"changed": False, "at": iso(now.wall), "runs": platform.record.run(keep)}
