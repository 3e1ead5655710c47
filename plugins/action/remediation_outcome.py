# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say in one word how a run ended, so that the record and the report tell the same."""

from __future__ import annotations

from typing import Any, ClassVar

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.outcome import decide
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.base import Action


class ActionModule(Action):
    """``agentfoundry.incident_response.remediation_outcome``."""

    _supports_check_mode = True
    SPEC: ClassVar[dict[str, Any]] = {
        "diagnosis": {"type": "dict", "required": True},
        "history": {"type": "list", "elements": "dict", "default": []},
        "healed": {"type": "bool", "default": False},
        "refused": {"type": "dict"},
        "failure": {"type": "str", "default": ""},
        "diagnose_only": {"type": "bool", "default": False},
    }

    def act(self, options: dict[str, Any], _task_vars: dict[str, Any]) -> dict[str, Any]:
        """The outcome as plain data."""
        outcome = decide(
            options["diagnosis"],
            options["history"],
            healed=options["healed"],
            refused=options["refused"] or None,
            failure=options["failure"],
            diagnose_only=options["diagnose_only"],
        )
        return {"changed": False, **outcome.to_data()}
