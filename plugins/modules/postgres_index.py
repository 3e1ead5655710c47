#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgres_index
short_description: Create an index on a PostgreSQL table without locking it, verified by the plan
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Creates an index with C(CREATE INDEX CONCURRENTLY), so that reads and writes go on meanwhile.
  - Nothing is done when a valid index begins with these columns already.
  - With O(query), the plan is read before and after. An index that the statement is planned without is of no use, so
    that it is dropped again and the module fails.
  - A build that fails leaves an invalid index behind, which is dropped again, at once or by the next run.
  - An index costs disk space and makes each write a little slower. Decide by the evidence of
    M(agentfoundry.incident_response.postgres_query_info).
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
  - agentfoundry.incident_response.postgres
attributes:
  check_mode:
    support: full
    details: Tells what would be created, and the plan as it is now.
  diff_mode:
    support: full
    details: Shows the command.
options:
  schema:
    description:
      - The table's schema.
    type: str
    default: public
  table:
    description:
      - The table.
    type: str
    required: true
  columns:
    description:
      - The columns, the most selective one first.
    type: list
    elements: str
    required: true
  index_name:
    description:
      - Left out or empty, the name that PostgreSQL itself would choose.
    type: str
    default: ""
  query:
    description:
      - The statement that is to profit, with C(?) or C($1) in place of its values. Its plan is that for any value.
      - Where it cannot be planned so, RV(verified) is none and the index stays.
    type: str
    default: ""
  build_deadline:
    description:
      - Seconds that the build may take; the server ends it after that.
    type: float
    default: 600.0
seealso:
  - module: agentfoundry.incident_response.postgres_query_info
"""

EXAMPLES = r"""
- name: Create the index that is missing
  agentfoundry.incident_response.postgres_index:
    project: agentfoundry
    table: events
    columns: [account]
    query: SELECT count(*) FROM events WHERE account = ?
  register: created
"""

RETURN = r"""
actions:
  description: What was done, or under check mode would be done.
  returned: success
  type: list
  elements: dict
  sample: [{"what": "index", "id": "events_account_idx", "status": "created"}]
statement:
  description: The command as a person would type it.
  returned: success
  type: str
index:
  description: The index that serves the columns.
  returned: success
  type: str
plan_before:
  description: The plan of O(query) before, with C(summary), C(indexes), C(sequential_scans), C(total_cost).
  returned: success
  type: dict
plan_after:
  description: The same after.
  returned: success
  type: dict
verified:
  description: V(true) when O(query) is planned by the new index. None when it was not judged.
  returned: success
  type: bool
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.postgres_index import (
    IndexRequest,
    ensure_index,
    read_columns,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.postgres_arguments import (
    run_acting_module,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_explain import (
    explain_counted,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_server import (
    PostgresServer,
)

SPEC = {
    "schema": {"type": "str", "default": "public"},
    "table": {"type": "str", "required": True},
    "columns": {"type": "list", "elements": "str", "required": True},
    "index_name": {"type": "str", "default": ""},
    "query": {"type": "str", "default": ""},
    "build_deadline": {"type": "float", "default": 600.0},
}


def act(options: Mapping[str, Any], server: PostgresServer, check_mode: bool) -> dict[str, Any]:
    """Create the index unless it is there."""
    request = IndexRequest(
        schema=options["schema"],
        table=options["table"],
        columns=read_columns(options["columns"]),
        name=options["index_name"],
        seconds=options["build_deadline"],
    )

    def plan() -> Mapping[str, Any] | None:
        return explain_counted(server, options["query"]).plan or None if options["query"] else None

    return ensure_index(server, request, plan, check_mode=check_mode).to_result()


def main() -> None:
    run_acting_module(SPEC, act, seconds=["build_deadline"])


if __name__ == "__main__":
    main()
