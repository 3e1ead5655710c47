# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the module outbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.escalation import Rules, read_matrix
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.informed import read_informed
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.routing import read_routing
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.severity import LEVELS
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_arguments import (
    STATE_DIR,
    positive,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import outbox
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import Platform
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.message_table import Result

OUTBOX_SPEC: dict[str, Any] = {
    **STATE_DIR,
    "phase": {"type": "str", "required": True, "choices": ["claim", "complete"]},
    "platform": {"type": "str", "default": ""},
    "channels": {"type": "dict", "default": {}},
    "routes": {"type": "dict"},
    "matrix": {"type": "dict"},
    "informed": {"type": "list", "elements": "dict", "default": []},
    "escalate": {"type": "bool", "default": False},
    "repeat": {"type": "dict", "default": {}},
    "stale": {"type": "dict", "default": {}},
    "most": {"type": "int", "default": 10},
    "lease": {"type": "float", "default": 300.0},
    "limit": {"type": "int", "default": 20},
    "give_up": {"type": "float", "default": 86_400.0},
    # The token is no credential: it only tells this sender from another one, and a later task has to read it.
    "token": {"type": "str", "no_log": False},
    "results": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "key": {"type": "str", "required": True, "no_log": False},
            "sent": {"type": "bool", "required": True},
            "reference": {"type": "str", "default": ""},
            "error": {"type": "str", "default": ""},
            "unreached": {"type": "list", "elements": "str", "default": []},
        },
    },
}
OUTBOX_REQUIRED_IF = [
    ("phase", "claim", ("routes", "matrix")),
    ("phase", "complete", ("token",)),
]


def run_outbox(platform: Platform, params: Mapping[str, Any]) -> dict[str, Any]:
    """Carry out the phase of the options. :raises IncidentResponseError: an option is wrong, or the record is."""
    if params["phase"] == "complete":
        return outbox.complete(platform, params["token"], [Result(**one) for one in params["results"]])
    return outbox.claim(platform, _sender(params))


def _sender(params: Mapping[str, Any]) -> outbox.Sender:
    if params["limit"] < 1:
        raise InvalidInputError("limit", params["limit"], remedy="Give a number above zero.")
    rules = Rules(_times("repeat", params["repeat"]), _times("stale", params["stale"]), params["most"])
    return outbox.Sender(
        routing=read_routing(params["channels"], params["routes"], "channels", "routes"),
        matrix=read_matrix(params["matrix"]),
        rules=rules if params["escalate"] else None,
        informed=read_informed(params["informed"]),
        lease=positive("lease", params["lease"]),
        limit=params["limit"],
        give_up=positive("give_up", params["give_up"]),
    )


def _times(option: str, data: Mapping[str, Any]) -> dict[str, float]:
    """Severity -> seconds, 0 for never. :raises InvalidInputError: names the level that is wrong."""
    found = {}
    for level, seconds in data.items():
        if level not in LEVELS:
            raise InvalidInputError(f"{option}.{level}", seconds, remedy=f"Use: {', '.join(LEVELS)}.")
        is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
        if not is_number or not 0 <= seconds < float("inf"):
            raise InvalidInputError(f"{option}.{level}", seconds, remedy="Give seconds, or 0 for never.")
        found[str(level)] = float(seconds)
    return found
