# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from service_facts import JUST_NOW, NOW, answered, container, service

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Container,
    HttpHealth,
    PortBinding,
    Resources,
    ServiceFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.containers import (
    judge_containers,
    judge_declared,
)

NO_HEALTH = HttpHealth(via="process")


def judged(facts: ServiceFacts) -> dict[str, Finding]:
    findings = judge_containers(facts, Thresholds(), NOW)
    assert len({finding.key for finding in findings}) == len(findings)
    return {finding.id: finding for finding in findings}


def statuses(facts: ServiceFacts) -> dict[str, str]:
    return {name: finding.status.value for name, finding in judged(facts).items()}


def test_a_healthy_service_has_nothing_to_worry_about() -> None:
    found = judged(service(container(health="healthy", memory_limit=1 << 20)))
    assert {finding.status for finding in found.values()} <= {Status.OK, Status.NOT_CONFIGURED}
    assert "container.exit_code" not in found


@pytest.mark.parametrize(
    "fields, expected",
    [
        ({"state": "exited", "exit_code": 137}, {"container.state": "critical", "container.exit_code": "critical"}),
        ({"state": "exited", "exit_code": 0}, {"container.state": "critical", "container.exit_code": "warning"}),
        ({"state": "exited", "exit_code": 143}, {"container.state": "critical", "container.exit_code": "warning"}),
        ({"state": "dead", "exit_code": 1}, {"container.state": "critical", "container.exit_code": "critical"}),
        ({"state": "created", "exit_code": 0}, {"container.state": "critical"}),
        ({"state": "restarting", "exit_code": 78}, {"container.state": "critical", "container.exit_code": "critical"}),
        ({"state": "something new"}, {"container.state": "critical"}),
        ({"state": "paused"}, {"container.state": "ok", "container.paused": "critical"}),
        ({"state": "running"}, {"container.state": "ok", "container.paused": "ok"}),
    ],
)
def test_a_state_that_nobody_declared_is_a_fault(fields: dict[str, Any], expected: dict[str, str]) -> None:
    found = statuses(service(container(**fields)))
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    "code, oom, words",
    [
        (137, True, "out of memory"),
        (137, False, "SIGKILL"),
        (139, False, "SIGSEGV"),
        (143, False, "SIGTERM"),
        (126, False, "cannot be executed"),
        (127, False, "does not exist"),
        (78, False, "configuration"),
        (150, False, "signal 22"),
        (3, False, "error of the program"),
    ],
)
def test_an_exit_code_is_explained(code: int, oom: bool, words: str) -> None:
    found = judged(service(container(state="exited", exit_code=code, oom_killed=oom)))
    assert words in found["container.exit_code"].message
    assert found["container.exit_code"].value == code


def test_the_engines_own_error_is_evidence() -> None:
    found = judged(service(container(state="created", error="port is already allocated")))
    assert found["container.state"].evidence == ("port is already allocated",)


@pytest.mark.parametrize("expected, status", [(True, Status.CRITICAL), (False, Status.WARNING)])
def test_a_service_without_a_container_is_missing(expected: bool, status: Status) -> None:
    findings = judge_containers(ServiceFacts("db", expected=expected), Thresholds(), NOW)
    assert [(finding.id, finding.status) for finding in findings] == [("service.missing", status)]


def test_a_job_that_another_service_waits_for_may_have_ended_well() -> None:
    done = container(state="exited", exit_code=0)
    assert statuses(service(done, may_complete=True))["container.state"] == "ok"
    assert statuses(service(done, may_complete=False))["container.state"] == "critical"
    failed = container(state="exited", exit_code=1)
    assert statuses(service(failed, may_complete=True))["container.state"] == "critical"


DONE = container(state="exited", exit_code=0, restart_policy="no")


@pytest.mark.parametrize(
    "ended, fields, status",
    [
        pytest.param(DONE, {}, "warning", id="a job that is done"),
        pytest.param(
            replace(DONE, restart_policy="on-failure"), {}, "warning", id="started again after a failure only"
        ),
        pytest.param(replace(DONE, exit_code=1), {}, "critical", id="a job that failed"),
        pytest.param(replace(DONE, oom_killed=True), {}, "critical", id="out of memory"),
        pytest.param(replace(DONE, state="created"), {}, "critical", id="never started"),
        pytest.param(replace(DONE, restart_policy="unless-stopped"), {}, "critical", id="somebody stopped it"),
        pytest.param(replace(DONE, ports=(PortBinding(8080),)), {}, "critical", id="a server"),
        pytest.param(replace(DONE, health_check=True), {}, "critical", id="it has a health check"),
        pytest.param(DONE, {"expected": True}, "critical", id="the inventory names it, or another one needs it"),
        pytest.param(DONE, {"user_facing": True}, "critical", id="users meet it"),
        pytest.param(DONE, {"kind": "postgres"}, "critical", id="a database"),
    ],
)
def test_what_ended_well_and_nobody_misses_is_taken_for_a_job_that_is_done(
    ended: Container, fields: dict[str, Any], status: str
) -> None:
    found = judged(service(ended, **{"expected": False, "kind": "other", **fields}))
    assert found["container.state"].status.value == status
    assert ("container.exit_code" in found) is (status == "critical" and ended.state != "created")


def test_of_several_containers_the_one_that_fails_is_named() -> None:
    first, second = container(), container(id="b", name="shop-web-2", state="exited", exit_code=1)
    found = judged(service(first, second))
    assert found["container.state"].message.startswith("shop-web-2 ")


@pytest.mark.parametrize(
    "docker_health, health, status",
    [
        ("healthy", answered(), "ok"),
        ("", answered(), "not_configured"),
        ("unhealthy", NO_HEALTH, "critical"),
        ("unhealthy", answered(status=503), "critical"),
        ("unhealthy", answered(path_known=False), "critical"),
        ("unhealthy", answered(), "warning"),
        ("unhealthy", answered(late_after_ms=2000.0), "critical"),
        ("starting", NO_HEALTH, "unknown"),
        ("starting", answered(status=503), "unknown"),
        ("starting", answered(), "ok"),
    ],
)
def test_dockers_health_check_lags_so_a_good_answer_weighs_more(
    docker_health: str, health: HttpHealth, status: str
) -> None:
    facts = service(container(health=docker_health), health=health)
    assert statuses(facts)["container.health"] == status


def test_what_the_health_check_printed_is_evidence() -> None:
    facts = service(container(health="unhealthy", health_log="curl: (22) 503"), health=NO_HEALTH)
    assert judged(facts)["container.health"].evidence == ("curl: (22) 503",)


def test_one_good_answer_does_not_speak_for_another_container() -> None:
    sick = container(id="b", name="shop-web-2", health="unhealthy")
    assert statuses(service(container(health="healthy"), sick))["container.health"] == "critical"


@pytest.mark.parametrize(
    "fields, kills, status",
    [
        ({}, 0, "ok"),
        ({"oom_killed": True, "state": "exited", "exit_code": 137}, 0, "critical"),
        ({"oom_killed": True}, 0, "warning"),
        ({}, 2, "warning"),
    ],
)
def test_memory_that_ran_out_is_seen_by_dockers_mark_and_by_the_control_group(
    fields: dict[str, Any], kills: int, status: str
) -> None:
    one = container(**fields)
    facts = service(one, resources={one.id: Resources(available=True, oom_kills=kills)})
    assert statuses(facts)["container.oom"] == status


@pytest.mark.parametrize(
    "fields, status",
    [
        ({"restart_count": 0}, "ok"),
        ({"restart_count": 2, "started_at": JUST_NOW}, "ok"),
        ({"restart_count": 3}, "warning"),
        ({"restart_count": 3, "started_at": JUST_NOW}, "critical"),
        ({"restart_count": 3, "state": "restarting"}, "critical"),
    ],
)
def test_a_crash_loop_is_many_restarts_and_a_young_container(fields: dict[str, Any], status: str) -> None:
    assert statuses(service(container(**fields)))["container.restarts"] == status


@pytest.mark.parametrize(
    "used, limit, throttled, memory_status, cpu_status",
    [
        (50, 100, 10, "ok", "ok"),
        (95, 100, 30, "warning", "warning"),
        (95, None, 0, "not_configured", "ok"),
    ],
)
def test_limits_are_held_against_use(
    used: int, limit: int | None, throttled: int, memory_status: str, cpu_status: str
) -> None:
    one = container()
    resources = Resources(True, memory_bytes=used, memory_limit=limit, periods=100, throttled_periods=throttled)
    found = statuses(service(one, resources={one.id: resources}))
    assert (found["container.memory"], found["container.cpu_throttled"]) == (memory_status, cpu_status)


@pytest.mark.parametrize("drift, status", [(True, "warning"), (False, "ok"), (None, "not_configured")])
def test_drift_is_a_warning_and_what_cannot_be_compared_is_not_ok(drift: bool | None, status: str) -> None:
    found = judged(service(drift=drift, drift_reason="" if drift is False else "because"))
    assert found["container.config_drift"].status.value == status
    assert found["container.config_drift"].evidence == (() if drift is False else ("because",))


@pytest.mark.parametrize(
    "declared, state, status, words",
    [
        ("stopped", "exited", Status.OK, "declared stopped"),
        ("stopped", "running", Status.WARNING, "runs although"),
        ("ignored", "paused", Status.OK, "declared ignored"),
        ("maintenance", "exited", Status.OK, "in maintenance"),
    ],
)
def test_what_is_declared_is_left_alone(declared: str, state: str, status: Status, words: str) -> None:
    one: Container = container(state=state)
    (finding,) = judge_declared(service(one, declared=declared))
    assert (finding.id, finding.status) == ("container.state", status)
    assert words in finding.message
