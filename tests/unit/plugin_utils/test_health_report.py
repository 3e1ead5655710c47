# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from health import finding, observation, service

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.health_junit import junit_xml
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.health_metrics import prometheus_text
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.health_report import (
    fails,
    health_report,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.health_table import health_table

DOWN = finding("http.health", "web", "critical", "web does not answer.", evidence=["connection refused"], step="SC-4")
UNSURE = finding("redis.answers", "cache", "unknown", "cache could not be asked.")
WORN = finding("container.memory", "db", "warning", "db uses 91 % of its memory.")
FINE = finding("http.health", "web", "ok")
ODD = finding("disk.backups", "", "not_configured")


def row(report: dict[str, Any], name: str) -> dict[str, Any]:
    return next(dict(each) for each in report["rows"] if each["service"] == name)


def parsed(document: str) -> ElementTree.Element:
    # The document is our own, and whether it is XML at all is what the tests ask.
    return ElementTree.fromstring(document)  # noqa: S314


def text(report: dict[str, Any]) -> str:
    return "\n".join(line.text for line in health_table(report))


@pytest.mark.parametrize(
    "findings, status",
    [
        ([FINE], "ok"),
        ([FINE, ODD], "ok"),
        ([WORN, FINE], "warning"),
        ([UNSURE, WORN, FINE], "unknown"),
        ([DOWN, UNSURE, WORN], "critical"),
    ],
)
def test_the_platform_is_as_well_as_its_worst_service(findings: list[dict[str, Any]], status: str) -> None:
    services = {"web": service(), "cache": service(), "db": service()}

    assert health_report(observation(services, *findings), "docker1")["status"] == status


def test_a_row_tells_the_worst_finding_and_its_step() -> None:
    report = health_report(observation({"web": service()}, DOWN, finding("log.errors", "web", "warning")), "docker1")

    seen = row(report, "web")
    assert (seen["status"], seen["finding"], seen["step"]) == ("critical", "web does not answer.", "SC-4")


@pytest.mark.parametrize(
    "seen, state, health, restarts",
    [
        (service(), "running", "200", 0),
        (service(containers=[], health={"http_status": None}), "", "", None),
        (
            service(
                containers=[
                    {"state": "running", "health": "healthy", "restart_count": 2},
                    {"state": "exited", "health": "unhealthy", "restart_count": 3},
                ],
                health={"http_status": None, "latency_ms": None, "via": ""},
            ),
            "exited", "unhealthy", 5,
        ),
        (
            service(containers=[{"state": "running", "health": "none", "restart_count": 0}], health={}),
            "running", "", 0,
        ),
    ],
    ids=["one container", "no container", "the worse of two", "without any health check"],
)  # fmt: skip
def test_a_row_tells_of_the_containers_of_a_service(
    seen: dict[str, Any], state: str, health: str, restarts: int | None
) -> None:
    told = row(health_report(observation({"web": seen}), "docker1"), "web")

    assert (told["state"], told["health"], told["restarts"]) == (state, health, restarts)


def test_a_service_that_is_missing_has_a_row_too() -> None:
    gone = finding("service.missing", "mail", "critical", "mail has no container.")

    assert row(health_report(observation({}, gone), "docker1"), "mail")["status"] == "critical"


def test_an_engine_that_does_not_answer_is_the_only_row() -> None:
    dead = finding("engine.answers", "", "critical", "The Docker engine does not answer.")

    report = health_report(observation({}, dead), "docker1")

    assert [each["service"] for each in report["rows"]] == ["Docker engine"]
    assert report["status"] == "critical"


@pytest.mark.parametrize(
    "threshold, failing",
    [
        ("warning", {"warning", "unknown", "critical"}),
        ("unknown", {"unknown", "critical"}),
        ("critical", {"critical"}),
        ("never", set()),
    ],
)
def test_a_check_fails_from_the_threshold_on(threshold: str, failing: set[str]) -> None:
    assert {status for status in ("ok", "warning", "unknown", "critical") if fails(status, threshold)} == failing


def test_the_table_says_what_is_wrong_why_and_who_only_suffers() -> None:
    observed = observation(
        {"web": service(), "db": service()}, DOWN, root_causes=["db"], symptoms={"web": ["db"]}
    )  # fmt: skip

    told = text(health_report(observed, "docker1"))

    assert "Health check: shop on docker1" in told
    assert "web does not answer. (SC-4)" in told
    assert "root cause: db" in told
    assert "web only suffers from db" in told
    assert "critical: 1 critical, 2 ok; observed in 1.2 s" in told


def test_a_declared_service_is_said_to_be_declared() -> None:
    observed = observation({"web": service(declared="maintenance")})

    assert "declared maintenance" in text(health_report(observed, "docker1"))


def test_what_a_service_says_cannot_steer_a_terminal() -> None:
    hostile = finding("http.health", "web", "critical", "answers \x1b[2J\nall is well")

    lines = health_table(health_report(observation({"web": service()}, hostile), "docker1"))

    assert not any(mark in line.text for line in lines for mark in ("\x1b", "\n"))


def test_junit_counts_what_failed_and_what_could_not_be_told() -> None:
    observed = observation({"web": service(), "cache": service(), "db": service()}, DOWN, UNSURE, WORN, ODD)

    suites = parsed(junit_xml(health_report(observed, "docker1")))

    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("3", "1", "1")
    assert {suite.get("name") for suite in suites} == {"web", "cache", "db"}
    (failure,) = suites.iter("failure")
    assert failure.get("message") == "web does not answer."
    assert "connection refused" in str(failure.text)


def test_junit_stays_xml_whatever_a_service_says() -> None:
    hostile = finding("http.health", "web", "critical", "<&\"'\x00\x1b]]>", evidence=["\ud800 \ufffe"])

    suites = parsed(junit_xml(health_report(observation({"web": service()}, hostile), "h")))

    (failure,) = suites.iter("failure")
    assert str(failure.get("message")).startswith("<&\"'")


def test_metrics_tell_status_latency_and_restarts_of_each_service() -> None:
    told = prometheus_text(health_report(observation({"web": service()}, DOWN), "docker1"), at=1764000000.0)

    assert 'incident_response_service_status{host="docker1",platform="shop",service="web"} 3\n' in told
    assert 'incident_response_service_latency_seconds{host="docker1",platform="shop",service="web"} 0.012\n' in told
    assert 'incident_response_service_restarts{host="docker1",platform="shop",service="web"} 0\n' in told
    assert 'incident_response_findings{host="docker1",platform="shop",status="critical"} 1\n' in told
    assert 'incident_response_health_check_timestamp_seconds{host="docker1",platform="shop"} 1764000000\n' in told


def test_metrics_tell_each_finding_that_is_not_ok_at_its_worst_and_who_only_suffers() -> None:
    twice = [finding("http.health", "web", "warning"), DOWN, FINE, ODD, finding("engine.answers", "", "critical")]
    seen = observation({"web": service(), "api": service()}, *twice, symptoms={"api": ["web"]})

    told = prometheus_text(health_report(seen, "docker1"), at=0.0).splitlines()

    assert [line for line in told if line.startswith("incident_response_finding_status{")] == [
        (
            "incident_response_finding_status"
            '{finding="engine.answers",host="docker1",platform="shop",service="Docker engine"} 3'
        ),
        'incident_response_finding_status{finding="http.health",host="docker1",platform="shop",service="web"} 3',
    ]
    assert [line for line in told if line.startswith("incident_response_service_suffers{")] == [
        'incident_response_service_suffers{host="docker1",platform="shop",service="Docker engine"} 0',
        'incident_response_service_suffers{host="docker1",platform="shop",service="api"} 1',
        'incident_response_service_suffers{host="docker1",platform="shop",service="web"} 0',
    ]


def test_metrics_escape_what_a_label_may_hold() -> None:
    told = prometheus_text(health_report(observation({'a"b\\c\nd': service()}), "docker1"), at=0.0)

    assert 'service="a\\"b\\\\c\\nd"' in told
