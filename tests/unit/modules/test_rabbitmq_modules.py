# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules that ask RabbitMQ, against a client that answers from records."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bad_servers import hangs, ok, server
from fake_broker import recorded
from fake_docker import Answer, FakeDocker
from fake_platform import inspected
from module_run import run_main

from ansible_collections.agentfoundry.incident_response.plugins.modules import (
    rabbitmq_memory_limit,
    rabbitmq_quarantine,
    rabbitmq_queue_info,
)

MAIN: dict[str, Callable[[], None]] = {
    "info": rabbitmq_queue_info.main,
    "limit": rabbitmq_memory_limit.main,
    "quarantine": rabbitmq_quarantine.main,
}
SECRET = "s3cret-word"
QUARANTINE: dict[str, Any] = {"queue": "jobs", "consumers": ["worker"]}


def docker(folder: Path, *answers: Answer, port: int = 0, state: str = "running") -> FakeDocker:
    """A project of a broker, whose management API is published when there is a port, and a worker."""
    broker = inspected("mq", image="rabbitmq:3-management", port=15672 if port else 0, state={"Status": state})
    broker["Config"]["Env"] = ["RABBITMQ_DEFAULT_USER=monitor", f"RABBITMQ_DEFAULT_PASS={SECRET}"]
    broker["NetworkSettings"]["Networks"] = {}
    if port:
        broker["NetworkSettings"]["Ports"] = {"15672/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port)}]}
    containers = [broker, inspected("worker", needs=["mq"])]
    rows = "".join(
        f"{one['Id']}\tshop\t{name}\tFalse\n" for one, name in zip(containers, ("mq", "worker"), strict=True)
    )
    return FakeDocker(
        folder,
        [
            *answers,
            Answer('"version "*', '{"client": "28.2.2", "server": "20.10.24"}'),
            Answer('"ps "*', rows),
            Answer('"inspect mq-id"', json.dumps(containers[:1])),
            Answer('"inspect "*', json.dumps(containers)),
            Answer('"logs "*'),
        ],
    )


def run(module: str, client: FakeDocker, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    told = {"project": "shop", "name": "mq", "docker_cli": client.path, **options}
    result = run_main(MAIN[module], told, check_mode=check_mode, diff=True)
    assert SECRET not in json.dumps(result)
    return result


def changing(client: FakeDocker) -> list[str]:
    return [call for call in client.calls if call.startswith(("stop", "start")) or "set_vm" in call]


# rabbitmq_queue_info


def test_queues_are_told_by_rabbitmqctl_where_there_is_no_way_to_the_api(tmp_path: Path) -> None:
    client = docker(
        tmp_path,
        Answer("*--before*", recorded("ctl_again.stdout").decode()),
        Answer("*--status*", recorded("ctl_look.stdout").decode()),
    )

    result = run("info", client)

    assert (result["changed"], result["rabbitmq"]["via"]) == (False, "rabbitmqctl, exec")
    queues = {queue["name"]: queue for queue in result["rabbitmq"]["queues"]}
    assert (queues["notifications"]["messages"], queues["notifications"]["class"]) == (5000, "stuck_consumer")
    assert "rabbitmq.stuck_consumer" in {one["id"] for one in result["findings"] if one["status"] == "critical"}
    assert changing(client) == []


def test_an_api_that_hangs_costs_its_deadline_and_is_no_answer(tmp_path: Path) -> None:
    with server(hangs) as port:
        client = docker(tmp_path, Answer("*--status*", stderr="rabbitmqctl: not found", exit_code=127), port=port)

        result = run("info", client, probe_deadline=2.0)

    assert (result["rabbitmq"]["alive"], result["rabbitmq"]["via"]) == (False, "")
    assert "rabbitmq.alive" in {one["id"] for one in result["findings"] if one["status"] == "critical"}


def test_a_broker_that_does_not_run_is_told_and_not_asked(tmp_path: Path) -> None:
    client = docker(tmp_path, state="exited")

    result = run("info", client)

    assert (result["rabbitmq"]["state"], result["rabbitmq"]["alive"]) == ("exited", False)
    assert [call for call in client.calls if call.startswith("exec")] == []


# rabbitmq_memory_limit

LOW = Answer("*status*", json.dumps({"vm_memory_high_watermark_limit": 10**6}))
HIGH = Answer("*status*", json.dumps({"vm_memory_high_watermark_limit": 256 * 10**6}), when="set")
CONFIGURED = Answer("*eval*", '{{ok,{absolute,"256MB"}},25000000000}')
SET = Answer("*set_vm_memory_high_watermark*", then="set")


def test_check_mode_the_run_and_a_second_run_of_a_limit(tmp_path: Path) -> None:
    client = docker(tmp_path, SET, HIGH, LOW, CONFIGURED)

    planned = run("limit", client, check_mode=True)
    assert (planned["changed"], changing(client)) == (True, [])
    done = run("limit", client)
    assert (done["changed"], done["before"], done["after"]) == (True, 10**6, 256 * 10**6)
    assert (done["actions"], done["diff"]) == (planned["actions"], planned["diff"])
    again = run("limit", client)
    assert (again["changed"], again["actions"]) == (False, [])
    assert changing(client) == ["exec mq-id rabbitmqctl -q set_vm_memory_high_watermark absolute 256MB"]


@pytest.mark.parametrize(
    "answers, said",
    [
        ((LOW, Answer("*eval*", stderr="Error: nodedown", exit_code=69)), "does not tell its memory limit"),
        ((Answer("*status*", "garbage"), CONFIGURED), "does not tell its memory limit"),
        ((Answer("*set_vm*", stderr="Error: no permission", exit_code=70), LOW, CONFIGURED), "Error: no permission"),
    ],
)
def test_a_limit_that_cannot_be_told_or_set_fails_with_the_reason(
    answers: tuple[Answer, ...], said: str, tmp_path: Path
) -> None:
    result = run("limit", docker(tmp_path, *answers))

    assert result["failed"]
    assert said in result["msg"]


# rabbitmq_quarantine


def test_check_mode_of_a_quarantine_stops_nobody(tmp_path: Path) -> None:
    answers = {"whoami": {"name": "monitor"}, "disable_stats": [{"name": "jobs", "vhost": "/", "messages": 3}]}

    def answer(connection: Any) -> None:
        asked = connection.recv(65536).decode()
        body = next((data for part, data in answers.items() if part in asked), {"type": "classic"})
        ok(json.dumps(body).encode())(connection)

    with server(answer, reads=False) as port:
        client = docker(tmp_path, port=port)
        result = run("quarantine", client, check_mode=True, **QUARANTINE)

    assert (result["changed"], result["reason"]) == (True, "at most 10 messages would be parked")
    assert result["counts"]["before"] == {"jobs": 3, "jobs.quarantine": 0}
    assert changing(client) == []


@pytest.mark.parametrize(
    "answer, deadline, said",
    [
        (ok(b"{}", "401 Unauthorized"), 60.0, "does not take these credentials"),
        (ok(b"<html>"), 60.0, "no JSON"),
        (hangs, 2.0, "management API of mq cannot be used"),
    ],
)
def test_a_quarantine_needs_the_management_api(
    answer: Callable[[Any], None], deadline: float, said: str, tmp_path: Path
) -> None:
    with server(answer) as port:
        client = docker(tmp_path, port=port)
        result = run("quarantine", client, probe_deadline=deadline, **QUARANTINE)

    assert result["failed"]
    assert said in result["msg"]
    assert "rabbitmq_management" in result["msg"]
    assert changing(client) == []


@pytest.mark.parametrize(
    "module, options, said",
    [
        ("quarantine", {**QUARANTINE, "consumers": []}, "consumers"),
        ("quarantine", {**QUARANTINE, "at_most": 0}, "at_most"),
        ("quarantine", {**QUARANTINE, "settle": -1}, "settle"),
        ("quarantine", {**QUARANTINE, "name": "worker2"}, "worker2 of the project shop does not run"),
        ("limit", {"name": "worker2"}, "Its services are: mq, worker"),
        ("limit", {"project": "other"}, "other"),
        ("limit", {"docker_cli": "/no/such/docker"}, "docker_cli"),
        ("limit", {"services": {"mq": {"rabbitmq": {"port": 1}}}}, "services.mq.rabbitmq.port"),
        ("info", {"services": {"mq": {"rabbitmq": {"limits": 1}}}}, "services.mq.rabbitmq.limits"),
    ],
)
def test_bad_input_is_named(module: str, options: dict[str, Any], said: str, tmp_path: Path) -> None:
    client = docker(tmp_path)

    result = run(module, client, **options)

    assert result["failed"]
    assert said in result["msg"]
    assert changing(client) == []
