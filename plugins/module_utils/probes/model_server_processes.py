# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MS-2: the processes of a container as the host's ps shows them; nothing has to be installed in the container."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import Process
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor

_OPTIONS = ("-eo", "pid,ppid,stat,pcpu,rss,etimes,args")
_COMMAND_LIMIT = 160
_MAX_PROCESSES = 200
_STATES = frozenset("RSDTtZIXW")
_COMPUTES = "R"


def probe_processes(
    docker: DockerCli, container: str, main_pid: int, redactor: Redactor, *, deadline: float
) -> tuple[tuple[Process, ...], str]:
    """The processes and an empty string, or nothing and the reason.

    A process that computes is looked at once more: what this observation asks of a server makes it run for a moment.

    A host whose ps knows no options (busybox) gets a second call without them; that one tells no states.

    :param main_pid: the container's first process on the host, as inspect tells it.
    :param deadline: seconds for each call.
    """
    try:
        result = docker.top(container, *_OPTIONS, deadline=deadline)
        if not result.succeeded and not result.timed_out:
            result = docker.top(container, deadline=deadline)
    except IncidentResponseError as error:
        return (), str(error)
    if not result.succeeded:
        told = redactor.line(result.stderr[-2000:].decode("utf-8", "replace"))
        return (), "docker top did not answer in time" if result.timed_out else told
    seen = parse_top(result.stdout.decode("utf-8", "replace"), main_pid, redactor)
    if any(process.state == _COMPUTES for process in seen):
        seen = _looked_at_again(seen, docker, container, deadline)
    return seen, ""


def _looked_at_again(
    seen: tuple[Process, ...], docker: DockerCli, container: str, deadline: float
) -> tuple[Process, ...]:
    """The processes with the state of a second look where the first one showed state R and the second another one."""
    try:
        result = docker.top(container, *_OPTIONS, deadline=deadline)
    except IncidentResponseError:
        return seen
    if not result.succeeded:
        return seen
    states = {
        process.pid: process.state for process in parse_top(result.stdout.decode("utf-8", "replace"), 0, Redactor())
    }
    return tuple(
        replace(process, state=states.get(process.pid) or process.state) if process.state == _COMPUTES else process
        for process in seen
    )


def parse_top(output: str, main_pid: int, redactor: Redactor) -> tuple[Process, ...]:
    """Processes from the output of ``docker top``: columns named by the first line, the command last.

    Lines of another shape are left out: a process chooses its own title and may put line breaks there.
    """
    lines = output.splitlines()
    if not lines:
        return ()
    header = [name.upper() for name in lines[0].split()]
    rows = [_row(header, line) for line in lines[1 : _MAX_PROCESSES + 1]]
    found = [row for row in rows if row.get("PID", "").isdigit() and row.get("PPID", "").isdigit()]
    parents = {int(row["PID"]): int(row["PPID"]) for row in found}
    return tuple(_process(row, _role(int(row["PID"]), parents, main_pid), redactor) for row in found)


def _row(header: Sequence[str], line: str) -> dict[str, str]:
    values = line.split(None, len(header) - 1)
    return dict(zip(header, values)) if len(values) == len(header) else {}


def _role(pid: int, parents: Mapping[int, int], main_pid: int) -> str:
    if pid == main_pid:
        return "main"
    seen: set[int] = set()
    while pid in parents and pid not in seen:
        seen.add(pid)
        pid = parents[pid]
        if pid == main_pid:
            return "worker"
    return "other"


def _process(row: Mapping[str, str], role: str, redactor: Redactor) -> Process:
    state = row.get("STAT", "")[:1]
    rss = _number(row.get("RSS"))
    return Process(
        pid=int(row["PID"]),
        parent=int(row["PPID"]),
        state=state if state in _STATES else "",
        role=role,
        cpu_percent=_number(row.get("%CPU")),
        rss_bytes=None if rss is None else int(rss) * 1024,
        age=_number(row.get("ELAPSED")),
        command=redactor.line(row.get("COMMAND") or row.get("CMD", ""), _COMMAND_LIMIT),
    )


def _number(text: str | None) -> float | None:
    """A plain decimal number; anything else (a time such as ``1-02:03``) is None."""
    try:
        return float(text) if text and text.replace(".", "", 1).isdigit() else None
    except ValueError:
        return None
