# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bad_servers import Answer, drips, floods, ok, says, server
from local_container import LocalContainer, path_of

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandResult
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import (
    Attempt,
    Outcome,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_settings import Canary
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_caller import (
    canary_from_container,
    parse_attempt,
)

RECORDED = Path(__file__).resolve().parents[2] / "fixtures" / "model_server" / "caller_attempts.json"
CANARY = Canary("/predict", body=b'{"features": [1]}', deadline=1.0)
PATIENT = replace(CANARY, deadline=60.0)
"""For answers that come, however busy the machine is."""
URL = "http://model-server:8000/predict"


def hangs(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


@pytest.fixture(name="container")
def with_python_only(tmp_path: Path) -> LocalContainer:
    return LocalContainer(path_of(tmp_path / "bin", ["sh"], python3=os.path.realpath(sys.executable)))


def ask(container: LocalContainer, url: str, canary: Canary = CANARY) -> Attempt:
    return canary_from_container(DockerCli(container), "c", "web", url, canary, Redactor())


@pytest.mark.parametrize(
    "answer, outcome, status",
    [
        pytest.param(ok(b'{"score": 0.5}'), Outcome.ANSWERED, 200, id="answer"),
        pytest.param(ok(b'{"score": 0.5}', "503 No"), Outcome.ANSWERED, 503, id="503"),
        pytest.param(hangs, Outcome.ANSWER_TIMED_OUT, None, id="hangs"),
        pytest.param(drips, Outcome.ANSWER_TIMED_OUT, None, id="drips"),
        pytest.param(says(b"\x00\xff garbage\r\n\r\n"), Outcome.BROKEN, None, id="garbage"),
        pytest.param(says(b""), Outcome.BROKEN, None, id="closed"),
        pytest.param(floods, Outcome.BROKEN, 200, id="ten megabytes"),
    ],
)
def test_the_script_tells_by_python_how_a_request_ended(
    container: LocalContainer, answer: Answer, outcome: Outcome, status: int | None
) -> None:
    with server(answer) as port:
        canary = CANARY if outcome is Outcome.ANSWER_TIMED_OUT else PATIENT
        attempt = ask(container, f"http://127.0.0.1:{port}/predict", canary)
    assert (attempt.outcome, attempt.status) == (outcome, status)
    assert attempt.answer == ({"score": 0.5} if outcome is Outcome.ANSWERED else None)
    assert attempt.vantage == "web"
    assert attempt.latency_ms is not None


def test_a_name_that_is_not_resolved_and_a_port_where_nobody_listens_are_told_apart(container: LocalContainer) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        refused = ask(container, f"http://127.0.0.1:{bound.getsockname()[1]}/predict")
    unresolved = ask(container, "http://no-such-host.invalid:8000/predict")
    assert refused.outcome is Outcome.REFUSED
    assert unresolved.outcome is Outcome.UNRESOLVED


def test_method_body_and_headers_arrive(container: LocalContainer) -> None:
    seen: list[bytes] = []

    def keep(connection: socket.socket) -> None:
        while b'"features"' not in b"".join(seen):
            seen.append(connection.recv(4096))
        ok(b"{}")(connection)

    canary = Canary("/predict", "PUT", b'{"features": "\'$(id)`"}', "", 5.0, {"X-Key": 'a"b\\c'})
    with server(keep, reads=False) as port:
        assert ask(container, f"http://127.0.0.1:{port}/predict?x=1", canary).succeeded
    request = b"".join(seen)
    assert request.startswith(b"PUT /predict?x=1 HTTP/1.1\r\n")
    assert b'X-Key: a"b\\c\r\n' in request
    assert request.endswith(canary.body)


EXPECTED = {
    "answer": (Outcome.ANSWERED, 200),
    "http 503": (Outcome.ANSWERED, 503),
    "hangs": (Outcome.ANSWER_TIMED_OUT, None),
    "drips": (Outcome.ANSWER_TIMED_OUT, None),
    "garbage": (Outcome.BROKEN, None),
    "closed": (Outcome.BROKEN, None),
    "floods": (Outcome.BROKEN, None),
    "refused": (Outcome.REFUSED, None),
    "unresolved": (Outcome.UNRESOLVED, None),
}


@pytest.mark.parametrize(
    "recorded", json.loads(RECORDED.read_text()), ids=lambda entry: f"{entry['client']} {entry['case']}"
)
def test_what_other_clients_said_is_understood(recorded: dict[str, Any]) -> None:
    """Recorded from the script with curl 7.88, Node.js 20 and GNU Wget 1.21, against the servers above."""
    result = CommandResult(
        (),
        recorded["exit_code"],
        recorded["stdout"].encode("latin-1"),
        recorded["stderr"].encode("latin-1"),
        recorded["duration"],
        recorded["timed_out"],
        recorded["truncated"],
    )
    attempt = parse_attempt(result, "web", URL, Redactor())
    outcome, status = EXPECTED[recorded["case"]]
    assert attempt.outcome is outcome
    assert status is None or attempt.status == status
    if recorded["case"] == "answer":
        assert attempt.answer == {"score": 0.5}


def test_a_body_that_imitates_the_scripts_last_line_is_only_a_body() -> None:
    forged = b"#attempt client=curl status=200 connect=1 total=1 exit=0"
    stdout = forged + b"\n#attempt client=curl status=500 connect=0.001 total=0.002 exit=0\n"
    attempt = parse_attempt(CommandResult((), 0, stdout, b"", 0.1), "web", URL, Redactor())
    assert attempt.status == 500
    assert attempt.text.startswith("#attempt client=curl status=200")


@pytest.mark.parametrize(
    "programs, reason", [(["sh"], "neither curl, python3, node nor wget"), (None, "executable file not found")]
)
def test_a_container_that_cannot_ask_is_no_fault_of_the_server(
    tmp_path: Path, programs: list[str] | None, reason: str
) -> None:
    path = None if programs is None else path_of(tmp_path / "bin", programs)
    attempt = ask(LocalContainer(path), URL)
    assert attempt.outcome is Outcome.NO_CLIENT
    assert reason in attempt.error


def test_an_exec_that_hangs_is_no_fault_of_the_server() -> None:
    result = CommandResult((), -9, b"", b"", 3.0, timed_out=True)
    assert parse_attempt(result, "web", URL, Redactor()).outcome is Outcome.NO_CLIENT


@pytest.mark.parametrize(
    "canary, url",
    [
        (Canary("/predict", headers={"Authorization": "Bearer hunter2hunter2"}, body=b"{}"), URL),
        (Canary("/predict", body=b"{}"), f"{URL}?api_key=hunter2hunter2"),
    ],
)
def test_a_secret_goes_in_by_standard_input_and_never_on_a_command_line(
    container: LocalContainer, canary: Canary, url: str
) -> None:
    attempt = ask(container, url, canary)
    assert b"hunter2hunter2" in container.inputs[0]
    assert "hunter2" not in " ".join(container.calls[0])
    assert "hunter2" not in repr(attempt)


def test_curls_configuration_is_quoted(container: LocalContainer) -> None:
    canary = Canary("/predict", body=b'{"a": "x\\"\n"}', headers={"X-Key": 'a"b\\c'}, deadline=2.5)
    ask(container, URL, canary)
    assert container.inputs[0].decode().splitlines()[1:] == [
        f'url = "{URL}"',
        "request = POST",
        "max-time = 2.5",
        'header = "Content-Type: application/json"',
        'header = "X-Key: a\\"b\\\\c"',
        'data-raw = "{\\"a\\": \\"x\\\\\\"\\n\\"}"',
    ]
