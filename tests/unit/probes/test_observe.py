# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest
from fake_platform import SECRET, FakePlatform, hang, inspected
from scripted_runner import answered, hung

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import (
    Failure,
    HttpAnswer,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    InvalidInputError,
    PlatformNotFoundError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import read_services
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.context import (
    KindProbe,
    KindReport,
    ServiceContext,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.observe import observe
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.platform_data import platform_data
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres import PostgresProbe
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import ObserveOptions

DB = inspected("db", image="postgres:16")
API = inspected("api", port=3001, needs=["db"])
GATEWAY = inspected("gateway", port=3000, needs=["api"])
SHOP = (DB, API, GATEWAY)


def look(platform: FakePlatform, kinds: Mapping[str, KindProbe] | None = None, **options: Any) -> dict[str, Any]:
    data = platform_data(observe(ObserveOptions(**options), platform.means, kinds or {}), options.get("project") or "")
    json.dumps(data)
    return data


def bad(data: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    return {
        (finding["status"], finding["id"], finding["service"])
        for finding in data["findings"]
        if finding["status"] not in ("ok", "not_configured")
    }


class OneLateAnswer(FakePlatform):
    """The first answer on port 3001 is late."""

    def request(self, method: str, url: str, *, deadline: float, **options: Any) -> HttpAnswer:
        first = ":3001/" in url and not [asked for asked in self.asked if ":3001/" in asked]
        answer = super().request(method, url, deadline=deadline, **options)
        late = HttpAnswer(url, failure=Failure.DEADLINE, error="It is late.", latency=deadline, connected=True)
        return late if first else answer


def test_of_two_containers_of_a_service_the_one_that_was_late_is_told() -> None:
    second = {**inspected("api", port=3002), "Id": "api-2-id", "Name": "/shop-api-2"}
    data = look(OneLateAnswer((DB, API, second)))
    assert bad(data) == {("warning", "http.health", "api")}
    assert data["services"]["api"]["health"]["late_after_ms"] == 2000.0


def test_a_healthy_platform_needs_no_configuration_and_has_nothing_bad() -> None:
    data = look(FakePlatform(SHOP))
    assert bad(data) == set()
    assert data["engine"]["answers"]
    assert data["engine"]["version"] == "20.10.24"
    assert data["platform"]["project"] == "shop"
    assert {name: seen["kind"] for name, seen in data["services"].items()} == {
        "db": "postgres", "api": "http", "gateway": "http",
    }  # fmt: skip
    assert data["services"]["gateway"]["depends_on"] == ["api"]
    assert data["services"]["gateway"]["user_facing"]
    assert data["services"]["api"]["health"]["via"] == "published port"
    assert data["services"]["api"]["health"]["body"] == {"status": "ok"}
    assert data["services"]["db"]["health"]["via"] == "process"
    assert (data["failing"], data["root_causes"], data["symptoms"]) == ([], [], {})
    assert data["severity"]["level"] == "P4"


def test_each_container_is_inspected_in_one_call() -> None:
    platform = FakePlatform(SHOP)
    look(platform)
    assert len([call for call in platform.runner.calls if "inspect" in call]) == 1


def test_who_fails_because_of_another_one_is_a_symptom() -> None:
    stopped = inspected("db", image="postgres:16", state={"Status": "exited", "ExitCode": 137})
    sick = {
        port: HttpAnswer("u", 503, b'{"status": "degraded"}', latency=0.01, connected=True) for port in (3000, 3001)
    }
    data = look(FakePlatform((stopped, API, GATEWAY), http=sick))
    assert data["root_causes"] == ["db"]
    assert data["symptoms"] == {"api": ["db"], "gateway": ["db"]}
    assert data["severity"]["level"] == "P1"


def test_what_a_killed_recreate_has_made_beside_the_old_container_is_no_second_one() -> None:
    old = inspected("db", image="postgres:16", state={"Status": "exited", "ExitCode": 0})
    old["Id"] = "0a1b2c3d4e5f0000"
    new = inspected("db", image="postgres:16", state={"Status": "created"})
    new["Id"], new["Name"] = "7777777777770000", "/0a1b2c3d4e5f_shop-db-1"
    data = look(FakePlatform((new, old, API, GATEWAY)))
    # What is started next is the one that ran: both of them would write to the same volume.
    assert [container["id"] for container in data["services"]["db"]["containers"]] == ["0a1b2c3d4e5f0000"]
    assert ("critical", "container.state", "db") in bad(data)


STARTED, MEANWHILE, ENDED = "2026-02-27T13:00:00Z", 1_772_197_260.0, "2026-02-27T13:02:00Z"
JOB = {"Status": "exited", "ExitCode": 0, "StartedAt": STARTED, "FinishedAt": ENDED}


@pytest.mark.parametrize(
    "state, begun, status",
    [
        pytest.param(JOB, [MEANWHILE], "critical", id="it ran when the action began: that has stopped it"),
        pytest.param(JOB, [MEANWHILE - 3600, MEANWHILE], "critical", id="the second of two runs has"),
        pytest.param(JOB, [MEANWHILE + 3600], "warning", id="it had ended before"),
        pytest.param(JOB, [MEANWHILE - 3600], "warning", id="it was started by the action, and has ended well"),
        pytest.param(JOB, [], "warning", id="nothing was done that stops it"),
        pytest.param({**JOB, "Status": "running"}, [MEANWHILE], "", id="it runs"),
    ],
)
def test_what_a_killed_run_has_stopped_is_no_job_that_is_done(
    state: dict[str, Any], begun: list[float], status: str
) -> None:
    left = {"id": "INC-1", "unfinished": ["worker"], "unfinished_since": {"worker": begun}}
    record = {"available": True, "maintenance": [], "samples": {}, "open_incidents": [left]}
    data = look(FakePlatform((*SHOP, inspected("worker", state=state)), record=record))
    assert {(told, name) for told, finding, name in bad(data) if finding == "container.state"} == (
        {(status, "worker")} if status else set()
    )


def test_a_hung_service_is_critical() -> None:
    data = look(FakePlatform(SHOP, http={3001: hang(3001)}))
    assert bad(data) == {("critical", "http.health", "api")}


SLOW = {port: HttpAnswer("u", 200, b'{"status": "ok"}', latency=0.9, connected=True) for port in (3000, 3001)}


def test_timed_probes_name_the_bottleneck_and_who_only_suffers() -> None:
    data = look(FakePlatform(SHOP, http=SLOW), latency_samples=3)
    assert bad(data) == {("critical", "latency.p95", "api"), ("warning", "latency.p95", "gateway")}
    assert data["root_causes"] == ["api"]
    assert data["services"]["api"]["latency"]["samples_ms"] == [900.0] * 3
    assert "latency" not in data["services"]["db"]
    assert "host.pressure" in {finding["id"] for finding in data["findings"]}


def test_nobody_is_timed_unless_it_is_asked_for() -> None:
    platform = FakePlatform(SHOP, http=SLOW)
    assert bad(look(platform)) == set()
    assert len(platform.asked) == 2


@pytest.mark.parametrize(
    "reply",
    [
        FileNotFoundError(2, "No such file or directory"),
        answered(stderr="Cannot connect to the Docker daemon. Is the docker daemon running?", exit_code=1),
        hung(5.0),
    ],
    ids=["not installed", "stopped", "hanging"],
)
def test_an_engine_that_does_not_answer_is_a_finding_and_no_error(reply: Any) -> None:
    data = look(FakePlatform(SHOP, replies=[("ps", reply), ("version", reply)]), project="shop")
    assert bad(data) == {("critical", "engine.answers", "")}
    assert data["severity"]["level"] == "P1"
    assert not data["engine"]["answers"]
    assert data["engine"]["message"]
    assert data["platform"]["project"] == "shop"
    assert data["services"] == {}
    assert data["record"]["available"]


def test_an_engine_that_hangs_after_the_list_is_the_same() -> None:
    data = look(FakePlatform(SHOP, replies=[("inspect", hung(5.0))]))
    assert bad(data) == {("critical", "engine.answers", "")}


@pytest.mark.parametrize("project", ["blog", None])
def test_a_project_that_cannot_be_told_is_an_error(project: str | None) -> None:
    other = inspected("web", "other")
    with pytest.raises(PlatformNotFoundError, match="other, shop"):
        look(FakePlatform((*SHOP, other)), project=project)


def test_one_log_that_hangs_is_unknown_and_costs_its_deadline_once() -> None:
    release, begun = threading.Event(), []

    def never(_argv: Any) -> str:
        begun.append(time.monotonic())
        release.wait(60)
        return ""

    data = look(FakePlatform(SHOP, replies=[("logs api-id", never), ("logs db-id", never)]), probe_deadline=2.5)
    release.set()
    # The second one does not begin after the first one's deadline.
    assert len(begun) == 2
    assert max(begun) - min(begun) < 2.5
    assert bad(data) == {("unknown", "observation.logs", "api"), ("unknown", "observation.logs", "db")}
    assert {run["state"] for run in data["probes"] if run["name"] == "logs"} == {"deadline", "done"}
    assert data["severity"]["level"] == "P4"


@pytest.mark.parametrize(
    "settings, record, labels, declared",
    [
        ({"db": {"declared": "stopped"}}, [], {}, "stopped"),
        ({"db": {"declared": "ignored"}}, [], {}, "ignored"),
        ({}, [{"service": "db"}], {}, "maintenance"),
        ({}, [{"service": None}], {}, "maintenance"),
        ({}, [], {"agentfoundry.incident_response.ignore": "true"}, "ignored"),
    ],
)
def test_only_what_is_declared_is_left_alone(
    settings: dict[str, Any], record: list[Any], labels: dict[str, str], declared: str
) -> None:
    stopped = inspected("db", labels=labels, state={"Status": "exited", "ExitCode": 0})
    platform = FakePlatform((stopped, API), record={"available": True, "maintenance": record, "samples": {}})
    data = look(platform, services=read_services(settings))
    assert bad(data) == set()
    assert data["services"]["db"]["declared"] == declared
    assert not any("logs" in call and "db-id" in call for call in platform.runner.calls)


@pytest.mark.parametrize("state", ["exited", "paused"])
def test_stopped_or_paused_without_a_declaration_is_a_fault(state: str) -> None:
    data = look(FakePlatform((inspected("db", state={"Status": state}), API)))
    assert data["failing"] == ["db"]


def test_a_service_that_the_inventory_names_and_that_has_no_container_is_missing() -> None:
    data = look(FakePlatform(SHOP), services=read_services({"worker": {}}))
    assert bad(data) == {("critical", "service.missing", "worker")}
    assert data["services"]["worker"]["containers"] == []


def test_a_service_that_another_one_needs_and_that_has_no_container_is_missing() -> None:
    assert look(FakePlatform((API, GATEWAY)))["root_causes"] == ["db"]


def test_no_secret_enters_the_result() -> None:
    said = f"2026-02-27T13:46:00.000000000Z login failed for {SECRET} password=other-secret\n"
    answer = HttpAnswer("u", 200, json.dumps({"status": "ok", "echo": SECRET}).encode(), latency=0.01, connected=True)
    data = look(FakePlatform(SHOP, replies=[("logs", said)], http={3001: answer}))
    text = json.dumps(data)
    assert "login failed" in text
    assert SECRET not in text
    assert "other-secret" not in text


def test_a_service_whose_output_goes_nowhere_has_no_log_and_that_is_no_trouble() -> None:
    silent = {**DB, "HostConfig": {"LogConfig": {"Type": "none"}}}
    platform = FakePlatform((silent,))
    assert bad(look(platform)) == set()
    assert not any("logs" in call for call in platform.runner.calls)


def test_a_container_without_a_service_is_no_part_of_the_platform() -> None:
    nameless = inspected("x", labels={"com.docker.compose.service": ""})
    assert list(look(FakePlatform((DB, nameless)))["services"]) == ["db"]


def test_only_some_services_can_be_looked_at() -> None:
    data = look(FakePlatform(SHOP), only=("api",))
    assert list(data["services"]) == ["api"]
    assert {finding["service"] for finding in data["findings"]} == {"", "api"}


def test_nothing_means_nothing_and_never_all() -> None:
    assert look(FakePlatform(SHOP), only=())["services"] == {}


def test_a_service_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidInputError, match="api, db, gateway"):
        look(FakePlatform(SHOP), only=("apo",))


class Report:
    sample: Mapping[str, Any] = {"size": 7}

    def to_data(self) -> dict[str, Any]:
        return {"seen": True}


class FakeKind:
    """A probe of the kind http."""

    name = "http"
    judges_health = True

    def __init__(self, *, writes: bool = False, fails: bool = False) -> None:
        self.writes = writes
        self.fails = fails
        self.contexts: list[ServiceContext] = []

    def seconds(self, context: ServiceContext) -> float:
        return 1.0

    def probe(self, context: ServiceContext) -> KindReport:
        self.contexts.append(context)
        if self.fails:
            raise ValueError(SECRET)
        return Report()

    def judge(self, context: ServiceContext, report: KindReport) -> tuple[Finding, ...]:
        return (Finding("http.own", context.service, Status.CRITICAL, "it is bad"),)


def test_a_kind_has_a_probe_and_a_judgement_of_its_own() -> None:
    kind = FakeKind()
    record = {"available": True, "maintenance": [], "samples": {"api": {"size": 6}}}
    data = look(FakePlatform((DB, API), record=record), {"http": kind})
    assert bad(data) == {("critical", "http.own", "api")}
    assert data["services"]["api"]["http"] == {"seen": True}
    assert data["samples"]["api"]["size"] == 7
    assert "http.health" not in {finding["id"] for finding in data["findings"] if finding["service"] == "api"}
    (context,) = kind.contexts
    assert (context.service, context.base_url, context.via) == ("api", "http://127.0.0.1:3001", "published port")
    assert context.sample == {"size": 6}
    assert [container.service for container in context.peers] == ["db"]
    assert context.health is not None
    assert context.health.status == 200
    assert [line.text for line in context.log] == ["all is well"]


def test_the_lines_that_the_probe_of_its_kind_tells_are_not_told_again_as_the_lines_of_any_log() -> None:
    at = "2026-02-27T13:46:00.000000000Z"
    said = f"{at} FATAL:  sorry, too many clients already\n" * 2 + f"{at} could not receive data: ECONNRESET\n"
    stopped = inspected("db", image="postgres:16", state={"Status": "exited", "ExitCode": 1})
    data = look(FakePlatform((stopped, API), replies=[("logs db-id", said)]), {"postgres": PostgresProbe()})
    told = {(finding["id"], finding["value"]) for finding in data["findings"] if "log" in finding["id"]}
    assert told >= {("postgres.log_slots_exhausted", 2.0), ("log.reset", 1.0)}
    assert "log.too_many_connections" not in {name for name, _value in told}


def test_callers_are_those_that_depend_on_it() -> None:
    kind = FakeKind()
    look(FakePlatform(SHOP), {"http": kind})
    callers = {context.service: [container.service for container in context.callers] for context in kind.contexts}
    assert callers == {"api": ["gateway"], "gateway": []}


def test_a_probe_of_a_kind_that_fails_is_unknown_and_health_is_judged_all_the_same() -> None:
    data = look(FakePlatform((DB, API)), {"http": FakeKind(fails=True)})
    assert bad(data) == {("unknown", "observation.http", "api")}
    assert ("http.health", "ok") in {(finding["id"], finding["status"]) for finding in data["findings"]}
    assert SECRET not in json.dumps(data)


@pytest.mark.parametrize("writing, state", [(True, "done"), (False, "skipped")])
def test_a_probe_that_writes_is_left_out_when_that_is_switched_off(writing: bool, state: str) -> None:
    kind = FakeKind(writes=True)
    data = look(FakePlatform((DB, API)), {"http": kind}, writing=writing)
    assert [(run["state"], run["writes"]) for run in data["probes"] if run["name"] == "http"] == [(state, True)]
    assert len(kind.contexts) == int(writing)
