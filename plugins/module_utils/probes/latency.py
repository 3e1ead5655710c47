# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Timed probes of one service: the canary where there is one, else the health path, one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import (
    Failure,
    HttpClient,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.latency_facts import (
    LatencyFacts,
    percentile,
    told_waits,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import ServiceSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.http_health import parse_body
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_canary import (
    canary_headers,
)


@dataclass(frozen=True)
class TimedRequest:
    """What is asked, each time in the same way.

    :param deadline: seconds for each.
    """

    url: str
    method: str = "GET"
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    deadline: float = 2.0


def timed_request(base: str, health_path: str, settings: ServiceSettings) -> TimedRequest:
    """The canary of a model server, else the health path.

    :param base: ``http://127.0.0.1:8000``.
    """
    canary = settings.model_server.canary
    if canary is None:
        return TimedRequest(base + health_path, deadline=settings.health.deadline)
    return TimedRequest(base + canary.path, canary.method, canary.body, canary_headers(canary), canary.deadline)


def probe_latency(
    request: TimedRequest, http: HttpClient, redactor: Redactor, count: int, services: Sequence[str]
) -> LatencyFacts:
    """Ask so many times. After the first that gets no answer there are no more: that is not slow, it is broken.

    :param services: the platform's services, so that a dependency in an answer is known as one.
    """
    samples: list[float] = []
    waits: dict[str, list[float]] = {}
    for _number in range(count):
        answer = http.request(
            request.method, request.url, deadline=request.deadline, body=request.body, headers=request.headers
        )
        if answer.failure is not Failure.NONE:
            break
        samples.append(answer.latency * 1000.0)
        for name, value in told_waits(parse_body(answer.body), services).items():
            waits.setdefault(name, []).append(value)
    return LatencyFacts(
        samples_ms=tuple(samples),
        wanted=count,
        url=redactor.line(request.url),
        waits_ms={name: percentile(values, 50.0) or 0.0 for name, values in sorted(waits.items())},
    )
