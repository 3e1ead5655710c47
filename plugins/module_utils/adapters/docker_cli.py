# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Docker by its command line: nothing to install on the target, contexts, DOCKER_HOST and rootless set-ups honoured."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, BinaryIO

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import (
    CommandResult,
    CommandRunner,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    EngineUnavailableError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import redact_text

PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
ONEOFF_LABEL = "com.docker.compose.oneoff"
CONFIG_HASH_LABEL = "com.docker.compose.config-hash"

_ENGINE_DOWN = (
    "cannot connect to the docker daemon",
    "is the docker daemon running",
    "permission denied while trying to connect",
    "error during connect",
    "failed to connect to the docker api",
    "context deadline exceeded",
    "unable to resolve docker endpoint",
)

_NO_LOG = b"logging driver does not support reading"

_REPLACEMENT = re.compile(r"([0-9a-f]{12})_")
"""What Compose puts before the name of a container that is to replace another one: digits of that one's id."""


@dataclass(frozen=True)
class ContainerRef:
    """A container of some Compose project.

    :param id: full id.
    :param project: its Compose project.
    :param service: its Compose service.
    :param oneoff: True for a container of ``docker compose run``, which is no part of the running platform.
    """

    id: str
    project: str
    service: str
    oneoff: bool = False


@dataclass(frozen=True)
class EngineVersion:
    """Versions of the two ends, as they name themselves."""

    client: str
    server: str


@dataclass(frozen=True)
class LogLine:
    """A line of a container's log, decoded but neither cleaned nor redacted.

    :param at: RFC 3339 with nanoseconds, UTC; empty when the engine gave none.
    """

    at: str
    text: str


class DockerCli:
    """What this collection asks of Docker. Safe for use by several threads.

    Each method may raise EngineUnavailableError when the engine is stopped, does not answer in time, refuses this
    user, or when there is no client at all.

    :param executable: the client, by name or path.
    :param deadline: seconds for a call that names none.
    """

    def __init__(self, runner: CommandRunner, executable: str = "docker", *, deadline: float = 5.0) -> None:
        self.runner = runner
        self.executable = executable
        self.deadline = deadline

    def call(
        self,
        arguments: Sequence[str],
        *,
        deadline: float | None = None,
        stdin: bytes | None = None,
        limit: int = 1 << 20,
    ) -> CommandResult:
        """Run the client with these arguments. A failure of the command itself is for the caller to judge."""
        try:
            result = self.runner.run(
                [self.executable, *arguments], deadline=deadline or self.deadline, stdin=stdin, limit=limit
            )
        except OSError as error:
            raise self._no_client(error) from error
        said = result.stderr[:4096].decode("utf-8", "replace").lower()
        if result.exit_code != 0 and any(text in said for text in _ENGINE_DOWN):
            raise EngineUnavailableError(
                f"The Docker engine does not answer: {_sentence(_last_line(result.stderr))}",
                remedy="Start it, for example with 'systemctl start docker', or let this user reach its socket.",
            )
        return result

    def version(self, *, deadline: float | None = None) -> EngineVersion:
        """Client and server version; the cheapest proof that the engine answers."""
        form = '{"client":{{json .Client.Version}},"server":{{json .Server.Version}}}'
        result = self._must(["version", "--format", form], "ask the engine for its version", deadline=deadline)
        data = _json_object(result.stdout)
        return EngineVersion(str(data.get("client", "")), str(data.get("server", "")))

    def containers(self, project: str | None = None, *, deadline: float | None = None) -> tuple[ContainerRef, ...]:
        """All containers of one Compose project, or of every one, running or not.

        An image that Compose has built bears the project's name as well and hands it on to whatever is run from it by
        hand. Only a container that Compose has made has the hash of its configuration.

        A recreate that was killed leaves what it had made beside what it was to replace. That one has never run, and
        started beside the other it would work twice, with the same data: it is left out.
        """
        wanted = PROJECT_LABEL if project is None else f"{PROJECT_LABEL}={project}"
        labels = [f'{{{{.Label "{label}"}}}}' for label in (PROJECT_LABEL, SERVICE_LABEL, ONEOFF_LABEL)]
        shown = "\t".join(["{{.ID}}", *labels, "{{.Names}}", "{{.Status}}"])
        filters = ["--filter", f"label={wanted}", "--filter", f"label={CONFIG_HASH_LABEL}"]
        arguments = ["ps", "--all", "--no-trunc", *filters, "--format", shown]
        result = self._must(arguments, "list the containers", deadline=deadline)
        rows = [line.split("\t") for line in result.stdout.decode("utf-8", "replace").splitlines()]
        listed = [row for row in rows if len(row) >= 4]
        ids = {row[0][:12] for row in listed}
        return tuple(
            ContainerRef(row[0], row[1], row[2], row[3] == "True")
            for row in listed
            if not _is_half_of_a_recreate(row[4:], ids - {row[0][:12]})
        )

    def inspect(self, ids: Sequence[str], *, deadline: float | None = None) -> list[dict[str, Any]]:
        """What the engine knows of the containers. One that has vanished meanwhile is left out."""
        if not ids:
            return []
        result = self.call(["inspect", "--type", "container", *ids], deadline=deadline, limit=1 << 24)
        if not result.succeeded and b"no such" not in result.stderr.lower():
            raise _failed("inspect the containers", result)
        found = _json(result.stdout or b"[]")
        return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []

    def log_lines(self, container: str, tail: int, *, deadline: float | None = None) -> tuple[LogLine, ...]:
        """The last lines of a container's log, of both streams, in the order in which they were written.

        No lines where the logging driver keeps nothing that could be read.
        """
        arguments = ["logs", "--timestamps", "--tail", str(tail), container]
        result = self.call(arguments, deadline=deadline)
        if _NO_LOG in result.stderr:
            return ()
        if not result.succeeded and not result.truncated:
            raise _failed("read the log", result)
        lines = [
            _log_line(line)
            for stream in (result.stdout, result.stderr)
            # What was cut off in the middle could be half of a secret, which no pattern would know.
            for line in (stream.rsplit(b"\n", 1)[0] if result.truncated else stream).split(b"\n")
            if line
        ]
        return tuple(sorted(lines, key=lambda line: line.at))[-tail:]

    def logs(self, container: str, tail: int, *, deadline: float | None = None) -> str:
        """:meth:`log_lines` as one text, without the times."""
        return "\n".join(line.text for line in self.log_lines(container, tail, deadline=deadline))

    def exec(
        self,
        container: str,
        argv: Sequence[str],
        *,
        deadline: float | None = None,
        stdin: bytes | None = None,
        limit: int = 1 << 20,
    ) -> CommandResult:
        """Run a program in a container.

        Killing the client at the deadline does not end the program in the container: give it a time limit of its own.
        """
        interactive = [] if stdin is None else ["--interactive"]
        return self.call(["exec", *interactive, container, *argv], deadline=deadline, stdin=stdin, limit=limit)

    def top(self, container: str, *options: str, deadline: float | None = None) -> CommandResult:
        """The processes of a container as the host's ``ps`` shows them; options are those of ``ps``."""
        return self.call(["top", container, *options], deadline=deadline)

    def restart(self, container: str, *, stop_timeout: int, deadline: float) -> CommandResult:
        """Stop (SIGKILL after ``stop_timeout`` seconds) and start again. The environment and image stay as they are."""
        arguments = ["restart", "--time", str(stop_timeout), container]
        return self._must(arguments, "restart the container", deadline=deadline)

    def start(self, container: str, *, deadline: float) -> CommandResult:
        """Start a stopped container; nothing happens when it runs."""
        return self._must(["start", container], "start the container", deadline=deadline)

    def unpause(self, container: str, *, deadline: float) -> CommandResult:
        """Let a paused container go on."""
        return self._must(["unpause", container], "unpause the container", deadline=deadline)

    def copy_in(self, container: str, source: str, path: str, *, deadline: float) -> CommandResult:
        """Copy a file or directory of this host into a container, which need not run. Keeps owner and mode."""
        arguments = ["cp", "--archive", source, f"{container}:{path}"]
        return self._must(arguments, f"copy into the container's {path}", deadline=deadline)

    def copy_out(self, container: str, path: str, destination: str, *, deadline: float) -> CommandResult:
        """Copy a file or directory of a container, which need not run, to this host."""
        arguments = ["cp", f"{container}:{path}", destination]
        return self._must(arguments, f"copy the container's {path}", deadline=deadline)

    def stream_out(self, container: str, path: str, *, deadline: float) -> AbstractContextManager[BinaryIO]:
        """The same as a tar stream: for files too large to keep. An early end of file means failure or deadline."""
        try:
            return self.runner.stream([self.executable, "cp", f"{container}:{path}", "-"], deadline=deadline)
        except OSError as error:
            raise self._no_client(error) from error

    def _must(self, arguments: Sequence[str], what: str, *, deadline: float | None) -> CommandResult:
        result = self.call(arguments, deadline=deadline)
        if result.timed_out and arguments[0] in ("version", "ps"):
            raise EngineUnavailableError(
                f"The Docker engine does not answer within {result.duration:.1f} s.",
                remedy="Look at its own log ('journalctl -u docker') and restart it.",
            )
        if not result.succeeded:
            raise _failed(what, result)
        return result

    def _no_client(self, error: OSError) -> EngineUnavailableError:
        return EngineUnavailableError(
            f"The Docker client '{self.executable}' cannot be run: {error.strerror or error}.",
            remedy="Install Docker with Compose v2 on this host, or name the client in the option docker_cli.",
        )


def _is_half_of_a_recreate(name_and_status: Sequence[str], others: Collection[str]) -> bool:
    """Compose makes the new one under another name, stops and removes the old one, then renames and starts the new one.

    Source: https://github.com/docker/compose/blob/v2.26.1/pkg/compose/convergence.go, recreateContainer
    """
    if len(name_and_status) != 2 or name_and_status[1] != "Created":
        return False
    match = _REPLACEMENT.match(name_and_status[0])
    return match is not None and match[1] in others


def _failed(what: str, result: CommandResult) -> CommandFailedError:
    if result.timed_out:
        return CommandFailedError(f"Could not {what} within {result.duration:.1f} s.")
    said = _last_line(result.stderr) or f"exit code {result.exit_code}"
    return CommandFailedError(f"Could not {what}: {_sentence(said)}")


def _sentence(text: str) -> str:
    return text if text.endswith(("?", "!")) else f"{text}."


def _last_line(output: bytes) -> str:
    lines = redact_text(output[-4096:].decode("utf-8", "replace")).strip().splitlines()
    return lines[-1].strip().rstrip(".")[:300] if lines else ""


def _json(output: bytes) -> Any:
    try:
        return json.loads(output)
    except ValueError as error:
        raise CommandFailedError(f"Docker's answer is not JSON: {error}.") from error


def _json_object(output: bytes) -> dict[str, Any]:
    data = _json(output)
    return data if isinstance(data, dict) else {}


def _log_line(line: bytes) -> LogLine:
    text = line.rstrip(b"\r").decode("utf-8", "replace")
    stamp, separator, rest = text.partition(" ")
    if separator and len(stamp) >= 20 and stamp[:4].isdigit() and stamp[10] == "T":
        return LogLine(stamp, rest)
    return LogLine("", text)
