# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from scripted_runner import ScriptedRunner, answered

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.postgres_psql import PSQL, Psql
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError

PASSWORD = "hunter2-hunter2"


def psql_of(runner: ScriptedRunner, user: str = "", database: str = "") -> Psql:
    return Psql(DockerCli(runner), "c1", user=user, database=database, password=PASSWORD)


class NotingRunner(ScriptedRunner):
    """Keeps what went to standard input."""

    stdin = b""

    def run(self, argv, *, deadline, stdin=None, limit=1 << 20):  # type: ignore[no-untyped-def]
        self.stdin = stdin or b""
        return super().run(argv, deadline=deadline, stdin=stdin, limit=limit)


def test_the_password_goes_to_standard_input_and_never_into_a_command_line() -> None:
    runner = NotingRunner(("exec", "--psql\n"))
    psql_of(runner, user="app", database="shop").run("SELECT 1;", {"name": "it's"}, deadline=5)
    (call,) = runner.calls
    assert PASSWORD not in " ".join(call)
    assert runner.stdin.decode().splitlines() == [PASSWORD, "SELECT 1;"]
    assert call[:4] == ("docker", "exec", "--interactive", "c1")
    assert "name=it's" in call


def test_a_password_of_two_lines_would_run_its_second_line_as_sql() -> None:
    with pytest.raises(InvalidInputError) as error:
        Psql(DockerCli(ScriptedRunner()), "c1", password="a\nDROP TABLE t;")
    assert "DROP" not in str(error.value)


def test_sections_are_told_apart_and_a_servers_answer_begins_none() -> None:
    output = "--disk\nFilesystem\n/dev/x\n--inodes\n--psql\nrow 1\n--disk\nrow 2\n"
    result = psql_of(ScriptedRunner(("exec", output))).run("SELECT 1;", deadline=5)
    assert result.sections["--disk"] == ("Filesystem", "/dev/x")
    assert result.sections[PSQL] == result.rows == ("row 1", "--disk", "row 2")


@pytest.mark.parametrize("code, connected", [(0, True), (3, True), (1, False), (2, False), (124, False), (127, False)])
def test_the_exit_code_tells_whether_there_was_a_connection(code: int, connected: bool) -> None:
    runner = ScriptedRunner(("exec", answered("--psql\n", "psql: error", code)))
    assert psql_of(runner).run("SELECT 1;", deadline=5).connected is connected


STUB = """#!/bin/sh
printf 'arguments:%s\\n' "$*"
printf 'password:%s application:%s options:%s\\n' "$PGPASSWORD" "$PGAPPNAME" "$PGOPTIONS"
cat
"""


class HereRunner(ScriptedRunner):
    """Runs the script on this machine, with a stub in place of psql."""

    def __init__(self, folder: Path, **environment: str) -> None:
        super().__init__()
        stub = folder / "psql"
        stub.write_text(STUB, encoding="utf-8")
        stub.chmod(0o755)
        self._environment = {"PATH": f"{folder}:/usr/bin:/bin", **environment}

    def run(self, argv, *, deadline, stdin=None, limit=1 << 20):  # type: ignore[no-untyped-def]
        done = subprocess.run(argv, input=stdin, capture_output=True, env=self._environment, timeout=20, check=False)
        return answered(done.stdout, done.stderr, done.returncode)


def run_here(
    runner: HereRunner, password: str = "", *, user: str = "", database: str = "", host: str = "", port: int = 0
) -> tuple[str, ...]:
    way = Psql(DockerCli(runner), "", user=user, database=database, host=host, port=port, password=password)
    return way.run("SELECT 1;", {"a": "$(id) `id`"}, deadline=5).rows


def test_without_a_word_of_the_inventory_the_containers_own_environment_counts(tmp_path: Path) -> None:
    rows = run_here(HereRunner(tmp_path, POSTGRES_USER="op", POSTGRES_DB="shop", POSTGRES_PASSWORD="own"))
    assert "-U op -d shop" in rows[0]
    assert rows[1].startswith("password:own application:incident_response options:-c statement_timeout=3000")
    assert rows[2] == "SELECT 1;"


def test_what_the_inventory_says_wins(tmp_path: Path) -> None:
    runner = HereRunner(tmp_path, POSTGRES_USER="op", POSTGRES_PASSWORD="own", PGPASSWORD="other")
    rows = run_here(runner, PASSWORD, user="app", database="shop", host="db.example.com", port=6432)
    assert "-U app -d shop -p 6432 -h db.example.com -v ON_ERROR_STOP=1" in rows[0]
    assert rows[1].startswith(f"password:{PASSWORD} ")


def test_a_secret_file_of_the_container_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from-file\n", encoding="utf-8")
    rows = run_here(HereRunner(tmp_path, POSTGRES_PASSWORD_FILE=str(tmp_path / "secret")))
    assert rows[1].startswith("password:from-file ")


def test_a_variables_value_is_one_argument_and_no_command(tmp_path: Path) -> None:
    assert run_here(HereRunner(tmp_path))[0].endswith("a=$(id) `id`")


def test_a_container_without_psql_says_so(tmp_path: Path) -> None:
    runner = HereRunner(tmp_path)
    (tmp_path / "psql").unlink()
    runner._environment["PATH"] = str(tmp_path)
    for tool in ("sh", "df", "timeout"):
        (tmp_path / tool).symlink_to(f"/bin/{tool}" if tool == "sh" else f"/usr/bin/{tool}")
    result = Psql(DockerCli(runner), "").run("SELECT 1;", deadline=5)
    assert not result.connected
    assert "psql: not found" in result.stderr
