# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import (
    Failure,
    HttpAnswer,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import Outcome
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_settings import Canary
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_canary import (
    attempt_of,
    canary_from_host,
    canary_headers,
    read_answer,
)

URL = "http://127.0.0.1:8000/predict"


@pytest.mark.parametrize(
    "answer, outcome",
    [
        (HttpAnswer(URL, 200, b"{}", connected=True), Outcome.ANSWERED),
        (HttpAnswer(URL, 500, b"{}", connected=True), Outcome.ANSWERED),
        (HttpAnswer(URL, 200, b"{", truncated=True, connected=True), Outcome.BROKEN),
        (HttpAnswer(URL, failure=Failure.DEADLINE, connected=True), Outcome.ANSWER_TIMED_OUT),
        (HttpAnswer(URL, failure=Failure.DEADLINE), Outcome.CONNECT_TIMED_OUT),
        (HttpAnswer(URL, failure=Failure.REFUSED), Outcome.REFUSED),
        (HttpAnswer(URL, failure=Failure.UNREACHABLE), Outcome.UNREACHABLE),
        (HttpAnswer(URL, failure=Failure.CLOSED, connected=True), Outcome.BROKEN),
        (HttpAnswer(URL, failure=Failure.NOT_HTTP, connected=True), Outcome.BROKEN),
        (HttpAnswer(URL, 302, failure=Failure.REDIRECT, location="http://evil.example/"), Outcome.BROKEN),
    ],
)
def test_an_attempt_says_in_which_phase_it_ended(answer: HttpAnswer, outcome: Outcome) -> None:
    assert attempt_of(answer, "published port", Redactor()).outcome is outcome


@pytest.mark.parametrize(
    "body, data, text",
    [
        (b'{"score": 0.5}', {"score": 0.5}, ""),
        (b"[1, 2]", [1, 2], ""),
        (b"the model is loading", None, "the model is loading"),
        (b'{"score": NaN}', None, '{"score": NaN}'),
        (b"\xff\xfe\x00", None, "��"),
        (b"[" * 100_000, None, None),
        (b'{"token": "hunter2hunter2"}', {"token": "[redacted]"}, ""),
        (b"password=hunter2hunter2", None, "password=[redacted]"),
        (b"\x1b[2Jevil", None, "evil"),
    ],
)
def test_an_answer_is_read_as_json_or_shown_as_clean_text(body: bytes, data: Any, text: str | None) -> None:
    found, shown = read_answer(body, Redactor())
    assert found == data
    assert text is None or shown == text
    assert len(shown) <= 300
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(
    "canary, headers",
    [
        (Canary("/", body=b"{}"), {"Content-Type": "application/json"}),
        (Canary("/", body=b"x", headers={"content-type": "text/plain"}), {"content-type": "text/plain"}),
        (Canary("/", "GET", headers={"A": "b"}), {"A": "b"}),
    ],
)
def test_a_body_is_json_unless_a_header_says_otherwise(canary: Canary, headers: dict[str, str]) -> None:
    assert canary_headers(canary) == headers


def test_the_canary_is_sent_as_configured() -> None:
    asked: list[Any] = []

    class Client:
        def request(self, method: str, url: str, **rest: Any) -> HttpAnswer:
            asked.append((method, url, rest["deadline"], rest["body"]))
            return HttpAnswer(url, 200, b'{"score": 1}', latency=0.25, connected=True)

    canary = Canary("/predict", "PUT", b"{}", deadline=3.0)
    attempt = canary_from_host(Client(), "http://127.0.0.1:8000", "published port", canary, Redactor())
    assert asked == [("PUT", "http://127.0.0.1:8000/predict", 3.0, b"{}")]
    assert (attempt.latency_ms, attempt.answer, attempt.via) == (250.0, {"score": 1}, "published port")
    assert attempt.succeeded
