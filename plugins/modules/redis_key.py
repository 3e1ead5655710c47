#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: redis_key
short_description: Delete keys of a Redis server by their prefix, or flush a cache
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Deletes the keys that begin with O(prefix), by SCAN and UNLINK, so that the server goes on answering meanwhile.
  - An empty prefix, and one that would mean every key, is refused.
  - With O(action=flush), C(FLUSHDB ASYNC) empties the database, only when the inventory declares it a cache (C(cache)
    of the service's C(redis) settings). C(FLUSHALL) does not exist here.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
  - agentfoundry.incident_response.redis
attributes:
  check_mode:
    support: full
    details: Counts the keys that would be deleted.
  diff_mode:
    support: full
    details: Shows how many keys there were.
options:
  action:
    description:
      - V(delete) for the keys with a prefix, V(flush) for the whole database.
    type: str
    choices: [delete, flush]
    default: delete
  prefix:
    description:
      - The beginning of the keys, as it is. It is no pattern.
      - Required for O(action=delete).
    type: str
  deadline:
    description:
      - Seconds for the whole. A run that is repeated goes on with the rest.
    type: float
    default: 60.0
seealso:
  - module: agentfoundry.incident_response.redis_health_info
"""

EXAMPLES = r"""
- name: Throw rendered pages away
  agentfoundry.incident_response.redis_key:
    project: agentfoundry
    prefix: "page:"

- name: Empty the cache
  agentfoundry.incident_response.redis_key:
    project: agentfoundry
    action: flush
    services:
      redis:
        redis: {cache: true}
"""

RETURN = r"""
actions:
  description: What was done, or under check mode would be done; empty when there was no such key.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: V(keys) or V(database).
      type: str
    id:
      description: The prefix, or the number of the database.
      type: str
    status:
      description: V(deleted) or V(flushed).
      type: str
    service:
      description: The service.
      type: str
    count:
      description: How many keys.
      type: int
count:
  description: How many keys.
  returned: success
  type: int
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.redis_keys import (
    delete_by_prefix,
    flush_cache,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.redis_arguments import (
    run_acting_module,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.redis_server import RedisServer

SPEC = {
    "action": {"type": "str", "choices": ["delete", "flush"], "default": "delete"},
    "prefix": {"type": "str"},
    "deadline": {"type": "float", "default": 60.0},
}


def act(options: Mapping[str, Any], server: RedisServer, check_mode: bool) -> dict[str, Any]:
    """Delete by prefix, or flush."""
    if options["action"] == "flush":
        settings = server.settings
        return flush_cache(server, settings.database, declared=settings.cache, check_mode=check_mode).to_result()
    prefix, deadline = options["prefix"], options["deadline"]
    return delete_by_prefix(server, prefix, deadline=deadline, check_mode=check_mode).to_result()


def main() -> None:
    run_acting_module(SPEC, act, required_if=[("action", "delete", ["prefix"])])


if __name__ == "__main__":
    main()
