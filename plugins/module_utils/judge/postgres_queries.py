# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HL-3, HL-7: slow statements, tables without an index or VACUUM. Warnings, which explain a latency. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import PostgresFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_queries_facts import (
    Statement,
    Table,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_statement import SHOWN
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds

_EVIDENCE = 5
_MOST_OF_IT = 0.5
"""A scan that ends earlier (LIMIT) does not read the table as a whole."""


def judge_queries(facts: PostgresFacts, thresholds: Thresholds) -> list[Finding]:
    """Findings about statements and tables; none when they were not looked at."""
    if not facts.queries.looked:
        return []
    return [
        _slow(facts, thresholds),
        _running(facts, thresholds),
        _logged(facts, thresholds),
        _dead_rows(facts, thresholds),
        _whole_tables(facts, thresholds),
        _missing_index(facts),
    ]


def _slow(facts: PostgresFacts, thresholds: Thresholds) -> Finding:
    name, service, limit = "postgres.slow_statement", facts.service, thresholds.postgres_statement_ms
    if facts.queries.source != "pg_stat_statements":
        message = f"{service} does not count its statements: pg_stat_statements is not loaded."
        return Finding(name, service, Status.NOT_CONFIGURED, message, None, limit, "ms", step="HL-3")
    # The counts go back to the last reset: what ran once, such as a restore, is no habit of the platform.
    often = [item for item in facts.queries.statements if item.calls > 1]
    slow = sorted((item for item in often if item.mean_ms > limit), key=lambda item: -item.mean_ms)
    if not slow:
        message = f"No frequent statement of {service} takes more than {limit:.0f} ms on average."
        return Finding(name, service, Status.OK, message, _slowest(often), limit, "ms", step="HL-3")
    message = f"{_statements(len(slow))} of {service} took more than {limit:.0f} ms on average."
    evidence = tuple(_line(item) for item in slow[:_EVIDENCE])
    return Finding(name, service, Status.WARNING, message, round(slow[0].mean_ms, 1), limit, "ms", evidence, "HL-3")


def _slowest(statements: Iterable[Statement]) -> float:
    return round(max((item.mean_ms for item in statements), default=0.0), 1)


def _running(facts: PostgresFacts, thresholds: Thresholds) -> Finding:
    """A runaway statement: it runs, and waits for no lock."""
    name, service, limit = "postgres.runaway_statement", facts.service, thresholds.postgres_running_statement_s
    free = {session.pid for session in facts.sessions if not session.protected and not session.blocked_by}
    long = [item for item in facts.queries.running if item.mean_ms > 1000 * limit and item.pid in free]
    if not long:
        message = f"No statement of {service} has been running for more than {limit:.0f} s."
        return Finding(name, service, Status.OK, message, None, limit, "s", step="HL-3")
    message = f"{_statements(len(long))} of {service} began more than {limit:.0f} s ago and did not end."
    evidence = tuple(_line(item) for item in long[:_EVIDENCE])
    value = round(long[0].mean_ms / 1000, 1)
    return Finding(name, service, Status.WARNING, message, value, limit, "s", evidence, "HL-3")


def _logged(facts: PostgresFacts, thresholds: Thresholds) -> Finding:
    name, service, limit = "postgres.slow_log", facts.service, thresholds.postgres_statement_ms
    slow = [item for item in facts.queries.logged if item.mean_ms > limit]
    if not slow:
        message = f"The slow query log of {service} shows nothing recent above {limit:.0f} ms."
        return Finding(name, service, Status.OK, message, None, limit, "ms", step="HL-3")
    message = f"The slow query log of {service} shows {_statements(len(slow))} above {limit:.0f} ms."
    evidence = tuple(_line(item) for item in slow[:_EVIDENCE])
    return Finding(name, service, Status.WARNING, message, round(slow[0].mean_ms, 1), limit, "ms", evidence, "HL-3")


def _dead_rows(facts: PostgresFacts, thresholds: Thresholds) -> Finding:
    name, service, limit = "postgres.dead_rows", facts.service, thresholds.postgres_dead_percent
    large = [table for table in facts.queries.tables if table.rows >= thresholds.postgres_large_table_rows]
    bloated = sorted((table for table in large if table.dead_percent > limit), key=lambda table: -table.dead_percent)
    if not bloated:
        message = f"No large table of {service} has more than {limit:.0f} % dead rows."
        return Finding(name, service, Status.OK, message, None, limit, "%", step="HL-3")
    message = f"{bloated[0].full_name} of {service} has {bloated[0].dead_percent:.0f} % dead rows: VACUUM lags behind."
    value = round(bloated[0].dead_percent, 1)
    evidence = tuple(_table_line(table) for table in bloated[:_EVIDENCE])
    return Finding(name, service, Status.WARNING, message, value, limit, "%", evidence, "HL-3")


def _whole_tables(facts: PostgresFacts, thresholds: Thresholds) -> Finding:
    """Large tables that are read from one end to the other. No trouble by itself: reports and backups do so too."""
    name, service, least = "postgres.sequential_scans", facts.service, thresholds.postgres_large_table_rows
    large = [table for table in facts.queries.tables if table.rows >= least and table.sequential_scans]
    read = sorted(
        (table for table in large if table.sequential_rows >= _MOST_OF_IT * table.rows * table.sequential_scans),
        key=lambda table: -table.sequential_rows,
    )
    if not read:
        message = f"No large table of {service} is read as a whole."
        return Finding(name, service, Status.OK, message, 0.0, None, "1", step="HL-3")
    message = f"{_count(len(read), 'large table')} of {service} {'was' if len(read) == 1 else 'were'} read as a whole."
    evidence = tuple(_scan_line(table) for table in read[:_EVIDENCE])
    return Finding(name, service, Status.OK, message, float(len(read)), None, "1", evidence, "HL-3")


def _missing_index(facts: PostgresFacts) -> Finding:
    name, service, proposals = "postgres.missing_index", facts.service, facts.queries.proposals
    if not proposals:
        message = f"No statement of {service} asks for an index that is missing."
        return Finding(name, service, Status.OK, message, step="HL-7")
    first = proposals[0]
    message = f"{first.schema}.{first.table} of {service} lacks an index on {', '.join(first.columns)}."
    query = first.query if len(first.query) <= SHOWN else f"{first.query[: SHOWN - 1]}…"
    evidence = (first.statement, query, *first.evidence)
    return Finding(name, service, Status.WARNING, message, float(len(proposals)), None, "1", evidence, "HL-7")


def _statements(count: int) -> str:
    return _count(count, "statement")


def _count(count: int, word: str) -> str:
    return f"1 {word}" if count == 1 else f"{count} {word}s"


def _scan_line(table: Table) -> str:
    scans = f"{_count(table.sequential_scans, 'time')} as a whole, {table.index_scans:,} times by an index"
    return f"{table.full_name}: {table.rows:,} rows, read {scans}"


def _line(statement: Statement) -> str:
    return f"{statement.mean_ms:,.0f} ms, {statement.calls} calls: {statement.text}"


def _table_line(table: Table) -> str:
    vacuumed = "never" if table.vacuumed_age is None else f"{table.vacuumed_age:.0f} s ago"
    return f"{table.full_name}: {table.dead_rows:,} dead of {table.rows + table.dead_rows:,} rows, vacuumed {vacuumed}"
