# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from scripted_runner import Reply, ScriptedRunner, answered, hung
from service_facts import container

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import (
    Failure,
    HttpAnswer,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Container,
    HealthTarget,
    HttpHealth,
    PortBinding,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import (
    HealthSettings,
    ServiceSettings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.http_health import (
    MOST_REQUESTS,
    Target,
    base_urls,
    find_target,
    parse_body,
    probe_http_health,
)

TARGET = Target(3000, "/health")
REFUSED = HttpAnswer("", failure=Failure.REFUSED, error="It refuses connections.")
BOTH_WAYS = container(
    ports=(PortBinding(3000, "tcp", "127.0.0.1", 23000),), addresses={"shop_default": "172.18.0.5"}, health="healthy"
)
PUBLISHED_URL, ADDRESS_URL = "http://127.0.0.1:23000/health", "http://172.18.0.5:3000/health"


class TableClient:
    """Answers by URL."""

    def __init__(self, answers: Mapping[str, HttpAnswer]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def request(
        self,
        method: str,
        url: str,
        *,
        deadline: float,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        limit: int = 1 << 16,
    ) -> HttpAnswer:
        self.asked.append(url)
        return self.answers[url]


def probe(
    one: Container, answers: Mapping[str, HttpAnswer], inside: Reply = b"", target: Target | None = TARGET
) -> HttpHealth:
    docker = DockerCli(ScriptedRunner(("exec", inside)))
    redactor = Redactor(["Sesame-0pen!"])
    return probe_http_health(one, target, TableClient(answers), docker, redactor, 2.0)


def fine(url: str, body: bytes = b'{"status": "ok"}') -> HttpAnswer:
    return HttpAnswer(url, 200, body, latency=0.012, connected=True)


def test_the_published_port_comes_first() -> None:
    found = probe(BOTH_WAYS, {PUBLISHED_URL: fine(PUBLISHED_URL)})
    assert (found.via, found.url, found.status, found.body) == ("published port", PUBLISHED_URL, 200, {"status": "ok"})
    assert found.latency_ms == pytest.approx(12.0)
    assert found.was_asked


def test_then_the_address_of_the_container() -> None:
    found = probe(BOTH_WAYS, {PUBLISHED_URL: REFUSED, ADDRESS_URL: fine(ADDRESS_URL)})
    assert (found.via, found.status) == ("container address", 200)
    assert found.bypassed == "published port: It refuses connections."


NO_WAY = {PUBLISHED_URL: REFUSED, ADDRESS_URL: REFUSED}


@pytest.mark.parametrize(
    "reply, status, failure",
    [
        (b'{"status": "ok"}\n200', 200, ""),
        (b"down\n503", 503, ""),
        (answered(b"", b"  HTTP/1.1 503 Service Unavailable\nwget: server returned error", 1), 503, ""),
        (answered(b"body", b"  HTTP/1.1 200 OK\n", 0), 200, ""),
        (answered(b"\n000", b"curl: (7) Failed to connect: Connection refused", 7), None, "refused"),
        (answered(b"\n000", b"curl: (7) failed to connect after 0 ms: couldn't connect", 7), None, "refused"),
        (answered(b"", b"<urlopen error timed out>", 8), None, "deadline"),
        (answered(b"", b"<urlopen error [Errno 111] Connection refused>", 8), None, "refused"),
        (answered(b"", b"getaddrinfo EAI_AGAIN", 8), None, "closed"),
        (answered(b"\n000", b"curl: (28) Operation timed out", 28), None, "deadline"),
        (answered(b"", b"", 143), None, "deadline"),
        (answered(b"", b"curl: (52) Empty reply from server", 52), None, "closed"),
        (answered(b"x" * 70_000, b"", -9, truncated=True), None, "not_http"),
        (hung(3.0), None, "deadline"),
    ],
)
def test_then_from_inside_the_container(reply: Reply, status: int | None, failure: str) -> None:
    found = probe(BOTH_WAYS, NO_WAY, reply)
    assert (found.via, found.status, found.failure) == ("exec", status, failure)
    assert found.url == "http://localhost:3000/health"


def test_from_inside_the_url_is_an_argument_and_never_part_of_the_script() -> None:
    runner = ScriptedRunner(("exec", b"ok\n200"))
    evil = Target(3000, "/health?x=$(reboot);'`")
    client = TableClient({url.replace("/health", evil.path): REFUSED for url in (PUBLISHED_URL, ADDRESS_URL)})
    probe_http_health(BOTH_WAYS, evil, client, DockerCli(runner), Redactor(), 2.0)
    (call,) = runner.calls
    script, url = call[call.index("-c") + 1], call[call.index("-c") + 3]
    assert "reboot" not in script
    assert url == f"http://localhost:3000{evil.path}"


@pytest.mark.parametrize("health, via", [("healthy", "docker"), ("", "process")])
def test_last_come_dockers_own_check_and_the_process(health: str, via: str) -> None:
    one = container(ports=BOTH_WAYS.ports, addresses=BOTH_WAYS.addresses, health=health)
    found = probe(one, NO_WAY, answered(stderr="no shell", exit_code=126))
    assert (found.via, found.was_asked) == (via, False)
    assert found.bypassed == "container address: It refuses connections."


def test_a_service_without_http_is_not_asked() -> None:
    assert probe(BOTH_WAYS, {}, target=None).via == "docker"


@pytest.mark.parametrize("failure", [Failure.CLOSED, Failure.NOT_HTTP, Failure.REDIRECT])
def test_a_bad_answer_is_an_answer(failure: Failure) -> None:
    bad = HttpAnswer(PUBLISHED_URL, failure=failure, error="Bad.", connected=True)
    found = probe(BOTH_WAYS, {PUBLISHED_URL: bad})
    assert (found.via, found.failure) == ("published port", failure.value)


class HangingClient(TableClient):
    """The first answers miss their deadline."""

    def __init__(self, answers: Mapping[str, HttpAnswer], misses: int) -> None:
        super().__init__(answers)
        self.misses = misses

    def request(self, method: str, url: str, *, deadline: float, **options: Any) -> HttpAnswer:
        answer = super().request(method, url, deadline=deadline, **options)
        late = HttpAnswer(url, failure=Failure.DEADLINE, error="It sent no answer.", latency=deadline, connected=True)
        return late if len(self.asked) <= self.misses else answer


@pytest.mark.parametrize(
    "misses, asked, failure, late_after_ms",
    [(0, 1, "", None), (1, 3, "", 2000.0), (2, 2, "deadline", 2000.0)],
    ids=["in time", "late once", "hung"],
)
def test_a_service_that_misses_its_deadline_is_asked_again_by_the_same_way(
    misses: int, asked: int, failure: str, late_after_ms: float | None
) -> None:
    client = HangingClient({PUBLISHED_URL: fine(PUBLISHED_URL)}, misses)

    found = probe_http_health(BOTH_WAYS, TARGET, client, DockerCli(ScriptedRunner()), Redactor(), 2.0)

    assert (found.failure, found.late_after_ms) == (failure, late_after_ms)
    assert found.status == (None if failure else 200)
    assert client.asked == [PUBLISHED_URL] * asked


class ClientInTurn(TableClient):
    """Gives one answer after the other, whatever is asked."""

    def __init__(self, *answers: HttpAnswer) -> None:
        super().__init__({})
        self.left = list(answers)

    def request(self, method: str, url: str, *, deadline: float, **options: Any) -> HttpAnswer:
        self.asked.append(url)
        return self.left.pop(0)


TAKEN_AND_LATE = HttpAnswer("", failure=Failure.DEADLINE, error="It sent no answer.", latency=2.0, connected=True)
NOT_TAKEN = HttpAnswer("", failure=Failure.DEADLINE, error="It took no connection.", latency=2.0)


@pytest.mark.parametrize("then", [NOT_TAKEN, REFUSED], ids=["its queue is full", "it has gone"])
def test_what_a_late_service_does_not_take_any_more_does_not_make_up_for_it(then: HttpAnswer) -> None:
    client = ClientInTurn(TAKEN_AND_LATE, then)

    found = probe_http_health(BOTH_WAYS, TARGET, client, DockerCli(ScriptedRunner()), Redactor(), 2.0)

    assert (found.via, found.failure, found.late_after_ms) == ("published port", "deadline", 2000.0)


def test_no_service_is_asked_more_often_than_the_job_has_time_for() -> None:
    """By two ways that lead to nobody, and from inside one late and two good times."""
    replies: list[Reply] = [hung(3.0), b"ok\n200", b"ok\n200"]
    runner = ScriptedRunner(("exec", lambda _argv: replies.pop(0)))
    client = ClientInTurn(NOT_TAKEN, NOT_TAKEN)

    found = probe_http_health(BOTH_WAYS, TARGET, client, DockerCli(runner), Redactor(), 2.0)

    assert (found.via, found.status) == ("exec", 200)
    assert len(client.asked) + len(runner.calls) == MOST_REQUESTS


@pytest.mark.parametrize(
    "replies, failure, late_after_ms",
    [
        ([b"ok\n200"], "", None),
        ([hung(3.0), b"ok\n200", b"ok\n200"], "", 3000.0),
        ([hung(3.0), hung(3.0)], "deadline", 3000.0),
        # Its program has gone in between, with the container perhaps: what was seen stays.
        ([hung(3.0), answered(exit_code=127)], "deadline", 3000.0),
        ([answered(b"\n000", b"curl: (7) Connection refused", 7)], "refused", None),
    ],
    ids=["in time", "late once", "hung", "gone", "refused"],
)
def test_from_inside_a_late_service_is_asked_again_as_well(
    replies: list[Reply], failure: str, late_after_ms: float | None
) -> None:
    left = list(replies)

    found = probe(BOTH_WAYS, NO_WAY, lambda _argv: left.pop(0))

    assert (found.via, found.failure, found.late_after_ms) == ("exec", failure, late_after_ms)
    assert left == []


@pytest.mark.parametrize(
    "body, json_body, text",
    [
        (b'{"password": "x", "note": "Sesame-0pen!"}', {"password": "[redacted]", "note": "[redacted]"}, ""),
        (b"it is Sesame-0pen!\x1b[31m", None, "it is [redacted]"),
        (b"\xff\xfe", None, "\ufffd\ufffd"),
        (b"", None, ""),
    ],
)
def test_what_is_answered_is_redacted(body: bytes, json_body: Any, text: str) -> None:
    found = probe(BOTH_WAYS, {PUBLISHED_URL: fine(PUBLISHED_URL, body)})
    assert (found.body, found.text) == (json_body, text)


def test_where_a_redirect_points_to_is_redacted() -> None:
    away = HttpAnswer(PUBLISHED_URL, 302, failure=Failure.REDIRECT, error="It redirects to http://x/?token=abcdef.")
    assert "abcdef" not in probe(BOTH_WAYS, {PUBLISHED_URL: away}).error


@pytest.mark.parametrize(
    "host_ip, url",
    [
        ("0.0.0.0", "http://127.0.0.1:8080"),  # noqa: S104 - what Docker says
        ("", "http://127.0.0.1:8080"),
        ("::", "http://[::1]:8080"),
        ("10.0.0.7", "http://10.0.0.7:8080"),
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("fd00::7", "http://[fd00::7]:8080"),
    ],
)
def test_the_address_of_a_published_port_is_respected(host_ip: str, url: str) -> None:
    one = container(ports=(PortBinding(80, "tcp", host_ip, 8080),))
    assert list(base_urls(one, Target(80, "/"))) == [("published port", url)]


def test_of_two_bindings_the_one_for_ipv4_is_taken() -> None:
    ports = (PortBinding(80, "tcp", "::", 8080), PortBinding(80, "tcp", "0.0.0.0", 8080))  # noqa: S104
    assert next(base_urls(container(ports=ports), Target(80, "/")))[1] == "http://127.0.0.1:8080"


OWN = HealthTarget(3000, "/live")


@pytest.mark.parametrize(
    "kind, settings, own, ports, expected",
    [
        ("http", ServiceSettings(), OWN, (), Target(3000, "/live")),
        ("http", ServiceSettings(health=HealthSettings(path="/up")), OWN, (), Target(3000, "/up")),
        ("http", ServiceSettings(port=9), OWN, (), Target(9, "/health", path_known=False)),
        ("http", ServiceSettings(), None, (PortBinding(80),), Target(80, "/health", path_known=False)),
        ("http", ServiceSettings(), None, (PortBinding(22, host_port=2), PortBinding(90, host_port=9), PortBinding(80)),
         Target(90, "/health", path_known=False)),
        ("http", ServiceSettings(), None, (), None),
        ("http", ServiceSettings(health=HealthSettings(enabled=False)), OWN, (), None),
        ("postgres", ServiceSettings(), None, (PortBinding(5432),), None),
        ("rabbitmq", ServiceSettings(port=15672), None, (), Target(15672, "/health", path_known=False)),
        ("http", ServiceSettings(), HealthTarget(443, "/x", "https"), (), Target(443, "/x", "https")),
    ],
)  # fmt: skip
def test_port_and_path_are_the_inventorys_then_those_of_the_health_check_then_a_guess(
    kind: str,
    settings: ServiceSettings,
    own: HealthTarget | None,
    ports: tuple[PortBinding, ...],
    expected: Target | None,
) -> None:
    assert find_target(container(health_target=own, ports=ports), kind, settings) == expected


@pytest.mark.parametrize(
    "body, expected",
    [
        (b"[1, 2]", [1, 2]),
        (b'{"load": NaN}', {"load": "NaN"}),
        (b"[" * 4000, None),
        (b'"' + b"x" * 5000 + b'"', None),
        (b"<html>", None),
        (b"\xff", None),
    ],
)
def test_a_body_is_json_or_nothing(body: bytes, expected: Any) -> None:
    assert parse_body(body) == expected
