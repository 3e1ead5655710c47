# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from scripted_runner import Reply, ScriptedRunner, answered, hung

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandResult
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.postgres_psql import Psql
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_settings import (
    PostgresSettings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_explain import (
    explain,
    explain_counted,
    normalise_error,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_server import (
    PostgresServer,
)
from checkout import ROOT

RECORDED = ROOT / "tests" / "fixtures" / "postgres"
SECRET = "topsecretvalue"


class Listening(ScriptedRunner):
    """Keeps what was given to standard input."""

    def run(
        self, argv: Sequence[str], *, deadline: float, stdin: bytes | None = None, limit: int = 1 << 20
    ) -> CommandResult:
        self.sql = (stdin or b"").decode().partition("\n")[2]
        self.deadline = deadline
        return super().run(argv, deadline=deadline, stdin=stdin, limit=limit)


def server(said: Reply) -> tuple[PostgresServer, Listening]:
    runner = Listening(("exec", said))
    psql = Psql(DockerCli(runner), "db-id")
    return PostgresServer("db", psql, PostgresSettings(), Redactor([SECRET]), {}, 5.0), runner


def recorded(name: str) -> str:
    return (RECORDED / f"{name}.stdout").read_text(encoding="utf-8")


def test_a_plan_is_asked_for_in_a_read_only_transaction_that_is_rolled_back_and_carried_out_nowhere() -> None:
    asked, runner = server(recorded("plan"))
    found = explain(asked, "SELECT count(*) FROM events WHERE kind = 'logged-in';", seconds=3.0)
    lines = runner.sql.strip().splitlines()
    assert (lines[0], lines[-1]) == ("BEGIN READ ONLY;", "ROLLBACK;")
    assert "ANALYZE" not in runner.sql
    assert not found.executed
    assert found.statement == "SELECT count(*) FROM events WHERE kind = ?;"
    assert "index events_account; cost 18.86" in found.to_data()["summary"]
    assert (runner.calls[0][runner.calls[0].index("psql") + 6], str(runner.deadline)) == ("3000", "8.0")


def test_a_plan_shows_no_values() -> None:
    found = explain(
        server(recorded("plan"))[0], "SELECT count(*) FROM events WHERE account = $1 AND kind = 'logged-in'"
    )
    shown = json.dumps(found.to_data())
    assert "logged-in" not in shown
    assert "(kind = ?::text)" in shown


def test_a_statement_with_parameters_gets_the_plan_for_any_value() -> None:
    asked, runner = server(recorded("plan"))
    explain(asked, "SELECT count(*) FROM events WHERE account = $1 AND kind = $2")
    assert "force_generic_plan" in runner.sql
    assert "EXECUTE incident_response_explained(NULL, NULL)" in runner.sql


def test_a_counted_statement_is_planned_with_its_values_as_parameters() -> None:
    asked, runner = server(recorded("plan"))
    found = explain_counted(asked, "SELECT count(*) FROM events WHERE account = ? AND kind = ?")
    assert "account = $1 AND kind = $2" in runner.sql
    assert (bool(found.plan), found.error) == (True, "")


def test_only_on_demand_it_is_carried_out_and_the_times_are_shown() -> None:
    asked, runner = server(recorded("plan_analyzed"))
    found = explain(asked, "SELECT count(*) FROM events WHERE account = 7", execute=True)
    assert "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)" in runner.sql
    assert runner.sql.startswith("BEGIN READ ONLY;")
    assert found.executed
    assert found.plan["Execution Time"] == 0.124
    assert found.plan["Actual Rows"] == 1


@pytest.mark.parametrize(
    "statement, execute, reason",
    [
        ("DELETE FROM events", True, "it begins with DELETE"),
        ("SELECT 1; DROP TABLE events", False, "it is more than one statement"),
        ("SELECT count(*) FROM events WHERE account = $1", True, "it has parameters without values"),
        ("SELECT pg_terminate_backend(1)", True, "it calls pg_terminate_backend"),
    ],
)
def test_what_may_not_be_explained_never_reaches_the_server(statement: str, execute: bool, reason: str) -> None:
    asked, runner = server(recorded("plan"))
    with pytest.raises(InvalidInputError, match="explain has the value") as refused:
        explain(asked, statement, execute=execute)
    assert reason in str(refused.value)
    assert runner.calls == []


def test_a_refusal_does_not_repeat_values() -> None:
    with pytest.raises(InvalidInputError) as refused:
        explain(server("")[0], "DELETE FROM users WHERE password = 'hunter2'", execute=True)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("text", ["DO ?", "SELECT 1; SELECT 2", "VACUUM events", "SELECT 'cut of…"])
def test_a_counted_statement_that_may_not_be_planned_says_why_and_is_not_asked_for(text: str) -> None:
    asked, runner = server(recorded("plan"))
    found = explain_counted(asked, text)
    assert found.plan == {}
    assert found.error.startswith("It is not explained: ")
    assert runner.calls == []


def test_a_counted_statement_that_writes_is_planned_and_not_carried_out() -> None:
    asked, runner = server(recorded("plan"))
    assert not explain_counted(asked, "UPDATE events SET kind = ? WHERE account = ?").executed
    assert "EXPLAIN (FORMAT JSON) EXECUTE" in runner.sql
    assert "ANALYZE" not in runner.sql


GONE = answered("--psql\n", 'ERROR:  42P01: relation "evnets" does not exist\nLINE 1: ...\n', 3)


@pytest.mark.parametrize(
    "said, told",
    [
        (GONE, 'db gave no plan: ERROR: 42P01: relation "evnets" does not exist'),
        (hung(), "db gave no plan: no answer in time"),
        (answered(stderr="Error response from daemon: Container 3f is not running", exit_code=1), "is not running"),
    ],
)
def test_without_a_plan_the_reason_is_told(said: Reply, told: str) -> None:
    with pytest.raises(CommandFailedError, match="gave no plan") as failed:
        explain(server(said)[0], "SELECT 1")
    assert told in str(failed.value)
    assert told in explain_counted(server(said)[0], "SELECT 1").error


def test_a_plan_of_another_shape_is_told() -> None:
    with pytest.raises(CommandFailedError, match="another shape"):
        explain(server("--psql\n--plan\n[]\n--end\n")[0], "SELECT 1")


@pytest.mark.parametrize(
    "text, told",
    [
        ('ERROR:  22P02: invalid input syntax for type integer: "hunter2"',
         "ERROR:  22P02: invalid input syntax for type integer: ?"),
        ('ERROR:  42601: syntax error at or near "hunter2"', "ERROR:  42601: syntax error at or near ?"),
        ('ERROR:  22P02: malformed array literal: "{hunter2', "ERROR:  22P02: malformed array literal: ?"),
        ('psql:<stdin>:4: ERROR:  42703: column "acount" does not exist',
         'psql:<stdin>:4: ERROR:  42703: column "acount" does not exist'),
        ("no such container", "no such container"),
    ],
)  # fmt: skip
def test_the_servers_complaint_keeps_names_and_loses_values(text: str, told: str) -> None:
    assert normalise_error(text) == told
