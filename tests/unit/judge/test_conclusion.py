# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from findings import critical, fine, unknown, warning
from service_facts import NOW, container, service

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.graph import DependencyGraph
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    LogFacts,
    LogSignature,
    ProbeRun,
    ProbeState,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import HealthSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.conclusion import conclude
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.expectation import judge_expectation
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.logs import judge_log
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.observation import (
    judge_engine,
    judge_probes,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.service import judge_service

GRAPH = DependencyGraph.of({"gateway": ["api"], "api": ["db"], "db": [], "worker": ["db"]})


def test_a_quiet_log_is_one_finding() -> None:
    (finding,) = judge_log(service(log=LogFacts(lines=100)))
    assert (finding.id, finding.status) == ("log.trouble", Status.OK)


def test_a_service_without_a_log_is_neither_ok_nor_unknown() -> None:
    (finding,) = judge_log(service(log=LogFacts(kept=False)))
    assert finding.status is Status.NOT_CONFIGURED


def test_each_class_of_trouble_is_a_warning_and_never_more() -> None:
    log = LogFacts(True, 100, (LogSignature("refused", 7, "ECONNREFUSED"), LogSignature("loading", 1, "loading model")))
    (finding,) = judge_log(service(log=log))
    assert (finding.id, finding.status, finding.value) == ("log.refused", Status.WARNING, 7.0)
    assert finding.evidence == ("ECONNREFUSED",)


@pytest.mark.parametrize(
    "state, expected",
    [
        (ProbeState.DONE, []),
        (ProbeState.SKIPPED, []),
        (ProbeState.NOT_CONFIGURED, []),
        (ProbeState.DEADLINE, [("observation.logs", "web", Status.UNKNOWN)]),
        (ProbeState.FAILED, [("observation.logs", "web", Status.UNKNOWN)]),
    ],
)
def test_a_probe_that_brought_nothing_is_unknown(state: ProbeState, expected: list[tuple[str, str, Status]]) -> None:
    found = judge_probes([ProbeRun("logs", "web", state, 1.0, "it hung.")])
    assert [(finding.id, finding.service, finding.status) for finding in found] == expected


@pytest.mark.parametrize("answers, status", [(True, Status.OK), (False, Status.CRITICAL)])
def test_the_engine_is_a_fact_like_any_other(answers: bool, status: Status) -> None:
    assert judge_engine(answers=answers, message="x").status is status


@pytest.mark.parametrize(
    "matched, error, status",
    [
        (True, "", Status.OK),
        (False, "", Status.CRITICAL),
        (None, "", Status.CRITICAL),
        (None, "wrong type", Status.UNKNOWN),
    ],
)
def test_an_expectation_is_judged(matched: bool | None, error: str, status: Status) -> None:
    finding = judge_expectation("web", "status == 'ok'", matched, error)
    assert (finding.id, finding.status) == ("http.expectation", status)
    assert "status == 'ok'" in finding.message


def test_a_declared_service_is_judged_by_nothing_else() -> None:
    facts = service(container(state="exited", exit_code=1), declared="stopped")
    found = judge_service(facts, HealthSettings(), Thresholds(), NOW)
    assert [finding.status for finding in found] == [Status.OK]


def test_health_is_left_to_the_probe_of_a_kind_that_judges_it() -> None:
    names = {finding.id for finding in judge_service(service(), HealthSettings(), Thresholds(), NOW, with_health=False)}
    assert "container.state" in names
    assert "http.health" not in names


def test_a_service_suffers_when_what_it_needs_fails() -> None:
    found = conclude(
        [critical("container.state", "db"), critical("http.health", "api"), critical("http.health", "gateway"),
         fine("http.health", "worker")],
        GRAPH,
        ["gateway", "worker"],
        engine_answers=True,
    )  # fmt: skip
    assert found == {
        "failing": ["api", "db", "gateway"],
        "root_causes": ["db"],
        "symptoms": {"api": ["db"], "gateway": ["db"]},
        "severity": {"level": "P2", "rule": "a service fails: a major feature is unavailable"},
    }


def test_who_needs_a_service_that_is_declared_stopped_suffers_from_it_and_is_no_cause() -> None:
    found = conclude([critical("http.health", "api")], GRAPH, ["gateway"], engine_answers=True, declared_down=["db"])
    assert found["failing"] == ["api"]
    assert found["root_causes"] == []
    assert found["symptoms"] == {"api": ["db"]}


def test_a_service_declared_stopped_that_nobody_misses_changes_nothing() -> None:
    found = conclude([fine("http.health", "api")], GRAPH, ["gateway"], engine_answers=True, declared_down=["db"])
    assert (found["failing"], found["root_causes"], found["symptoms"]) == ([], [], {})
    assert found["severity"]["level"] == "P4"


@pytest.mark.parametrize(
    "findings, engine, level",
    [
        ([critical("engine.answers", "")], False, "P1"),
        ([critical("http.health", "gateway")], True, "P1"),
        ([critical("http.health", "db")], True, "P2"),
        ([critical("http.health", "worker")], True, "P3"),
        ([unknown("observation.http", "worker")], True, "P3"),
        ([unknown("observation.logs", "worker")], True, "P4"),
        ([warning("log.refused", "worker")], True, "P4"),
    ],
)
def test_severity_follows_from_who_fails(findings: list, engine: bool, level: str) -> None:  # type: ignore[type-arg]
    assert conclude(findings, GRAPH, ["gateway"], engine_answers=engine)["severity"]["level"] == level
