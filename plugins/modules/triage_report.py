#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation only: the action plugin of the same name does the work on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: triage_report
short_description: Say which scenarios an observation calls for, in which order
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Leaves each service that is in trouble by its own fault to one scenario, the most specific that has a remedy, and
    orders the scenarios so that what others depend on comes first.
  - Hands the result on as an artifact (C(set_stats)) under the key C(incident_response), by host and platform, then
    C(triage).
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
  observed:
    description: A result of M(agentfoundry.incident_response.platform_info).
    type: dict
    required: true
  scenarios:
    description: The scenarios, at least one, the most specific first.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Its name in records.
        type: str
        required: true
      role:
        description: Full name of its role.
        type: str
        required: true
      playbook:
        description: The playbook that a person runs for it.
        type: str
        default: ""
      findings:
        description:
          - Patterns of the findings that it is meant for. A service for which no scenario has a remedy is left to the
            first one that is meant for its worst finding, else to the last one that sees it.
        type: list
        elements: str
        default: ["*"]
  diagnoses:
    description: A result of M(agentfoundry.incident_response.remediation_plan) for each scenario, by its name.
    type: dict
    required: true
  show:
    description: Whether the text is shown.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Say what to run
  agentfoundry.incident_response.triage_report:
    observed: "{{ observed }}"
    scenarios:
      - name: model_server
        role: agentfoundry.incident_response.model_server
        playbook: playbooks/remediate_model_server.yml
    diagnoses:
      model_server: "{{ diagnosis }}"
"""

RETURN = r"""
calls:
  description:
    - The scenarios to run, in their order, each with C(scenario), C(role), C(playbook), C(services), C(root_cause) (a
      finding of these services) and the C(plan), whose steps have the C(digest) that an approval is bound to.
  type: list
  elements: dict
  returned: success
no_longer_hold:
  description:
    - The open incidents of these scenarios that the observation shows to be over, each with C(id), C(scenario) and
      C(services).
  type: list
  elements: dict
  returned: success
report:
  description: What was handed on, with its C(schema_version).
  type: dict
  returned: success
"""
