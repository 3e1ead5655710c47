# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""postgres_session as Ansible runs it: what goes to the server, and what never does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from fake_docker import Answer, FakeDocker
from fake_platform import inspected
from fake_platform_client import platform
from module_run import run_main

from ansible_collections.agentfoundry.incident_response.plugins.modules import postgres_session

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "postgres"
LEAK = (FIXTURES / "slots_taken.stdout").read_text(encoding="utf-8")
LINE = next(line for line in LEAK.splitlines() if line.startswith("activity "))
ACTIVITY = json.loads(LINE.removeprefix("activity "))
PIDS = [one["pid"] for one in ACTIVITY["sessions"]]
NOBODY = "activity " + json.dumps({**ACTIVITY, "sessions": []})
ACTING = "exec*verb=*"
TERMINATE: dict[str, Any] = {"action": "terminate", "older_than": 0.0}


def docker_of(folder: Path, *first: Answer) -> FakeDocker:
    return platform(folder, inspected("db"), first=first)


def run(docker: FakeDocker, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    arguments = {"docker_cli": docker.path, "name": "db", **options}
    return run_main(postgres_session.main, arguments, check_mode=check_mode, diff=True)


def leaking(folder: Path) -> FakeDocker:
    """A server whose sessions are gone once they were ended."""
    ended = Answer(ACTING, f"--psql\nended {json.dumps(PIDS)}\n", then="healed")
    left = Answer("exec*psql*", LEAK.replace(LINE, NOBODY), when="healed")
    return docker_of(folder, ended, left, Answer("exec*psql*", LEAK))


def test_a_leak_is_ended_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    docker = leaking(tmp_path)
    first = run(docker, **TERMINATE)
    assert (first["changed"], len(first["actions"]), first["remaining"]) == (True, 37, [])
    assert first["diff"]["before"].count("\n") == 37
    assert first["diff"]["after"] == ""
    second = run(docker, **TERMINATE)
    assert (second["changed"], second["actions"]) == (False, [])


def test_check_mode_tells_the_same_and_never_acts(tmp_path: Path) -> None:
    docker = leaking(tmp_path)
    result = run(docker, check_mode=True, **TERMINATE)
    assert (result["changed"], len(result["actions"])) == (True, 37)
    assert not [call for call in docker.calls if "verb=" in call]


def test_what_the_inventory_protects_is_spared_and_the_server_never_hears_of_it(tmp_path: Path) -> None:
    docker = leaking(tmp_path)
    protected = {"db": {"postgres": {"protected_applications": ["reporting"]}}}
    result = run(docker, services=protected, **TERMINATE)
    assert (result["changed"], len(result["spared"])) == (False, 37)
    assert not [call for call in docker.calls if "verb=" in call]


@pytest.mark.parametrize(
    "options, count",
    [
        ({"application": "reporting-service-leak"}, 37),
        ({"application": "reporting"}, 0),
        ({"user": "app"}, 37),
        ({"user": "somebody"}, 0),
        ({"service": "web"}, 0),
        ({"older_than": 1e9}, 0),
        ({"at_most": 5}, 5),
    ],
)
def test_all_criteria_must_hold(tmp_path: Path, options: dict[str, Any], count: int) -> None:
    result = run(leaking(tmp_path), check_mode=True, **{**TERMINATE, **options})
    assert len(result["actions"]) == count
    assert result["left"] == (32 if "at_most" in options else 0)


def test_of_many_that_fit_only_those_are_ended_that_were_seen_and_have_done_nothing_since(tmp_path: Path) -> None:
    docker = leaking(tmp_path)
    seen = run(docker, check_mode=True, **TERMINATE)["sessions"]
    wanted = [seen[3], {**seen[5], "changed": "2026-01-01 00:00:00+00"}]

    run(docker, sessions=wanted, **TERMINATE)

    (targets,) = re.findall(r"targets=(\[.*?\])", "\n".join(docker.calls))
    assert [one["pid"] for one in json.loads(targets)] == [seen[3]["pid"]]


def test_an_empty_list_of_sessions_ends_nobody(tmp_path: Path) -> None:
    docker = leaking(tmp_path)
    assert not run(docker, sessions=[], **TERMINATE)["changed"]
    assert not [call for call in docker.calls if "verb=" in call]


@pytest.mark.parametrize(
    "answer, message",
    [
        (Answer("exec*psql*", "--psql\n", "FATAL:  sorry, too many clients already", 2), "slots_exhausted"),
        (Answer("exec*psql*", "--psql\n", "psql: not found", 127), "no_client"),
        (Answer("exec*psql*", "--psql\nwhat?\n"), "another shape"),
        (Answer("exec*psql*", "", "Error response from daemon: Container 3f is paused", 1), "not_running"),
    ],
)
def test_a_server_that_cannot_be_asked_fails_the_task_and_says_why(
    tmp_path: Path, answer: Answer, message: str
) -> None:
    result = run(docker_of(tmp_path, answer), **TERMINATE)
    assert result["failed"]
    assert message in result["msg"]


def test_a_server_that_refuses_to_end_sessions_fails_the_task(tmp_path: Path) -> None:
    refused = Answer(ACTING, "--psql\n", "ERROR:  42501: must be a superuser to terminate superuser process", 3)
    result = run(docker_of(tmp_path, refused, Answer("exec*psql*", LEAK)), **TERMINATE)
    assert result["failed"]
    assert "must be a superuser" in result["msg"]


@pytest.mark.parametrize(
    "options, told",
    [
        ({"states": ["active"]}, "states"),
        ({"older_than": -1}, "older_than"),
        ({"at_most": 0}, "at_most"),
        ({"action": "kill"}, "action"),
        ({"sessions": [{"pid": 7}]}, "sessions[0].started"),
        ({"same_transaction": True}, "same_transaction"),
        ({"name": "bd"}, "bd"),
        ({"services": {"db": {"postgres": {"port": 0}}}}, "services.db.postgres.port"),
    ],
)
def test_bad_input_is_refused_before_the_server_is_asked(tmp_path: Path, options: dict[str, Any], told: str) -> None:
    docker = leaking(tmp_path)
    result = run(docker, **{**TERMINATE, **options})
    assert result["failed"]
    assert told in result["msg"]
    assert not [call for call in docker.calls if "verb=" in call]


@pytest.mark.parametrize("missing", ["action", "older_than"])
def test_nobody_is_ended_without_a_word_on_what_and_how_old(tmp_path: Path, missing: str) -> None:
    result = run(leaking(tmp_path), **{name: value for name, value in TERMINATE.items() if name != missing})
    assert result["failed"]
    assert missing in result["msg"]
