# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_titles import parse_titles

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "postgres"


def test_forty_leaked_sessions_of_a_superuser_are_told_from_the_recorded_titles() -> None:
    output = (FIXTURES / "titles_slots_taken_by_superuser.txt").read_text(encoding="utf-8")
    address = next(
        word.split("(")[0] for line in output.splitlines() if "idle in" in line for word in [line.split()[5]]
    )

    sessions = parse_titles(output, {address: "reporting-service"})

    assert len(sessions) == 40
    assert {(one.user, one.database, one.service, one.state) for one in sessions} == {
        ("agentfoundry", "agentfoundry", "reporting-service", "idle in transaction")
    }
    assert all(one.pid > 0 and one.session_age is not None and one.state_age is None for one in sessions)


@pytest.mark.parametrize(
    "line, state, address, waits",
    [
        ("12 9 postgres: app shop 10.0.0.3(5566) SELECT waiting", "active", "10.0.0.3", True),
        ("12 9 postgres: app shop [local] idle", "idle", "", False),
        ("12 9 postgres: main: app shop 10.0.0.3(5566) idle in transaction (aborted)",
         "idle in transaction (aborted)", "10.0.0.3", False),
        ("12 postgres: app shop fd00::3(5566) INSERT", "active", "fd00::3", False),
        ("12 9 /usr/lib/postgresql/15/bin/postgres: app shop 10.0.0.3(1) CREATE INDEX", "active", "10.0.0.3", False),
    ],
)  # fmt: skip
def test_a_title_tells_state_and_address(line: str, state: str, address: str, waits: bool) -> None:
    (session,) = parse_titles(line, {})
    assert (session.state, session.address, bool(session.wait)) == (state, address, waits)
    assert (session.user, session.database) == ("app", "shop")


@pytest.mark.parametrize(
    "line",
    [
        "PID ELAPSED COMMAND",
        "12 9 postgres: checkpointer",
        "12 9 postgres: autovacuum launcher",
        "12 9 postgres: logical replication launcher",
        "12 9 postgres -clisten_addresses=*",
        "12 9 postgres: app shop 10.0.0.3(5566) initializing",
        "12 9 postgres: app shop 10.0.0.3(5566) startup",
        "12 9 postgres: app shop 10.0.0.3(5566) authentication",
        "12 9 python3 -c 'postgres'",
        "",
    ],
)
def test_what_is_no_session_is_left_out(line: str) -> None:
    assert parse_titles(line, {}) == ()


def test_a_wal_sender_takes_no_slot() -> None:
    (session,) = parse_titles("12 9 postgres: walsender replicator 10.0.0.9(5566) streaming 0/3000148", {})
    assert (session.kind, session.takes_slot) == ("walsender", False)
