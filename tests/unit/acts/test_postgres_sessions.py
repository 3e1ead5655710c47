# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions are ended only as they were seen, never the protected ones, and what is left is told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.postgres_sessions import (
    END,
    MOMENT,
    end_sessions,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_criteria import (
    Criteria,
    Named,
    Verb,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import Server, Session

SERVER = Server(150018, "op", "shop", "/data", 40, 3, 0, False, True, 900.0)
IDLE = Session(
    7, database="shop", user="app", application="web", service="web", state="idle in transaction", state_age=90.0,
    started="2026-11-24 08:00:00+00", changed="2026-11-24 08:30:00+00",
)  # fmt: skip
OLD_IDLE = Criteria(Verb.TERMINATE, ("idle in transaction",), 60.0)
CANCEL = Criteria(Verb.CANCEL, ("active",), 30.0, root_blockers=True)


@dataclass
class FakeServer:
    """Ends what it is told to end, unless it is told otherwise.

    :param stubborn: process ids that are signalled and stay.
    :param gone: process ids that are not found any more when the statement runs.
    """

    there: list[Session]
    stubborn: Sequence[int] = ()
    gone: Sequence[int] = ()
    befores: list[str] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def sessions(self, before: str = "") -> tuple[Server, tuple[Session, ...]]:
        self.befores.append(before)
        return SERVER, tuple(self.there)

    def ask(self, sql: str, variables: Mapping[str, str] | None = None, *, seconds: float = 5.0) -> dict[str, Any]:
        given = dict(variables or {})
        self.asked.append((sql, given))
        wanted = [int(one["pid"]) for one in json.loads(given["targets"]) if int(one["pid"]) not in self.gone]
        self.there = [one for one in self.there if one.pid not in wanted or one.pid in self.stubborn]
        return {"ended": wanted}


def numbered(*pids: int, session: Session = IDLE) -> list[Session]:
    return [replace(session, pid=pid) for pid in pids]


def test_each_session_is_named_by_process_start_and_last_change_in_a_variable_of_psql() -> None:
    server = FakeServer(numbered(7))
    outcome = end_sessions(server, OLD_IDLE, check_mode=False)
    ((sql, variables),) = server.asked
    assert sql == END
    assert variables["verb"] == "terminate"
    assert json.loads(variables["targets"]) == [{"pid": 7, "started": IDLE.started, "changed": IDLE.changed}]
    assert server.befores == ["", MOMENT]
    assert (outcome.to_result()["changed"], outcome.to_result()["remaining"]) == (True, [])


def test_one_that_works_by_turns_is_named_by_its_transaction_and_told_when_it_stays() -> None:
    blocker = replace(IDLE, opened="2026-11-24 08:29:00+00")
    waiting = replace(IDLE, pid=9, state="active", state_age=40.0, blocked_by=(7,))
    named = (Named(7, IDLE.started, opened=blocker.opened),)
    criteria = replace(OLD_IDLE, older_than=30.0, root_blockers=True, named=named)
    server = FakeServer([replace(blocker, changed="2026-11-24 08:30:05+00"), waiting], stubborn=[7])

    outcome = end_sessions(server, criteria, check_mode=False)

    ((_sql, variables),) = server.asked
    assert json.loads(variables["targets"]) == [{"pid": 7, "started": IDLE.started, "opened": blocker.opened}]
    assert outcome.to_result()["remaining"] == [7]


def test_the_statement_that_acts_holds_the_identity_and_the_database_against_what_is_true_then() -> None:
    for condition in (
        "wanted.pid = session.pid",
        "wanted.started = session.backend_start",
        "(wanted.changed = session.state_change OR wanted.opened = session.xact_start)",
        "session.datname = current_database()",
        "session.backend_type = 'client backend'",
        "session.pid <> pg_backend_pid()",
    ):
        assert condition in END
    assert "kill" not in END.lower()


def test_check_mode_lists_whom_it_would_touch_and_asks_for_nothing_more() -> None:
    server = FakeServer(numbered(7, 8))
    result = end_sessions(server, OLD_IDLE, check_mode=True).to_result()
    assert server.asked == []
    assert server.befores == [""]
    assert result["changed"]
    assert [(one["id"], one["status"], one["service"]) for one in result["actions"]] == [
        (7, "terminated", "web"), (8, "terminated", "web"),
    ]  # fmt: skip
    assert result["diff"] == {
        "before": "7: idle in transaction of web as app\n8: idle in transaction of web as app\n", "after": "",
    }  # fmt: skip


@pytest.mark.parametrize("check_mode", [True, False])
def test_where_nobody_fits_nothing_is_done_and_nothing_has_changed(check_mode: bool) -> None:
    server = FakeServer([replace(IDLE, state_age=1.0), replace(IDLE, pid=8, protected="it runs a backup")])
    result = end_sessions(server, OLD_IDLE, check_mode=check_mode).to_result()
    assert server.asked == []
    assert (result["changed"], result["actions"], result["diff"]) == (False, [], {"before": "", "after": ""})
    assert [(one["id"], one["status"]) for one in result["spared"]] == [(8, "it runs a backup")]


def test_protected_sessions_never_reach_the_server() -> None:
    server = FakeServer([*numbered(7), *numbered(8, session=replace(IDLE, protected="pg_dump is a backup tool"))])
    end_sessions(server, OLD_IDLE, check_mode=False)
    assert [one["pid"] for one in json.loads(server.asked[0][1]["targets"])] == [7]
    assert [one.pid for one in server.there] == [8]


def test_a_session_that_went_on_meanwhile_is_not_counted_as_ended() -> None:
    server = FakeServer(numbered(7, 8), gone=[8])
    result = end_sessions(server, OLD_IDLE, check_mode=False).to_result()
    assert [one["id"] for one in result["actions"]] == [7]
    assert result["diff"]["before"].count("\n") == 2


def test_when_all_have_gone_on_meanwhile_nothing_has_changed() -> None:
    server = FakeServer(numbered(7), gone=[7])
    assert not end_sessions(server, OLD_IDLE, check_mode=False).to_result()["changed"]


def test_who_was_signalled_and_is_still_there_is_told() -> None:
    server = FakeServer(numbered(7, 8), stubborn=[8])
    result = end_sessions(server, OLD_IDLE, check_mode=False).to_result()
    assert result["remaining"] == [8]
    assert result["diff"]["after"] == "8: idle in transaction of web as app\n"


def test_the_cap_holds_and_those_beyond_it_are_counted() -> None:
    server = FakeServer(numbered(*range(10)))
    result = end_sessions(server, replace(OLD_IDLE, at_most=3), check_mode=False).to_result()
    assert (len(result["actions"]), result["left"], len(server.there)) == (3, 7, 7)


def test_a_cancelled_statement_leaves_its_session_which_has_changed_its_state() -> None:
    blocker = replace(IDLE, state="active", statement="SELECT pg_sleep(?)")
    waiting = replace(IDLE, pid=9, state="active", state_age=40.0, blocked_by=(7,))

    class Cancelling(FakeServer):
        def ask(self, sql: str, variables: Mapping[str, str] | None = None, *, seconds: float = 5.0) -> dict[str, Any]:
            super().ask(sql, variables, seconds=seconds)
            self.there = [replace(blocker, state="idle", changed="2026-11-24 08:40:00+00")]
            return {"ended": [7]}

    result = end_sessions(Cancelling([blocker, waiting]), CANCEL, check_mode=False).to_result()
    assert [(one["id"], one["status"]) for one in result["actions"]] == [(7, "cancelled")]
    assert result["remaining"] == []


def test_an_answer_without_a_list_means_that_nobody_was_signalled() -> None:
    class Silent(FakeServer):
        def ask(self, sql: str, variables: Mapping[str, str] | None = None, *, seconds: float = 5.0) -> dict[str, Any]:
            return {}

    assert not end_sessions(Silent(numbered(7)), OLD_IDLE, check_mode=False).to_result()["changed"]


def test_a_server_that_refuses_is_an_error_that_reaches_the_module() -> None:
    class Refusing(FakeServer):
        def ask(self, sql: str, variables: Mapping[str, str] | None = None, *, seconds: float = 5.0) -> dict[str, Any]:
            raise CommandFailedError("db refused a statement: permission denied")

    with pytest.raises(CommandFailedError, match="permission denied"):
        end_sessions(Refusing(numbered(7)), OLD_IDLE, check_mode=False)
