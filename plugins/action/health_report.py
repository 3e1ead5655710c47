# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say how each service is: a table for a person, the same as data for machines (set_stats)."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.base import Action
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.health_junit import junit_xml
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.health_metrics import prometheus_text
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.health_report import (
    LEVELS,
    fails,
    health_report,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.health_table import health_table
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.shown import hand_on, show_lines


class ActionModule(Action):
    """``agentfoundry.incident_response.health_report``."""

    _supports_check_mode = True
    SPEC: ClassVar[dict[str, Any]] = {
        "observed": {"type": "dict", "required": True},
        "fail_on": {"type": "str", "choices": list(LEVELS), "default": "critical"},
        "show": {"type": "bool", "default": True},
    }

    def act(self, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """Show the table and hand the report on."""
        host = str(task_vars.get("inventory_hostname", ""))
        report = health_report(options["observed"], host)
        if options["show"]:
            show_lines(health_table(report))
        return {
            "changed": False,
            "report": report,
            "passes": not fails(report["status"], options["fail_on"]),
            "junit": junit_xml(report),
            "prometheus": prometheus_text(report, time.time()),
            **hand_on(host, report["platform"], "health_check", report),
        }
