# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: an incident as lines of text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident_text import incident_text

DOCUMENTATION = r"""
name: incident_text
short_description: An incident as lines of text
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Turns an incident of M(agentfoundry.incident_response.incident_info#module) into a few lines for a person.
options:
  _input:
    description: The incident; its timeline is shown when it has one.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Read the newest incident
  agentfoundry.incident_response.incident_info:
    limit: 1
    full: true
  register: read

- name: Show it
  ansible.builtin.debug:
    msg: "{{ read.incidents | map('agentfoundry.incident_response.incident_text') | flatten }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""


def _incident_text(incident: Mapping[str, Any]) -> list[str]:
    try:
        return incident_text(incident)
    except (KeyError, TypeError) as error:
        raise AnsibleFilterError(f"incident_text needs an incident of incident_info; {error} is missing.") from error


class FilterModule:
    """Called by Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        return {"incident_text": _incident_text}
