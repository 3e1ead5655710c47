# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer must say, by JMESPath, judged on the controller."""

from __future__ import annotations

from typing import Any

import pytest
from findings import critical, fine, unknown, warning
from observations import service

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    IncidentResponseError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils import expression as expression_of
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.expectations import (
    check_expressions,
    judge_expectations,
)


def health(expression: object) -> dict[str, Any]:
    return {"auth": {"health": {"expect": expression}}}


def canary(expression: object) -> dict[str, Any]:
    return {"auth": {"model_server": {"canary": {"expect": expression}}}}


def judge(settings: dict[str, Any], seen: dict[str, Any], *findings: Finding) -> list[Finding]:
    return judge_expectations(settings, {"auth": seen}, findings)


@pytest.mark.parametrize(
    "expression, body, status",
    [
        ("status == 'ok'", {"status": "ok"}, Status.OK),
        ("status == 'ok'", {"status": "degraded"}, Status.CRITICAL),
        ("status == 'ok'", {}, Status.CRITICAL),
        ("status == 'ok'", ["ok"], Status.CRITICAL),
        ("status == 'ok'", "ok", Status.CRITICAL),
        ("status == 'ok'", False, Status.CRITICAL),
        ("@", True, Status.OK),
        ("length(workers) > `0`", {"workers": [1]}, Status.OK),
        ("length(workers) > `0`", {"workers": 7}, Status.UNKNOWN),
        ("length(workers) > `0`", {}, Status.UNKNOWN),
        ("ceil(load) < `3`", {"load": float("inf")}, Status.UNKNOWN),
        ("sum(loads) < `3`", {"loads": ["much"]}, Status.UNKNOWN),
    ],
)
def test_an_answer_is_held_against_the_expression(expression: str, body: Any, status: Status) -> None:
    (finding,) = judge(health(expression), service(body=body))

    assert (finding.id, finding.service, finding.status) == ("http.expectation", "auth", status)
    assert expression in finding.message


def test_a_canary_s_answer_is_held_against_its_own_expression() -> None:
    seen = service(model_server={"canary": {"http_status": 200, "answer": {"score": "high"}, "text": ""}})

    (finding,) = judge(canary("type(score) == 'number'"), seen)

    assert (finding.id, finding.status, finding.step) == ("model_server.answer", Status.CRITICAL, "MS-1")


def test_an_answer_that_is_no_json_does_not_pass_unseen() -> None:
    (finding,) = judge(health("status == 'ok'"), service(text="<html>All is well</html>"))

    assert finding.status is Status.CRITICAL


@pytest.mark.parametrize("text", ['{"status": "ok", "long": "', '[{"status"', '  {"status": nan}'])
def test_json_that_could_not_be_read_whole_cannot_be_told(text: str) -> None:
    (finding,) = judge(health("status == 'ok'"), service(text=text))

    assert finding.status is Status.UNKNOWN


@pytest.mark.parametrize(
    "seen, findings",
    [
        pytest.param(service(http_status=None), [], id="gave no answer or was not asked"),
        pytest.param(service(http_status=503, body={}), [critical("http.health", "auth")], id="gave a bad answer"),
        pytest.param(service(body={}), [unknown("http.health", "auth")], id="was just started"),
        pytest.param(service(body={}, declared="ignored"), [], id="is declared to be left alone"),
    ],
)
def test_no_expectation_is_held_against_a_service_that(seen: dict[str, Any], findings: list[Finding]) -> None:
    assert judge(health("status == 'ok'"), seen, *findings) == []


@pytest.mark.parametrize(
    "finding", [fine("http.health", "auth"), warning("http.health", "auth"), critical("x.y", "auth")]
)
def test_other_findings_do_not_keep_an_expectation_from_being_judged(finding: Finding) -> None:
    assert len(judge(health("status == 'ok'"), service(body={}), finding)) == 1


def test_services_without_an_expectation_or_without_containers_are_passed_over() -> None:
    settings = {"auth": {}, "cache": {"health": False}, "gone": {"health": {"expect": "@"}}}

    assert judge_expectations(settings, {"auth": service(body={}), "cache": service(body={})}, []) == []


def test_what_a_service_says_cannot_steer_the_terminal_through_an_error() -> None:
    (finding,) = judge(health("abs(load)"), service(body={"load": "\x1b[2J\n" + "x" * 9999}))

    assert "invalid type for value" in finding.message
    assert finding.message.isprintable()
    assert len(finding.message) < 300


@pytest.mark.parametrize(
    "expression", ["status = 'ok'", "", "status ==", "'ok", "[", 7, ["status"], {"a": 1}, "nofunction(@)", "length()"]
)
@pytest.mark.parametrize(
    "settings, option",
    [(health, "services.auth.health.expect"), (canary, "services.auth.model_server.canary.expect")],
)
def test_an_expression_that_is_none_is_named_with_its_option(settings: Any, option: str, expression: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_expressions(settings(expression))

    assert caught.value.option == option
    assert caught.value.value == expression
    assert repr(expression) in str(caught.value)


@pytest.mark.parametrize(
    "settings",
    [
        health("status == 'ok'"),
        health("length(workers) > `0`"),
        canary("contains(keys(@), 'score')"),
        health(None),
        {"auth": {"health": False}},
        {"auth": None},
        {"auth": "http"},
        ["auth"],
        "auth",
        None,
    ],
)
def test_sound_expressions_pass_and_other_faults_are_left_for_the_module_to_name(settings: Any) -> None:
    check_expressions(settings)

    assert judge_expectations({}, {}, []) == []


def test_without_jmespath_only_those_who_need_it_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expression_of, "jmespath", None)

    check_expressions({"auth": {"kind": "http"}})
    with pytest.raises(
        IncidentResponseError, match=r"services\.auth\.health\.expect needs the Python package jmespath.*pip install"
    ):
        check_expressions(health("status == 'ok'"))
