# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: response times and a calendar of working hours, as seconds from now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.response_times import response_seconds

DOCUMENTATION = r"""
name: response_seconds
short_description: Seconds until somebody has to have responded
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Turns response times such as 'the next business day' into seconds from now, by severity. The controller knows time
    zones and holidays; the host of the platform may know none.
options:
  _input:
    description:
      - By severity, C(minutes), which with C(working_hours) pass only while people work, or C(business_days), until the
        end of that business day.
    type: dict
    required: true
  calendar:
    description:
      - C(time_zone) (V(UTC)), C(hours) (V(['09:00', '17:00'])), C(days) (V([mon, tue, wed, thu, fri])) and C(holidays)
        (dates, none).
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Open an incident whose response time knows our holidays
  agentfoundry.incident_response.incident:
    state: opened
    platform: agentfoundry
    scenario: service_crash
    severity: P4
    severity_rule: Cosmetic.
    summary: The logo of the report is the old one.
    response_times: "{{ times | agentfoundry.incident_response.response_seconds(calendar) }}"
  vars:
    times: {P1: {minutes: 15}, P2: {minutes: 60}, P3: {minutes: 240}, P4: {business_days: 1}}
    calendar: {time_zone: Europe/Berlin, holidays: [2026-12-25, 2027-01-01]}
"""

RETURN = r"""
_value:
  description: Severity to seconds.
  type: dict
"""


def _response_seconds(times: Any, calendar: Any = None) -> dict[str, float]:
    try:
        return response_seconds(times, {} if calendar is None else calendar)
    except IncidentResponseError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Called by Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        return {"response_seconds": _response_seconds}
