# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A GET request from inside a container, by whatever program there can make one."""

from __future__ import annotations

import math
import re

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandResult
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import (
    Failure,
    HttpAnswer,
)

_PYTHON = (
    "import sys,urllib.request as u,urllib.error as e\n"
    "o=u.build_opener(u.ProxyHandler({}))\n"
    "try: r=o.open(sys.argv[1],timeout=float(sys.argv[2]))\n"
    "except e.HTTPError as x: r=x\n"
    "except OSError as x: sys.stderr.write(str(x)); sys.exit(8)\n"
    "sys.stdout.write(r.read(65536).decode('utf-8','replace')+'\\n'+str(r.status))"
)
_NODE = (
    "fetch(process.argv[1],{signal:AbortSignal.timeout(1000*process.argv[2])})"
    ".then(async r=>process.stdout.write((await r.text()).slice(0,65536)+'\\n'+r.status))"
    ".catch(x=>{process.stderr.write(String(x.cause||x));process.exit(8)})"
)
SCRIPT = r"""
limit=; if command -v timeout >/dev/null 2>&1; then limit="timeout $2"; fi
if command -v curl >/dev/null 2>&1; then exec curl -sS --noproxy '*' -m "$2" -w '\n%{http_code}' "$1"; fi
for python in python3 python; do
  if command -v $python >/dev/null 2>&1; then exec $limit $python -c "$3" "$1" "$2"; fi
done
if command -v node >/dev/null 2>&1; then exec $limit node -e "$4" "$1" "$2"; fi
if command -v wget >/dev/null 2>&1; then exec $limit wget -S -q -O - -T "$2" "$1"; fi
exit 127
"""
"""Constant. URL, seconds and the two programs come as positional parameters, never as part of it."""

_NO_CLIENT = (126, 127)
_CURL_NO_CONNECTION = 7
_WGET_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})")
_STATUS_AT_END = re.compile(rb"\n(\d{3})$")


def request_inside(docker: DockerCli, container: str, url: str, deadline: float) -> HttpAnswer | None:
    """GET by ``docker exec``; None when the container has no shell or no program that can ask.

    The latency includes the start of that program, some tens of milliseconds.
    """
    seconds = str(max(1, math.ceil(deadline)))
    argv = ["sh", "-c", SCRIPT, "sh", url, seconds, _PYTHON, _NODE]
    result = docker.exec(container, argv, deadline=deadline + 1.0, limit=(1 << 16) + 16)
    if result.exit_code in _NO_CLIENT and not result.timed_out:
        return None
    return _answer(url, result)


def _answer(url: str, result: CommandResult) -> HttpAnswer:
    at_end = _STATUS_AT_END.search(result.stdout)
    statuses = _WGET_STATUS.findall(result.stderr)
    status = int(at_end.group(1)) if at_end else int(statuses[-1]) if statuses else 0
    body = result.stdout[: at_end.start()] if at_end else result.stdout
    if status >= 100:
        return HttpAnswer(url, status, body, result.truncated, result.duration, connected=True)
    failure, text = _failure(result)
    # Its own localhost refuses a connection at once, or takes it; only a server that hangs has a full queue there.
    connected = failure is Failure.DEADLINE
    return HttpAnswer(url, latency=result.duration, failure=failure, error=text, connected=connected)


def _failure(result: CommandResult) -> tuple[Failure, str]:
    said = result.stderr.decode("utf-8", "replace").lower()
    # 28: curl's time-out; 124 and 143: the program timeout's
    if result.timed_out or result.exit_code in (28, 124, 143) or "timed out" in said or "timeout" in said:
        return Failure.DEADLINE, "It sent no complete answer before the deadline."
    if "refused" in said or result.exit_code == _CURL_NO_CONNECTION:
        return Failure.REFUSED, "It refuses connections: nothing listens on that port."
    if result.truncated:
        return Failure.NOT_HTTP, "Its answer is too long."
    lines = said.strip().splitlines()
    return Failure.CLOSED, f"It gave no answer ({lines[-1][:200] if lines else f'exit code {result.exit_code}'})."
