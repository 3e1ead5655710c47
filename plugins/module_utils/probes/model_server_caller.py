# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MS-1: the same inference from a calling service's network, by a constant script in that service's container.

What is sent goes in by standard input: a header may be a secret, and everybody on the host can read command lines.
Only wget cannot do that; it is used for requests without headers and without a query, which hold no secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandResult
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import (
    Attempt,
    Outcome,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_settings import Canary
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_canary import (
    ANSWER_LIMIT,
    canary_headers,
    read_answer,
)

_GRACE = 2.0
"""Seconds beyond the canary's own deadline, for docker exec and the start of a client."""

_PYTHON = """
import http.client, json, signal, socket, sys, time
from urllib.parse import urlsplit
def late(*_): raise socket.timeout()
request = json.load(sys.stdin)
begin, connected, status, error, body = time.time(), 0.0, 0, "", b""
signal.signal(signal.SIGALRM, late)
signal.setitimer(signal.ITIMER_REAL, request["deadline"])
try:
    parts = urlsplit(request["url"])
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=request["deadline"])
    connection.connect()
    connected = time.time() - begin
    target = parts.path + ("?" + parts.query if parts.query else "")
    connection.request(request["method"], target, request["body"].encode() or None, request["headers"])
    answer = connection.getresponse()
    status, body = answer.status, answer.read(request["limit"] + 1)
except socket.gaierror: error = "unresolved"
except socket.timeout: error = "answer_timed_out" if connected else "connect_timed_out"
except ConnectionRefusedError: error = "refused"
except OSError: error = "broken" if connected else "unreachable"
except Exception: error = "broken"
signal.setitimer(signal.ITIMER_REAL, 0)
sys.stdout.buffer.write(body)
print("\\n#attempt client=python3 status=%d connect=%f total=%f error=%s"
      % (status, connected, time.time() - begin, error), flush=True)
"""

_NODE = """
const request = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const begin = Date.now(), chunks = [];
let connected = 0, status = 0, size = 0, over = false;
const end = (error) => {
  if (over) return;
  over = true;
  const tail = `\\n#attempt client=node status=${status} connect=${connected} ` +
    `total=${(Date.now() - begin) / 1000} error=${error}\\n`;
  process.stdout.write(Buffer.concat([...chunks, Buffer.from(tail)]), () => process.exit(0));
};
const timer = setTimeout(() => end(connected ? 'answer_timed_out' : 'connect_timed_out'), request.deadline * 1000);
const outgoing = require('http').request(
  request.url, {method: request.method, headers: request.headers, agent: false}, (answer) => {
    status = answer.statusCode;
    answer.on('data', (chunk) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > request.limit) end('');
    });
    answer.on('end', () => end(''));
    answer.on('error', () => end('broken'));
  });
outgoing.on('socket', (s) => s.on('connect', () => { connected = Math.max(0.001, (Date.now() - begin) / 1000); }));
outgoing.on('error', (e) => {
  const known = {ENOTFOUND: 'unresolved', EAI_AGAIN: 'unresolved', ECONNREFUSED: 'refused'};
  end(known[e.code] || (connected ? 'broken' : 'unreachable'));
});
outgoing.end(request.body);
"""

# Positional parameters: whole seconds, body and URL for wget (the URL empty when wget must not be used), the Python
# program, the Node program. Standard input: one line of JSON, then the same as a configuration of curl.
_SCRIPT = """
deadline=$1; body=$2; url=$3; python=$4; node=$5
IFS= read -r request
if command -v curl >/dev/null 2>&1; then
  curl -q -sS --noproxy '*' -K - -o - \\
    -w '\\n#attempt client=curl status=%{http_code} connect=%{time_connect} total=%{time_total}'
  echo " exit=$?"
elif command -v python3 >/dev/null 2>&1; then
  printf '%s' "$request" | python3 -c "$python"
elif command -v node >/dev/null 2>&1; then
  printf '%s' "$request" | node -e "$node"
elif [ -n "$url" ] && command -v wget >/dev/null 2>&1; then
  limit=; if command -v timeout >/dev/null 2>&1; then limit="timeout $deadline"; fi
  if [ -n "$body" ]; then
    $limit wget -nv -S -O - -t 1 -T "$deadline" --header 'Content-Type: application/json' --post-data "$body" "$url"
  else
    $limit wget -nv -S -O - -t 1 -T "$deadline" "$url"
  fi
  printf '\\n#attempt client=wget exit=%s\\n' "$?"
else
  echo '#attempt client=none'
fi
"""

_FIELD = re.compile(r"(\w+)=([\w.]*)")
_CURL = {5: "unresolved", 6: "unresolved", 7: "refused", 28: "timed_out"}
"""Exit codes of curl(1), "EXIT CODES"; 7 is any failure to connect."""

_WGET = (
    ("refused", "refused"),
    ("bad address", "unresolved"),
    ("unable to resolve", "unresolved"),
    ("timed out", "answer_timed_out"),
    ("unreachable", "unreachable"),
    ("no route", "unreachable"),
)
_WGET_STATUS = re.compile(r"(?:HTTP/1\.[01] |ERROR )([1-5]\d\d)")
_TIMEOUT = ("124", "143")
"""Exit codes of timeout(1): of coreutils, and of busybox."""


def canary_from_container(
    docker: DockerCli, container: str, vantage: str, url: str, canary: Canary, redactor: Redactor
) -> Attempt:
    """Try the inference inside a container.

    :param container: where the script runs.
    :param vantage: what to call that place: the service's name.
    :param url: the model server as that container's network knows it, with the canary's path.
    """
    plain_method = "POST" if canary.body else "GET"
    simple = not canary.headers and canary.method == plain_method and "?" not in url
    parameters = (
        str(max(1, round(canary.deadline))),
        canary.body.decode() if simple else "",
        url if simple else "",
        _PYTHON,
        _NODE,
    )
    request, url = _request(url, canary), redactor.line(url)
    try:
        result = docker.exec(
            container,
            ["sh", "-c", _SCRIPT, "sh", *parameters],
            deadline=canary.deadline + _GRACE,
            stdin=request,
            limit=2 * ANSWER_LIMIT,
        )
    except IncidentResponseError as error:
        return Attempt(vantage, "exec", url, Outcome.NO_CLIENT, error=redactor.line(str(error)))
    return parse_attempt(result, vantage, url, redactor)


def parse_attempt(result: CommandResult, vantage: str, url: str, redactor: Redactor) -> Attempt:
    """The script's answer as a fact. The last line is the script's own; what stands before it is the server's."""
    if result.timed_out:
        return _without_client(vantage, url, f"nothing run in {vantage}'s container ended in time")
    if result.truncated:
        return Attempt(vantage, "exec", url, Outcome.BROKEN, error=f"Its answer is larger than {ANSWER_LIMIT} bytes.")
    body, mark, tail = result.stdout.rstrip(b"\n").rpartition(b"#attempt ")
    fields = dict(_FIELD.findall(tail.decode("ascii", "replace")))
    if not mark or fields.get("client") == "none":
        told = redactor.line(result.stderr[-1000:].decode("utf-8", "replace"))
        missing = f"there is neither curl, python3, node nor wget in {vantage}'s container"
        return _without_client(
            vantage, url, missing if mark else told or f"nothing can be run in {vantage}'s container"
        )
    if fields.get("client") == "wget":
        fields.update(_wget_fields(fields, result.stderr[-1000:].decode("utf-8", "replace")))
        fields.setdefault("total", f"{result.duration:.3f}")
    status = int(_number(fields.get("status")))
    outcome = _outcome(fields, status)
    error = "" if outcome is Outcome.ANSWERED else f"{fields['client']} says: {outcome.value.replace('_', ' ')}"
    if len(body) > ANSWER_LIMIT + 1:
        outcome, error = Outcome.BROKEN, f"Its answer is larger than {ANSWER_LIMIT} bytes."
    answer, text = read_answer(body[:-1], redactor) if outcome is Outcome.ANSWERED else (None, "")
    latency = 1000 * _number(fields.get("total"))
    return Attempt(vantage, "exec", url, outcome, status or None, latency, answer, text, error)


def _without_client(vantage: str, url: str, reason: str) -> Attempt:
    return Attempt(vantage, "exec", url, Outcome.NO_CLIENT, error=reason)


def _outcome(fields: Mapping[str, str], status: int) -> Outcome:
    error = fields.get("error", "")
    code = int(_number(fields.get("exit")))
    if fields.get("client") == "curl" and code:
        error = _CURL.get(code, "broken")
        if error == "timed_out":
            error = "answer_timed_out" if _number(fields.get("connect")) > 0 else "connect_timed_out"
    if error:
        return Outcome(error) if error in {outcome.value for outcome in Outcome} else Outcome.BROKEN
    return Outcome.ANSWERED if status else Outcome.BROKEN


def _wget_fields(fields: Mapping[str, str], said: str) -> dict[str, str]:
    if fields.get("exit") in _TIMEOUT:
        return {"error": "answer_timed_out"}
    statuses = _WGET_STATUS.findall(said)
    if statuses:
        return {"status": statuses[-1]}
    return {"error": next((error for words, error in _WGET if words in said.lower()), "broken")}


def _request(url: str, canary: Canary) -> bytes:
    """One line of JSON for Python and Node, then a configuration for curl."""
    headers = canary_headers(canary)
    body = canary.body.decode()
    request = {
        "url": url,
        "method": canary.method,
        "headers": headers,
        "body": body,
        "deadline": canary.deadline,
        "limit": ANSWER_LIMIT,
    }
    curl = [f"url = {_quoted(url)}", f"request = {canary.method}", f"max-time = {canary.deadline:g}"]
    curl += [f"header = {_quoted(f'{name}: {value}')}" for name, value in headers.items()]
    if body:
        curl.append(f"data-raw = {_quoted(body)}")
    return (json.dumps(request) + "\n" + "\n".join(curl) + "\n").encode()


def _quoted(text: str) -> str:
    """A quoted value of curl's configuration (curl(1), option -K)."""
    for character, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(character, escaped)
    return f'"{text}"'


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0
