# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from service_facts import JUST_NOW, NOW, answered, container, service

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    HttpHealth,
    ServiceFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import HealthSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.http_health import judge_http_health


def judged(facts: ServiceFacts, settings: HealthSettings | None = None) -> Finding:
    (finding,) = judge_http_health(facts, settings or HealthSettings(), Thresholds(), NOW)
    assert finding.id == "http.health"
    return finding


@pytest.mark.parametrize(
    "fields, status, words",
    [
        ({}, Status.OK, "HTTP status 200"),
        ({"status": 204}, Status.OK, "HTTP status 204"),
        ({"latency_ms": 1500.0}, Status.WARNING, "needs 1500 ms"),
        ({"late_after_ms": 2000.0}, Status.WARNING, "only when it is asked again: at first it gave no complete answer"),
        ({"late_after_ms": 2000.0, "status": 503}, Status.CRITICAL, "HTTP status 503"),
        ({"truncated": True}, Status.WARNING, "more than a health check should say"),
        ({"status": 503}, Status.CRITICAL, "HTTP status 503"),
        ({"status": 404}, Status.CRITICAL, "HTTP status 404"),
        ({"status": None, "failure": "deadline", "error": "It sent no answer."}, Status.CRITICAL, "it sent no answer."),
        ({"status": None, "failure": "refused", "error": "It refuses."}, Status.CRITICAL, "it refuses."),
        ({"status": None, "failure": "not_http", "error": "No HTTP."}, Status.CRITICAL, "does not answer"),
        ({"status": 302, "failure": "redirect", "error": "It redirects to x."}, Status.CRITICAL, "redirects"),
        ({"via": "exec", "bypassed": "published port: refused"}, Status.WARNING, "not reachable from this host"),
        ({"via": "container address"}, Status.OK, "(container address)"),
    ],
)
def test_an_answer_is_judged(fields: dict[str, Any], status: Status, words: str) -> None:
    finding = judged(service(health=answered(**fields)))
    assert finding.status is status
    assert words in finding.message


def test_a_late_service_is_measured_by_its_first_answer_and_says_which_way_led_to_it() -> None:
    finding = judged(service(health=answered(via="exec", bypassed="published port: refused", late_after_ms=2000.04)))

    assert (finding.value, finding.limit, finding.unit) == (2000.0, 1000.0, "ms")
    assert finding.evidence[0] == "published port: refused"


@pytest.mark.parametrize(
    "fields, status",
    [
        ({"status": 404}, Status.OK),
        ({"status": 401}, Status.OK),
        ({"status": 500}, Status.CRITICAL),
        ({"status": None, "failure": "deadline", "error": "x"}, Status.UNKNOWN),
        ({"status": None, "failure": "not_http", "error": "x"}, Status.UNKNOWN),
    ],
)
def test_a_guessed_path_proves_less(fields: dict[str, Any], status: Status) -> None:
    assert judged(service(health=answered(path_known=False, **fields))).status is status


@pytest.mark.parametrize("status, expected", [(200, Status.CRITICAL), (418, Status.OK)])
def test_the_inventory_says_which_statuses_are_good(status: int, expected: Status) -> None:
    assert judged(service(health=answered(status=status)), HealthSettings(statuses=(418,))).status is expected


@pytest.mark.parametrize("start_period, status", [(0.0, Status.UNKNOWN), (60.0, Status.UNKNOWN)])
def test_a_service_that_was_just_started_is_not_ready_yet(start_period: float, status: Status) -> None:
    young = container(started_at=JUST_NOW, start_period=start_period)
    finding = judged(service(young, health=answered(status=503)))
    assert finding.status is status
    assert "not ready yet" in finding.message


def test_a_good_answer_of_a_young_service_is_good() -> None:
    assert judged(service(container(started_at=JUST_NOW))).status is Status.OK


def test_an_old_service_has_no_such_excuse() -> None:
    assert judged(service(container(start_period=60.0), health=answered(status=503))).status is Status.CRITICAL


@pytest.mark.parametrize("via, words", [("docker", "Docker's own health check"), ("process", "its process")])
def test_a_service_that_speaks_no_http_is_not_configured_and_says_what_tells_instead(via: str, words: str) -> None:
    finding = judged(service(health=HttpHealth(via=via)))
    assert finding.status is Status.NOT_CONFIGURED
    assert words in finding.message


@pytest.mark.parametrize("state", ["exited", "paused", "restarting"])
def test_a_service_that_does_not_run_is_not_judged_twice(state: str) -> None:
    assert judge_http_health(service(container(state=state)), HealthSettings(), Thresholds(), NOW) == ()


def test_what_it_answered_is_evidence_when_it_is_bad() -> None:
    body = {"status": "degraded", "db": False}
    finding = judged(service(health=answered(status=503, body=body)))
    assert finding.evidence == ('{"status": "degraded", "db": false}',)
    assert finding.step == "SC-4"
