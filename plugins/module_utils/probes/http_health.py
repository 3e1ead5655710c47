# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a container for its health by the first way that leads to it, and says which one that was."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import (
    Failure,
    HttpAnswer,
    HttpClient,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_images import readiness_path_of
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Container,
    HealthTarget,
    HttpHealth,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import ServiceSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.discovery import NOT_HTTP_PORTS
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.exec_http import request_inside
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.patience import (
    MOST_ANSWERS,
    ask_patiently,
)

BODY_LIMIT = 4096
MOST_REQUESTS = 2 + MOST_ANSWERS
"""One after the other, each for the health deadline at most: by three ways, and patiently by the last of them."""
_ANY_ADDRESS = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound
_INSIDE = "exec"
_NO_WAY = (Failure.REFUSED, Failure.UNREACHABLE)


@dataclass(frozen=True)
class Target:
    """What to ask for.

    :param port: port in the container.
    :param path_known: False when the path is a guess.
    """

    port: int
    path: str
    scheme: str = "http"
    path_known: bool = True


def find_target(container: Container, kind: str, settings: ServiceSettings) -> Target | None:
    """Port and path: the inventory's, else those of the container's own health check, else a good guess.

    None: the service speaks no HTTP, or the inventory switches the check off.
    """
    wanted, own = settings.health, container.health_target
    if not wanted.enabled:
        return None
    said = bool(settings.port or wanted.path)
    if kind not in ("http", "model_server", "token_issuer") and not said:
        return None
    port = settings.port or (own.port if own else 0) or _likely_port(container)
    if not port:
        return None
    same = own if own and own.port == port else HealthTarget(port, "")
    path = wanted.path or same.path or (readiness_path_of(container.image) if kind == "model_server" else "")
    return Target(port, path or "/health", same.scheme, path_known=bool(path))


def _likely_port(container: Container) -> int:
    ports = [port for port in container.ports if port.protocol == "tcp" and port.container_port not in NOT_HTTP_PORTS]
    published = [port.container_port for port in ports if port.host_port]
    return min(published or [port.container_port for port in ports], default=0)


def base_urls(container: Container, target: Target) -> Iterator[tuple[str, str]]:
    """(way, base URL) in the order in which they are tried."""
    published = [
        _ANY_ADDRESS.get(port.host_ip, port.host_ip) + f"|{port.host_port}"
        for port in container.ports
        if port.container_port == target.port and port.protocol == "tcp" and port.host_port
    ]
    for entry in sorted(published, key=lambda text: ":" in text)[:1]:  # IPv4 first
        address, _separator, port = entry.rpartition("|")
        yield "published port", f"{target.scheme}://{_host(address)}:{port}"
    for address in [address for _name, address in sorted(container.addresses.items()) if address][:1]:
        yield "container address", f"{target.scheme}://{_host(address)}:{target.port}"


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def probe_http_health(
    container: Container,
    target: Target | None,
    http: HttpClient,
    docker: DockerCli,
    redactor: Redactor,
    deadline: float,
) -> HttpHealth:
    """Ask a running container.

    :param target: None when it speaks no HTTP: then Docker's own health check or the process has to do.
    :param deadline: seconds for each request, of which there are ``MOST_REQUESTS`` at most. A next way is tried only
        when the one before led to nobody.
    """
    way_of_no_request = "docker" if container.health else "process"
    if target is None:
        return HttpHealth(via=way_of_no_request, container=container.name)
    bypassed = ""
    for via, ask in _ways(container, target, http, docker, deadline):
        answer, late = ask_patiently(ask, is_late=_is_late, tells=_tells_of_the_service, is_good=_is_good)
        if answer is None:  # Nothing in the container can ask.
            continue
        found = _as_health(container, via, answer, redactor, bypassed, target)
        if via == _INSIDE or _tells_of_the_service(answer):
            return replace(found, late_after_ms=None if late is None else late.latency * 1000.0)
        bypassed = f"{via}: {found.error}"
    return HttpHealth(via=way_of_no_request, container=container.name, bypassed=bypassed)


def _ways(
    container: Container, target: Target, http: HttpClient, docker: DockerCli, deadline: float
) -> Iterator[tuple[str, Callable[[], HttpAnswer | None]]]:
    """(way, what asks by it) in the order in which they are tried."""
    for via, base in base_urls(container, target):
        yield via, partial(http.request, "GET", base + target.path, deadline=deadline)
    url = f"{target.scheme}://localhost:{target.port}{target.path}"
    yield _INSIDE, partial(request_inside, docker, container.id, url, deadline)


def _is_late(answer: HttpAnswer | None) -> bool:
    """True for a service that took the request and did not answer in time."""
    return answer is not None and answer.failure is Failure.DEADLINE and answer.connected


def _tells_of_the_service(answer: HttpAnswer | None) -> bool:
    """False for a failure that tells more about the way, as long as another way is left."""
    if answer is None or answer.failure in _NO_WAY:
        return False
    return answer.failure is not Failure.DEADLINE or answer.connected


def _is_good(answer: HttpAnswer | None) -> bool:
    return answer is not None and not answer.failure.value and (answer.status or 0) < 400


def _as_health(
    container: Container, via: str, answer: HttpAnswer, redactor: Redactor, bypassed: str, target: Target
) -> HttpHealth:
    health = HttpHealth(
        via=via,
        container=container.name,
        url=redactor.line(answer.url),
        status=answer.status,
        latency_ms=answer.latency * 1000.0,
        failure=answer.failure.value,
        error=redactor.line(answer.error),
        truncated=answer.truncated,
        path_known=target.path_known,
        bypassed=bypassed,
    )
    body = None if answer.truncated else parse_body(answer.body)
    if body is not None:
        return replace(health, body=redactor.data(body))
    return replace(health, text=redactor.line(answer.body[:BODY_LIMIT].decode("utf-8", "replace")))


def parse_body(body: bytes) -> Any:
    """An answer as JSON, None when it is none, too large or too deep. NaN and Infinity become their names."""
    if not body or len(body) > BODY_LIMIT:
        return None
    try:
        return json.loads(body, parse_constant=str)
    except (ValueError, RecursionError):
        return None
