# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module container_lifecycle, against a client that answers from records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fake_docker import Answer, FakeDocker
from module_run import run_main
from recorded_compose import recorded_containers

from ansible_collections.agentfoundry.incident_response.plugins.modules.container_lifecycle import main

WEB = next(container for container in recorded_containers() if container["Name"] == "/shop-web-1")
SEEN = {"id": WEB["Id"], "started_at": WEB["State"]["StartedAt"]}
LIST = Answer("ps*", f"{WEB['Id']}\tshop\tweb\tFalse\n")


def inspected(state: str = "running", started_at: str = WEB["State"]["StartedAt"]) -> str:
    return json.dumps([{**WEB, "State": {"Status": state, "StartedAt": started_at}}])


def engine(folder: Path, *, state: str = "running", act: Answer | None = None) -> FakeDocker:
    """An engine with the one container shop-web-1, which runs anew after the act."""
    return FakeDocker(
        folder,
        [
            LIST,
            Answer("inspect*", inspected(started_at="2026-11-24T09:00:00Z"), when="acted"),
            Answer("inspect*", inspected(state)),
            act or Answer('"restart "*|"start "*|"unpause "*', then="acted"),
        ],
    )


def run(docker: FakeDocker, *, check_mode: bool = False, diff: bool = False, **options: Any) -> dict[str, Any]:
    defaults = {"project": "shop", "services": ["web"], "state": "restarted", "docker_cli": docker.path}
    return run_main(main, {**defaults, **options}, check_mode=check_mode, diff=diff)


def changing(docker: FakeDocker) -> list[str]:
    return [call for call in docker.calls if not call.startswith(("ps ", "inspect "))]


def test_a_restart_names_the_exact_container_and_waits_as_long_as_the_container_asks(tmp_path: Path) -> None:
    docker = engine(tmp_path)

    result = run(docker)

    assert changing(docker) == [f"restart --time 1 {WEB['Id']}"]
    assert result["changed"] is True
    assert [action["status"] for action in result["actions"]] == ["restarted"]
    assert result["containers"][0]["after"]["started_at"] == "2026-11-24T09:00:00Z"


@pytest.mark.parametrize("diff", [True, False])
def test_a_diff_is_returned_when_it_is_asked_for(diff: bool, tmp_path: Path) -> None:
    assert ("diff" in run(engine(tmp_path), diff=diff)) is diff


def test_check_mode_tells_the_same_and_calls_nothing_that_changes(tmp_path: Path) -> None:
    docker = engine(tmp_path)

    told = run(docker, check_mode=True)
    before = changing(docker)
    done = run(docker)

    assert before == []
    assert told["changed"] is True
    assert told["actions"] == done["actions"]


@pytest.mark.parametrize("started_at,acts", [(SEEN["started_at"], True), ("2026-11-24T07:00:00Z", False)])
def test_what_was_observed_decides_whether_anything_is_done(started_at: str, acts: bool, tmp_path: Path) -> None:
    docker = engine(tmp_path)

    result = run(docker, unless_started_since={"web": [{**SEEN, "started_at": started_at, "name": "shop-web-1"}]})

    assert bool(changing(docker)) is acts
    assert result["changed"] is acts
    assert bool(result["actions"]) is acts


def test_a_command_that_fails_fails_the_task_with_the_engines_words(tmp_path: Path) -> None:
    failing = Answer('"start "*', "", "Error response from daemon: port is already allocated\n", 1)

    result = run(engine(tmp_path, state="exited", act=failing), state="started")

    assert result["failed"] is True
    assert "port is already allocated" in result["msg"]
    assert result["changed"] is False


@pytest.mark.parametrize(
    "options,words",
    [
        ({"stop_timeout": -1}, "stop_timeout has the value -1"),
        ({"unless_started_since": {}}, "unless_started_since.web"),
        ({"services": ["nosuch"]}, "The service nosuch of the project shop has no container."),
        ({"docker_cli": "/nonexistent/docker"}, "'/nonexistent/docker' cannot be run"),
    ],
)
def test_bad_input_fails_with_a_sentence_and_calls_nothing_that_changes(
    options: dict[str, Any], words: str, tmp_path: Path
) -> None:
    docker = engine(tmp_path)

    result = run(docker, **options)

    assert result["failed"] is True
    assert words in result["msg"]
    assert changing(docker) == []


def test_an_empty_list_of_services_means_none(tmp_path: Path) -> None:
    docker = engine(tmp_path)

    assert run(docker, services=[])["changed"] is False
    assert changing(docker) == []


def test_an_engine_that_is_stopped_fails_the_task(tmp_path: Path) -> None:
    docker = FakeDocker(
        tmp_path, [Answer("*", "", "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.\n", 1)]
    )

    result = run(docker)

    assert result["failed"] is True
    assert "engine does not answer" in result["msg"]
