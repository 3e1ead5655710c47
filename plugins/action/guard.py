# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell the guard on the target who holds the lease: the run on the controller."""

from __future__ import annotations

from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.base import Action
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.holder import current_holder


class ActionModule(Action):
    """``agentfoundry.incident_response.guard``."""

    _requires_connection = True
    UNREACHABLE_MEANS = "The guard cannot be asked"

    def act(self, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """Options are validated by the module itself."""
        if options.get("phase") == "begin":
            options.setdefault("holder", current_holder())
        result: dict[str, Any] = self._execute_module(
            module_name="agentfoundry.incident_response.guard", module_args=options, task_vars=task_vars
        )
        return result
