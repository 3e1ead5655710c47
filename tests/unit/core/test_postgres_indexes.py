# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_indexes import (
    create_index,
    index_name,
    propose_indexes,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_plan import (
    indexes_used,
    numbered_parameters,
    plan_in_words,
    shown_plan,
    whole_tables_read,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_queries_facts import (
    Statement,
    Table,
)

EVENTS = Table(
    "public", "events", 60 << 20, 700_000, 0, 42, 29_400_000, 0, indexed=("id",),
    distinct={"id": -1.0, "account": 5000.0, "kind": 3.0, "body": -0.5},
)  # fmt: skip
SLOW = Statement("pg_stat_statements", "SELECT count(*) FROM events WHERE account = ?", 40, 85.0, 3400.0)


def columns_for(text: str, table: Table = EVENTS, mean_ms: float = 85.0) -> list[tuple[str, ...]]:
    statement = replace(SLOW, text=text, mean_ms=mean_ms)
    return [one.columns for one in propose_indexes([statement], [table], least_rows=10_000, least_ms=10)]


def test_a_proposal_carries_its_command_and_the_numbers_that_speak_for_it() -> None:
    (proposal,) = propose_indexes([SLOW], [EVENTS], least_rows=10_000, least_ms=10)
    assert proposal.statement == "CREATE INDEX CONCURRENTLY events_account_idx ON public.events (account);"
    assert proposal.evidence == (
        "public.events (700,000 rows, 60 MiB) was read as a whole 42 times, 700,000 rows each on average.",
        "The statement took 85.0 ms on average of 40 calls (pg_stat_statements).",
        "account has about 5,000 distinct values: about 140 rows are wanted.",
        "No valid index of public.events begins with account.",
    )


@pytest.mark.parametrize(
    "text, columns",
    [
        ("SELECT * FROM public.events AS e WHERE e.account = ?", [("account",)]),
        ('SELECT * FROM "events" WHERE "account" IN (?)', [("account",)]),
        ("SELECT * FROM events WHERE account = ANY (?)", [("account",)]),
        ("SELECT * FROM events WHERE kind = ? AND account = ?", [("account",)]),
        ("SELECT * FROM users u JOIN events e ON e.user_id = u.id WHERE u.account = ?", []),
        ("SELECT * FROM events WHERE kind = ?", []),
        ("SELECT * FROM events WHERE id = ? AND account = ?", []),
        ("SELECT * FROM events WHERE unknown = ?", []),
        ("SELECT * FROM eventsource WHERE account = ?", []),
        ("INSERT INTO events VALUES (?)", []),
        ("UPDATE events SET body = ?, kind = ? WHERE account = ?", [("account",)]),
        ("UPDATE events SET account = ?", []),
        ("UPDATE events AS e SET body = ? FROM users u WHERE u.id = e.user_id AND e.account = ?", [("account",)]),
        ("DELETE FROM events WHERE account = ?", [("account",)]),
    ],
)
def test_a_column_is_proposed_that_is_compared_selective_and_not_indexed(text: str, columns: list[tuple[str]]) -> None:
    assert columns_for(text) == columns


@pytest.mark.parametrize(
    "table", [replace(EVENTS, rows=9_999), replace(EVENTS, sequential_scans=0), replace(EVENTS, distinct={})]
)
def test_small_unread_and_unanalysed_tables_need_no_index(table: Table) -> None:
    assert columns_for(SLOW.text, table) == []


def test_a_quick_statement_needs_no_index() -> None:
    assert columns_for(SLOW.text, mean_ms=9.9) == []


def test_two_statements_that_want_the_same_index_give_one_proposal() -> None:
    statements = [SLOW, replace(SLOW, text="SELECT body FROM events WHERE account = ?", total_ms=9999.0)]
    (proposal,) = propose_indexes(statements, [EVENTS], least_rows=1, least_ms=1)
    assert proposal.query == "SELECT body FROM events WHERE account = ?"


def test_names_are_quoted_where_they_have_to_be() -> None:
    assert create_index("public", "Odd Table", ('a"b',), "i") == (
        'CREATE INDEX CONCURRENTLY i ON public."Odd Table" ("a""b");'
    )
    assert len(index_name("t" * 80, ("column",))) == 63


PLAN = {
    "Node Type": "Aggregate", "Total Cost": 6010.1, "Output": ["'secret'"],
    "Plans": [
        {"Node Type": "Seq Scan", "Relation Name": "events", "Filter": "((account = 7) AND (body = 'secret'::text))"},
        {"Node Type": "Index Scan", "Relation Name": "users", "Index Name": "users_pkey", "Index Cond": "(id = 42)"},
    ],
}  # fmt: skip


def test_a_plan_is_shown_without_values() -> None:
    shown = shown_plan(PLAN)
    assert "secret" not in str(shown)
    assert shown["Plans"][0]["Filter"] == ["((account = ?) AND (body = ?::text))"]
    assert shown["Total Cost"] == 6010.1


def test_a_plan_tells_what_it_reads() -> None:
    assert whole_tables_read(PLAN) == ("events",)
    assert indexes_used(PLAN) == ("users_pkey",)
    assert plan_in_words(PLAN) == "sequential scan of events, index users_pkey; cost 6010.1"


def test_a_counted_statement_becomes_one_that_can_be_prepared() -> None:
    assert numbered_parameters("SELECT 1 FROM t WHERE a = ? AND b = ?") == (
        "SELECT 1 FROM t WHERE a = $1 AND b = $2",
        2,
    )
