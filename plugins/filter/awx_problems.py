# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: what is wrong with definitions for AWX."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.awx_definitions import definition_problems

DOCUMENTATION = r"""
name: awx_problems
short_description: What is wrong with definitions for AWX
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Finds, without asking AWX, names that are not defined, surveys and recurrences that AWX would refuse, and nodes of
    workflows that nothing leads to.
options:
  _input:
    description: >-
      Lists of definitions by the names that infra.aap_configuration gives them, such as C(controller_templates).
    type: dict
    required: true
  known:
    description: Names that are in AWX already.
    type: list
    elements: str
    default: []
  playbooks:
    description: The playbooks of the project. None means that they are not looked at.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: The definitions fit together
  ansible.builtin.assert:
    that: definitions | agentfoundry.incident_response.awx_problems(['Machine']) | length == 0
  vars:
    definitions:
      controller_schedules:
        - name: Every night
          unified_job_template: Compliance
          rrule: DTSTART;TZID=UTC:20260101T033000 RRULE:FREQ=DAILY;INTERVAL=1
"""

RETURN = r"""
_value:
  description: One sentence for each problem.
  type: list
  elements: str
"""


def _awx_problems(definitions: dict[str, Any], known: Iterable[str] = (), playbooks: Iterable[str] = ()) -> list[str]:
    return definition_problems(definitions, known, playbooks)


class FilterModule:
    """Called by Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        return {"awx_problems": _awx_problems}
