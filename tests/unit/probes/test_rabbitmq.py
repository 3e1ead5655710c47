# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from broker_look import (
    AGAIN,
    BROKER,
    GUEST,
    LOOK,
    PORT,
    SECRET,
    context,
    environment,
    login,
    look,
)
from fake_broker import FakeApi, Request, hang, json_answer, recorded, refuse
from scripted_runner import Reply, ScriptedRunner, answered, hung

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import HttpAnswer
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Container,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_settings import (
    RabbitmqSettings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.rabbitmq import RabbitmqProbe

# The ways


def test_the_management_api_tells_everything() -> None:
    facts = look()
    assert (facts.alive, facts.via, facts.version, facts.error) == (
        True,
        "management API, published port",
        "3.10.8",
        "",
    )
    queues = {queue.name: queue for queue in facts.queues}
    found = queues["notifications"]
    assert (found.messages, found.ready, found.unacknowledged, found.consumers, found.prefetch) == (
        5000,
        4950,
        50,
        1,
        50,
    )
    assert ([one.name for one in found.services], found.kind) == (["mailer"], "stuck_consumer")
    assert found.window is not None
    assert queues["compliance-checks"].kind == "none"


def test_without_a_published_port_the_container_address_is_taken() -> None:
    http = FakeApi()
    facts = look(http, containers=(replace(BROKER, ports=()),))
    assert facts.via == "management API, container address"
    assert {request.url.split("/api")[0] for request in http.asked} == {"http://172.20.0.5:15672"}


CTL: tuple[tuple[str, Reply], ...] = (("exec --before", AGAIN), ("exec", LOOK))
NOWHERE = replace(BROKER, ports=(), addresses={})


@pytest.mark.parametrize(
    "http, containers, said",
    [
        (FakeApi({"": refuse()}), (BROKER,), "refuses connections"),
        (FakeApi({"": hang()}), (BROKER,), "no answer within"),
        (FakeApi({"": json_answer({}, 500)}), (BROKER,), "HTTP 500"),
        (FakeApi({"": HttpAnswer("", 200, b"<html>", connected=True)}), (BROKER,), "no JSON"),
        (FakeApi({"": json_answer({"status": "ok"})}), (BROKER,), "no management API"),
        (FakeApi({"/api/nodes": json_answer([])}), (BROKER,), "knows no node"),
        (FakeApi({"disable_stats": json_answer([{"name": "jobs"}])}), (BROKER,), "does not tell how many messages"),
        (FakeApi({"": json_answer({}, 401)}), (BROKER,), "does not take these credentials"),
        (FakeApi(), (NOWHERE,), "neither published nor has the container an address"),
    ],
)
def test_where_the_api_cannot_be_used_rabbitmqctl_tells_the_same_and_why_is_said(
    http: FakeApi, containers: Sequence[Container], said: str
) -> None:
    def run(argv: Sequence[str]) -> Reply:
        return AGAIN if "--before" in " ".join(argv) else LOOK

    facts = look(http, ("exec", run), containers=tuple(containers))
    assert (facts.alive, facts.via, facts.version) == (True, "rabbitmqctl, exec", "3.10.8")
    assert said in facts.bypassed
    by_api = {queue.name: queue for queue in look().queues}
    for queue in facts.queues:
        other = by_api[queue.name]
        assert (queue.messages, queue.ready, queue.unacknowledged, queue.consumers, queue.prefetch, queue.kind) == (
            other.messages, other.ready, other.unacknowledged, other.consumers, other.prefetch, other.kind,
        )  # fmt: skip


def test_with_wrong_credentials_the_second_way_is_not_tried_again() -> None:
    http = FakeApi({"": json_answer({}, 401)})
    look(http, ("exec", LOOK))
    assert {request.url.split("/api")[0] for request in http.asked} == {"http://127.0.0.1:15672"}


@pytest.mark.parametrize(
    "said, alive, error",
    [
        (
            answered(recorded("ctl_stopped_app.stdout"), "Error: the 'rabbit' app does not run"),
            True,
            "Error: the 'rabbit'",
        ),
        (hung(15.0), False, "it did not answer in time"),
        (answered(stderr="rabbitmqctl: not found", exit_code=127), False, "rabbitmqctl: not found"),
    ],
)
def test_a_broker_that_neither_way_reaches_has_told_nothing(said: Reply, alive: bool, error: str) -> None:
    facts = look(FakeApi({"": refuse()}), ("exec", said))
    assert (facts.answered, facts.alive, facts.queues) == (False, alive, ())
    assert facts.error.startswith(error)


def test_half_an_answer_of_rabbitmqctl_is_no_healthy_queue() -> None:
    probe, asked = RabbitmqProbe(), context(FakeApi(), ScriptedRunner())
    facts = look(FakeApi({"": refuse()}), ("exec", LOOK[: LOOK.index("--queues")]))
    found = {finding.id: finding.status for finding in probe.judge(asked, facts)}
    assert found["rabbitmq.running"] is Status.OK
    assert found["rabbitmq.queue_depth"] is Status.UNKNOWN


@pytest.mark.parametrize("state", ["exited", "paused", "restarting"])
def test_a_container_that_does_not_run_is_not_asked(state: str) -> None:
    http = FakeApi()
    facts = look(http, containers=(replace(BROKER, state=state),))
    assert (facts.alive, facts.state, http.asked) == (False, state, [])


def test_an_engine_that_does_not_answer_is_an_error_and_no_crash() -> None:
    facts = look(FakeApi(), ("inspect", answered(stderr="Cannot connect to the Docker daemon", exit_code=1)))
    assert (facts.alive, facts.answered) == (None, False)
    assert facts.error


# Credentials


@pytest.mark.parametrize(
    "variables, expected",
    [
        ([], GUEST),
        (["RABBITMQ_DEFAULT_USER=monitor", "RABBITMQ_DEFAULT_PASS=s3cret-word"], SECRET),
        (["RABBITMQ_DEFAULT_USER=monitor"], "monitor:guest"),
    ],
)
def test_the_containers_environment_tells_user_and_password(variables: Sequence[str], expected: str) -> None:
    http = FakeApi()
    look(http, ("inspect", environment(*variables)))
    assert login(http.asked[0]) == expected


def test_the_inventory_wins_over_the_environment(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("s3cret-word\nsecond line\n", encoding="utf-8")
    http = FakeApi()
    settings = RabbitmqSettings(user="monitor", password_file=str(tmp_path / "password"))
    facts = look(http, ("inspect", environment("RABBITMQ_DEFAULT_PASS=other")), rabbitmq=settings)
    assert login(http.asked[0]) == SECRET
    assert "s3cret-word" not in json.dumps(facts.to_data())
    assert "s3cret-word" not in repr(facts)


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_password_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    facts = look(rabbitmq=RabbitmqSettings(password_file=str(tmp_path / name)))
    assert facts.alive is None
    assert "rabbitmq.password_file" in facts.error


def only_for(*taken: str) -> Callable[[Request], HttpAnswer]:
    def answer(request: Request) -> HttpAnswer:
        return json_answer([] if login(request) in taken else {}, 200 if login(request) in taken else 401)

    return answer


OWN = environment("RABBITMQ_DEFAULT_USER=monitor", "RABBITMQ_DEFAULT_PASS=s3cret-word")


@pytest.mark.parametrize(
    "taken, variables, writing, guest",
    [
        ([GUEST], environment(), True, True),
        ([], environment(), True, False),
        ([SECRET, GUEST], OWN, True, True),
        ([SECRET], OWN, True, False),
        # the account that we were given is wrong, and the default one is good
        ([GUEST], OWN, True, True),
        # a log-in that fails stands in the broker's log: not under check mode
        ([SECRET], OWN, False, None),
    ],
)
def test_whether_the_default_credentials_are_good_is_tried(
    taken: Sequence[str], variables: Reply, writing: bool, guest: bool | None
) -> None:
    answer = only_for(*taken)
    ordinary = FakeApi()

    class Api(FakeApi):
        def request(self, method: str, url: str, **rest: Any) -> HttpAnswer:
            refused = answer(Request(method, url, None, rest["headers"]["Authorization"]))
            return refused if refused.status == 401 else ordinary.request(method, url, **rest)

    facts = look(Api(), ("inspect", variables), ("exec", LOOK), writing=writing)
    assert facts.guest is guest


@pytest.mark.parametrize(
    "host_ip, where",
    [("127.0.0.1", "this host and every container"), ("192.0.2.7", "other hosts"), ("::", "other hosts")],
)
def test_from_where_the_default_credentials_are_good_is_told_by_the_published_ports(host_ip: str, where: str) -> None:
    asked = context(FakeApi(), ScriptedRunner(), containers=(replace(BROKER, ports=(replace(PORT, host_ip=host_ip),)),))
    found = {finding.id: finding for finding in RabbitmqProbe().judge(asked, look())}
    assert where in found["rabbitmq.guest"].message
