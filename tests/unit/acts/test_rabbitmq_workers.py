# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest
from scripted_runner import Reply, ScriptedRunner, answered

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.rabbitmq_workers import (
    ContainerWorkers,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    PlatformNotFoundError,
)

PS = "w1\tshop\tworker\t\nw2\tshop\tworker\t\nx\tshop\tother\t\nrun\tshop\tworker\tTrue\n"


def workers(
    *replies: tuple[str, Reply], services: tuple[str, ...] = ("worker",)
) -> tuple[ContainerWorkers, ScriptedRunner]:
    runner = ScriptedRunner(*replies, ("ps", PS), ("stop", ""), ("start", ""))
    return ContainerWorkers(DockerCli(runner), "shop", services), runner


def acts(runner: ScriptedRunner) -> list[tuple[str, str]]:
    return [(call[1], call[-1]) for call in runner.calls if call[1] in ("stop", "start")]


def test_all_containers_of_the_consumer_are_stopped_and_started_and_no_others() -> None:
    found, runner = workers()
    found.stop()
    found.start()
    found.start()
    assert acts(runner) == [("stop", "w1"), ("stop", "w2"), ("start", "w1"), ("start", "w2")]


def test_what_was_not_stopped_is_not_started() -> None:
    found, runner = workers()
    found.start()
    assert acts(runner) == []


def test_a_start_that_fails_is_told_and_can_be_tried_again() -> None:
    answers = [answered(stderr="no such container", exit_code=1)]
    found, runner = workers(("start", lambda _argv: answers.pop() if answers else ""))
    found.stop()
    with pytest.raises(CommandFailedError, match="Could not start the consumer's container"):
        found.start()
    found.start()
    assert acts(runner)[-2:] == [("start", "w1"), ("start", "w2")]


def test_a_service_without_a_container_is_named() -> None:
    with pytest.raises(PlatformNotFoundError, match="The service mailer of the project shop has no container"):
        workers(services=("worker", "mailer"))


def state(status: str, restarts: int = 0) -> dict[str, Any]:
    return {"Id": "w1", "State": {"Status": status}, "RestartCount": restarts}


@pytest.mark.parametrize(
    "containers, failed",
    [
        ([state("running"), state("running")], False),
        ([state("running"), state("exited")], True),
        ([state("running"), state("restarting", 1)], True),
        # it runs again, for the engine has started it again
        ([state("running", 1), state("running")], True),
    ],
)
def test_a_consumer_has_failed_when_it_has_ended_by_itself(containers: list[dict[str, Any]], failed: bool) -> None:
    found, _runner = workers(("inspect", json.dumps(containers)))
    assert found.have_failed() is failed
