# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say which scenarios an observation calls for, in which order: text for a person, the same as data for machines."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any, ClassVar

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    IncidentResponseError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rung import Tier
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.triage import Seen, choose_scenarios
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.base import Action
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.observed import graph_of
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.shown import (
    APPROVABLE,
    hand_on,
    plan_for_machines,
    show_lines,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.triage_text import triage_text
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.version import SCHEMA_VERSION


class ActionModule(Action):
    """``agentfoundry.incident_response.triage_report``."""

    _supports_check_mode = True
    SPEC: ClassVar[dict[str, Any]] = {
        "observed": {"type": "dict", "required": True},
        "scenarios": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "name": {"type": "str", "required": True},
                "role": {"type": "str", "required": True},
                "playbook": {"type": "str", "default": ""},
                "findings": {"type": "list", "elements": "str", "default": ["*"]},
            },
        },
        "diagnoses": {"type": "dict", "required": True},
        "show": {"type": "bool", "default": True},
    }

    def act(self, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """Show the triage and hand it on."""
        host = str(task_vars.get("inventory_hostname", ""))
        report = triage(options["observed"], options["scenarios"], options["diagnoses"], host)
        if options["show"]:
            show_lines(triage_text(report))
        return {
            "changed": False,
            "report": report,
            "calls": report["calls"],
            "no_longer_hold": report["no_longer_hold"],
            **hand_on(host, report["platform"], "triage", report, {APPROVABLE: approvable(report)}),
        }


def triage(
    observed: dict[str, Any], scenarios: list[dict[str, Any]], diagnoses: dict[str, Any], host: str
) -> dict[str, Any]:
    """The triage as plain data.

    :param observed: a result of ``platform_info``.
    :param scenarios: name, role, playbook and findings of each, the most specific first.
    :param diagnoses: results of ``remediation_plan`` by the scenario's name.
    :raises IncidentResponseError: there is no scenario, or one has no diagnosis.
    """
    if not scenarios:
        raise InvalidInputError("scenarios", scenarios, remedy="Give at least one scenario, with its name and role.")
    missing = [one["name"] for one in scenarios if one["name"] not in diagnoses]
    if missing:
        raise IncidentResponseError(
            f"diagnoses has none of {missing[0]}.",
            remedy="Give the result of agentfoundry.incident_response.remediation_plan of each scenario.",
        )
    about = {one["name"]: one for one in scenarios}
    worst = _worst(observed["findings"])
    in_trouble = [
        Seen(name, own, _remedied(own, diagnoses[name], observed["findings"]), _foreign(own, worst, about[name]))
        for name in about
        for own in [_own(diagnoses[name])]
        if diagnoses[name]["in_trouble"]
    ]
    calls = choose_scenarios(
        [one for one in in_trouble if one.services] or in_trouble,
        graph_of(observed["services"]),
        [name for name, finding in worst.items() if finding["status"] == "unknown"],
    )
    called = {call.scenario for call in calls}
    return {
        "schema_version": SCHEMA_VERSION,
        "host": host,
        "platform": diagnoses[scenarios[0]["name"]]["platform"],
        "severity": min((diagnoses[name]["severity"] for name in about), key=lambda severity: severity["level"]),
        "root_causes": list(observed["root_causes"]),
        "symptoms": dict(observed["symptoms"]),
        "calls": [
            {
                "scenario": call.scenario,
                "role": about[call.scenario]["role"],
                "playbook": about[call.scenario]["playbook"],
                "services": list(call.services),
                "root_cause": _reason(call.services, diagnoses[call.scenario], observed["findings"], worst),
                "plan": plan_for_machines(diagnoses[call.scenario]["plan"]),
            }
            for call in calls
        ],
        "seen_as_well_by": [one.scenario for one in in_trouble if one.scenario not in called],
        "healthy": [name for name in about if not diagnoses[name]["in_trouble"]],
        "no_longer_hold": _no_longer_hold([diagnoses[name] for name in about]),
        "left_alone": {
            name: facts["declared"] for name, facts in sorted(observed["services"].items()) if facts.get("declared")
        },
        "findings": [finding for finding in observed["findings"] if finding["status"] not in ("ok", "not_configured")],
        "services": len(observed["services"]),
        "duration_ms": observed["duration_ms"],
    }


def approvable(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps that run only when a person approved them, each with what an approval needs.

    :param report: a result of :func:`triage`.
    """
    return [
        {
            "platform": report["platform"],
            "scenario": call["scenario"],
            "action": step["action"],
            "services": list(step["services"]),
            "digest": step["digest"],
            "reason": step["reason"],
        }
        for call in report["calls"]
        for step in call["plan"]["steps"]
        if step["tier"] == Tier.DESTRUCTIVE.value
    ]


def _no_longer_hold(diagnoses: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The open incidents that this observation shows to be over, each once: every scenario sees those of the engine."""
    over = {incident["id"]: incident for diagnosis in diagnoses for incident in diagnosis["no_longer_holds"]}
    return [
        {"id": incident["id"], "scenario": incident["scenario"], "services": list(incident["services"])}
        for incident in (over[number] for number in sorted(over))
    ]


def _own(diagnosis: dict[str, Any]) -> tuple[str, ...]:
    """Whoever is in trouble by its own fault; who only suffers is healed with its cause."""
    suffering = diagnosis["plan"]["suffering"]
    return tuple(name for name in diagnosis["services"] if name not in suffering)


def _worst(findings: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Service in trouble -> its first critical finding, else its first unknown one."""
    found: dict[str, dict[str, Any]] = {}
    for status in ("critical", "unknown"):
        for finding in findings:
            if finding["status"] == status:
                found.setdefault(finding["service"], finding)
    return found


def _foreign(own: tuple[str, ...], worst: dict[str, dict[str, Any]], scenario: dict[str, Any]) -> tuple[str, ...]:
    """Those whose worst finding is none that the scenario is meant for."""
    patterns = scenario.get("findings", ["*"])
    return tuple(name for name in own if not any(fnmatchcase(worst[name]["id"], pattern) for pattern in patterns))


def _reason(
    services: tuple[str, ...],
    diagnosis: dict[str, Any],
    findings: list[dict[str, Any]],
    worst: dict[str, dict[str, Any]],
) -> str:
    """What the scenario says of the services that it is called for: its root cause may be that of another call."""
    if not services:
        return str(diagnosis["root_cause"])
    own = {finding["message"] for finding in findings if finding["service"] in services}
    said = [diagnosis["root_cause"], *(step["reason"] for step in diagnosis["plan"]["steps"])]
    return str(next((reason for reason in said if reason in own), worst[services[0]]["message"]))


def _remedied(own: tuple[str, ...], diagnosis: dict[str, Any], findings: list[dict[str, Any]]) -> tuple[str, ...]:
    """Those for which a step of the plan is there: one of the findings that call for it is about them."""
    answered = {name for step in diagnosis["plan"]["steps"] for name in step["findings"]}
    bad = {
        one["service"] for one in findings if one["id"] in answered and one["status"] not in ("ok", "not_configured")
    }
    return tuple(name for name in own if name in bad)
