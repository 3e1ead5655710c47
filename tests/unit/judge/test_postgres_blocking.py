# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who blocks others though none of them waits for long, as where each statement ends after some seconds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import (
    Answer,
    PostgresFacts,
    Server,
    Session,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.postgres_sessions import (
    judge_sessions,
)

SERVER = Server(150018, "op", "shop", "/data", 40, 3, 0, False, True, 900.0)
HOLDER = Session(
    1, "shop", "app", "report-tool", state="idle in transaction", state_age=120.0, transaction_age=120.0,
    statement="LOCK TABLE orders IN ACCESS EXCLUSIVE MODE",
)  # fmt: skip
WAITING = Session(9, "shop", "app", service="web", state="active", state_age=2.0, wait="Lock:relation", blocked_by=(1,))
BY_TURNS = replace(HOLDER, state_age=0.2)
MIGRATION = replace(HOLDER, application="migration", state="active")
BACKUP = replace(HOLDER, application="pg_dump", protected="pg_dump is a backup tool")


def bad(*sessions: Session, **limits: float) -> dict[str, Finding]:
    facts = PostgresFacts("db", "running", Answer.OK, server=SERVER, sessions=sessions)
    found = judge_sessions(facts, replace(Thresholds(), **limits))
    return {one.id.removeprefix("postgres."): one for one in found if one.is_bad}


@pytest.mark.parametrize(
    "waiting, told",
    [(1, "1 session of db waits for a lock"), (3, "3 sessions of db wait for locks")],
)
def test_an_idle_transaction_blocks_though_each_waiter_gives_up_soon_and_comes_again(waiting: int, told: str) -> None:
    found = bad(HOLDER, *(replace(WAITING, pid=9 + number) for number in range(waiting)))
    assert {name: one.status.value for name, one in found.items()} == {
        "blocked": "critical",
        "idle_in_transaction": "critical",
    }
    assert found["blocked"].message == f"{told} behind report-tool, which has been idle in its transaction for 120 s."
    assert (found["blocked"].value, found["blocked"].limit) == (120.0, 30.0)
    assert "LOCK TABLE orders" in found["blocked"].evidence[0]


def test_whoever_waits_behind_another_waiter_counts_as_well() -> None:
    behind = replace(WAITING, pid=10, blocked_by=(9,))
    assert bad(HOLDER, WAITING, behind)["blocked"].message.startswith("2 sessions of db wait")


@pytest.mark.parametrize(
    "sessions, findings",
    [
        ((HOLDER,), {"idle_in_transaction"}),
        ((HOLDER, replace(WAITING, blocked_by=())), {"idle_in_transaction"}),
        ((replace(HOLDER, state_age=30.0), WAITING), set()),
        ((replace(HOLDER, state_age=None), WAITING), set()),
        ((BY_TURNS, WAITING), set()),
        ((MIGRATION, WAITING), set()),
    ],
    ids=["nobody waits", "others work", "not idle for long", "its age is not told", "at work by turns", "a migration"],
)
def test_a_short_wait_behind_anything_else_is_ordinary(sessions: tuple[Session, ...], findings: set[str]) -> None:
    assert set(bad(*sessions)) == findings


def test_an_idle_backup_that_others_wait_for_is_told_and_left_alone() -> None:
    found = bad(BACKUP, WAITING)
    assert {name: one.status.value for name, one in found.items()} == {
        "blocked": "critical",
        "idle_in_transaction": "warning",
        "protected_blocker": "critical",
    }
    assert found["protected_blocker"].message == "pg_dump blocks 1 session and is left alone: pg_dump is a backup tool."


def test_a_migration_is_not_blamed_for_what_an_idle_transaction_does() -> None:
    migration = replace(MIGRATION, pid=2)
    behind = tuple(replace(WAITING, pid=20 + number, blocked_by=(2,)) for number in range(3))
    found = bad(HOLDER, migration, WAITING, *behind)
    assert set(found) == {"blocked", "idle_in_transaction"}
    assert found["blocked"].message.startswith("1 session of db waits for a lock behind report-tool,")


@pytest.mark.parametrize(
    "limits, findings",
    [
        ({"postgres_lock_wait_s": 120.0}, {"idle_in_transaction": "warning"}),
        ({"postgres_lock_wait_s": 60.0}, {"blocked": "critical", "idle_in_transaction": "critical"}),
        ({"postgres_idle_in_transaction_s": 300.0}, {"blocked": "critical", "blocking_transaction": "critical"}),
    ],
    ids=["nobody may be blamed yet", "a longer limit", "it may not be ended yet"],
)
def test_the_limit_is_that_of_waiting_for_locks(limits: dict[str, Any], findings: dict[str, str]) -> None:
    assert {name: one.status.value for name, one in bad(HOLDER, WAITING, **limits).items()} == findings
