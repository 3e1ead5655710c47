#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgres_activity_info
short_description: Look at the sessions, slots, locks, disk and log of a PostgreSQL server
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - The same probe and judgement as M(agentfoundry.incident_response.platform_info), for one PostgreSQL server of a
    platform, with all that can be told of it.
  - A real statement decides whether it can be reached, for C(pg_isready) is content while every slot is taken.
  - Sessions are counted by state, application, user and client service (the client's address is that of a container).
  - When not even the slots reserved for superusers are free, the titles of the server's processes answer instead.
  - One call of psql fetches everything. A write is tried in a table of its own, in a transaction that is rolled back.
  - Values in statements are never shown.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes.info
  - agentfoundry.incident_response.platform
options:
  name:
    description:
      - The service to look at. It is taken for a PostgreSQL server whatever its image, name and ports tell.
    type: str
    default: postgres
seealso:
  - module: agentfoundry.incident_response.platform_info
  - module: agentfoundry.incident_response.postgres_query_info
  - module: agentfoundry.incident_response.postgres_session
"""

EXAMPLES = r"""
- name: Who takes the connections?
  agentfoundry.incident_response.postgres_activity_info:
    project: agentfoundry
  register: looked

- name: Show it
  ansible.builtin.debug:
    msg: "{{ looked.postgres.slots }} {{ looked.postgres.by_service }}"

- name: A managed server, asked with the psql of a container
  agentfoundry.incident_response.postgres_activity_info:
    project: agentfoundry
    name: database
    services:
      database:
        kind: postgres
        postgres: {host: db.example.com, user: monitor, database: app, client: reporting-service,
                   password_file: /etc/incident_response/database.password}
"""

RETURN = r"""
postgres:
  description: What was seen. Empty when the service has no container or is declared to be left alone.
  returned: success
  type: dict
  contains:
    state:
      description: The engine's word for the container, V(managed) for a server without one.
      type: str
    answer:
      description:
        - V(ok), V(not_running), V(refused), V(unresolved), V(authentication), V(no_database), V(slots_exhausted),
          V(starting), V(recovering), V(shutting_down), V(disk_full), V(timed_out), V(no_client) or V(failed).
      type: str
    error:
      description: The server's or the client's own words when there is no answer, redacted.
      type: str
    via:
      description: The way that was taken.
      type: str
    port:
      description: V(open) or V(refused) for another container, V(unknown) when it cannot be told from this host.
      type: str
    server:
      description: Version, limits, recovery state.
      type: dict
    slots:
      description: C(used), C(free), C(max_connections) and C(reserved).
      type: dict
    sessions:
      description: The 200 oldest sessions and those that others wait for, each with C(service), C(state), ages in
        seconds, C(blocked_by), C(blocks) (how many wait for it directly), the statement without its values, and
        C(protected), the reason why it is never touched. C(pid) and C(started) are its identity, C(opened) that of its
        transaction.
      type: list
      elements: dict
    sessions_from:
      description: V(pg_stat_activity) or V(process titles).
      type: str
    by_state:
      description: How many sessions are in which state; C(by_application), C(by_user) and C(by_service) likewise.
      type: dict
    write:
      description: How the write ended.
      type: dict
    volumes:
      description: The file systems of the data directory.
      type: list
      elements: dict
    log:
      description: Classes of trouble in the recent lines of the log.
      type: list
      elements: dict
    rejections:
      description: Whom it rejected by these lines, each with C(user), C(service) (by the client's address, where the
        log bears it), C(stranger) (from nowhere on the platform, or for another reason than a wrong password),
        C(count), and C(first_age) and C(last_age) in seconds.
      type: list
      elements: dict
    configuration:
      description: Settings and roles as a new session finds them, and C(listening), where the server takes connections
        and where it has that from.
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

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.platform_arguments import (
    PLATFORM_SPEC,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.postgres_look import look_at_server
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.run import run_info_module


def look(options: Mapping[str, Any], runner: CommandRunner, check_mode: bool) -> dict[str, Any]:
    """One look at one server, without the statements, which have a module of their own."""
    result = look_at_server(options, runner, check_mode)
    seen = {key: value for key, value in result["postgres"].items() if key != "queries"}
    return {**result, "postgres": seen}


def main() -> None:
    run_info_module({**PLATFORM_SPEC, "name": {"type": "str", "default": "postgres"}}, look)


if __name__ == "__main__":
    main()
