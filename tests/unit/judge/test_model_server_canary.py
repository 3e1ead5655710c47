# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MS-1 in words: what an inference from the host and from the network of its callers tells."""

from __future__ import annotations

from dataclasses import replace

import pytest
from inferences import attempt, from_caller

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import (
    Attempt,
    ModelServerFacts,
    Outcome,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.model_server_canary import (
    judge_callers,
    judge_canary,
)

LIMIT_MS = 2000.0
SILENT = attempt(Outcome.ANSWER_TIMED_OUT, None, 5000.0)


def from_host(canary: Attempt) -> Finding:
    return judge_canary(ModelServerFacts("m", "running", canary=canary), LIMIT_MS, configured=True, excuse="")


def from_callers(*callers: Attempt, host: Attempt | None = None) -> Finding:
    facts = ModelServerFacts("m", "running", canary=host or attempt(), callers=callers)
    return judge_callers(facts, LIMIT_MS, configured=True, excuse="")


@pytest.mark.parametrize(
    "host, caller, words",
    [
        (attempt(), from_caller(), "neither server nor network"),
        (attempt(), from_caller(ms=9000.0), "Client time-out"),
        (attempt(), from_caller(Outcome.UNRESOLVED, None), "Network: "),
        (attempt(), from_caller(Outcome.CONNECT_TIMED_OUT, None), "Network: "),
        (attempt(), from_caller(Outcome.REFUSED, None), "Network: "),
        (attempt(), from_caller(Outcome.ANSWER_TIMED_OUT, None), "Between host and web"),
        (SILENT, from_caller(Outcome.ANSWER_TIMED_OUT, None), "Server time-out"),
        (SILENT, from_caller(Outcome.REFUSED, None), "Server: "),
        (attempt(status=503), from_caller(status=503), "refuses to infer"),
    ],
)
def test_server_network_and_client_time_out_are_told_apart_in_words(host: Attempt, caller: Attempt, words: str) -> None:
    finding = from_callers(caller, host=host)
    assert words in finding.message
    assert "web" in finding.message


def test_the_worst_caller_counts_and_all_are_evidence() -> None:
    finding = from_callers(from_caller(), from_caller(Outcome.REFUSED, None))
    assert finding.status is Status.CRITICAL
    assert len(finding.evidence) == 2


@pytest.mark.parametrize("callers", [(), (Attempt("web", outcome=Outcome.NO_CLIENT, error="there is no curl"),)])
def test_a_caller_that_cannot_ask_tells_nothing_of_the_server(callers: tuple[Attempt, ...]) -> None:
    finding = from_callers(*callers)
    assert finding.status is Status.NOT_CONFIGURED
    assert ("no curl" in finding.message) is bool(callers)


def test_a_slow_canary_is_critical_and_says_by_how_much() -> None:
    finding = from_host(attempt(ms=2500.0))
    assert (finding.status, finding.value, finding.limit, finding.unit) == (Status.CRITICAL, 2500.0, 2000.0, "ms")


def test_an_inference_that_is_in_time_only_when_it_is_tried_again_is_a_warning() -> None:
    finding = from_host(attempt(late_after_ms=5000.0))
    assert (finding.status, finding.value) == (Status.WARNING, 20.0)
    assert "only when it is tried again: the first was late (5000 ms)" in finding.message


@pytest.mark.parametrize(
    "canary",
    [
        attempt(ms=2500.0, late_after_ms=2600.0),
        attempt(Outcome.ANSWER_TIMED_OUT, None, 5000.0, late_after_ms=5000.0),
    ],
    ids=["slow twice", "silent twice"],
)
def test_an_inference_that_is_late_twice_is_critical(canary: Attempt) -> None:
    assert from_host(canary).status is Status.CRITICAL


@pytest.mark.parametrize("others_ms", [25.0, 1500.0])
def test_of_several_callers_the_one_that_was_late_at_first_is_told(others_ms: float) -> None:
    late = replace(from_caller(), vantage="batch", late_after_ms=5000.0)
    finding = from_callers(from_caller(ms=others_ms), late)
    assert finding.status is Status.WARNING
    assert finding.message.startswith("m answers batch after 25 ms, but only when it is tried again")


def test_a_caller_that_is_slow_whenever_it_asks_is_worse_than_one_that_was_late_once() -> None:
    slow = replace(from_caller(ms=3000.0), late_after_ms=3000.0)
    late = replace(from_caller(), vantage="batch", late_after_ms=5000.0)
    finding = from_callers(late, slow)
    assert finding.message.startswith("Client time-out: m answers web after 3000 ms")
