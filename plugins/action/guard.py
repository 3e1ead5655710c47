# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell the guard on the target who holds the lease: the run on the controller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.utils.display import Display

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.text import single_line
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.base import Action
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.holder import current_holder, run_is_gone

PROGRESS_SECONDS = 10.0


class ActionModule(Action):
    """``agentfoundry.incident_response.guard``."""

    _requires_connection = True
    UNREACHABLE_MEANS = "The guard cannot be asked"
    run_is_gone: Callable[[], bool] = staticmethod(run_is_gone)

    def act(self, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """Options are validated by the module itself."""
        if options.get("phase") == "begin":
            options.setdefault("holder", current_holder())
        if options.get("phase") == "wait":
            return self._wait(options, task_vars)
        return self._ask(options, task_vars)

    def _wait(self, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """Wait in parts, and say after each one who is waited for."""
        left = float(options.get("lease_wait") or 0.0)
        while True:
            part = min(PROGRESS_SECONDS, left)
            left -= part
            result = self._ask({**options, "lease_wait": part}, task_vars)
            if result.get("failed") or not result.get("refused") or left <= 0 or self.run_is_gone():
                return result
            host = task_vars.get("inventory_hostname", "")
            Display().display(
                single_line(f"  ... [{host}] waiting up to {left:.0f} s more: {result['refused']['message']}")
            )

    def _ask(self, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = self._execute_module(
            module_name="agentfoundry.incident_response.guard", module_args=options, task_vars=task_vars
        )
        return result
