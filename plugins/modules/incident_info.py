#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: incident_info
short_description: Read incidents
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Reads incidents from the record, the newest first.
  - Leaves no trace, and needs no write access. A host without a record has no incidents.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
  - agentfoundry.incident_response.record
attributes:
  check_mode:
    support: full
    details: Never writes.
  diff_mode:
    support: N/A
    details: Never writes.
options:
  id:
    description: One incident. An unknown one is an error.
    type: str
    default: ""
  platform:
    description: Only incidents of this platform.
    type: str
    default: ""
  scenario:
    description: Only incidents of this scenario.
    type: str
    default: ""
  states:
    description: Only incidents in one of these states.
    type: list
    elements: str
    choices: [open, acknowledged, stable, resolved, reviewed, closed]
    default: []
  open_only:
    description: Only incidents that are not resolved. Wins over O(states).
    type: bool
    default: false
  since:
    description: Only incidents that were opened at this time or later, such as V(2026-02-27T10:15:00Z).
    type: str
    default: ""
  before:
    description: Only incidents that were opened before this time.
    type: str
    default: ""
  severities:
    description: Only incidents of one of these levels.
    type: list
    elements: str
    choices: [P1, P2, P3, P4]
    default: []
  review:
    description:
      - V(due) for P1 and P2 incidents that are resolved and not reviewed yet, V(overdue) for those of them whose 48
        hours are over. The longest waiting come first.
      - O(states) and O(open_only) are left alone then.
    type: str
    choices: [due, overdue]
  limit:
    description: At most that many.
    type: int
    default: 100
  full:
    description: >-
      Whether to add C(timeline), C(attempts), C(findings), C(plan), C(measurements) and C(notifications).
    type: bool
    default: false
  statistics:
    description:
      - Whether to add RV(statistics) of all incidents that the other options let through; O(limit) does not cut them.
    type: bool
    default: false
seealso:
  - module: agentfoundry.incident_response.incident
"""

EXAMPLES = r"""
- name: What is open?
  agentfoundry.incident_response.incident_info:
    open_only: true
  register: open

- name: Whose review is overdue?
  agentfoundry.incident_response.incident_info:
    review: overdue
  register: overdue

- name: How did this year go?
  agentfoundry.incident_response.incident_info:
    since: 2026-01-01T00:00:00Z
    statistics: true
  register: year

- name: One incident with its timeline
  agentfoundry.incident_response.incident_info:
    id: INC-2026-02-27-001
    full: true
"""

RETURN = r"""
statistics:
  description:
    - C(all), C(by_severity), C(by_scenario), C(by_month) and C(by_platform), each with C(count), C(open), C(escalated),
      C(response_met), C(response_missed) and C(response_pending), and with C(acknowledge) and C(resolve).
    - C(acknowledge) and C(resolve) hold C(count), C(total_s) and C(longest_s) since opening. C(total_s) by C(count) is
      the mean time to acknowledge (MTTA) and to resolve (MTTR).
    - C(recurring) holds the faults that came more than once, the most frequent first.
  returned: when O(statistics)
  type: dict
incidents:
  description: The incidents.
  returned: success
  type: list
  elements: dict
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
    fingerprint:
      description: What makes it the same fault, a digest of platform, scenario and services.
      type: str
    response_due:
      description: When somebody has to have responded. C(review_due) says until when a review is due, for P1 and P2.
      type: str
    responded_at:
      description: When it was first acknowledged, stable or resolved; null when nobody responded yet.
      type: str
    response:
      description: V(pending), V(met) or V(missed), as seen now.
      type: str
    issue_type:
      description: Row of the escalation matrix.
      type: str
    escalation:
      description: Since when, why and how to go on, when a person is needed; else empty.
      type: dict
    escalation_level:
      description: How far up the escalation matrix it was carried, V(0) is the first responder; only with O(full).
      type: int
    measurements:
      description: >-
        What was measured of the findings that opened it, before, during and after, by time; only with O(full).
      type: list
      elements: dict
    timeline:
      description: What happened, in its order; only with O(full).
      type: list
      elements: dict
    notifications:
      description: What was told, to whom, through which channel, and how that went; only with O(full).
      type: list
      elements: dict
"""

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_arguments import (
    run_record_module,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_incident import (
    INFO_SPEC,
    run_info,
)


def main() -> None:
    run_record_module(run_info, INFO_SPEC)


if __name__ == "__main__":
    main()
