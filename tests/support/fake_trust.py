# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services that verify tokens for real, each with its own secret and clock, behind a pretended HTTP client."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from fake_platform import NOW, FakePlatform, NoCompose, inspected

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.compose_reader import Configuration
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import (
    Failure,
    HttpAnswer,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import read_services
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.means import Means
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.options import ObserveOptions
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import Scene, set_scene

GOOD = "0123456789abcdef0123456789abcdef-the-good-one"
OTHER = "fedcba9876543210fedcba9876543210-another-one"
KEY = b"k" * 32
PASSWORD = "Probe-Passw0rd-of-the-test"


@dataclass(frozen=True)
class Verifier:
    """A service that takes tokens.

    :param secret: what it verifies with; what its container's environment says when ``told`` is None.
    :param ahead: seconds that its clock is ahead of the host's.
    :param gullible: takes whatever it gets.
    :param ttl: lifetime of the tokens that it issues.
    """

    port: int
    secret: str = GOOD
    told: str | None = None
    ahead: float = 0.0
    gullible: bool = False
    silent: bool = False
    login_status: int = 200
    ttl: int = 3600
    variables: Mapping[str, str] = field(default_factory=dict)

    def answer(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        if self.silent:
            return HttpAnswer(url, connected=True, failure=Failure.DEADLINE, error="It sent no answer.", latency=2.0)
        status, content = self._log_in(body) if method == "POST" else self._verify(headers.get("Authorization", ""))
        date = datetime.fromtimestamp(NOW + self.ahead, tz=UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        return HttpAnswer(url, status, json.dumps(content).encode(), connected=True, headers={"date": date})

    def _log_in(self, body: bytes) -> tuple[int, dict[str, Any]]:
        if self.login_status != 200:
            return self.login_status, {"error": f"no: {PASSWORD}"}
        if json.loads(body) != {"username": "probe", "password": PASSWORD}:
            return 401, {"error": "wrong user name or password"}
        now = int(NOW + self.ahead)
        header = _encode({"alg": "HS256", "typ": "JWT"})
        signed = f"{header}.{_encode({'sub': '7', 'iat': now, 'exp': now + self.ttl})}"
        return 200, {"token": f"{signed}.{self._signature(signed)}"}

    def _verify(self, header: str) -> tuple[int, dict[str, Any]]:
        head, claims, signature = header.removeprefix("Bearer ").split(".")
        said, told = _decode(claims), _decode(head)
        if self.gullible:
            return 200, {"subject": said["sub"]}
        if told["alg"] != "HS256":
            return 401, {"error": "InvalidAlgorithmError: The specified alg value is not allowed"}
        if signature != self._signature(f"{head}.{claims}"):
            return 401, {"error": f"InvalidSignatureError: Signature verification failed for {header}"}
        if said["exp"] <= NOW + self.ahead:
            return 401, {"error": "ExpiredSignatureError: Signature has expired"}
        if said["iat"] > NOW + self.ahead + 1:
            return 401, {"error": "ImmatureSignatureError: The token is not yet valid (iat)"}
        return 200, {"subject": said["sub"]}

    def _signature(self, signed: str) -> str:
        return _base64(hmac.new(self.secret.encode(), signed.encode(), hashlib.sha256).digest())


class Compose(NoCompose):
    """Compose files that give these secrets."""

    def __init__(self, secrets: Mapping[str, str], error: str = "", unset: Sequence[str] = ()) -> None:
        self.asked = 0
        self._answer = Configuration(
            {name: {"environment": {"JWT_SECRET": value.replace("$", "$$")}} for name, value in secrets.items()},
            tuple(unset),
            error,
        )

    def configuration(self) -> Configuration:
        self.asked += 1
        return self._answer


@dataclass
class FakeTrust(FakePlatform):
    """A platform of such services; ``users`` issues the tokens."""

    verifiers: Mapping[str, Verifier] = field(default_factory=dict)
    compose: Compose = field(default_factory=lambda: Compose({}))
    key: bytes | None = KEY
    shown: list[str] = field(default_factory=list)

    @property
    def means(self) -> Means:
        key = self.key
        return replace(super().means, compose=lambda _files, _redactor: self.compose, fingerprint_key=lambda: key)

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
        port = int(url.split(":")[2].split("/")[0])
        one = next(verifier for verifier in self.verifiers.values() if verifier.port == port)
        token = dict(headers or {}).get("Authorization", "")
        if token:
            self.shown.append(token.removeprefix("Bearer "))
        return one.answer(method, url, body, headers or {})


def container(service: str, verifier: Verifier, files: str = "") -> dict[str, Any]:
    """What ``docker inspect`` says of it."""
    labels = {"com.docker.compose.project.config_files": files} if files else {}
    entry = inspected(service, port=verifier.port, labels=labels)
    told = verifier.secret if verifier.told is None else verifier.told
    own = {"JWT_SECRET": told, **verifier.variables}
    entry["Config"]["Env"] = [f"{name}={value}" for name, value in own.items() if value != "(absent)"]
    return entry


def trust(
    verifiers: Mapping[str, Verifier],
    compose: Compose | None = None,
    key: bytes | None = KEY,
    password_file: str = "",
    **record: Any,
) -> tuple[FakeTrust, Scene]:
    """The platform, and the scene as a probe finds it. Without a password file nobody logs in."""
    entries = [container(name, one, "/srv/shop/compose.yaml") for name, one in verifiers.items()]
    platform = FakeTrust(containers=entries, verifiers=verifiers, compose=compose or Compose({}), key=key)
    login = {"login": {"path": "/login", "user": "probe", "password_file": password_file}} if password_file else {}
    token = {"verify": dict.fromkeys(verifiers, "/whoami"), **login}
    options = ObserveOptions(project="shop", services=read_services({"users": {"token": token}}))
    return platform, set_scene("shop", entries, options, record.get("maintenance", ()))


def _encode(data: Mapping[str, Any]) -> str:
    return _base64(json.dumps(data).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
