# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: which incident an alert was about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.alert_incident import incident_of_alert

DOCUMENTATION = r"""
name: incident_of_alert
short_description: Which incident an alert was about
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Of the incidents of a platform, the newest that was going on while the alert fired, or had ended at most 15 minutes
    before, first of those of the alert's scenario, then of those whose cause was the alert's service, then of
    those that say that the host could not be reached.
options:
  _input:
    description: What M(agentfoundry.incident_response.incident_info) returned as C(incidents), the newest first.
    type: list
    elements: dict
    required: true
  alert:
    description: C(starts_at) and C(ends_at), times with their zone, and perhaps C(scenario) and C(service).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Find the incident
  ansible.builtin.debug:
    msg: "{{ found.incidents | agentfoundry.incident_response.incident_of_alert(alert) }}"
  vars:
    alert: {scenario: model_server, starts_at: 2026-02-27T10:15:00Z, ends_at: 2026-02-27T10:20:00Z}
"""

RETURN = r"""
_value:
  description: The id of the incident; empty when there is none.
  type: str
"""


def _incident_of_alert(incidents: Any, alert: Any) -> str:
    try:
        return incident_of_alert(incidents, alert)
    except IncidentResponseError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Called by Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        return {"incident_of_alert": _incident_of_alert}
