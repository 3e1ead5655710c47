# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_blocking import (
    root_blockers,
    waiting_sessions,
    waits_for_prepared,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_criteria import (
    Criteria,
    Verb,
    choose_sessions,
    read_criteria,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import (
    Answer,
    PostgresFacts,
    Session,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_protection import (
    Protection,
    reason_to_spare,
)

IDLE = Session(
    1, database="shop", user="app", application="web", service="web", state="idle in transaction", state_age=90.0
)
OPTIONS = {
    "action": "terminate", "states": [], "older_than": 60.0, "application": "", "service": "", "user": "",
    "root_blockers": False, "at_most": 50, "sessions": None, "same_transaction": False,
}  # fmt: skip


SEEN = {"pid": 1, "started": "08:00", "changed": "08:30"}


def active(pid: int, *blocked_by: int, age: float = 10.0) -> Session:
    return replace(IDLE, pid=pid, state="active", state_age=age, blocked_by=blocked_by)


def test_the_root_of_a_chain_is_the_one_that_waits_for_nobody() -> None:
    sessions = [active(1), active(2, 1, age=40.0), active(3, 2, age=5.0), active(4, 3), active(9)]
    (root,) = root_blockers(sessions)
    assert (root.session.pid, root.waiting, root.longest_wait) == (1, 3, 40.0)
    assert [session.pid for session in waiting_sessions(sessions)] == [2, 4, 3]


def test_two_roots_come_with_most_waiters_first() -> None:
    sessions = [active(1), active(2), active(3, 2), active(4, 2), active(5, 1)]
    assert [root.session.pid for root in root_blockers(sessions)] == [2, 1]


def test_sessions_that_wait_in_a_circle_have_no_root() -> None:
    assert root_blockers([active(1, 2), active(2, 1)]) == []


def test_a_prepared_transaction_is_nobodys_session() -> None:
    sessions = [active(1, 0)]
    assert root_blockers(sessions) == []
    assert waits_for_prepared(sessions)


@pytest.mark.parametrize(
    "session, statement, reason",
    [
        (replace(IDLE, kind="walsender"), "", "walsender"),
        (replace(IDLE, kind="autovacuum worker"), "", "autovacuum worker"),
        (replace(IDLE, database="other"), "", "belongs to the database other"),
        (replace(IDLE, database=""), "", "(none)"),
        (replace(IDLE, application="pg_dump"), "", "backup tool"),
        (replace(IDLE, application="pgBackRest [backup]"), "", "backup tool"),
        (replace(IDLE, application="vacuumdb"), "", "maintenance tool"),
        (replace(IDLE, application="walreceiver"), "", "replication tool"),
        (replace(IDLE, application="incident_response"), "", "operator's probe"),
        (replace(IDLE, application="ETL nightly"), "", "protects the application"),
        (replace(IDLE, user="auditor"), "", "protects the role"),
        (IDLE, "COPY events TO stdout", "runs a backup"),
        (IDLE, "VACUUM events", "runs maintenance"),
    ],
)
def test_these_sessions_are_never_touched(session: Session, statement: str, reason: str) -> None:
    assert reason in reason_to_spare(session, statement, Protection("shop", ("etl",), ("auditor",)))


def test_an_ordinary_session_of_the_platforms_database_is_not_spared() -> None:
    assert reason_to_spare(IDLE, "SELECT 'VACUUM'", Protection("shop")) == ""


def test_only_what_fits_all_criteria_is_chosen_oldest_first_and_capped() -> None:
    sessions = [
        replace(IDLE, pid=1, state_age=70.0),
        replace(IDLE, pid=2, state_age=400.0),
        replace(IDLE, pid=3, state_age=59.9),
        replace(IDLE, pid=4, state="active"),
        replace(IDLE, pid=5, state="idle"),
        replace(IDLE, pid=6, state_age=80.0, protected="it runs a backup"),
        replace(IDLE, pid=7, state_age=75.0),
        replace(IDLE, pid=8, state_age=None),
    ]
    choice = choose_sessions(sessions, read_criteria({**OPTIONS, "at_most": 2}))
    assert [session.pid for session in choice.chosen] == [2, 7]
    assert [session.pid for session in choice.spared] == [6]
    assert choice.left == 1


def test_of_two_sessions_that_fit_only_the_one_that_was_seen_is_chosen() -> None:
    seen = replace(IDLE, started="08:00", changed="08:30", opened="08:29")
    later = replace(seen, pid=2, state_age=95.0)
    criteria = read_criteria({**OPTIONS, "sessions": [seen.to_data()]})
    assert choose_sessions([seen, later], criteria).chosen == (seen,)


@pytest.mark.parametrize(
    "changes, as_it_was, in_its_transaction",
    [
        ({}, True, True),
        ({"pid": 2}, False, False),
        ({"started": "08:10"}, False, False),
        ({"changed": "08:31"}, False, True),
        ({"changed": "08:31", "opened": "08:31"}, False, False),
        ({"changed": "08:31", "opened": ""}, False, False),
        ({"protected": "it runs a backup"}, False, False),
        ({"state_age": 59.0}, False, False),
    ],
)
def test_a_session_that_was_seen_is_chosen_only_as_it_was_or_in_the_transaction_that_was_seen(
    changes: dict[str, Any], as_it_was: bool, in_its_transaction: bool
) -> None:
    seen = replace(IDLE, started="08:00", changed="08:30", opened="08:29")
    now = [replace(seen, **changes)]
    named = {**OPTIONS, "sessions": [seen.to_data()]}
    assert bool(choose_sessions(now, read_criteria(named)).chosen) == as_it_was
    assert bool(choose_sessions(now, read_criteria({**named, "same_transaction": True})).chosen) == in_its_transaction


def test_an_empty_list_of_sessions_names_nobody() -> None:
    assert choose_sessions([IDLE], read_criteria({**OPTIONS, "sessions": []})).chosen == ()


def test_a_named_session_may_be_in_any_state() -> None:
    seen = replace(active(1, age=90.0), started="08:00", changed="08:30")
    criteria = read_criteria({**OPTIONS, "states": ["active"], "sessions": [seen.to_data()]})
    assert choose_sessions([seen], criteria).chosen == (seen,)


@pytest.mark.parametrize("field", ["application", "service", "user"])
def test_a_named_owner_must_match_as_a_whole(field: str) -> None:
    criteria = read_criteria({**OPTIONS, field: "web" if field != "user" else "app"})
    changed: dict[str, Any] = {field: "web-2"}
    other = replace(IDLE, pid=2, **changed)
    assert [session.pid for session in choose_sessions([IDLE, other], criteria).chosen] == [1]


def test_a_root_blocker_is_chosen_by_the_time_that_others_waited() -> None:
    sessions = [active(1, age=1.0), active(2, 1, age=45.0), active(3, age=500.0)]
    criteria = read_criteria({**OPTIONS, "action": "cancel", "root_blockers": True, "older_than": 30.0})
    assert [session.pid for session in choose_sessions(sessions, criteria).chosen] == [1]
    assert choose_sessions(sessions, replace(criteria, older_than=46.0)).chosen == ()


def test_a_protected_root_blocker_is_spared() -> None:
    sessions = [replace(active(1), protected="it runs a backup"), active(2, 1, age=45.0)]
    choice = choose_sessions(sessions, Criteria(Verb.CANCEL, ("active",), 0.0, root_blockers=True))
    assert (choice.chosen, [session.pid for session in choice.spared]) == ((), [1])


@pytest.mark.parametrize(
    "changes, option",
    [
        ({"states": ["active"]}, "states"),
        ({"states": ["idle"]}, "states"),
        ({"states": ["sleeping"], "application": "web"}, "states"),
        ({"action": "cancel"}, "states"),
        ({"action": "cancel", "states": ["idle in transaction"]}, "states"),
        ({"older_than": -1.0}, "older_than"),
        ({"older_than": float("nan")}, "older_than"),
        ({"at_most": 0}, "at_most"),
        ({"same_transaction": True}, "same_transaction"),
        ({"sessions": [{"started": "08:00", "changed": "08:30"}]}, "sessions[0].pid"),
        ({"sessions": [{**SEEN, "pid": "all"}]}, "sessions[0].pid"),
        ({"sessions": [{**SEEN, "pid": True}]}, "sessions[0].pid"),
        ({"sessions": [{**SEEN, "pid": -1}]}, "sessions[0].pid"),
        ({"sessions": [SEEN, {**SEEN, "started": ""}]}, "sessions[1].started"),
        ({"sessions": [{**SEEN, "changed": None}]}, "sessions[0].changed"),
        ({"sessions": [{**SEEN, "opened": ""}], "same_transaction": True}, "sessions[0].opened"),
    ],
)
def test_criteria_that_would_fit_everybody_or_nobody_are_refused(changes: dict[str, object], option: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        read_criteria({**OPTIONS, **changes})
    assert error.value.option == option


def test_a_result_shows_the_oldest_sessions_and_beyond_them_whoever_makes_others_wait() -> None:
    crowd = [replace(IDLE, pid=pid) for pid in range(1, 301)]
    crowd[4] = replace(crowd[4], blocked_by=(280,))
    crowd[290] = replace(crowd[290], blocked_by=(280, 5))

    shown = PostgresFacts("db", "running", Answer.OK, sessions=tuple(crowd)).to_data()["sessions"]

    assert [one["pid"] for one in shown] == [*range(1, 201), 280]
    assert {one["pid"]: one["blocks"] for one in shown if one["blocks"]} == {5: 1, 280: 2}
