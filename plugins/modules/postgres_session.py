#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgres_session
short_description: Cancel statements or terminate sessions of a PostgreSQL server by criteria
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Cancels running statements (C(pg_cancel_backend)) or terminates sessions (C(pg_terminate_backend)) that fit all
    criteria now. Nothing stronger exists here.
  - Sessions of replication, backups and maintenance, of the server itself, and of other databases than the platform's
    are never touched, whatever the criteria say. The inventory can protect further applications and roles.
  - A session is touched only when it is still the very one that was chosen and has done nothing since. Where
    O(same_transaction) is set, it may have gone on working in the transaction that was seen, and in no other.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
  - agentfoundry.incident_response.postgres
attributes:
  check_mode:
    support: full
    details: Lists whom it would touch.
  diff_mode:
    support: full
    details: Shows the chosen sessions before, and those that are left after.
options:
  action:
    description:
      - V(cancel) ends the running statement and leaves the session, V(terminate) ends the session.
    type: str
    choices: [cancel, terminate]
    required: true
  states:
    description:
      - The states that fit. The default is V(active) for V(cancel), and V(idle in transaction) and
        V(idle in transaction (aborted)) for V(terminate).
      - V(idle) and V(active) need O(application), O(service), O(sessions) or O(root_blockers) beside them.
    type: list
    elements: str
    default: []
  older_than:
    description:
      - Seconds for which a session must have been in its state.
      - With O(root_blockers), seconds for which the longest of those that wait for it must have waited.
    type: float
    required: true
  application:
    description:
      - The application name, as a whole.
    type: str
    default: ""
  service:
    description:
      - The Compose service behind the client's address.
    type: str
    default: ""
  user:
    description:
      - The role.
    type: str
    default: ""
  root_blockers:
    description:
      - Only sessions that others wait for and that wait for nobody.
    type: bool
    default: false
  sessions:
    description:
      - Only these sessions, as M(agentfoundry.incident_response.postgres_activity_info) has shown them, when they have
        done nothing since. Whoever came after them is left alone, whatever the other criteria say.
      - Each has C(pid), C(started) and C(changed), or C(opened) for O(same_transaction); what else it has does not
        matter.
      - Left out, any session; an empty list means none.
    type: list
    elements: dict
  same_transaction:
    description:
      - Whether O(sessions) may have worked meanwhile, when they still are in the transaction that was seen (C(opened)).
        It reaches those that work and idle by turns.
    type: bool
    default: false
  at_most:
    description:
      - How many sessions one call may touch; those longest in their state come first.
    type: int
    default: 50
seealso:
  - module: agentfoundry.incident_response.postgres_activity_info
"""

EXAMPLES = r"""
- name: Cancel the statement that everybody waits for
  agentfoundry.incident_response.postgres_session:
    project: agentfoundry
    action: cancel
    root_blockers: true
    older_than: 30

- name: Terminate what has been idle in a transaction for more than a minute
  agentfoundry.incident_response.postgres_session:
    project: agentfoundry
    action: terminate
    older_than: 60

- name: See who is there
  agentfoundry.incident_response.postgres_activity_info:
    project: agentfoundry
  register: looked

- name: Terminate exactly the sessions that make others wait, as they were seen
  agentfoundry.incident_response.postgres_session:
    project: agentfoundry
    action: terminate
    states: [active, idle in transaction, idle in transaction (aborted)]
    root_blockers: true
    older_than: 30
    sessions: "{{ looked.postgres.sessions | selectattr('blocks') | rejectattr('blocked_by') }}"
    same_transaction: true
"""

RETURN = r"""
actions:
  description: What was done, or under check mode would be done.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: Always V(session).
      type: str
    id:
      description: Process id of the session.
      type: int
    status:
      description: V(cancelled) or V(terminated).
      type: str
    service:
      description: The Compose service behind it, or empty.
      type: str
    application:
      description: Its application name.
      type: str
    user:
      description: Its role.
      type: str
    state:
      description: Its state.
      type: str
    state_age:
      description: Seconds in that state.
      type: float
sessions:
  description: The same sessions with all that is known of them; values in statements are not shown.
  returned: success
  type: list
  elements: dict
spared:
  description: Sessions that fit the criteria and are protected; C(status) says why.
  returned: success
  type: list
  elements: dict
left:
  description: How many more would have fitted, beyond O(at_most).
  returned: success
  type: int
remaining:
  description: Process ids that were signalled and are still as they were.
  returned: success
  type: list
  elements: int
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.postgres_sessions import end_sessions
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_criteria import read_criteria
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.postgres_arguments import (
    run_acting_module,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_server import (
    PostgresServer,
)

SPEC = {
    "action": {"type": "str", "choices": ["cancel", "terminate"], "required": True},
    "states": {"type": "list", "elements": "str", "default": []},
    "older_than": {"type": "float", "required": True},
    "application": {"type": "str", "default": ""},
    "service": {"type": "str", "default": ""},
    "user": {"type": "str", "default": ""},
    "root_blockers": {"type": "bool", "default": False},
    "sessions": {"type": "list", "elements": "dict"},
    "same_transaction": {"type": "bool", "default": False},
    "at_most": {"type": "int", "default": 50},
}


def act(options: Mapping[str, Any], server: PostgresServer, check_mode: bool) -> dict[str, Any]:
    """End the sessions that fit."""
    return end_sessions(server, read_criteria(options), check_mode=check_mode).to_result()


def main() -> None:
    run_acting_module(SPEC, act)


if __name__ == "__main__":
    main()
