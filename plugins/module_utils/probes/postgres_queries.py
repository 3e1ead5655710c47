# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HL-3, HL-7: the expensive statements and the tables, from the answers of the same psql call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import Session
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_indexes import (
    propose_indexes,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_queries_facts import (
    QueriesFacts,
    Statement,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_rows import (
    read_statements,
    read_tables,
    running_statements,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds

_SHOWN = 10


def queries_facts(
    rows: Mapping[str, Any],
    sessions: Sequence[Session],
    logged: tuple[Statement, ...],
    error: str,
    thresholds: Thresholds,
    redactor: Redactor,
) -> QueriesFacts:
    """What the server counted, or what runs now where pg_stat_statements is not loaded; and what its log tells.

    :param rows: answers by their first word.
    :param logged: the statements of the slow query log.
    :param error: what psql complained of, redacted.
    """
    raw = {int(row["pid"]): str(row["statement"]) for row in rows["activity"]["sessions"]}
    running = running_statements(sessions, raw, redactor.code)
    try:
        counted = read_statements(rows.get("statements", ()), "pg_stat_statements", redactor.line, redactor.code)
        tables = read_tables(rows.get("tables", ()))
    except (KeyError, TypeError, ValueError, AttributeError):
        return QueriesFacts(
            True, "running", running=running, logged=logged, error="its answer is of another shape than expected"
        )
    proposals = propose_indexes(
        (*counted, *running, *logged),
        tables,
        least_rows=thresholds.postgres_large_table_rows,
        least_ms=thresholds.postgres_index_statement_ms,
    )
    return QueriesFacts(
        looked=True,
        source="pg_stat_statements" if "statements" in rows else "running",
        statements=tuple(sorted(counted, key=lambda item: -item.total_ms))[:_SHOWN],
        running=running[:_SHOWN],
        logged=logged,
        tables=tables[:_SHOWN],
        waits=dict(Counter(session.wait for session in sessions if session.wait and session.state == "active")),
        proposals=proposals,
        error=error,
    )
