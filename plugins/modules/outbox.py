#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: outbox
short_description: Hand out what people have to be told, and note how telling them went
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - The changes of incidents are written into the record together with the change itself. V(claim) turns them into
    messages, one for each channel, and hands out those that are to be sent now. The caller sends them and gives the
    results back by V(complete). The role C(notification) does all of this.
  - Each message is handed out until V(complete) says that it was sent, or O(give_up) has passed. Two callers at once
    never get the same one. When a caller is killed, its messages are handed out again after O(lease), marked as
    possible repeats.
  - A newer change replaces a message that still waits, so that people hear the latest, once. While a message is handed
    out, the next one of that incident and channel is not, so that nobody hears the old news last.
  - With O(escalate) an incident that nobody acknowledged in its response time is carried on to the next contacts.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
  - agentfoundry.incident_response.record
attributes:
  check_mode:
    support: full
    details: In check mode nothing is written and nothing is handed out for good; the result says what would be.
  diff_mode:
    support: none
options:
  phase:
    description: What to do.
    type: str
    choices: [claim, complete]
    required: true
  platform:
    description: Only incidents of this platform, and those of an engine that could not name one. Empty means all.
    type: str
    default: ""
  channels:
    description:
      - The channels by name, each with its C(type) and perhaps C(events), the kinds of changes that it tells.
      - A pager may have C(tell_healed). When it is V(false), it is not told of what was healed before it heard of it.
      - Secrets do not belong here.
    type: dict
    default: {}
  routes:
    description:
      - By severity, the channels that tell of it, by their name or by their category C(sms), C(email), C(slack),
        C(pager), C(ticket) or C(webhook).
      - Required for V(claim).
    type: dict
  matrix:
    description: >-
      By issue type, C(first), the contacts who respond first, and C(escalation), the groups who are told next. Required
      for V(claim).
    type: dict
  informed:
    description:
      - Who hears of an incident at once, beside those whom O(matrix) names. Each entry has C(contacts), and
        C(issue_types), C(actions) (one of which was carried out) or both, which then both have to hold.
    type: list
    elements: dict
    default: []
  escalate:
    description: Whether incidents that nobody answers are carried on.
    type: bool
    default: false
  repeat:
    description: By severity, seconds after a step that nobody answered. V(0) or left out means that it is the last one.
    type: dict
    default: {}
  stale:
    description: By severity, seconds after which an acknowledgement without any news is stale. V(0) means never.
    type: dict
    default: {}
  most:
    description: At most that many steps in a row.
    type: int
    default: 10
  lease:
    description: Seconds for which the messages are the caller's own. Longer than sending them takes.
    type: float
    default: 300.0
  limit:
    description: At most that many messages at once.
    type: int
    default: 20
  give_up:
    description: Seconds after which a message that could not be sent is given up.
    type: float
    default: 86400.0
  token:
    description: What V(claim) returned. Required for V(complete).
    type: str
  results:
    description: How sending went, for V(complete).
    type: list
    elements: dict
    default: []
    suboptions:
      key:
        description: Of the message.
        type: str
        required: true
      sent:
        description: Whether the receiver took it.
        type: bool
        required: true
      reference:
        description: What the receiver calls it, for example the key of a ticket.
        type: str
        default: ""
      error:
        description: Why it was not taken, without secrets.
        type: str
        default: ""
      unreached:
        description: Contacts without an address that this channel takes, and addresses that were refused.
        type: list
        elements: str
        default: []
seealso:
  - module: agentfoundry.incident_response.incident_info
"""

EXAMPLES = r"""
- name: What has to be told?
  agentfoundry.incident_response.outbox:
    phase: claim
    channels:
      ops: {type: slack}
    routes:
      P1: [slack]
      P2: [ops]
    matrix:
      service_crash: {first: [on_call_engineer], escalation: [[platform_lead]]}
    informed:
      - contacts: [security_lead]
        issue_types: [security_incident]
  register: claimed

- name: It was told
  agentfoundry.incident_response.outbox:
    phase: complete
    token: "{{ claimed.token }}"
    results:
      - key: "{{ claimed.messages[0].key }}"
        sent: true
  when: claimed.messages | length > 0
"""

RETURN = r"""
messages:
  description: What is to be sent now, for V(claim).
  returned: success
  type: list
  elements: dict
  contains:
    key:
      description: The same for every try of the message.
      type: str
    channel:
      description: The name of the channel.
      type: str
    kind:
      description: The newest change; C(covers) lists all that the message tells, C(notice) is a sentence.
      type: str
    contacts:
      description: The contacts that it is for.
      type: list
      elements: str
    possible_repeat:
      description: Whether an earlier try was killed, so that it may have been sent already.
      type: bool
    reference:
      description: What the channel called the first message about this incident.
      type: str
    incident:
      description: The incident.
      type: dict
token:
  description: For V(complete).
  returned: for V(claim)
  type: str
escalated:
  description: Incidents that were carried on to the next contacts.
  returned: for V(claim)
  type: list
  elements: str
sent:
  description: How many messages are noted as sent, C(unsent) how many are tried again.
  returned: for V(complete)
  type: int
"""

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_arguments import (
    run_record_module,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_outbox import (
    OUTBOX_REQUIRED_IF,
    OUTBOX_SPEC,
    run_outbox,
)


def main() -> None:
    run_record_module(run_outbox, OUTBOX_SPEC, OUTBOX_REQUIRED_IF)


if __name__ == "__main__":
    main()
