# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs in with the probe account, and shows tokens to services. AU-4."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import (
    Failure,
    HttpAnswer,
    HttpClient,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.clock_facts import (
    ClockReading,
    read_date_header,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.token_facts import (
    LoginFacts,
    TokenAnswer,
    at_path,
    classify_refusal,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.token_settings import LoginSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.token_signing import Token, read_token
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.http_health import (
    base_urls,
    find_target,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import Scene
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.secret_values import (
    env_file_value,
    first_container,
    read_text,
)

_NO_WAY = (Failure.REFUSED, Failure.UNREACHABLE)
_SAID = 200


@dataclass(frozen=True)
class Door:
    """The way to one service.

    :param bases: base URLs in the order in which they are tried; none when there is no way or it does not run.
    """

    service: str
    bases: tuple[str, ...]
    http: HttpClient
    redactor: Redactor
    clock: Callable[[], float]
    faked: bool = False

    def request(
        self, method: str, path: str, deadline: float, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[HttpAnswer, ClockReading | None]:
        """Ask, and read the clock of whoever answers."""
        answer = HttpAnswer("", failure=Failure.UNREACHABLE, error="There is no way to it.")
        for base in self.bases:
            before = self.clock()
            answer = self.http.request(method, base + path, deadline=deadline, headers=headers, body=body)
            if answer.failure in _NO_WAY:
                continue
            date = answer.headers.get("date", "")
            return answer, read_date_header(date, before, self.clock(), faked=self.faked) if date else None
        return answer, None


def door_to(scene: Scene, service: str, http: HttpClient, clock: Callable[[], float], *, faked: bool) -> Door:
    """The way to a service, by its published port or its container's address."""
    container = first_container(scene.services.get(service, ()))
    bases: tuple[str, ...] = ()
    if container is not None and container.running:
        target = find_target(container, scene.kinds[service], scene.settings_of(service))
        bases = tuple(base for _way, base in base_urls(container, target)) if target else ()
    return Door(service, bases, http, scene.redactor, clock, faked)


def password_of(scene: Scene, settings: LoginSettings) -> str | None:
    """The probe account's password, as it stands on this host; None when it cannot be read."""
    if settings.password_variable:
        return env_file_value(scene, settings.password_variable)
    text = read_text(settings.password_file)
    return text.split("\n", 1)[0].rstrip("\r") if text else None


def log_in(door: Door, settings: LoginSettings, password: str) -> tuple[LoginFacts, Token | None]:
    """Log in. The token that comes back is a credential, and so is the password: neither is in the facts."""
    redactor = Redactor([password])
    body = json.dumps(_filled(settings.body, settings.user, password)).encode()
    headers = {"Content-Type": "application/json"}
    answer, _clock = door.request("POST", settings.path, settings.deadline, headers, body)
    facts = LoginFacts(status=answer.status, latency_ms=round(answer.latency * 1000, 1))
    if answer.failure is not Failure.NONE or answer.status is None:
        return _ended(facts, "silent", door.redactor.line(redactor.text(answer.error))), None
    if answer.status in (401, 403):
        return _ended(facts, "credentials", f"it answers with HTTP status {answer.status}"), None
    if not 200 <= answer.status < 300:
        said = door.redactor.line(redactor.text(answer.body.decode("utf-8", "replace")), _SAID)
        return _ended(facts, "failed", f"it answers with HTTP status {answer.status}: {said}"), None
    text = at_path(answer.body, settings.answer)
    token = read_token(text)
    if token is None:
        what = "no JSON Web Token" if isinstance(text, str) and text else "nothing"
        return _ended(facts, "no_token", f"its answer has {what} at '{settings.answer}'"), None
    return LoginFacts("ok", "", answer.status, facts.latency_ms, token.lifetime, token.algorithm), token


def show(door: Door, path: str, token: str, deadline: float) -> tuple[TokenAnswer, ClockReading | None]:
    """Show a token to a service."""
    answer, clock = door.request("GET", path, deadline, {"Authorization": f"Bearer {token}"})
    if answer.failure is not Failure.NONE or answer.status is None:
        return TokenAnswer("silent", said=door.redactor.line(answer.error)), clock
    # What it says may quote the token.
    text = answer.body[:4096].decode("utf-8", "replace").replace(token, "")
    said = door.redactor.line(text, _SAID)
    if answer.status in (401, 403):
        challenge = answer.headers.get("www-authenticate", "")
        return TokenAnswer("refused", classify_refusal(f"{text} {challenge}"), answer.status, said), clock
    if 200 <= answer.status < 300:
        return TokenAnswer("accepted", status=answer.status), clock
    return TokenAnswer("failed", status=answer.status, said=said), clock


def _ended(facts: LoginFacts, state: str, message: str) -> LoginFacts:
    return LoginFacts(state, message, facts.status, facts.latency_ms)


def _filled(value: Any, user: str, password: str) -> Any:
    if isinstance(value, str):
        return password if value == "{password}" else value.replace("{user}", user).replace("{password}", password)
    if isinstance(value, Mapping):
        return {name: _filled(item, user, password) for name, item in value.items()}
    return [_filled(item, user, password) for item in value] if isinstance(value, list) else value
