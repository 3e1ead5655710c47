#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: redis_health_info
short_description: Look at a Redis server
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - The same probe and judgement as M(agentfoundry.incident_response.platform_info), for one Redis server of a platform,
    with all that can be told of it.
  - A write of its own decides whether it takes writes, for a PING is fine while they are held back (C(CLIENT PAUSE)) or
    refused (C(maxmemory), MISCONF, a replica). The key expires, and is deleted at once.
  - When it answers nobody, the state of its process tells a busy server from a paused and from a stopped one.
  - Values and whole keys are never shown.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes.info
  - agentfoundry.incident_response.platform
options:
  name:
    description:
      - The service to look at. It is taken for a Redis server whatever its image, name and ports tell.
    type: str
    default: redis
seealso:
  - module: agentfoundry.incident_response.platform_info
  - module: agentfoundry.incident_response.redis_key
  - module: agentfoundry.incident_response.redis_unblock
"""

EXAMPLES = r"""
- name: Why does nobody get a session?
  agentfoundry.incident_response.redis_health_info:
    project: agentfoundry
  register: looked

- name: Show it
  ansible.builtin.debug:
    msg: "{{ looked.redis.write }} {{ looked.redis.server.memory }}"

- name: A managed server
  agentfoundry.incident_response.redis_health_info:
    project: agentfoundry
    name: cache
    services:
      cache:
        kind: redis
        redis: {host: cache.example.com, tls: true, password_file: /etc/incident_response/redis.password}
"""

RETURN = r"""
redis:
  description: What was seen. Empty when the service has no container or is declared to be left alone.
  returned: success
  type: dict
  contains:
    state:
      description: The engine's word for the container, V(managed) for a server without one.
      type: str
    answer:
      description:
        - V(ok), V(not_running), V(held), V(busy), V(stopped), V(timed_out), V(loading), V(authentication), V(refused),
          V(no_client) or V(failed).
      type: str
    via:
      description: The way that was taken.
      type: str
    error:
      description: The server's or the client's own words when there is no answer, redacted.
      type: str
    server:
      description: Version, role, clients, memory (bytes), keys by database, and the commands that cost the most time.
      type: dict
    persistence:
      description: V(aof), V(rdb), V(none) or V(unknown), seen now or by an earlier look.
      type: str
    keys:
      description: How many keys its C(database) holds.
      type: int
    slow_commands:
      description: The slow log, slowest first, without values, with the Compose service behind each client.
      type: list
      elements: dict
    latency_spikes:
      description: What Redis's own latency monitor saw.
      type: list
      elements: dict
    write:
      description: How the write ended, in C(state), and what the server said to it.
      type: dict
findings:
  description: Every fact judged, as of M(agentfoundry.incident_response.platform_info), of this service alone.
  returned: success
  type: list
  elements: dict
engine:
  description: The Docker engine.
  returned: success
  type: dict
duration_ms:
  description: Milliseconds that the look took.
  returned: success
  type: int
"""

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.platform_arguments import (
    PLATFORM_SPEC,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.redis_arguments import look_at_redis
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.run import run_info_module


def main() -> None:
    run_info_module({**PLATFORM_SPEC, "name": {"type": "str", "default": "redis"}}, look_at_redis)


if __name__ == "__main__":
    main()
