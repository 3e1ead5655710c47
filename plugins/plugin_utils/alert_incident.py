# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which incident an alert was about; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import UNREACHABLE_SCENARIO

EARLY = 900.0
"""Seconds by which an incident may have been over before its alert fired: rules over a window of time come late."""


def incident_of_alert(incidents: Iterable[Mapping[str, Any]], alert: Mapping[str, Any]) -> str:
    """The id of the incident that was going on while the alert fired; empty when there is none.

    Whatever fires while a host cannot be reached is about that as well: nobody could look for a better reason.

    :param incidents: of one platform, the newest first, as ``incident_info`` returns them.
    :param alert: ``starts_at`` and ``ends_at`` (RFC 3339, with a time zone), perhaps ``scenario`` and ``service``.
    :raises InvalidInputError: a time is missing or is none.
    """
    begin, end = _seconds(alert, "starts_at") - EARLY, _seconds(alert, "ends_at")
    during = [one for one in incidents if _opened(one) <= end and _over(one) >= begin]
    of_scenario = [one for one in during if one["scenario"] == alert.get("scenario")]
    of_service = [one for one in during if alert.get("service") in one["services"]]
    of_host = [one for one in during if one["scenario"] == UNREACHABLE_SCENARIO]
    return next((str(one["id"]) for one in (*of_scenario, *of_service, *of_host)), "")


def _opened(incident: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(incident["opened_at"]).timestamp()


def _over(incident: Mapping[str, Any]) -> float:
    ended = incident["resolved_at"]
    return datetime.fromisoformat(ended).timestamp() if ended else float("inf")


def _seconds(alert: Mapping[str, Any], key: str) -> float:
    value = alert.get(key)
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidInputError(
            f"incident_alert.{key}", value, remedy="Give a time with its zone, such as 2026-02-27T10:15:00Z."
        )
    return moment.timestamp()
