# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""psql, in the server's own container, in another one, or on the target host: no driver is needed anywhere.

One constant script for all three; what varies are positional arguments (never secrets) and standard input (the password
in the first line, the SQL after it). So nothing is ever put together to a shell command, and no password shows in a
process list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandResult
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError

APPLICATION = "incident_response"
"""Our own sessions bear this name, so that they are left out of every count."""

DISK = "--disk"
INODES = "--inodes"
PSQL = "--psql"
"""Lines of the output that begin a section."""

# PGPASSWORD: the first line of standard input, else what the container has for its own server. `read` takes no more
# than that line. A time limit inside the container, since the end of the client does not end the program there.
_SCRIPT = """
user=$1 database=$2 host=$3 port=$4 seconds=$5 statement_ms=$6
shift 6
if [ -z "$host" ]; then
  data=${PGDATA:-/var/lib/postgresql/data}
  echo --disk; df -Pk -- "$data" "$data/pg_wal" 2>/dev/null
  echo --inodes; df -Pi -- "$data" "$data/pg_wal" 2>/dev/null
fi
echo --psql
IFS= read -r password
if [ -z "$password" ]; then
  password=${PGPASSWORD:-${POSTGRES_PASSWORD:-}}
  if [ -z "$password" ] && [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then
    IFS= read -r password < "$POSTGRES_PASSWORD_FILE"
  fi
fi
if [ -n "$password" ]; then PGPASSWORD=$password; export PGPASSWORD; fi
: "${user:=${POSTGRES_USER:-postgres}}"
: "${database:=${POSTGRES_DB:-$user}}"
PGAPPNAME=incident_response PGCONNECT_TIMEOUT=$seconds PGCLIENTENCODING=UTF8
PGOPTIONS="-c statement_timeout=$statement_ms -c lock_timeout=2000 -c standard_conforming_strings=on"
export PGAPPNAME PGCONNECT_TIMEOUT PGCLIENTENCODING PGOPTIONS
command -v psql >/dev/null 2>&1 || { echo 'psql: not found' >&2; exit 127; }
if [ -n "$host" ]; then set -- -h "$host" "$@"; fi
if [ "$port" != 0 ]; then set -- -p "$port" "$@"; fi
set -- psql -X -A -t -q -w -U "$user" -d "$database" "$@"
limit=$((statement_ms / 1000 + seconds + 2))
if command -v timeout >/dev/null 2>&1; then exec timeout "$limit" "$@"; fi
exec "$@"
"""


@dataclass(frozen=True)
class PsqlResult:
    """What psql wrote.

    :param sections: name of a section -> its lines.
    :param connected: False when psql could not connect (its exit code 2), or did not run at all.
    """

    command: CommandResult
    sections: Mapping[str, tuple[str, ...]]
    connected: bool

    @property
    def stderr(self) -> str:
        """What psql complained of: not redacted."""
        return self.command.stderr.decode("utf-8", "replace")

    @property
    def rows(self) -> tuple[str, ...]:
        """The lines that the statements returned."""
        return self.sections.get(PSQL, ())


class Psql:
    """One way to one server.

    :param container: where psql runs; an empty string for the target host itself.
    :param user: role; empty for the container's ``POSTGRES_USER``, else ``postgres``.
    :param database: empty for the container's ``POSTGRES_DB``, else the role's name.
    :param host: address for TCP, or empty for the server's own socket.
    :param port: 0 for psql's own default.
    :param password: goes to standard input only.
    """

    def __init__(
        self,
        docker: DockerCli,
        container: str,
        *,
        user: str = "",
        database: str = "",
        host: str = "",
        port: int = 0,
        password: str = "",
        via: str = "exec",
    ) -> None:
        if "\n" in password:
            raise InvalidInputError("password", "(hidden)", remedy="A password is one line.")
        self._docker = docker
        self._container = container
        self._where = (user, database, host, str(port))
        self._password = password
        self.via = via

    def run(
        self,
        sql: str,
        variables: Mapping[str, str] | None = None,
        *,
        deadline: float,
        statement_seconds: float = 3.0,
        connect_seconds: int = 3,
        stop_on_error: bool = True,
    ) -> PsqlResult:
        """Run constant SQL.

        :param variables: psql variables, used as ``:'name'`` in the SQL, so that psql quotes them.
        :param deadline: seconds for the whole call.
        :param statement_seconds: the server ends a statement that takes longer.
        :param stop_on_error: False goes on with the next statement; each part's errors follow its ``\\warn`` line.
        :raises EngineUnavailableError: Docker does not answer.
        """
        options = ["-v", f"ON_ERROR_STOP={1 if stop_on_error else 0}", "-v", "VERBOSITY=verbose"]
        for name, value in (variables or {}).items():
            options += ["-v", f"{name}={value}"]
        limits = (str(connect_seconds), str(max(1, int(statement_seconds * 1000))))
        argv = ["sh", "-c", _SCRIPT, "psql", *self._where, *limits, *options]
        stdin = f"{self._password}\n{sql}\n".encode()
        result = self._execute(argv, stdin, deadline)
        connected = not result.timed_out and result.exit_code in (0, 3)
        return PsqlResult(result, _sections(result.stdout), connected)

    def _execute(self, argv: Sequence[str], stdin: bytes, deadline: float) -> CommandResult:
        limit = 4 << 20
        if self._container:
            return self._docker.exec(self._container, argv, deadline=deadline, stdin=stdin, limit=limit)
        return self._docker.runner.run(argv, deadline=deadline, stdin=stdin, limit=limit)


def _sections(output: bytes) -> dict[str, tuple[str, ...]]:
    """Lines by section; a name that turns up a second time (in a server's answer) does not begin anything."""
    found: dict[str, list[str]] = {}
    current = ""
    for line in output.decode("utf-8", "replace").splitlines():
        if line in (DISK, INODES, PSQL) and line not in found and current != PSQL:
            current = line
            found[current] = []
        elif current:
            found[current].append(line)
    return {name: tuple(lines) for name, lines in found.items()}
