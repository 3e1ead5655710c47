#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: incident
short_description: Open an incident, or change one
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Opens an incident by hand, notes something, sets its severity, escalates it, or moves it on.
  - The states are open, acknowledged, stable, resolved, reviewed and closed, in this order. Acknowledged and stable
    can be left out. P1 and P2 incidents are closed only after a review. A state that cannot follow is an error.
  - Repeating a change changes nothing. Joining an open incident is no change.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
  - agentfoundry.incident_response.record
  - agentfoundry.incident_response.record.source
attributes:
  check_mode:
    support: full
    details: In check mode nothing is written; the result says what would be.
  diff_mode:
    support: full
    details: Shows the incident before and after.
options:
  id:
    description: The incident. Required unless O(state=opened).
    type: str
  state:
    description:
      - V(opened) opens an incident, or joins the open one of the same platform, scenario and services.
      - Left out, the state stays.
    type: str
    choices: [opened, acknowledged, stable, resolved, reviewed, closed]
  platform:
    description: The platform, for V(opened).
    type: str
  scenario:
    description: The scenario, for V(opened).
    type: str
  services:
    description: >-
      The services that are the root cause, for V(opened). Empty when the whole platform or host is in trouble.
    type: list
    elements: str
    default: []
  severity:
    description: The level. Without V(opened) it is set by hand, and no observation changes it any more.
    type: str
    choices: [P1, P2, P3, P4]
  severity_rule:
    description: The rule that gave O(severity), or the reason of the person who sets it.
    type: str
  summary:
    description: One sentence that says what is wrong, for V(opened).
    type: str
  root_cause:
    description: One sentence that says why, for V(opened).
    type: str
    default: ""
  detected_how:
    description: How it was noticed, for V(opened).
    type: str
    default: ""
  findings:
    description: Findings that show it, for V(opened).
    type: list
    elements: dict
    default: []
  note:
    description: A text for the timeline. The same note of the same author is added once.
    type: str
    default: ""
  author:
    description: Who says so. Left out, the O(source).
    type: str
    default: ""
  escalation:
    description: The reason why a person is needed. The first one marks the incident as escalated.
    type: str
    default: ""
  remedy:
    description: How that person goes on.
    type: str
    default: ""
  issue_type:
    description:
      - Row of the escalation matrix, which says who responds. Left out at an opening, it follows from O(scenario).
      - One of V(service_crash), V(database_failure), V(security_incident), V(data_breach), V(model_server_failure),
        V(authentication_failure) and V(performance_degradation).
    type: str
    default: ""
  response_times:
    description:
      - Seconds by severity in which somebody has to respond, for V(opened). The filter
        P(agentfoundry.incident_response.response_seconds#filter) computes them on the controller, which knows time
        zones and holidays.
      - What is left out is 15 minutes, 1 hour, 4 hours, and the end of the next business day in UTC.
    type: dict
    default: {}
  containers:
    description:
      - The containers of every service as they are now, a list with C(id) and C(started_at) by service.
      - When the incident is resolved, they tell what became of the actions of a run that was killed.
    type: dict
    default: {}
seealso:
  - module: agentfoundry.incident_response.incident_info
"""

EXAMPLES = r"""
- name: I have seen it
  agentfoundry.incident_response.incident:
    id: INC-2026-02-27-001
    state: acknowledged
    author: jane
    note: Looking at the model server's logs.

- name: It is less bad than it looked
  agentfoundry.incident_response.incident:
    id: INC-2026-02-27-001
    severity: P3
    severity_rule: Only one customer is affected.
    author: jane

- name: A data breach, which no probe can see
  agentfoundry.incident_response.incident:
    state: opened
    platform: agentfoundry
    scenario: data_breach
    severity: P1
    severity_rule: Personal data of customers left the platform.
    summary: An export of the users table was found on a public site.
    author: jane

- name: Record that the host cannot be reached
  agentfoundry.incident_response.incident:
    state: opened
    platform: agentfoundry
    scenario: host_unreachable
    severity: P1
    severity_rule: "the host cannot be reached: complete outage"
    summary: web1 cannot be reached by Ansible.
    escalation: web1 cannot be reached by Ansible.
  delegate_to: localhost
"""

RETURN = r"""
incident:
  description: The incident.
  returned: success
  type: dict
  contains:
    id:
      description: C(INC-YYYY-MM-DD-NNN), by the UTC day of opening.
      type: str
    state:
      description: V(open), V(acknowledged), V(stable), V(resolved), V(reviewed) or V(closed).
      type: str
    severity:
      description: V(P1) to V(P4); C(severity_rule) says by which rule, or by which person's reason.
      type: str
    joined:
      description: Whether the fault was known already. Only for an opening.
      type: bool
    fingerprint:
      description: What makes it the same fault, a digest of platform, scenario and services.
      type: str
    response_due:
      description: When somebody has to have responded. C(review_due) says until when a review is due, for P1 and P2.
      type: str
    responded_at:
      description: When it was first acknowledged, stable or resolved; null when nobody responded yet.
      type: str
    issue_type:
      description: Row of the escalation matrix.
      type: str
    escalation:
      description: Since when, why and how to go on, when a person is needed; else empty.
      type: dict
refused:
  description: Why it was not resolved when a run is working on it, else null.
  returned: success
  type: dict
"""

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_arguments import (
    run_record_module,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_incident import (
    INCIDENT_REQUIRED_IF,
    INCIDENT_SPEC,
    run_incident,
)


def main() -> None:
    run_record_module(run_incident, INCIDENT_SPEC, INCIDENT_REQUIRED_IF)


if __name__ == "__main__":
    main()
