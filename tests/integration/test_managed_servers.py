# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Redis and PostgreSQL reached over TCP, as a managed server is, tell the same as by exec in their containers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from planted_sessions import idle_transaction
from playbook_run import Play, PlaybookRun, playbook_of

from labtool.lab import Lab

COLLECTION = "agentfoundry.incident_response."
COUNTED = "SELECT count(*) FROM events WHERE account = 1"
# A server without a container has no state, no disk and no log that could be looked at; and who reached it by its
# address does not ask where it listens.
OF_A_CONTAINER = ("postgres.running", "postgres.disk", "postgres.refused", "postgres.log", "postgres.slow_log",
                  "postgres.authentication", "postgres.listen_addresses")  # fmt: skip
Results = tuple[Mapping[str, Any], Mapping[str, Any]]
"""What a module tells by exec, and by TCP."""


def address(lab: Lab, service: str) -> str:
    """Return the address of a service's container, as this host reaches it."""
    form = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    return lab.docker("inspect", "--format", form, lab.container_id(service)).strip()


def parts(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return these parts of a mapping, all of which must be there."""
    return {name: data[name] for name in names}


def judged(result: Mapping[str, Any], kind: str) -> dict[str, str]:
    """Return finding -> status, of those about the server itself."""
    return {
        one["id"]: one["status"]
        for one in result["findings"]
        if one["id"].startswith(f"{kind}.") and not one["id"].startswith(OF_A_CONTAINER)
    }


def both(run: PlaybookRun, module: str) -> Results:
    """Return the results of the task that looked both ways."""
    (by_exec, by_tcp) = run.calls(module)[0]["results"]
    return by_exec, by_tcp


def test_redis_and_postgresql_tell_the_same_by_exec_and_by_tcp(
    lab: Lab, quick_play: Play, postgres_password_file: Path, tmp_path: Path
) -> None:
    for number in range(3):
        lab.redis("SET", f"same:{number}", "x")
    reached = {"host": address(lab, "postgres"), "user": "agentfoundry", "password_file": str(postgres_password_file)}
    common = {
        "project": lab.project,
        "services": {
            "cache": {"kind": "redis", "redis": {"host": address(lab, "redis")}},
            # The container of PostgreSQL has psql; it stands for any that has.
            "records": {"kind": "postgres", "postgres": {**reached, "client": "postgres"}},
        },
        "name": "{{ item }}",
    }
    explained = {"explain": COUNTED, "analyze": True}
    writing = {**common, "name": "records", "explain": "DELETE FROM events", "analyze": True}
    playbook = playbook_of(
        tmp_path,
        {COLLECTION + "redis_health_info": common, "loop": ["redis", "cache"]},
        {COLLECTION + "postgres_activity_info": common, "loop": ["postgres", "records"]},
        {COLLECTION + "postgres_query_info": {**common, **explained}, "loop": ["postgres", "records"]},
        {COLLECTION + "redis_key": {**common, "prefix": "same:"}, "loop": ["cache", "redis"]},
        {COLLECTION + "postgres_query_info": writing, "ignore_errors": True},
    )

    run = quick_play(playbook)

    assert run.rc == 0, run.output
    assert lab.variables()["POSTGRES_PASSWORD"] not in run.output
    assert_redis_is_the_same(both(run, "redis_health_info"))
    assert_sessions_are_the_same(both(run, "postgres_activity_info"))
    assert_statements_are_the_same(both(run, "postgres_query_info"))
    assert [one["count"] for one in both(run, "redis_key")] == [3, 0]
    assert [one["changed"] for one in both(run, "redis_key")] == [True, False]
    assert "it begins with DELETE" in run.calls("postgres_query_info")[-1]["msg"]


def assert_redis_is_the_same(results: Results) -> None:
    one, other = (result["redis"] for result in results)
    assert judged(results[0], "redis") == judged(results[1], "redis")
    assert parts(one, "via", "state") == {"via": "exec", "state": "running"}
    assert parts(other, "via", "state") == {"via": "tcp", "state": "managed"}
    same = ("answer", "error", "persistence", "database", "keys", "write", "latency_spikes")
    assert parts(one, *same) == parts(other, *same)
    inside = ("version", "role", "most_clients", "keys", "last_save_ok", "loading")
    assert parts(one["server"], *inside) == parts(other["server"], *inside)
    assert [slow["text"] for slow in one["slow_commands"]] == [slow["text"] for slow in other["slow_commands"]]


HOST_PSQL = """#!/bin/sh
exec docker exec -i -e PGPASSWORD -e PGAPPNAME -e PGCONNECT_TIMEOUT -e PGCLIENTENCODING -e PGOPTIONS {} psql "$@"
"""


def test_psql_of_the_target_host_tells_the_same_as_psql_in_the_servers_container(
    lab: Lab, quick_play: Play, postgres_password_file: Path, tmp_path: Path
) -> None:
    # Whether this machine has a client of PostgreSQL does not matter: what is called psql here runs in a container.
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "psql").write_text(HOST_PSQL.format(lab.container_id("postgres")), encoding="utf-8")
    (programs / "psql").chmod(0o755)
    reached = {"host": address(lab, "postgres"), "user": "agentfoundry", "password_file": str(postgres_password_file)}
    common = {
        "project": lab.project,
        "services": {"records": {"kind": "postgres", "postgres": {**reached, "client": "host"}}},
        "name": "{{ item }}",
    }
    both_ways = {"loop": ["postgres", "records"], "environment": {"PATH": f"{programs}:{os.environ['PATH']}"}}
    folder = tmp_path / "playbooks"
    folder.mkdir()

    with idle_transaction(lab, "careful-export") as careful:
        run = quick_play(
            playbook_of(
                folder,
                {COLLECTION + "postgres_activity_info": common, **both_ways},
                {
                    COLLECTION + "postgres_session": {**common, "action": "terminate", "older_than": 0},
                    **both_ways,
                    "check_mode": True,
                },
            )
        )

    assert run.rc == 0, run.output
    assert lab.variables()["POSTGRES_PASSWORD"] not in run.output
    assert_sessions_are_the_same(both(run, "postgres_activity_info"), via="tcp from the host")
    for result in both(run, "postgres_session"):
        assert [str(one["id"]) for one in result["actions"]] == [careful]


def assert_sessions_are_the_same(results: Results, via: str = "tcp from postgres") -> None:
    one, other = (result["postgres"] for result in results)
    assert judged(results[0], "postgres") == judged(results[1], "postgres")
    assert parts(one, "via", "state") == {"via": "exec", "state": "running"}
    assert parts(other, "via", "state") == {"via": via, "state": "managed"}
    assert {**one["server"], "uptime": 0} == {**other["server"], "uptime": 0}
    assert one["slots"]["max_connections"] == other["slots"]["max_connections"]
    assert one["write"] == other["write"] == {"tried": True, "error": "", "code": ""}


def assert_statements_are_the_same(results: Results) -> None:
    one, other = (result["queries"] for result in results)
    assert judged(results[0], "postgres") == judged(results[1], "postgres")
    assert one["source"] == other["source"] == "pg_stat_statements"
    assert {table["name"] for table in one["tables"]} == {table["name"] for table in other["tables"]}
    one, other = (result["explained"] for result in results)
    assert parts(one, "summary", "executed", "statement") == parts(other, "summary", "executed", "statement")
    assert (one["executed"], one["statement"]) == (True, COUNTED.replace("1", "?"))
    assert one["plan"]["Actual Rows"] == other["plan"]["Actual Rows"] == 1
