# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_statement import (
    SHOWN,
    first_word,
    is_backup,
    is_maintenance,
    normalise_statement,
    refusal_to_explain,
)


@pytest.mark.parametrize(
    "text, shown",
    [
        ("SELECT * FROM t WHERE a = 'secret' AND b = 12.5", "SELECT * FROM t WHERE a = ? AND b = ?"),
        ("SELECT 'it''s', E'a\\'b', $$dollar ; $$, $tag$x$tag$", "SELECT ?"),
        ("SELECT x FROM t WHERE id IN (1, 2,3)", "SELECT x FROM t WHERE id IN (?)"),
        ("UPDATE t SET p = 'cut off in the mid", "UPDATE t SET p = ?"),
        ("SELECT a -- password=hunter2\n, b /* hunter2 */ FROM t", "SELECT a , b FROM t"),
        ('SELECT "Column 1" FROM t1', 'SELECT "Column 1" FROM t1'),
        ("SELECT count(*) FROM events WHERE account = $1", "SELECT count(*) FROM events WHERE account = ?"),
        ("", ""),
    ],
)
def test_a_statement_is_shown_without_its_values(text: str, shown: str) -> None:
    assert normalise_statement(text) == shown


@given(st.text(alphabet=st.characters(exclude_characters="'\\", exclude_categories=["Cs"]), max_size=30))
def test_no_value_in_quotes_is_ever_shown(value: str) -> None:
    marked = f"secret{value}secret"
    assert "secret" not in normalise_statement(f"COPY '{marked}', E'{marked}' p = '{marked}")


@given(st.text(max_size=2000))
def test_any_text_becomes_one_line_that_is_not_too_long(text: str) -> None:
    shown = normalise_statement(text)
    assert "\n" not in shown
    assert len(shown) <= SHOWN


@pytest.mark.parametrize(
    "text",
    ["SELECT 1", " (select 1)", "WITH a AS (SELECT 1) SELECT * FROM a", "SELECT ';'", "SELECT $$;$$;", "SELECT x::int"],
)
def test_a_reading_statement_may_be_carried_out_to_be_explained(text: str) -> None:
    assert refusal_to_explain(text, execute=True) == ""


@pytest.mark.parametrize(
    "text, execute, reason",
    [
        ("DELETE FROM t", True, "begins with DELETE"),
        ("WITH gone AS (DELETE FROM t RETURNING 1) SELECT * FROM gone", True, "it would write"),
        ("SELECT * INTO copy FROM t", True, "it would write"),
        ("SELECT pg_terminate_backend(pid) FROM pg_stat_activity", True, "it calls pg_terminate_backend"),
        ('SELECT pg_catalog."pg_reload_conf" ()', True, "it calls pg_reload_conf"),
        ("SELECT * FROM dblink('host=other', 'DELETE FROM t')", True, "it calls dblink"),
        ("SELECT/**/lo_export(1, '/tmp/x')", True, "it calls lo_export"),
        ("EXPLAIN ANALYZE DELETE FROM t", False, "begins with EXPLAIN"),
        ("VACUUM", False, "begins with VACUUM"),
        ("DO $$ BEGIN DELETE FROM t; END $$", False, "begins with DO"),
        ("SELECT 1; DROP TABLE t", False, "more than one statement"),
        ("SELECT 1; DROP TABLE t --", False, "more than one statement"),
        ("SELECT 1 /* /* */ ; DROP TABLE t */", False, "more than one statement"),
        ("SELECT 1 \\; DROP TABLE t", False, "more than one statement"),
        ("SELECT 1 \\! id", False, "a command or a variable of psql"),
        ("SELECT :HOST", False, "a command or a variable of psql"),
        ("SELECT :'HOST'", False, "a command or a variable of psql"),
        ("SELECT 'cut off", False, "does not end"),
        ("SELECT 'cut off''", False, "does not end"),
        ("SELECT E'cut \\'", False, "does not end"),
        ("SELECT $$cut off", False, "does not end"),
        ("SELECT 1 /* cut off", False, "does not end"),
        ('SELECT "cut off', False, "does not end"),
        ("", False, "empty or too long"),
        ("SELECT " + "1," * 20_000, False, "empty or too long"),
    ],
)
def test_what_is_more_than_a_statement_to_explain_is_refused(text: str, execute: bool, reason: str) -> None:
    assert reason in refusal_to_explain(text, execute=execute)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'pg_terminate_backend(1)'",
        "WITH own (a) AS MATERIALIZED (SELECT 1) SELECT pg_typeof(a) FROM own",
    ],
)
def test_a_statement_that_only_reads_may_be_carried_out(text: str) -> None:
    assert refusal_to_explain(text, execute=True) == ""


def test_a_writing_statement_may_be_planned_without_being_carried_out() -> None:
    assert refusal_to_explain("DELETE FROM t WHERE id = 1", execute=False) == ""


@pytest.mark.parametrize(
    "text, backup, maintenance",
    [
        ("COPY public.events (id, body) TO stdout;", True, False),
        ("SELECT pg_backup_start('nightly', fast => true)", True, False),
        ("SELECT pg_start_backup('nightly')", True, False),
        ("LOCK TABLE public.events IN ACCESS SHARE MODE", True, False),
        ("SELECT pg_export_snapshot()", True, False),
        ("/* nightly */ VACUUM (ANALYZE) events", False, True),
        ("CREATE UNIQUE INDEX CONCURRENTLY a ON b (c)", False, True),
        ("REFRESH MATERIALIZED VIEW totals", False, True),
        ("SELECT 'VACUUM'", False, False),
        ("LOCK TABLE events IN ACCESS EXCLUSIVE MODE", False, False),
        ("COPY events FROM stdin", False, False),
        ("ALTER TABLE events ADD COLUMN x int", False, False),
    ],
)
def test_backups_and_maintenance_are_told_by_what_runs(text: str, backup: bool, maintenance: bool) -> None:
    assert (is_backup(text), is_maintenance(text)) == (backup, maintenance)


def test_the_first_word_comes_after_comments_and_parentheses() -> None:
    assert first_word("-- why\n /* and */ ((select 1))") == "SELECT"
    assert first_word("1") == ""
