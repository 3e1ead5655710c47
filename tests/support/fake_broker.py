# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A RabbitMQ broker in memory that answers as its management API does: the adapters above it are the real ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import (
    Failure,
    HttpAnswer,
)

RECORDED = Path(__file__).resolve().parents[1] / "fixtures" / "rabbitmq"
NAMES = ("nodes", "rates", "statistics", "totals", "consumers", "version")


def recorded(name: str) -> bytes:
    return (RECORDED / name).read_bytes()


def json_answer(data: object, status: int = 200) -> HttpAnswer:
    return HttpAnswer("", status, json.dumps(data).encode(), connected=True)


def hang() -> HttpAnswer:
    return HttpAnswer("", connected=True, failure=Failure.DEADLINE, error="It sent no answer within 5 s.", latency=5.0)


def refuse() -> HttpAnswer:
    return HttpAnswer("", failure=Failure.REFUSED, error="It refuses connections: nothing listens on that port.")


@dataclass(frozen=True)
class Request:
    """What was asked, with the header that bears the credentials."""

    method: str
    url: str
    body: Any
    login: str


@dataclass
class FakeApi:
    """An HTTP client: the recorded answers by path, unless told otherwise.

    :param answers: part of an URL -> answer, or what makes one of the request; the first that fits is given.
    """

    answers: Mapping[str, HttpAnswer | Callable[[Request], HttpAnswer]] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)

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
        login = (headers or {}).get("Authorization", "")
        request = Request(method, unquote(url), json.loads(body) if body else None, login)
        self.asked.append(request)
        for part, answer in self.answers.items():
            if part in request.url:
                return answer if isinstance(answer, HttpAnswer) else answer(request)
        for part, name in (
            ("/api/nodes", "nodes"), ("msg_rates_age", "statistics"), ("disable_stats", "totals"),
            ("/api/queues?columns", "rates"), ("/api/consumers", "consumers"), ("/api/overview", "version"),
        ):  # fmt: skip
            if part in request.url:
                return HttpAnswer(url, 200, recorded(f"{name}.json"), connected=True)
        return json_answer({"name": "guest"}) if "/api/whoami" in request.url else json_answer({}, 404)


@dataclass
class FakeQueue:
    """The messages of a queue, its head first; each is (payload in Base64, properties, redelivered)."""

    messages: list[tuple[str, dict[str, Any], bool]] = field(default_factory=list)
    kind: str = "classic"


@dataclass
class FakeBroker:
    """Queues that can be read, taken from and published to, by the API's own words.

    :param consumers: how many consumers each queue has.
    """

    queues: dict[str, FakeQueue] = field(default_factory=dict)
    consumers: dict[str, int] = field(default_factory=dict)
    unroutable: bool = False

    def api(self) -> FakeApi:
        """An HTTP client for it."""
        return FakeApi({
            "disable_stats": lambda _request: json_answer([
                {"name": name, "vhost": "/", "messages": len(queue.messages), "messages_ready": len(queue.messages)}
                for name, queue in self.queues.items()
            ]),
            "/api/consumers": lambda _request: json_answer([
                {"queue": {"name": name, "vhost": "/"}} for name, count in self.consumers.items() for _n in range(count)
            ]),
            "columns=type": lambda request: json_answer({"type": self.queues[_queue(request)].kind}),
            "/get": self._get,
            "/publish": self._publish,
            "/api/queues/": self._declare,
        })  # fmt: skip

    def _get(self, request: Request) -> HttpAnswer:
        queue = self.queues[_queue(request)]
        if not queue.messages:
            return json_answer([])
        payload, properties, redelivered = queue.messages.pop(0)
        if request.body["ackmode"] == "ack_requeue_true":
            queue.messages.insert(0, (payload, properties, True))
        return json_answer([{
            "payload": payload, "properties": properties, "redelivered": redelivered, "exchange": "",
            "routing_key": _queue(request),
        }])  # fmt: skip

    def _publish(self, request: Request) -> HttpAnswer:
        if self.unroutable:
            return json_answer({"routed": False})
        told = request.body
        self.queues[told["routing_key"]].messages.append((told["payload"], told["properties"], False))
        return json_answer({"routed": True})

    def _declare(self, request: Request) -> HttpAnswer:
        assert request.body == {"durable": True, "auto_delete": False}
        self.queues.setdefault(_queue(request), FakeQueue())
        return HttpAnswer("", 201, b"", connected=True)


def _queue(request: Request) -> str:
    """The queue that an URL names, in the default virtual host."""
    return request.url.split("/api/queues///")[1].split("/")[0].split("?")[0]
