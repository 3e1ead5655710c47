# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""postgres_query_info and postgres_index as Ansible runs them, on recorded answers of real servers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fake_docker import Answer, FakeDocker
from fake_platform import inspected
from fake_platform_client import platform
from module_run import run_main

from ansible_collections.agentfoundry.incident_response.plugins.modules import postgres_index, postgres_query_info
from checkout import ROOT

RECORDED = ROOT / "tests" / "fixtures" / "postgres"
HEALTHY = (RECORDED / "healthy.stdout").read_text(encoding="utf-8")
PLAN = (RECORDED / "plan.stdout").read_text(encoding="utf-8")
SLOW = {
    "text": "SELECT count(*) FROM events WHERE account = $1 AND kind = 'hunter2'", "calls": 40, "mean_ms": 85.0,
    "total_ms": 3400.0, "rows": 40, "user": "app",
}  # fmt: skip
LARGE = {"rows": 700_000, "sequential_scans": 42, "sequential_rows": 29_400_000, "indexed": ["id"],
         "distinct": {"account": 5000.0}}  # fmt: skip
LOOKING, ASKING = "exec*ON_ERROR_STOP=0*", "exec*ON_ERROR_STOP=1*"


def changed(word: str, change: Any) -> str:
    """The healthy server's answer with one part of it changed; None leaves that part out."""
    lines = []
    for line in HEALTHY.splitlines():
        name, _space, text = line.partition(" ")
        value = change(json.loads(text)) if name == word else None
        lines += [line] if name != word else [f"{word} {json.dumps(value)}"] if value is not None else []
    return "\n".join(lines) + "\n"


def without_its_index() -> str:
    text = changed("tables", lambda rows: [{**row, **LARGE} if row["name"] == "events" else row for row in rows])
    statements = next(line for line in text.splitlines() if line.startswith("statements "))
    return text.replace(statements, "statements " + json.dumps([SLOW]))


def look(folder: Path, *first: Answer, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    docker = platform(folder, inspected("db"), first=first)
    arguments = {"docker_cli": docker.path, "state_dir": str(folder / "no-state"), "name": "db", **options}
    return {**run_main(postgres_query_info.main, arguments, check_mode=check_mode), "calls": docker.calls}


def judged(result: dict[str, Any]) -> dict[str, str]:
    return {one["id"]: one["status"] for one in result["findings"] if one["id"].startswith("postgres.")}


# postgres_query_info


@pytest.mark.parametrize("check_mode", [False, True])
def test_statements_are_counted_where_that_is_loaded_and_nothing_changes(tmp_path: Path, check_mode: bool) -> None:
    result = look(tmp_path, Answer(LOOKING, HEALTHY), check_mode=check_mode)
    assert not result["changed"]
    assert result["queries"]["source"] == "pg_stat_statements"
    assert result["queries"]["statements"]
    assert (result["queries"]["index_proposals"], result["explained"]) == ([], {})
    assert judged(result)["postgres.slow_statement"] == "ok"
    assert len([call for call in result["calls"] if call.startswith("exec --interactive")]) == 1


def test_else_those_that_run_now_are_told(tmp_path: Path) -> None:
    result = look(tmp_path, Answer(LOOKING, changed("statements", lambda _rows: None)))
    assert (result["queries"]["source"], result["queries"]["statements"]) == ("running", [])
    assert judged(result)["postgres.slow_statement"] == "not_configured"


def test_a_missing_index_is_proposed_with_its_evidence_and_the_plan_as_it_is_now(tmp_path: Path) -> None:
    result = look(tmp_path, Answer(LOOKING, without_its_index()), Answer(ASKING, PLAN))
    (proposal,) = result["queries"]["index_proposals"]
    assert proposal["statement"] == "CREATE INDEX CONCURRENTLY events_account_idx ON public.events (account);"
    assert proposal["query"] == "SELECT count(*) FROM events WHERE account = ? AND kind = ?"
    assert len(proposal["evidence"]) == 4
    assert not proposal["plan"]["executed"]
    assert proposal["plan"]["summary"]
    assert judged(result)["postgres.missing_index"] == "warning"
    shown = json.dumps({name: value for name, value in result.items() if name != "calls"})
    assert "hunter2" not in shown


LOGGED = (
    "{at} 2026-11-25 20:00:00.000 UTC [7] reporting-service app@shop 10.0.0.3 LOG:  duration: {ms} ms  statement: "
    "SELECT count(*) FROM events WHERE account = 'hunter2'\n"
)


def test_without_counted_statements_the_slow_query_log_speaks_for_an_index(tmp_path: Path) -> None:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000000000Z")
    log = Answer("logs*", "".join(LOGGED.format(at=now, ms=ms) for ms in (700, 900)))
    uncounted = "".join(f"{line}\n" for line in without_its_index().splitlines() if not line.startswith("statements "))
    result = look(tmp_path, log, Answer(LOOKING, uncounted), Answer(ASKING, PLAN))
    (logged,) = result["queries"]["logged"]
    assert (logged["calls"], logged["mean_ms"]) == (2, 800.0)
    (proposal,) = result["queries"]["index_proposals"]
    assert "The statement took 800.0 ms on average of 2 calls (log)." in proposal["evidence"]
    assert (judged(result)["postgres.slow_log"], judged(result)["postgres.missing_index"]) == ("warning", "warning")
    assert "hunter2" not in json.dumps({name: value for name, value in result.items() if name != "calls"})


def test_a_long_statement_of_a_program_is_looked_at_whole_and_shown_cut(tmp_path: Path) -> None:
    columns = [f'"events"."column_{number}"' for number in range(60)]
    long = " ".join(("SELECT", ", ".join(columns), 'FROM "events" WHERE "events"."token" = $1'))
    text = changed("tables", lambda rows: [
        {**row, **LARGE, "distinct": {"token": -1.0}} if row["name"] == "events" else row for row in rows
    ])  # fmt: skip
    statements = next(line for line in text.splitlines() if line.startswith("statements "))
    look_at = text.replace(statements, "statements " + json.dumps([{**SLOW, "text": long}]))
    result = look(tmp_path, Answer(LOOKING, look_at), Answer(ASKING, PLAN))
    (proposal,) = result["queries"]["index_proposals"]
    assert proposal["columns"] == ["token"]
    assert proposal["query"] == long.replace("$1", "?")
    assert proposal["plan"]["plan"], proposal["plan"]["error"]
    (shown,) = result["queries"]["statements"]
    assert len(shown["text"]) <= 400
    (finding,) = (one for one in result["findings"] if one["id"] == "postgres.missing_index")
    assert max(map(len, finding["evidence"])) <= 400


def test_a_proposal_without_a_plan_says_why(tmp_path: Path) -> None:
    gone = Answer(ASKING, stderr='ERROR:  42P01: relation "events" does not exist', exit_code=3)
    (proposal,) = look(tmp_path, Answer(LOOKING, without_its_index()), gone)["queries"]["index_proposals"]
    assert (proposal["plan"]["plan"], "42P01" in proposal["plan"]["error"]) == ({}, True)


def test_plans_of_proposals_can_be_left_out(tmp_path: Path) -> None:
    result = look(tmp_path, Answer(LOOKING, without_its_index()), explain_proposals=False)
    assert "plan" not in result["queries"]["index_proposals"][0]


def test_a_statement_is_explained_on_demand(tmp_path: Path) -> None:
    result = look(tmp_path, Answer(LOOKING, HEALTHY), Answer(ASKING, PLAN), explain="SELECT 1 FROM events")
    assert result["explained"]["summary"] == "index events_account; cost 18.86"
    assert not result["explained"]["executed"]


@pytest.mark.parametrize(
    "options, told",
    [
        ({"explain": "DELETE FROM events", "analyze": True}, "it begins with DELETE"),
        ({"explain": "SELECT 1; DROP TABLE events"}, "it is more than one statement"),
    ],
)
def test_what_may_not_be_explained_is_refused(tmp_path: Path, options: dict[str, Any], told: str) -> None:
    result = look(tmp_path, Answer(LOOKING, HEALTHY), **options)
    assert result["failed"]
    assert result["msg"].startswith("explain has the value")
    assert told in result["msg"]


def test_a_server_that_does_not_answer_is_a_finding_and_no_error(tmp_path: Path) -> None:
    refused = "psql: error: connection to server on socket failed: Connection refused"
    result = look(tmp_path, Answer("exec*", stderr=refused, exit_code=2))
    assert result["queries"].get("statements", []) == []
    assert judged(result)["postgres.answers"] == "critical"


# postgres_index

ROOM = "--disk\nFilesystem 1024-blocks Used Available Capacity Mounted on\n/dev/a 9000000 1 8999999 1% /data\n--psql\n"
SCAN = '--plan\n[{"Plan": {"Node Type": "Seq Scan", "Relation Name": "events", "Total Cost": 9000.0}}]\n--end\n'
BY_INDEX = SCAN.replace("Seq Scan", "Index Scan").replace("Relation Name", "Index Name").replace(
    '"events"', '"events_account_idx"'
)  # fmt: skip
OWN = {"name": "events_account_idx", "columns": ["account"], "valid": True, "leftover": False, "building": False}
VARIABLES = "exec*columns=*"


def table(*indexes: dict[str, Any]) -> str:
    found = {"table": True, "size": 1 << 20, "columns": ["id", "account"], "indexes": list(indexes)}
    return f"--psql\nindex {json.dumps(found)}\n"


def server(folder: Path, after: str = BY_INDEX, *, left: bool = True) -> FakeDocker:
    """A table without an index: the first look, then the command, then what a look and a plan tell after it."""
    return platform(
        folder,
        inspected("db"),
        first=(
            Answer(VARIABLES, table(OWN) if left else table(), when="built"),
            Answer(VARIABLES, "--psql\n", when="looked", then="built"),
            Answer(VARIABLES, table(), then="looked"),
            Answer(ASKING, ROOM + after, when="built"),
            Answer(ASKING, ROOM + SCAN),
        ),
    )


def ensure(docker: FakeDocker, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    given = {"table": "events", "columns": ["account"], "query": "SELECT 1 FROM events WHERE account = ?", **options}
    arguments = {"docker_cli": docker.path, "name": "db", **given}
    return run_main(postgres_index.main, arguments, check_mode=check_mode, diff=True)


def test_an_index_is_created_verified_and_not_created_twice(tmp_path: Path) -> None:
    docker = server(tmp_path)
    first = ensure(docker)
    assert (first["changed"], first["verified"], first["index"]) == (True, True, "events_account_idx")
    assert first["plan_before"]["sequential_scans"] == ["events"]
    assert first["diff"]["after"].startswith("CREATE INDEX CONCURRENTLY")
    second = ensure(docker)
    assert (second["changed"], second["actions"]) == (False, [])


def test_check_mode_only_looks(tmp_path: Path) -> None:
    docker = server(tmp_path)
    result = ensure(docker, check_mode=True)
    assert (result["changed"], result["verified"]) == (True, None)
    assert len([call for call in docker.calls if "columns=" in call]) == 1


def test_an_index_that_does_not_help_fails_the_task(tmp_path: Path) -> None:
    result = ensure(server(tmp_path, SCAN))
    assert result["failed"]
    assert "so that it was dropped again" in result["msg"]


@pytest.mark.parametrize(
    "options, told",
    [
        ({"columns": []}, "columns has the value"),
        ({"columns": ["account", "account"]}, "Give each column once"),
        ({"columns": ["acount"]}, "The table's columns: id, account"),
        ({"name": "dbx"}, "has no service dbx"),
    ],
)
def test_a_wrong_option_is_named(tmp_path: Path, options: dict[str, Any], told: str) -> None:
    result = ensure(server(tmp_path), **options)
    assert result["failed"]
    assert told in result["msg"]
