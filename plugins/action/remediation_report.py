# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say how the run ended: text for a person, the same as data for a machine (set_stats)."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.report import (
    RunRecord,
    render_report,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.base import Action
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.shown import (
    INCIDENTS,
    hand_on,
    plan_for_machines,
    show_lines,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.version import SCHEMA_VERSION

_OUTCOME = ("ending", "passes", "reason", "remedy")


class ActionModule(Action):
    """``agentfoundry.incident_response.remediation_report``."""

    _supports_check_mode = True
    SPEC: ClassVar[dict[str, Any]] = {
        "title": {"type": "str", "required": True},
        "observed": {"type": "dict", "required": True},
        "diagnosis": {"type": "dict", "required": True},
        "history": {"type": "list", "elements": "dict", "default": []},
        "outcome": {"type": "dict", "required": True},
        "incident": {"type": "dict"},
        "record_file": {"type": "str", "default": ""},
        "show": {"type": "bool", "default": True},
    }

    def act(self, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """Show the outcome and hand it on."""
        host = str(task_vars.get("inventory_hostname", ""))
        now = time.monotonic()
        record = RunRecord(
            title=options["title"],
            host=host,
            observed=options["observed"],
            diagnosis=options["diagnosis"],
            history=options["history"],
            outcome=options["outcome"],
            incident=options["incident"] or None,
            record_file=options["record_file"],
            duration=now - options["diagnosis"]["at"] + options["observed"]["duration_ms"] / 1000,
        )
        lines = render_report(record)
        if options["show"]:
            show_lines(lines)
        artifact = _artifact(record)
        return {
            "changed": False,
            "artifact": artifact,
            **hand_on(
                host,
                artifact["platform"],
                artifact["scenario"],
                artifact,
                {INCIDENTS: artifact["incident"]["id"]} if artifact["incident"] else {},
            ),
        }


def _artifact(record: RunRecord) -> dict[str, Any]:
    """What machines read; its shape is that of ``docs/schemas/artifacts.schema.json``."""
    return {
        "schema_version": SCHEMA_VERSION,
        "host": record.host,
        "platform": record.diagnosis["platform"],
        "scenario": record.diagnosis["scenario"],
        "outcome": {key: record.outcome[key] for key in _OUTCOME},
        "findings": [
            finding for finding in record.observed["findings"] if finding["status"] not in ("ok", "not_configured")
        ],
        "root_causes": list(record.observed["root_causes"]),
        "root_cause": record.diagnosis["root_cause"],
        "plan": plan_for_machines(record.diagnosis["plan"]),
        "history": [dict(entry) for entry in record.history],
        "incident": dict(record.incident) if record.incident else None,
        "record_file": record.record_file,
        "duration_s": round(record.duration, 2),
    }
