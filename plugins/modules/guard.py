#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: guard
short_description: Guard a remediation by a lease, a budget and approvals
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Does the bookkeeping of one remediation, in phases, each of which is one transaction. It takes the platform's lease
    and opens the incident (V(begin)), judges each step and writes down the intent before it is taken (V(permit)),
    records how it ended (V(complete)), keeps the lease during waits (V(renew)), and ends the incident for this run
    (V(end)).
  - It fails closed. A refusal is no failure of the module; RV(refused) names the rule and how to lift it.
  - The rules are, in this order, lease, maintenance, declared, cap, budget and approval. Steps of the tier V(safe) need
    neither cap nor budget nor approval; steps of the tier V(destructive) need an approval by name.
  - C(changed) is true only when an incident was opened, changed its state or was escalated anew.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
  - agentfoundry.incident_response.record
  - agentfoundry.incident_response.record.named_platform
  - agentfoundry.incident_response.record.source
attributes:
  check_mode:
    support: full
    details: In check mode nothing is written; the result says what would be.
  diff_mode:
    support: none
    details: What it changes is bookkeeping, which the result itself shows.
options:
  phase:
    description:
      - V(wait) waits for O(lease_wait) seconds until the lease is free, without taking it.
    type: str
    choices: [begin, wait, permit, complete, renew, end]
    required: true
  scenario:
    description: The scenario, for V(begin).
    type: str
  services:
    description: The services that are the root cause, for V(begin). Empty when the whole platform is in trouble.
    type: list
    elements: str
    default: []
  severity:
    description:
      - What was judged, for V(begin), and what it is now, for V(permit).
      - A worse one is taken over by the incident, a better one never.
    type: dict
    suboptions:
      level:
        description: The level.
        type: str
        choices: [P1, P2, P3, P4]
        required: true
      rule:
        description: The rule that gave it.
        type: str
        required: true
  root_cause:
    description: One sentence for a person, for V(begin).
    type: str
    default: ""
  findings:
    description: The bad findings as M(agentfoundry.incident_response.platform_info) returns them, for V(begin).
    type: list
    elements: dict
    default: []
  plan:
    description: The plan, for V(begin).
    type: dict
    default: {}
  containers:
    description:
      - The containers of each service as they are now, a list of C(id) and C(started_at) by service, for V(begin) and
        V(permit). They tell a later run whether the action of a killed one was carried out.
    type: dict
    default: {}
  holder:
    description: The process that runs the play, for V(begin). Filled in on the controller.
    type: dict
    suboptions:
      run_id:
        description: Unique for each run. Left out, host and process stand for it.
        type: str
        default: ""
      user:
        description: Name of the user.
        type: str
        default: ""
      host:
        description: Name of the machine.
        type: str
        default: ""
      pid:
        description: Number of the process.
        type: int
        default: 0
      pid_started:
        description: Its start in clock ticks since boot.
        type: int
        default: 0
      boot_id:
        description: Boot of that machine.
        type: str
        default: ""
      pid_namespace:
        description: Namespace in which the number is valid.
        type: str
        default: ""
  host_lease:
    description: Whether the steps act on the whole host, so that no other platform of it may be remediated meanwhile.
    type: bool
    default: false
  lease_ttl:
    description: Seconds for which the lease is good without being renewed; longer than the longest step.
    type: float
    default: 120
  lease_wait:
    description: Seconds to wait for another holder, for V(begin) and V(wait).
    type: float
    default: 0
  token:
    description: What V(begin) returned, for every later phase.
    type: str
  incident:
    description: Id of the incident, for V(permit) and V(end).
    type: str
  step:
    description:
      - The step of the plan, for V(permit), with C(action), C(services), C(tier), C(digest) and C(reason). Other keys
        are left alone.
    type: dict
  declared:
    description: V(stopped), V(ignored) or V(maintenance) by service, for V(permit).
    type: dict
    default: {}
  budget_limit:
    description: Attempts of one action on one service within O(budget_window).
    type: int
    default: 3
  budget_window:
    description: Length of the sliding window in seconds.
    type: float
    default: 3600
  cap:
    description: Different services that one run may touch.
    type: int
    default: 5
  approved_actions:
    description: Destructive actions that the person who started the run approves by name.
    type: list
    elements: str
    default: []
  approver:
    description: That person. Left out, the user of the holder.
    type: str
    default: ""
  attempt:
    description: What V(permit) returned as RV(attempt.id), for V(complete).
    type: int
  outcome:
    description:
      - For V(complete) one of V(done), V(unchanged) and V(failed), for V(end) one of V(resolved), V(escalated) and
        V(released).
    type: str
    choices: [done, unchanged, failed, resolved, escalated, released]
  healed:
    description: Whether the verification said so, for V(complete).
    type: bool
  note:
    description: How the step went, for V(complete).
    type: str
    default: ""
  evidence:
    description: Lines that show it, for V(complete).
    type: list
    elements: str
    default: []
  duration_s:
    description: How long it took, in seconds, for V(complete). Left out, the time since V(permit).
    type: float
  verified_for:
    description: Seconds since the action itself was over and its verification began, for V(complete).
    type: float
  stable_for:
    description: Seconds for which its services have been seen healthy, for V(complete). Left out when they are not.
    type: float
  looks:
    description:
      - What each look of the verification measured, for V(complete), with C(ago) (s) and C(findings).
      - Of the findings that were bad when the incident was opened, the values are kept for its review.
    type: list
    elements: dict
    default: []
  reason:
    description: Why it ends so, for V(end).
    type: str
  remedy:
    description: How a person goes on, for V(end).
    type: str
    default: ""
  issue_type:
    description: Row of the escalation matrix, for V(begin) and V(end). An empty one leaves it as it is.
    type: str
    default: ""
  response_times:
    description:
      - Seconds by severity in which somebody has to respond, for V(begin). The filter
        P(agentfoundry.incident_response.response_seconds#filter) computes them.
    type: dict
    default: {}
seealso:
  - module: agentfoundry.incident_response.approval
  - module: agentfoundry.incident_response.maintenance
  - module: agentfoundry.incident_response.incident
"""

EXAMPLES = r"""
- name: Take the lease and open the incident
  agentfoundry.incident_response.guard:
    phase: begin
    platform: agentfoundry
    scenario: model_server
    services: [model-server]
    severity:
      level: P2
      rule: "a service fails: a major feature is unavailable"
    root_cause: The canary of model-server did not answer within 5 s.
  register: begun

- name: May it be restarted?
  agentfoundry.incident_response.guard:
    phase: permit
    platform: agentfoundry
    token: "{{ begun.lease.token }}"
    incident: "{{ begun.incident.id }}"
    step:
      action: restart
      services: [model-server]
      tier: disruptive
      reason: The canary did not answer.
  register: permit

- name: It was restarted and is healthy
  agentfoundry.incident_response.guard:
    phase: complete
    platform: agentfoundry
    token: "{{ begun.lease.token }}"
    attempt: "{{ permit.attempt.id }}"
    outcome: done
    healed: true

- name: Resolve the incident and give the lease back
  agentfoundry.incident_response.guard:
    phase: end
    platform: agentfoundry
    token: "{{ begun.lease.token }}"
    incident: "{{ begun.incident.id }}"
    outcome: resolved
    reason: The canary answers.
"""

RETURN = r"""
incident:
  description: The incident. Empty when V(begin) is refused and none is open.
  returned: phase begin or end
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
    escalation:
      description: Since when, why and how to go on, when a person is needed; else empty.
      type: dict
lease:
  description: C(token), C(expires_in) and C(waited), the latter two in seconds.
  returned: phase begin, wait or renew
  type: dict
reconciled:
  description: Attempts that a killed run had left without an outcome, and what became of them.
  returned: phase begin
  type: list
  elements: dict
allowed:
  description: Whether the step may be taken.
  returned: phase permit
  type: bool
attempt:
  description: The attempt, empty when refused.
  returned: phase permit or complete
  type: dict
  contains:
    id:
      description: Number for V(complete).
      type: int
refused:
  description: Which rule refuses and how to lift it, else null.
  returned: success
  type: dict
  sample:
    rule: budget
    message: restart of model-server was tried 3 times within 3600 s, and it may be tried 3 times.
    remedy: The next is allowed in 1200 s; wait, or raise remediation_attempt_limit for one run.
"""

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_arguments import (
    run_record_module,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_guard import (
    GUARD_REQUIRED_IF,
    GUARD_SPEC,
    run_phase,
)


def main() -> None:
    run_record_module(run_phase, GUARD_SPEC, GUARD_REQUIRED_IF)


if __name__ == "__main__":
    main()
