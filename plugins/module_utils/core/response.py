# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long people have to respond, by severity, and whether they did. Pure.

The host of the platform may know no time zones (no tzdata), so the controller turns 'the next business day' into
seconds when the incident is opened, for all four levels at once: a severity that changes later finds its time there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from enum import Enum

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.calendar import (
    Calendar,
    end_of_business_day,
)

SECONDS: Mapping[str, float] = {"P1": 15 * 60, "P2": 60 * 60, "P3": 4 * 60 * 60}
"""The playbook's response times; P4 is the next business day."""

_UTC = Calendar(timezone.utc)


class Response(str, Enum):
    """What became of the response."""

    PENDING = "pending"
    MET = "met"
    MISSED = "missed"


def seconds_to_respond(level: str, times: Mapping[str, float], opened_at: float) -> float:
    """Seconds after opening in which somebody has to respond.

    :param times: level -> seconds, as the controller computed them. What is missing is the playbook's, the next
        business day then being one of UTC, Monday to Friday until 17:00.
    """
    if level in times:
        return times[level]
    if level in SECONDS:
        return SECONDS[level]
    return end_of_business_day(_UTC, datetime.fromtimestamp(opened_at, timezone.utc)).timestamp() - opened_at


def due_after_change(due: float, level: str, times: Mapping[str, float], opened_at: float, now: float) -> float:
    """When a response is due after the severity became ``level`` (wall clock, s).

    An incident that got worse gives the full time of its new level from then on, but never more than it had; one that
    a person lowered is due as if it had been so from the beginning.
    """
    seconds = seconds_to_respond(level, times, opened_at)
    return opened_at + seconds if opened_at + seconds > due else min(due, now + seconds)


def judge_response(due: float, responded_at: float | None, now: float) -> Response:
    """Whether a response came in time. Whoever resolves an incident has responded to it, people and automation."""
    if responded_at is None:
        return Response.MISSED if now > due else Response.PENDING
    return Response.MISSED if responded_at > due else Response.MET
