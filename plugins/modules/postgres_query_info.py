#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgres_query_info
short_description: Look at the slow statements of a PostgreSQL server, and propose indexes
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Expensive statements by pg_stat_statements where that is loaded, else those that run now; the slow query log; waits;
    dead rows; large sequential scans; and indexes that would spare them, each with its evidence.
  - Values in statements are never shown, neither are those in a plan.
  - A statement can be explained. Plain EXPLAIN carries nothing out. EXPLAIN ANALYZE does, so that it is done only on
    demand, for reading statements alone, in a read-only transaction that is rolled back, with a time limit.
  - Nothing is created here. See M(agentfoundry.incident_response.postgres_index).
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes.info
  - agentfoundry.incident_response.platform
options:
  name:
    description:
      - The service to look at. It is taken for a PostgreSQL server whatever its image, name and ports tell.
    type: str
    default: postgres
  explain:
    description:
      - One statement whose plan is wanted. It may have C($1) and so on in place of values; the plan is then the one
        that is made for any value.
    type: str
    default: ""
  analyze:
    description:
      - Carry the statement of O(explain) out to see its real times. Refused for anything but a reading statement.
    type: bool
    default: false
  explain_proposals:
    description:
      - Add to each proposed index the plan that its statement has now.
    type: bool
    default: true
  statement_deadline:
    description:
      - Seconds after which the server ends the statement that is explained.
    type: float
    default: 5.0
seealso:
  - module: agentfoundry.incident_response.postgres_index
"""

EXAMPLES = r"""
- name: Which statements are slow, and which index is missing?
  agentfoundry.incident_response.postgres_query_info:
    project: agentfoundry
  register: looked

- name: The plan of one statement
  agentfoundry.incident_response.postgres_query_info:
    project: agentfoundry
    explain: SELECT count(*) FROM events WHERE account = $1
  register: planned
"""

RETURN = r"""
queries:
  description: What was seen. Empty when the server does not answer.
  returned: success
  type: dict
  contains:
    source:
      description: V(pg_stat_statements) or V(running).
      type: str
    statements:
      description: The most expensive statements, with C(calls), C(mean_ms) and C(total_ms).
      type: list
      elements: dict
    running:
      description: What runs now, the longest first.
      type: list
      elements: dict
    logged:
      description: Statements of the slow query log (C(duration:) lines).
      type: list
      elements: dict
    tables:
      description: The tables with most rows read by sequential scans.
      type: list
      elements: dict
    waits:
      description: What active sessions wait for.
      type: dict
    index_proposals:
      description: Indexes that would spare sequential scans, with C(schema), C(table), C(columns), C(name),
        C(statement), C(query), C(evidence), and C(plan), the plan as it is now.
      type: list
      elements: dict
explained:
  description: The plan of O(explain), with C(summary), C(plan), C(executed) and C(error).
  returned: success
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

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import SubprocessRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.platform_arguments import (
    PLATFORM_SPEC,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.postgres_arguments import (
    open_server,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.postgres_look import look_at_server
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.run import run_info_module
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.seconds import check_seconds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_explain import (
    explain,
    explain_counted,
)

OWN = {
    "name": {"type": "str", "default": "postgres"},
    "explain": {"type": "str", "default": ""},
    "analyze": {"type": "bool", "default": False},
    "explain_proposals": {"type": "bool", "default": True},
    "statement_deadline": {"type": "float", "default": 5.0},
}


def look(options: Mapping[str, Any], runner: SubprocessRunner, check_mode: bool) -> dict[str, Any]:
    """One look at the statements of one server, and the plans that are wanted."""
    check_seconds(options, ["statement_deadline"])
    result = look_at_server(options, runner, check_mode)
    queries = result.pop("postgres").get("queries", {})
    proposals = queries.get("index_proposals", [])
    explained: dict[str, Any] = {}
    seconds = options["statement_deadline"]
    if options["explain"]:
        server = open_server(options, runner)
        explained = explain(server, options["explain"], execute=options["analyze"], seconds=seconds).to_data()
    if proposals and options["explain_proposals"]:
        server = open_server(options, runner)
        for proposal in proposals:
            proposal["plan"] = explain_counted(server, proposal["query"], seconds=seconds).to_data()
    return {**result, "queries": queries, "explained": explained}


def main() -> None:
    run_info_module({**PLATFORM_SPEC, **OWN}, look)


if __name__ == "__main__":
    main()
