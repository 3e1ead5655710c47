# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import (
    Answer,
    LogClass,
    PostgresFacts,
    Server,
    Session,
    Volume,
    WriteProbe,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_queries_facts import (
    IndexProposal,
    QueriesFacts,
    Statement,
    Table,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.postgres import judge_postgres

SERVER = Server(150018, "op", "shop", "/data", 40, 3, 0, False, True, 900.0)
WELL = PostgresFacts(
    "db", "running", Answer.OK, via="exec", latency_ms=90.0, port="open", server=SERVER, write=WriteProbe(True),
    volumes=(Volume("/data", 100 << 30, 40 << 30, 60 << 30, 1000, 10),), queries=QueriesFacts(True, "running"),
)  # fmt: skip
WEB = Session(1, "shop", "app", "web", "10.0.0.2", "web", state="idle", state_age=5.0)


def judged(facts: PostgresFacts) -> dict[str, Finding]:
    findings = judge_postgres(facts, Thresholds())
    assert len({finding.id for finding in findings}) == len(findings), "an id was given twice"
    assert {finding.service for finding in findings} == {"db"}
    return {finding.id.removeprefix("postgres."): finding for finding in findings}


def bad(facts: PostgresFacts) -> dict[str, str]:
    return {name: finding.status.value for name, finding in judged(facts).items() if finding.is_bad}


def sessions(count: int, session: Session = WEB) -> tuple[Session, ...]:
    return tuple(replace(session, pid=session.pid + number) for number in range(count))


def test_a_server_that_is_well_bears_no_bad_finding_and_each_names_its_step() -> None:
    assert bad(WELL) == {}
    assert {finding.step for finding in judged(WELL).values()} >= {
        "DB-1",
        "DB-2",
        "DB-3",
        "DB-5",
        "DB-6",
        "HL-3",
        "HL-7",
    }


@pytest.mark.parametrize(
    "state, answer, findings",
    [
        ("exited", Answer.NOT_RUNNING, {"running": "critical", "answers": "critical"}),
        ("paused", Answer.NOT_RUNNING, {"running": "critical", "answers": "critical"}),
        ("running", Answer.REFUSED, {"answers": "critical", "refused": "critical"}),
        ("running", Answer.STARTING, {"answers": "critical", "recovering": "critical"}),
        ("running", Answer.RECOVERING, {"answers": "critical", "recovering": "critical"}),
        ("running", Answer.TIMED_OUT, {"answers": "critical"}),
        ("running", Answer.DISK_FULL, {"answers": "critical", "disk": "critical"}),
        ("running", Answer.AUTHENTICATION, {"answers": "unknown"}),
        ("running", Answer.NO_DATABASE, {"answers": "unknown"}),
        ("running", Answer.NO_CLIENT, {"answers": "unknown"}),
        ("running", Answer.FAILED, {"answers": "unknown"}),
        ("managed", Answer.UNRESOLVED, {"answers": "critical", "refused": "critical"}),
    ],
)
def test_no_answer_is_told_by_its_class(state: str, answer: Answer, findings: dict[str, str]) -> None:
    assert bad(PostgresFacts("db", state, answer, error="the reason")) == findings


def test_an_answer_by_the_socket_does_not_hide_a_port_that_refuses() -> None:
    assert bad(replace(WELL, port="refused")) == {"refused": "critical"}


@pytest.mark.parametrize("declared, findings", [(False, {"recovering": "critical"}), (True, {})])
def test_a_standby_is_a_fault_unless_it_is_declared(declared: bool, findings: dict[str, str]) -> None:
    standby = replace(WELL, server=replace(SERVER, in_recovery=True), standby=declared, write=WriteProbe())
    assert bad(standby) == findings


@pytest.mark.parametrize(
    "count, status", [(29, "ok"), (30, "warning"), (35, "warning"), (36, "critical"), (40, "critical")]
)
def test_slots_are_held_against_those_that_plain_roles_can_have(count: int, status: str) -> None:
    assert judged(replace(WELL, sessions=sessions(count)))["slots"].status.value == status


def test_server_processes_and_wal_senders_take_no_slot() -> None:
    others = sessions(60, replace(WEB, kind="walsender"))
    assert judged(replace(WELL, sessions=others))["slots"].value == 0.0


def test_the_service_that_holds_most_slots_is_the_leak_and_the_target_of_its_remedy() -> None:
    held = (
        *sessions(30),
        *sessions(6, replace(WEB, pid=100, service="users")),
        *sessions(1, replace(WEB, pid=200, service="")),
    )
    found = judged(replace(WELL, sessions=held))
    assert (found["leak"].targets, found["leak"].value, found["leak"].step) == (("web",), 30.0, "DB-4")
    assert found["slot_holders"].targets == ("users",)


def test_without_one_that_holds_half_there_is_no_leak_and_all_holders_are_named() -> None:
    held = tuple(
        item for name in ("a", "b", "c") for item in sessions(12, replace(WEB, pid=ord(name) * 100, service=name))
    )
    found = judged(replace(WELL, sessions=held))
    assert "leak" not in found
    assert found["slot_holders"].targets == ("a", "b", "c")


def test_while_slots_are_free_nobody_is_accused() -> None:
    assert not {"leak", "slot_holders"} & set(judged(replace(WELL, sessions=sessions(20))))


def test_when_no_slot_is_left_the_titles_tell_the_leak_and_that_sql_cannot_help() -> None:
    held = sessions(40, replace(WEB, state="idle in transaction", state_age=None, application=""))
    facts = PostgresFacts("db", "running", Answer.SLOTS_EXHAUSTED, sessions=held, by_titles=True)
    assert bad(facts) == {"answers": "critical", "slots": "critical", "locked_out": "critical", "leak": "critical"}
    assert judged(facts)["leak"].targets == ("web",)


def test_when_not_even_titles_can_be_read_the_slots_are_still_known_to_be_gone() -> None:
    facts = PostgresFacts("db", "running", Answer.SLOTS_EXHAUSTED, by_titles=True)
    assert bad(facts) == {"answers": "critical", "slots": "critical", "locked_out": "critical"}


IDLE = replace(WEB, state="idle in transaction", state_age=31.0)


def test_an_idle_transaction_is_a_warning_until_it_does_harm() -> None:
    assert bad(replace(WELL, sessions=(IDLE,))) == {"idle_in_transaction": "warning"}
    assert bad(replace(WELL, sessions=(replace(IDLE, state_age=30.0),))) == {}
    assert bad(replace(WELL, sessions=sessions(37, IDLE)))["idle_in_transaction"] == "critical"


@pytest.mark.parametrize(
    "owners, message",
    [
        ({"web": 1}, "1 session is idle in its transaction on db for more than 30 s (web)."),
        ({"web": 4}, "4 sessions are idle in transactions on db for more than 30 s (web)."),
        ({"web": 1, "jobs": 2}, "3 sessions are idle in transactions on db for more than 30 s (jobs 2, web 1)."),
        (
            {"a": 4, "b": 3, "c": 2, "d": 1},
            "10 sessions are idle in transactions on db for more than 30 s (a 4, b 3, c 2 and others).",
        ),
    ],
)
def test_whose_transactions_are_idle_is_said(owners: dict[str, int], message: str) -> None:
    held = [
        replace(IDLE, pid=100 * number + one, service=name)
        for number, (name, count) in enumerate(owners.items(), 1)
        for one in range(count)
    ]
    assert judged(replace(WELL, sessions=tuple(held)))["idle_in_transaction"].message == message


def test_of_idle_transactions_the_spared_ones_are_told() -> None:
    held = (IDLE, replace(IDLE, pid=2, application="pg_dump", service="", protected="pg_dump is a backup tool"))
    message = judged(replace(WELL, sessions=held))["idle_in_transaction"].message
    assert message.endswith("(web 1, pg_dump 1), 1 of them never to be touched.")


def test_an_idle_transaction_that_others_wait_for_is_critical() -> None:
    waiting = replace(WEB, pid=9, state="active", state_age=40.0, blocked_by=(1,), wait="Lock:relation")
    assert bad(replace(WELL, sessions=(IDLE, waiting))) == {"blocked": "critical", "idle_in_transaction": "critical"}


def test_protected_idle_transactions_are_nothing_to_act_on() -> None:
    held = sessions(37, replace(IDLE, protected="it runs a backup"))
    assert bad(replace(WELL, sessions=held))["idle_in_transaction"] == "warning"


ROOT = replace(WEB, state="active", state_age=50.0)


def test_a_transaction_that_works_and_idles_by_turns_while_others_wait_is_told_apart() -> None:
    waiting = replace(WEB, pid=9, state="active", state_age=40.0, blocked_by=(1,), wait="Lock:relation")
    by_turns = replace(WEB, state="idle in transaction", state_age=3.0, transaction_age=95.0)
    found = judged(replace(WELL, sessions=(by_turns, waiting)))
    assert {name for name, finding in found.items() if finding.is_bad} == {"blocked", "blocking_transaction"}
    assert found["blocking_transaction"].message == (
        "A transaction of web (process 1), open for 95 s, works and idles by turns and blocks 1 session."
    )


@pytest.mark.parametrize(
    "changes, waited",
    [
        ({"state_age": 31.0}, 40.0),
        ({"protected": "it runs a backup"}, 40.0),
        ({"state": "active"}, 40.0),
        ({}, 29.0),
    ],
    ids=["idle for long enough to be ended", "protected", "at work", "nobody has waited for long"],
)
def test_no_other_blocker_is_taken_for_one_that_works_by_turns(changes: dict[str, Any], waited: float) -> None:
    waiting = replace(WEB, pid=9, state="active", state_age=waited, blocked_by=(1,), wait="Lock:relation")
    by_turns = replace(replace(WEB, state="idle in transaction", state_age=3.0), **changes)
    assert "blocking_transaction" not in judged(replace(WELL, sessions=(by_turns, waiting)))


WAITING = replace(WEB, pid=9, state="active", state_age=40.0, blocked_by=(1,), wait="Lock:relation")


def test_a_running_statement_at_the_root_of_the_locks_can_be_cancelled() -> None:
    assert bad(replace(WELL, sessions=(ROOT, WAITING))) == {"blocked": "critical", "root_blocker": "critical"}


def test_a_backup_at_the_root_of_the_locks_is_left_alone_and_said_so() -> None:
    found = judged(replace(WELL, sessions=(replace(ROOT, protected="it runs a backup"), WAITING)))
    assert "root_blocker" not in found
    assert found["protected_blocker"].message == "web blocks 1 session and is left alone: it runs a backup."


def test_a_short_wait_for_a_lock_is_ordinary() -> None:
    assert bad(replace(WELL, sessions=(ROOT, replace(WAITING, state_age=30.0)))) == {}


def test_a_wait_for_a_prepared_transaction_says_that_a_person_must_end_it() -> None:
    found = judged(replace(WELL, sessions=(replace(WAITING, blocked_by=(0,)),)))
    assert "prepared transaction" in found["blocked"].message


@pytest.mark.parametrize("used, status", [(80, "ok"), (85, "ok"), (86, "warning"), (94, "warning"), (95, "critical")])
def test_the_disk_is_judged_by_its_fullest_file_system(used: int, status: str) -> None:
    volumes = (Volume("/data", 100, used, 100 - used), Volume("/wal", 100, 10, 90))
    assert judged(replace(WELL, volumes=volumes))["disk"].status.value == status


def test_a_disk_without_inodes_is_as_full_as_one_without_bytes() -> None:
    found = judged(replace(WELL, volumes=(Volume("/data", 100, 10, 90, 1000, 990),)))["disk"]
    assert found.status is Status.CRITICAL
    assert found.message == (
        "99 % of the inodes are in use where db keeps its data."
        " Room must be made on the host; nothing of the database is deleted."
    )


def test_a_disk_that_cannot_be_measured_is_neither_well_nor_full() -> None:
    assert judged(replace(WELL, volumes=()))["disk"].status is Status.NOT_CONFIGURED


def test_without_writing_probes_writing_is_neither_well_nor_failed() -> None:
    assert judged(replace(WELL, write=WriteProbe()))["write"].status is Status.NOT_CONFIGURED


def test_a_failed_write_for_lack_of_room_is_a_full_disk() -> None:
    facts = replace(WELL, write=WriteProbe(True, "could not extend file: No space left on device", "53100"))
    assert bad(facts) == {"write": "critical", "disk": "critical"}
    assert "nothing of the database is deleted" in judged(facts)["disk"].message


def test_a_read_only_server_is_no_full_disk() -> None:
    facts = replace(WELL, write=WriteProbe(True, "cannot execute CREATE TABLE in a read-only transaction", "25006"))
    assert bad(facts) == {"write": "critical"}


@pytest.mark.parametrize("answer, status", [(Answer.NOT_RUNNING, "critical"), (Answer.OK, "ok")])
def test_what_the_log_says_of_a_full_disk_counts_while_the_server_is_down(answer: Answer, status: str) -> None:
    log = (LogClass("disk_full", 1, "No space left on device", 20.0),)
    facts = replace(WELL, answer=answer, state="running" if answer is Answer.OK else "exited", log=log)
    assert judged(facts)["disk"].status.value == status


@pytest.mark.parametrize(
    "count, age, status",
    [(1, 5.0, "warning"), (2, 5.0, "warning"), (3, 5.0, "critical"), (3, 60.0, "critical"), (9, 61.0, "warning")],
)
def test_rejected_clients_are_critical_when_they_keep_coming(count: int, age: float, status: str) -> None:
    log = (LogClass("authentication", count, "FATAL: password authentication failed", age),)
    assert bad(replace(WELL, log=log)) == {"authentication": status}


def test_the_log_alone_never_gives_more_than_a_warning() -> None:
    log = [LogClass(name, 9, "line") for name in ("slots_exhausted", "panic", "deadlock", "corruption", "recovery")]
    assert bad(replace(WELL, log=tuple(log))) == {f"log_{item.name}": "warning" for item in log}


SLOW = Statement("pg_stat_statements", "SELECT ?", 3, 501.0, 1503.0)
BLOATED = Table("public", "events", 1 << 20, 10_000, 3_000, 1, 1, 0)
SCANNED = replace(BLOATED, dead_rows=0, sequential_scans=4, sequential_rows=40_000, index_scans=7)
PROPOSAL = IndexProposal("public", "events", ("account",), "i", "CREATE INDEX ...;", "SELECT ?", ("because",))


@pytest.mark.parametrize(
    "queries, findings",
    [
        (QueriesFacts(True, "pg_stat_statements", (SLOW,)), {"slow_statement": "warning"}),
        (QueriesFacts(True, "pg_stat_statements", (replace(SLOW, calls=1, mean_ms=60_000.0),)), {}),
        (QueriesFacts(True, "pg_stat_statements", (replace(SLOW, mean_ms=500.0),)), {}),
        (
            QueriesFacts(True, "running", running=(replace(SLOW, mean_ms=30_001.0, pid=1),)),
            {"runaway_statement": "warning"},
        ),
        (QueriesFacts(True, "running", running=(replace(SLOW, mean_ms=30_000.0, pid=1),)), {}),
        (QueriesFacts(True, "running", running=(replace(SLOW, mean_ms=30_001.0, pid=9),)), {}),
        (QueriesFacts(True, "running", logged=(SLOW,)), {"slow_log": "warning"}),
        (QueriesFacts(True, "running", tables=(BLOATED,)), {"dead_rows": "warning"}),
        (QueriesFacts(True, "running", tables=(replace(BLOATED, rows=9_999),)), {}),
        (QueriesFacts(True, "running", proposals=(PROPOSAL,)), {"missing_index": "warning"}),
    ],
)
def test_statements_and_tables_explain_latency_and_are_never_critical(
    queries: QueriesFacts, findings: dict[str, str]
) -> None:
    facts = replace(WELL, queries=queries, sessions=(WEB,))
    assert bad(facts) == findings


@pytest.mark.parametrize(
    "table, evidence",
    [
        (SCANNED, ("public.events: 10,000 rows, read 4 times as a whole, 7 times by an index",)),
        (replace(SCANNED, rows=9_999), ()),
        (replace(SCANNED, sequential_rows=400), ()),
        (replace(SCANNED, sequential_scans=0, sequential_rows=0), ()),
    ],
    ids=["large", "small", "only begun", "never"],
)
def test_large_tables_that_are_read_as_a_whole_are_told_and_no_trouble_by_themselves(
    table: Table, evidence: tuple[str, ...]
) -> None:
    found = judged(replace(WELL, queries=QueriesFacts(True, "running", tables=(table,))))["sequential_scans"]
    assert (found.status, found.evidence, found.step) == (Status.OK, evidence, "HL-3")


@pytest.mark.parametrize("answer", [answer for answer in Answer if answer is not Answer.OK])
def test_each_class_of_no_answer_is_said_in_words_with_the_servers_own(answer: Answer) -> None:
    found = judged(PostgresFacts("db", "running", answer, error="its own words"))["answers"]
    assert found.message.startswith("db does not answer a statement: ")
    assert "_" not in found.message
    assert (found.value, found.evidence) == (answer.value, ("its own words",))


@pytest.mark.parametrize("answer", [Answer.REFUSED, Answer.TIMED_OUT, Answer.STARTING, Answer.AUTHENTICATION])
def test_nothing_is_said_of_sessions_that_could_not_be_seen(answer: Answer) -> None:
    seen = set(judged(PostgresFacts("db", "running", answer)))
    assert not seen & {"slots", "locked_out", "leak", "idle_in_transaction", "blocked", "write"}


def test_a_managed_server_is_judged_by_its_answers_and_not_by_a_container() -> None:
    managed = replace(WELL, state="managed", port="unknown", volumes=(), via="tcp from web")
    assert bad(managed) == {}
    assert judged(managed)["running"].status is Status.NOT_CONFIGURED
    assert judged(managed)["answers"].message == "db answers a real statement (tcp from web)."


@pytest.mark.parametrize("count, words", [(1, "(1 recent line)"), (7, "(7 recent lines)")])
def test_the_log_says_how_often(count: int, words: str) -> None:
    log = (LogClass("deadlock", count, "ERROR:  deadlock detected"),)
    assert judged(replace(WELL, log=log))["log_deadlock"].message == f"The log of db tells of deadlocks {words}."


def test_locks_of_two_roots_are_told_by_the_one_that_most_wait_for() -> None:
    small = replace(ROOT, pid=1, service="jobs")
    large = replace(ROOT, pid=2, service="reports")
    waiting = [replace(WAITING, pid=10 + number, blocked_by=(2,)) for number in range(3)]
    found = judged(replace(WELL, sessions=(small, large, WAITING, *waiting)))
    assert found["root_blocker"].message == "A statement of reports (process 2) blocks 3 sessions."
    assert "behind reports" in found["blocked"].message


def test_sessions_of_unknown_owners_and_local_clients_are_counted_but_accuse_no_service() -> None:
    stranger = replace(WEB, service="", application="", address="203.0.113.9")
    local = replace(WEB, pid=500, service="", application="", address="")
    found = judged(replace(WELL, sessions=(*sessions(30, stranger), *sessions(7, local))))
    assert not {"leak", "slot_holders"} & set(found)
    assert found["slots"].evidence == ("203.0.113.9 as app: 30 idle", "a local client as app: 7 idle")


def test_the_reserved_slots_of_version_16_are_not_those_of_plain_roles() -> None:
    server = replace(SERVER, version=160003, reserved=5)
    found = judged(replace(WELL, server=server, sessions=sessions(32)))["slots"]
    assert found.status is Status.CRITICAL
    assert found.message == "32 of 32 connection slots of db are in use (8 more are reserved)."


def test_a_service_that_holds_just_half_of_the_slots_in_use_is_the_leak() -> None:
    half = (*sessions(18), *sessions(18, replace(WEB, pid=100, service="")))
    assert judged(replace(WELL, sessions=half))["leak"].targets == ("web",)
    less = (*sessions(17), *sessions(19, replace(WEB, pid=100, service="")))
    assert "leak" not in judged(replace(WELL, sessions=less))
