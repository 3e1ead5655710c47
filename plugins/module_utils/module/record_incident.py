# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the modules incident and incident_info."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import ACTIVE, State
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.severity import LEVELS
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_arguments import (
    RESPONSE_TIMES,
    SEVERITY,
    SOURCE,
    STATE_DIR,
    named,
    read_containers,
    read_issue_type,
    read_response_times,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import Platform
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.lifecycle import (
    Change,
    Opening,
    alter,
    open_or_join,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import (
    Query,
    find_incidents,
    incident_statistics,
)

_OPENED = "opened"
_MOVES = [state.value for state in State if state is not State.OPEN]

INCIDENT_SPEC: dict[str, Any] = {
    **STATE_DIR,
    **SOURCE,
    **RESPONSE_TIMES,
    "id": {"type": "str"},
    "state": {"type": "str", "choices": [_OPENED, *_MOVES]},
    "platform": {"type": "str"},
    "scenario": {"type": "str"},
    "services": {"type": "list", "elements": "str", "default": []},
    "severity": SEVERITY,
    "severity_rule": {"type": "str"},
    "summary": {"type": "str"},
    "root_cause": {"type": "str", "default": ""},
    "detected_how": {"type": "str", "default": ""},
    "findings": {"type": "list", "elements": "dict", "default": []},
    "note": {"type": "str", "default": ""},
    "author": {"type": "str", "default": ""},
    "escalation": {"type": "str", "default": ""},
    "remedy": {"type": "str", "default": ""},
    "issue_type": {"type": "str", "default": ""},
    "containers": {"type": "dict", "default": {}},
}
INCIDENT_REQUIRED_IF = [
    ("state", _OPENED, ("platform", "scenario", "severity", "severity_rule", "summary")),
    *(("state", state, ("id",)) for state in _MOVES),
]
INFO_SPEC: dict[str, Any] = {
    **STATE_DIR,
    "id": {"type": "str", "default": ""},
    "platform": {"type": "str", "default": ""},
    "scenario": {"type": "str", "default": ""},
    "states": {"type": "list", "elements": "str", "choices": [state.value for state in State], "default": []},
    "open_only": {"type": "bool", "default": False},
    "severities": {"type": "list", "elements": "str", "choices": list(LEVELS), "default": []},
    "since": {"type": "str", "default": ""},
    "before": {"type": "str", "default": ""},
    "review": {"type": "str", "choices": ["due", "overdue"]},
    "limit": {"type": "int", "default": 100},
    "full": {"type": "bool", "default": False},
    "statistics": {"type": "bool", "default": False},
}


def run_incident(platform: Platform, params: Mapping[str, Any]) -> dict[str, Any]:
    """Open, join or change an incident. The result bears a ``diff``."""
    author = params["author"] or f"{params['source']} {params['source_detail']}".strip()
    if params["state"] == _OPENED:
        result = open_or_join(platform, _opening(params), _change(params, severity=False), author)
    elif params["id"]:
        result = alter(platform, params["id"], _change(params, severity=True), author)
    else:
        raise InvalidInputError("id", params["id"], remedy="Name the incident, or open one by state opened.")
    before = result.pop("before")
    return {**result, "diff": {"before": before, "after": result["incident"] if result["changed"] else before}}


def run_info(platform: Platform, params: Mapping[str, Any]) -> dict[str, Any]:
    """Find incidents. Leaves no trace."""
    now = platform.clock.now()
    query = read_query(params, now.wall)
    found = {"changed": False, "incidents": find_incidents(params["state_dir"], query, now)}
    if params["statistics"]:
        found["statistics"] = incident_statistics(params["state_dir"], query, now)
    return found


def read_query(params: Mapping[str, Any], wall: float) -> Query:
    """:param wall: the wall clock (s). :raises InvalidInputError: a time or the limit cannot be used."""
    if params["limit"] < 1:
        raise InvalidInputError("limit", params["limit"], remedy="Give a number above zero.")
    states = ACTIVE if params["open_only"] else tuple(State(word) for word in params["states"])
    return Query(
        number=params["id"],
        platform=params["platform"],
        scenario=params["scenario"],
        states=states,
        severities=tuple(params["severities"]),
        since=_wall("since", params["since"]),
        before=_wall("before", params["before"]),
        awaits_review=params["review"] is not None,
        overdue_at=wall if params["review"] == "overdue" else None,
        limit=params["limit"],
        full=params["full"],
    )


def _opening(params: Mapping[str, Any]) -> Opening:
    return Opening(
        scenario=params["scenario"],
        services=named("services", params["services"]),
        severity=params["severity"],
        severity_rule=params["severity_rule"],
        summary=params["summary"],
        root_cause=params["root_cause"],
        source=params["source"],
        source_detail=params["source_detail"],
        detected_how=params["detected_how"],
        findings=params["findings"],
        issue_type=read_issue_type(params["issue_type"]),
        response_times=read_response_times(params["response_times"]),
    )


def _change(params: Mapping[str, Any], *, severity: bool) -> Change:
    """:param severity: False when the severity belongs to the opening and is not set by hand."""
    return Change(
        state=State(params["state"]) if params["state"] in _MOVES else None,
        note=params["note"],
        severity=(params["severity"] or "") if severity else "",
        severity_rule=(params["severity_rule"] or "") if severity else "",
        escalation=params["escalation"],
        remedy=params["remedy"],
        issue_type=read_issue_type(params["issue_type"]),
        containers=read_containers(params["containers"]),
    )


def _wall(option: str, text: str) -> float | None:
    """Seconds since 1970 of an ISO 8601 time; without a zone it is UTC."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise InvalidInputError(option, text, remedy="Give a time such as 2026-02-27T10:15:00Z.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
