#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation only: the action plugin of the same name does the work on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: remediation_outcome
short_description: Say in one word how a run ended
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Decides how a run of a scenario ended and whether its host passes.
  - Runs on the controller and needs nothing from the target.
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
  diagnosis:
    description: The last result of M(agentfoundry.incident_response.remediation_plan).
    type: dict
    required: true
  history:
    description: One entry for each rung that was climbed, with C(action), C(services) and C(message).
    type: list
    elements: dict
    default: []
  healed:
    description: Whether the last verification said that the platform is healed.
    type: bool
    default: false
  refused:
    description: What the guard refused, with C(rule), C(message) and C(remedy).
    type: dict
  failure:
    description: Message of a task of the flow itself that failed.
    type: str
    default: ""
  diagnose_only:
    description: Whether the run ends after the plan.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: How did it end?
  agentfoundry.incident_response.remediation_outcome:
    diagnosis: "{{ diagnosis }}"
    healed: true
  register: outcome
"""

RETURN = r"""
ending:
  description: V(healthy), V(nothing_in_scope), V(healed), V(diagnosed), V(refused) or V(escalated).
  type: str
  returned: success
passes:
  description: Whether the host succeeds.
  type: bool
  returned: success
reason:
  description: Why it ended so.
  type: str
  returned: success
remedy:
  description: How a person goes on.
  type: str
  returned: success
"""
