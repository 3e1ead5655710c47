# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Observe a platform: the module on the target, JMESPath expectations on the controller."""

from __future__ import annotations

from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.base import Action
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.observing import observe


class ActionModule(Action):
    """``agentfoundry.incident_response.platform_info``."""

    _requires_connection = True
    _supports_check_mode = True

    def act(self, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """Options are validated by the module itself."""
        return observe(self, options, task_vars)
