# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from collections.abc import Mapping

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import (
    Failure,
    HttpAnswer,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_settings import (
    Canary,
    ModelServerSettings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import ServiceSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.latency import (
    TimedRequest,
    probe_latency,
    timed_request,
)


class Answering:
    """Gives one answer after the other, the last one for ever."""

    def __init__(self, *answers: HttpAnswer) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, bytes]] = []

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
        self.asked.append((method, url, body))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def answer(seconds: float, body: object = None) -> HttpAnswer:
    return HttpAnswer("http://x/health", 200, json.dumps(body).encode(), latency=seconds)


def test_so_many_probes_are_timed_and_the_waits_are_medians() -> None:
    http = Answering(
        answer(0.1, {"checks": {"redis": {"ms": 90}}}),
        answer(0.3, {"checks": {"redis": {"ms": 10}}}),
        answer(0.2, {"checks": {"redis": {"ms": 20}}}),
    )
    found = probe_latency(TimedRequest("http://x/health"), http, Redactor(()), 3, ["redis"])
    assert found.samples_ms == (100.0, 300.0, 200.0)
    assert (found.p50, found.p95) == (200.0, 300.0)
    assert found.waits_ms == {"redis": 20.0}


def test_what_hangs_is_not_asked_again() -> None:
    http = Answering(answer(0.1), HttpAnswer("http://x/health", failure=Failure.DEADLINE))
    found = probe_latency(TimedRequest("http://x/health"), http, Redactor(()), 5, [])
    assert (found.samples_ms, found.wanted, len(http.asked)) == ((100.0,), 5, 2)


def test_a_model_server_is_timed_by_its_canary() -> None:
    settings = ServiceSettings(model_server=ModelServerSettings(canary=Canary("/predict", body=b"{}", deadline=3.0)))
    request = timed_request("http://x", "/health", settings)
    assert (request.method, request.url, request.body, request.deadline) == ("POST", "http://x/predict", b"{}", 3.0)


def test_any_other_one_by_its_health_path() -> None:
    request = timed_request("http://x", "/health", ServiceSettings())
    assert (request.method, request.url, request.body) == ("GET", "http://x/health", b"")
