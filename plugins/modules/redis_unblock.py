#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: redis_unblock
short_description: End a pause of Redis's clients, or a script that does not end
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - With O(action=unpause), C(CLIENT UNPAUSE), only when a write is held back, and never during a failover. While all
    commands are held back (C(CLIENT PAUSE ALL)) this one is as well, and the module fails.
  - With O(action=kill_script), C(SCRIPT KILL) or C(FUNCTION KILL), which Redis allows after some seconds
    (C(busy-reply-threshold)). A script that has written is left alone, and the module fails.
  - No data is lost by either.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
  - agentfoundry.incident_response.redis
attributes:
  check_mode:
    support: full
    details: Tells whether something is paused or runs.
  diff_mode:
    support: full
    details: Shows what was paused or ran.
options:
  action:
    description:
      - What to end.
    type: str
    choices: [unpause, kill_script]
    required: true
seealso:
  - module: agentfoundry.incident_response.redis_health_info
"""

EXAMPLES = r"""
- name: Let writes go on
  agentfoundry.incident_response.redis_unblock:
    project: agentfoundry
    action: unpause
"""

RETURN = r"""
actions:
  description: What was done, or under check mode would be done; empty when nothing had to be.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: V(clients) or V(script).
      type: str
    id:
      description: The service.
      type: str
    status:
      description: V(unpaused) or V(killed).
      type: str
    service:
      description: The service.
      type: str
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.redis_unblock import (
    KILL_SCRIPT,
    UNPAUSE,
    kill_script,
    unpause_clients,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.redis_arguments import (
    run_acting_module,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.redis_server import RedisServer

SPEC = {"action": {"type": "str", "choices": [UNPAUSE, KILL_SCRIPT], "required": True}}


def act(options: Mapping[str, Any], server: RedisServer, check_mode: bool) -> dict[str, Any]:
    """Unpause, or kill."""
    end = unpause_clients if options["action"] == UNPAUSE else kill_script
    return end(server, check_mode=check_mode).to_result()


def main() -> None:
    run_acting_module(SPEC, act)


if __name__ == "__main__":
    main()
