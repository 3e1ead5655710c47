# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge an observation by controls, keep the run, and say what came of it to a person and to machines."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any, ClassVar

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import iso
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.base import Action
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.checks import CHECKS
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.judge import judge_controls
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.junit import junit_xml
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.metrics import prometheus_text
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.model import Asked
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.plot import trend_svg
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.reading import (
    read_controls,
    read_limits,
    read_ports,
    read_waivers,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.report import (
    THRESHOLDS,
    compliance_report,
    statuses,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.sarif import sarif_log
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.seen import Seen
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.table import (
    SHOWN,
    compliance_table,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.shown import hand_on, show_lines
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.version import VERSION

HISTORY = "agentfoundry.incident_response.compliance_history"


class ActionModule(Action):
    """``agentfoundry.incident_response.compliance_report``."""

    _requires_connection = True
    _supports_check_mode = True
    clock = staticmethod(time.time)
    SPEC: ClassVar[dict[str, Any]] = {
        "observed": {"type": "dict", "required": True},
        "incidents": {"type": "list", "elements": "dict"},
        "controls": {"type": "list", "elements": "dict", "required": True},
        "waivers": {"type": "list", "elements": "raw", "default": []},
        "allowed_ports": {"type": "dict", "default": {}},
        "limits": {"type": "dict", "default": {}},
        "fail_on": {"type": "str", "choices": list(THRESHOLDS), "default": "high"},
        "show": {"type": "str", "choices": list(SHOWN), "default": "all"},
        "state_dir": {"type": "path", "default": "/var/lib/incident_response"},
        "history": {"type": "bool", "default": True},
    }

    def act(self, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """Everything that the inventory says is read before anything is kept."""
        now = float(self.clock())
        controls = read_controls(options["controls"], CHECKS)
        today = datetime.fromtimestamp(now, tz=UTC).date()
        asked = Asked(
            waivers=read_waivers(options["waivers"], controls, today),
            ports=read_ports(options["allowed_ports"]),
            limits=read_limits(options["limits"]),
        )
        seen = Seen(options["observed"], options["incidents"], now, asked)
        results = judge_controls(controls, seen)
        kept = self._keep(options, seen, statuses(results), task_vars)
        host = str(task_vars.get("inventory_hostname", ""))
        report = compliance_report(
            results,
            seen,
            host=host,
            # As the host's clock says it, so that the next run reads the same time of this one.
            at=kept.get("at") or iso(now),
            fail_on=options["fail_on"],
            earlier=kept.get("runs", ()),
            history_error=kept.get("error", ""),
        )
        show_lines(compliance_table(report, options["show"]))
        return {
            "changed": False,
            "report": report,
            "passes": report["passes"],
            "junit": junit_xml(report),
            "prometheus": prometheus_text(report, now),
            "plot": trend_svg(report["trend"]),
            "sarif": json.dumps(sarif_log(report, VERSION), indent=2) + "\n",
            **hand_on(host, report["platform"], "compliance", report),
        }

    def _keep(
        self, options: dict[str, Any], seen: Seen, results: dict[str, str], task_vars: dict[str, Any]
    ) -> dict[str, Any]:
        """``at`` and the earlier ``runs``, or an ``error``. A record that cannot be used costs the history only."""
        platform = seen.observed["platform"]["project"]
        if not options["history"]:
            return {}
        if not platform:
            return {"error": "the platform is not known"}
        arguments = {"platform": platform, "results": results, "state_dir": options["state_dir"]}
        told = self._execute_module(module_name=HISTORY, module_args=arguments, task_vars=task_vars)
        if told.get("failed") or told.get("unreachable"):
            return {"error": str(told.get("msg", "")) or "the host does not answer"}
        return {"at": told["at"], "runs": told["runs"]}
