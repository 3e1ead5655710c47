#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation only: the action plugin of the same name does the work on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: remediation_plan
short_description: Judge one scenario and choose the rungs of its ladder
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Judges one scenario by an observation and chooses the rungs of its ladder, least harmful first, with the reason for
    each and for those that are skipped.
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
  observed:
    description: What M(agentfoundry.incident_response.platform_info) returned.
    type: dict
    required: true
  scenario:
    description: Name of the scenario.
    type: str
    required: true
  kinds:
    description: Kinds of services that the scenario looks after when O(services) is left out.
    type: list
    elements: str
    default: []
  services:
    description:
      - Services that the scenario looks after. An empty list means none.
      - What a killed run of the scenario was acting on is looked after as well.
    type: list
    elements: str
  services_option:
    description: What an error calls O(services).
    type: str
    default: services
  ladder:
    description:
      - The rungs, least harmful first. Each has C(action), C(tier) and C(findings), and perhaps C(unless), C(statuses),
        C(deadline) (seconds) and C(parameters).
    type: list
    elements: dict
    required: true
  ladder_option:
    description: What an error calls O(ladder).
    type: str
    default: ladder
  attempted:
    description: Pairs of C(action) and C(service) that were tried in this run and did not heal.
    type: list
    elements: dict
    default: []
  looked_after:
    description:
      - Services that this run looks after already, beside those of O(kinds) and O(services). What a killed run has left
        behind stays looked after for the whole run that finds it, also while this run holds the lease.
    type: list
    elements: str
    default: []
  action_dirs:
    description: Folders on the controller with the actions' task files; the first that has one wins.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Observe
  agentfoundry.incident_response.platform_info:
    project: agentfoundry
  register: observed

- name: What would heal the model server?
  agentfoundry.incident_response.remediation_plan:
    observed: "{{ observed }}"
    scenario: model_server
    kinds: [model_server]
    ladder:
      - action: restart
        tier: disruptive
        findings: ["model_server.*"]
  register: diagnosis
"""

RETURN = r"""
condition:
  description: What the scenario sees, V(healthy), V(nothing_in_scope), V(in_trouble) or V(engine_unavailable).
  type: str
  returned: success
in_trouble:
  description: Whether there is something to heal or to escalate.
  type: bool
  returned: success
root_cause:
  description: One sentence, empty when healthy.
  type: str
  returned: success
services:
  description: Services that are in trouble by their own fault.
  type: list
  elements: str
  returned: success
incident_services:
  description: Services that the incident is about, the same; after a run that was killed, those of its incident.
  type: list
  elements: str
  returned: success
dependants:
  description: Services that only suffer from them.
  type: list
  elements: str
  returned: success
plan:
  description:
    - C(steps) with C(action), C(services), C(tier), C(deadline), C(reason), C(needs_approval) and C(digest); C(skipped)
      with C(action) and C(reason); C(suffering), the services that suffer from root causes elsewhere.
  type: dict
  returned: success
verify:
  description: Services that must be well after RV(next_step), whoever only suffers from them included.
  type: list
  elements: str
  returned: success
later:
  description: Services in trouble that have a step of their own to come, and that RV(next_step) cannot heal.
  type: list
  elements: str
  returned: success
next_step:
  description: The first step of RV(plan), or null.
  type: dict
  returned: success
left_alone:
  description: Services that the scenario would look after, but somebody declared them V(stopped), V(ignored) or in
    V(maintenance).
  type: dict
  returned: success
no_longer_holds:
  description: Open incidents of the scenario that the observation shows to be over.
  type: list
  elements: dict
  returned: success
"""
