# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard's options, and which phase they lead to."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.guard_rules import Limits, WantedStep
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.lease import Holder
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.measurement import (
    Look,
    measured,
    number_of,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rung import Tier
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_arguments import (
    PLATFORM,
    RESPONSE_TIMES,
    SEVERITY,
    SOURCE,
    STATE_DIR,
    named,
    positive,
    read_containers,
    read_issue_type,
    read_response_times,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    guard_begin,
    guard_end,
    guard_lease,
    guard_steps,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import (
    LeaseWish,
    Platform,
)

STEP_OUTCOMES = ("done", "unchanged", "failed")
END_OUTCOMES = ("resolved", "escalated", "released")

GUARD_SPEC: dict[str, Any] = {
    **STATE_DIR,
    **PLATFORM,
    **SOURCE,
    **RESPONSE_TIMES,
    "phase": {
        "type": "str",
        "required": True,
        "choices": ["begin", "wait", "permit", "complete", "renew", "end"],
    },
    "scenario": {"type": "str"},
    "services": {"type": "list", "elements": "str", "default": []},
    "severity": {
        "type": "dict",
        "options": {"level": {**SEVERITY, "required": True}, "rule": {"type": "str", "required": True}},
    },
    "root_cause": {"type": "str", "default": ""},
    "findings": {"type": "list", "elements": "dict", "default": []},
    "plan": {"type": "dict", "default": {}},
    "containers": {"type": "dict", "default": {}},
    "holder": {
        "type": "dict",
        "options": {
            "run_id": {"type": "str", "default": ""},
            "user": {"type": "str", "default": ""},
            "host": {"type": "str", "default": ""},
            "pid": {"type": "int", "default": 0},
            "pid_started": {"type": "int", "default": 0},
            "boot_id": {"type": "str", "default": ""},
            "pid_namespace": {"type": "str", "default": ""},
        },
    },
    "host_lease": {"type": "bool", "default": False},
    "lease_ttl": {"type": "float", "default": 120.0},
    "lease_wait": {"type": "float", "default": 0.0},
    # The token is no credential: it only tells this run from another one, and later tasks have to read it.
    "token": {"type": "str", "no_log": False},
    "incident": {"type": "str"},
    "step": {"type": "dict"},
    "declared": {"type": "dict", "default": {}},
    "budget_limit": {"type": "int", "default": 3},
    "budget_window": {"type": "float", "default": 3600.0},
    "cap": {"type": "int", "default": 5},
    "approved_actions": {"type": "list", "elements": "str", "default": []},
    "approver": {"type": "str", "default": ""},
    "attempt": {"type": "int"},
    "outcome": {"type": "str", "choices": [*STEP_OUTCOMES, *END_OUTCOMES]},
    "healed": {"type": "bool"},
    "note": {"type": "str", "default": ""},
    "evidence": {"type": "list", "elements": "str", "default": []},
    "duration_s": {"type": "float"},
    "verified_for": {"type": "float"},
    "stable_for": {"type": "float"},
    "looks": {"type": "list", "elements": "dict", "default": []},
    "reason": {"type": "str"},
    "remedy": {"type": "str", "default": ""},
    "issue_type": {"type": "str", "default": ""},
}
GUARD_REQUIRED_IF = [
    ("phase", "begin", ("scenario", "severity")),
    ("phase", "permit", ("token", "incident", "step")),
    ("phase", "complete", ("token", "attempt", "outcome")),
    ("phase", "renew", ("token",)),
    ("phase", "end", ("token", "incident", "outcome", "reason")),
]


def run_phase(platform: Platform, params: Mapping[str, Any]) -> dict[str, Any]:
    """Carry out the phase of the options. :raises IncidentResponseError: an option is wrong, or the record is."""
    ttl = positive("lease_ttl", params["lease_ttl"])
    phase, token = params["phase"], params["token"] or ""
    if phase == "begin":
        return guard_begin.begin(platform, _trouble(params), _wish(params, ttl))
    if phase == "wait":
        return guard_lease.wait(platform, params["lease_wait"])
    if phase == "permit":
        return guard_steps.permit(platform, token, params["incident"], _step(params["step"]), _permission(params), ttl)
    if phase == "complete":
        return guard_steps.complete(platform, token, _step_result(params), ttl)
    if phase == "renew":
        return guard_lease.renew(platform, token, ttl)
    return guard_end.end(platform, token, params["incident"], _ending(params))


def _trouble(params: Mapping[str, Any]) -> guard_begin.Trouble:
    return guard_begin.Trouble(
        scenario=params["scenario"],
        services=named("services", params["services"]),
        severity=params["severity"]["level"],
        severity_rule=params["severity"]["rule"],
        root_cause=params["root_cause"],
        source=params["source"],
        source_detail=params["source_detail"],
        findings=_findings(params["findings"]),
        plan=params["plan"],
        containers=read_containers(params["containers"]),
        issue_type=read_issue_type(params["issue_type"]),
        response_times=read_response_times(params["response_times"]),
    )


def _findings(data: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for number, finding in enumerate(data):
        missing = {"id", "service", "status", "message"} - set(finding)
        if missing:
            remedy = f"Give findings as platform_info returns them; it lacks: {', '.join(sorted(missing))}."
            raise InvalidInputError(f"findings[{number}]", finding, remedy=remedy)
    return data


def _wish(params: Mapping[str, Any], ttl: float) -> LeaseWish:
    fields = params["holder"] or {}
    holder = Holder(**{**fields, "run_id": fields.get("run_id") or _run_id(fields)})
    return LeaseWish(holder=holder, ttl=ttl, wait=params["lease_wait"], host_wide=params["host_lease"])


def _run_id(fields: Mapping[str, Any]) -> str:
    """Without a given one, the process that runs the play is the run: all its plays share one cap."""
    if fields.get("pid"):
        return f"{fields['host']}/{fields['pid']}/{fields['pid_started']}"
    return secrets.token_hex(4)


def _step(data: Mapping[str, Any]) -> WantedStep:
    action = data.get("action")
    if not isinstance(action, str) or not action:
        raise InvalidInputError("step.action", action, remedy="Name the action.")
    services = data.get("services")
    if not isinstance(services, list) or not all(isinstance(name, str) for name in services):
        raise InvalidInputError("step.services", services, remedy="Give a list of service names.")
    try:
        tier = Tier(data.get("tier"))
    except ValueError:
        known = ", ".join(tier.value for tier in Tier)
        raise InvalidInputError("step.tier", data.get("tier"), remedy=f"Use one of: {known}.") from None
    return WantedStep(
        action=action,
        services=named("step.services", services),
        tier=tier,
        digest=str(data.get("digest") or ""),
        reason=str(data.get("reason") or ""),
    )


def _permission(params: Mapping[str, Any]) -> guard_steps.Permission:
    return guard_steps.Permission(
        limits=Limits(
            budget=params["budget_limit"],
            window=positive("budget_window", params["budget_window"]),
            cap=params["cap"],
        ),
        containers=read_containers(params["containers"]),
        declared={str(service): str(word) for service, word in params["declared"].items() if word},
        approved_actions=tuple(params["approved_actions"]),
        approver=params["approver"],
        severity=(params["severity"] or {}).get("level") or "",
        severity_rule=(params["severity"] or {}).get("rule") or "",
    )


def _step_result(params: Mapping[str, Any]) -> guard_steps.StepResult:
    return guard_steps.StepResult(
        attempt=params["attempt"],
        outcome=_one_of(params["outcome"], STEP_OUTCOMES),
        healed=params["healed"],
        message=params["note"],
        evidence=params["evidence"],
        duration=params["duration_s"],
        verified_for=params["verified_for"],
        stable_for=params["stable_for"],
        looks=[_look(number, data) for number, data in enumerate(params["looks"])],
    )


def _look(number: int, data: Mapping[str, Any]) -> Look:
    ago = number_of(data.get("ago"))
    try:
        seen = measured(data["findings"])
    except (KeyError, TypeError, AttributeError):
        ago = None
    if ago is None:
        remedy = "Give ago (s) and findings, as remediation_verify returns them."
        raise InvalidInputError(f"looks[{number}]", data, remedy=remedy)
    return Look(ago, seen)


def _ending(params: Mapping[str, Any]) -> guard_end.Ending:
    outcome = _one_of(params["outcome"], END_OUTCOMES)
    return guard_end.Ending(outcome, params["reason"], params["remedy"], read_issue_type(params["issue_type"]))


def _one_of(outcome: str, known: tuple[str, ...]) -> str:
    if outcome in known:
        return outcome
    raise InvalidInputError("outcome", outcome, remedy=f"In this phase, use one of: {', '.join(known)}.")
