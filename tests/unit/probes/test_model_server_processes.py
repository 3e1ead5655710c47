# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted_runner import Reply, ScriptedRunner, answered, hung

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_processes import (
    parse_top,
    probe_processes,
)

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "model_server"
TOP = (FOLDER / "top.txt").read_text()
PLAIN = (FOLDER / "top_plain.txt").read_text()
HEADER = "PID PPID STAT %CPU RSS ELAPSED COMMAND\n"
MAIN, WORKER = 9876, 10249


def test_the_processes_of_a_hung_server_are_read_with_their_states() -> None:
    main, worker = parse_top(TOP, MAIN, Redactor())
    assert (main.pid, main.role, main.state, main.command) == (MAIN, "main", "S", "python3 -m services")
    assert (worker.pid, worker.parent, worker.role, worker.state) == (WORKER, MAIN, "worker", "T")
    assert worker.rss_bytes == 17_392 * 1024
    assert (worker.cpu_percent, worker.age) == (0.0, 159.0)


def test_a_ps_without_options_tells_processes_but_no_states() -> None:
    main, worker = parse_top(PLAIN, MAIN, Redactor())
    assert [main.role, worker.role] == ["main", "worker"]
    assert [main.state, worker.state] == ["", ""]
    assert worker.command == "/usr/bin/python3 -m services.model_worker"


@pytest.mark.parametrize(
    "lines, roles",
    [
        ("7 1 S 0 1 1 tini\n8 7 S 0 1 1 main\n9 8 S 0 1 1 worker\n", ["main", "worker", "worker"]),
        ("7 1 S 0 1 1 main\n20 3 S 0 1 1 curl health\n", ["main", "other"]),
        ("8 9 S 0 1 1 a\n9 8 S 0 1 1 b\n", ["other", "other"]),
    ],
)
def test_a_worker_descends_from_the_main_process(lines: str, roles: list[str]) -> None:
    assert [process.role for process in parse_top(HEADER + lines, 7, Redactor())] == roles


def test_a_secret_in_a_title_is_hidden_and_the_title_cut() -> None:
    line = f"7 1 S 0 1 1 serve --api-key=hunter2hunter2 {'x ' * 500}\x1b[2J\n"
    (process,) = parse_top(HEADER + line, 7, Redactor(["hunter2hunter2"]))
    assert "hunter2" not in process.command
    assert len(process.command) <= 160
    assert process.command.isprintable()


@given(st.text(max_size=300))
def test_whatever_a_process_calls_itself_is_no_error(title: str) -> None:
    found = parse_top(f"{HEADER}7 1 S 0.1 10 5 {title}\n8 7 Z 0.0 0 5 next\n", 7, Redactor())
    assert found[-1].state == "Z"
    assert all(unicodedata.category(letter) != "Cc" for process in found for letter in process.command)


@pytest.mark.parametrize("output", ["", "PID\n", "nonsense", f"{HEADER}x y S 0 1 1 z\n", f"{HEADER}7\n"])
def test_an_output_of_another_shape_gives_no_process(output: str) -> None:
    assert parse_top(output, 7, Redactor()) == ()


@pytest.mark.parametrize(
    "replies, count, reason",
    [
        ([("top -eo", TOP)], 2, ""),
        ([("top -eo", answered(stderr="ps: unrecognized option: e", exit_code=1)), ("top", PLAIN)], 2, ""),
        ([("top -eo", hung())], 0, "in time"),
        ([("top", answered(stderr="container c is not running", exit_code=1))], 0, "is not running"),
        ([("top", answered(stderr="Cannot connect to the Docker daemon", exit_code=1))], 0, "does not answer"),
    ],
)  # fmt: skip
def test_a_host_without_a_full_ps_and_a_dead_engine_are_no_error(
    replies: list[tuple[str, Reply]], count: int, reason: str
) -> None:
    docker = DockerCli(ScriptedRunner(*replies))
    found, error = probe_processes(docker, "c", MAIN, Redactor(), deadline=1.0)
    assert len(found) == count
    assert reason in error
    assert bool(error) is not bool(found)


@pytest.mark.parametrize(
    "second, state",
    [
        (f"{HEADER}7 1 S 0 1 1 main\n", "S"),
        (f"{HEADER}7 1 R 0 1 1 main\n", "R"),
        (f"{HEADER}8 1 S 0 1 1 another one\n", "R"),
        (answered(stderr="Cannot connect to the Docker daemon", exit_code=1), "R"),
        (hung(), "R"),
    ],
    ids=["for a moment", "still", "is gone", "the engine is gone", "the engine hangs"],
)
def test_a_process_computes_only_when_a_second_look_shows_it_too(second: Reply, state: str) -> None:
    replies = iter((f"{HEADER}7 1 R 0 1 1 main\n9 7 S 0 1 1 worker\n", second))
    docker = DockerCli(ScriptedRunner(("top", lambda _argv: next(replies))))

    (main, worker), error = probe_processes(docker, "c", 7, Redactor(), deadline=1.0)

    assert (main.state, worker.state, error) == (state, "S", "")
