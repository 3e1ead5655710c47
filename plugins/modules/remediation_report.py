#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation only: the action plugin of the same name does the work on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: remediation_report
short_description: Show how a run ended and hand it on as data
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Shows a short report for a person, with colours on a terminal only, and hands the same on as an artifact
    (C(set_stats)) under the key C(incident_response), by host and platform, then by scenario.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
attributes:
  check_mode:
    support: full
    details: Changes nothing.
  diff_mode:
    support: N/A
    details: Changes nothing.
options:
  title:
    description: The scenario's name for a person.
    type: str
    required: true
  observed:
    description: The first result of M(agentfoundry.incident_response.platform_info).
    type: dict
    required: true
  diagnosis:
    description: The first result of M(agentfoundry.incident_response.remediation_plan).
    type: dict
    required: true
  history:
    description: One entry for each rung that was climbed.
    type: list
    elements: dict
    default: []
  outcome:
    description: The result of M(agentfoundry.incident_response.remediation_outcome).
    type: dict
    required: true
  incident:
    description: The incident as it is now.
    type: dict
  record_file:
    description: Where the incident is stored on the host.
    type: str
    default: ""
  show:
    description: Whether the text is shown.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Report
  agentfoundry.incident_response.remediation_report:
    title: Model server timeout
    observed: "{{ observed }}"
    diagnosis: "{{ diagnosis }}"
    outcome: "{{ outcome }}"
"""

RETURN = r"""
artifact:
  description: What was handed on, with its C(schema_version).
  type: dict
  returned: success
"""
