# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything about the tokens of a platform, in one look: secrets, log-in, matrix, clocks."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.clock_facts import (
    ClockFacts,
    ClockReading,
    HostClock,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.secret_facts import (
    Fingerprinter,
    SecretFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.token_facts import (
    FORGED,
    LoginFacts,
    TokenAnswer,
    TrustFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.token_settings import TokenSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.token_signing import (
    Token,
    expired,
    fresh,
    read_token,
    sign,
    tampered,
    unsigned,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.clock import (
    is_faked,
    probe_host_clock,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.jobs import Job
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.means import Means
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import Scene
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.secret_values import (
    RunningSecrets,
    desired_secrets,
    environments,
    first_container,
    running_secrets,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.token_login import (
    Door,
    door_to,
    log_in,
    password_of,
    show,
)

_LIFETIME = re.compile(r"(?:TOKEN|JWT|SESSION|AUTH)\w*(?:TTL|EXPIR\w*|LIFETIME|MAX_?AGE)(?:_\w+)?$", re.IGNORECASE)
_TOKENS_SHOWN = 1 + len(FORGED)


@dataclass(frozen=True)
class TrustLook:
    """What to look at.

    :param issuer: the service that issues tokens, or empty: then only secrets and clocks are looked at.
    :param recorded: what was kept at an earlier run, see ``SecretFacts.recorded``.
    :param deadline: seconds for each call of Docker.
    :param writing: False when nobody may log in.
    """

    scene: Scene
    means: Means
    issuer: str = ""
    settings: TokenSettings = field(default_factory=TokenSettings)
    recorded: Mapping[str, Any] = field(default_factory=dict)
    deadline: float = 5.0
    writing: bool = True

    @property
    def seconds(self) -> float:
        """The most that the look may take."""
        return 3 * self.deadline + (1 + _TOKENS_SHOWN) * self.settings.login.deadline


def probe_trust(look: TrustLook) -> TrustFacts:
    """Look. What does not depend on each other goes on side by side; each has its own deadline."""
    scene, means = look.scene, look.means
    host = Job("host clock", "", lambda: probe_host_clock(means.docker.runner), deadline=look.deadline)
    known = environments(scene)
    doors = {
        service: door_to(scene, service, means.http, means.clock, faked=is_faked(known.get(service, {})))
        for service in {look.issuer, *look.settings.verify} & set(scene.watched)
    }
    login = Job("log-in", look.issuer, lambda: _log_in(look, doors.get(look.issuer)), deadline=look.deadline)
    running = running_secrets(scene, means.docker, look.settings.variables, look.deadline)
    desired = Job("desired", "", lambda: _desired(look, running), deadline=2 * look.deadline)
    key = means.fingerprint_key()
    entered, token = login.value((LoginFacts("silent", "it did not end in time"), None))
    good, tokens = _tokens(look, running, token)
    matrix, clocks = _matrix(look, doors, tokens)
    secrets = _secrets(look, key, running, desired.value(({}, "Docker Compose did not answer in time")))
    return TrustFacts(
        issuer=look.issuer,
        secrets=secrets,
        clocks=ClockFacts(host.value(HostClock()), clocks),
        login=entered,
        shown=good,
        matrix=matrix,
        lifetimes=_lifetimes(known),
        verifiers=tuple(sorted(look.settings.verify)),
        sample=_sample(secrets),
    )


def _log_in(look: TrustLook, door: Door | None) -> tuple[LoginFacts, Token | None]:
    settings = look.settings.login
    if not settings.is_configured or door is None:
        return LoginFacts("not_configured", "nobody has named a probe account"), None
    if not look.writing:
        return LoginFacts("skipped", "probes that log in are switched off"), None
    if not door.bases:
        return LoginFacts("silent", "it does not run, or there is no way to it"), None
    password = password_of(look.scene, settings)
    if not password:
        where = settings.password_file or f"{settings.password_variable} in the project's env files"
        return LoginFacts("no_password", f"its password cannot be read from {where}"), None
    return log_in(door, settings, password)


def _desired(look: TrustLook, running: RunningSecrets) -> tuple[dict[str, Any], str]:
    compose = look.means.compose(look.scene.files, look.scene.redactor)
    return desired_secrets(look.scene, compose, look.settings.variables, running)


def _secrets(
    look: TrustLook, key: bytes | None, running: RunningSecrets, desired: tuple[Mapping[str, Any], str]
) -> SecretFacts:
    # Without a key that is kept, values can be compared with each other, but not with those of another run.
    fingerprinter = Fingerprinter(key or os.urandom(32), look.scene.project)
    wanted, error = desired
    absent = {name: fingerprinter.read("", "environment", found.variable) for name, found in wanted.items()}
    here = {name for name in absent if look.scene.services.get(name) and name not in running.unreadable}
    return SecretFacts(
        running={
            **{name: absent[name] for name in here},
            **{name: found.reading(fingerprinter) for name, found in running.values.items()},
        },
        desired={name: found.reading(fingerprinter) for name, found in wanted.items()},
        unreadable=running.unreadable,
        error=error,
        recorded=look.recorded,
        keyed=key is not None,
        origins={name: _origin(look.scene, name) for name in running.values},
    )


def _origin(scene: Scene, service: str) -> str:
    container = first_container(scene.services[service])
    if container is None:
        return "it has no container"
    return (
        f"its container was made {container.created_at[:19]}Z from {', '.join(container.compose.files) or 'no files'}"
    )


def _sample(secrets: SecretFacts) -> dict[str, Any]:
    """What to keep: a first key is asked for; later only a state without trouble, when it differs from the recorded."""
    if not secrets.running:
        return {}
    if not secrets.keyed:
        return {"fingerprint_key": "wanted"}
    in_trouble = len(secrets.values) != 1 or "" in secrets.values or secrets.odd or secrets.unreadable
    if in_trouble or secrets.changed or secrets.source_changed or secrets.sample == secrets.recorded:
        return {}
    return {"secrets": secrets.sample}


def _tokens(look: TrustLook, running: RunningSecrets, issued: Token | None) -> tuple[str, dict[str, str]]:
    """Which good token is shown, and all tokens by name. None without a way to get a good one."""
    now = look.means.clock()
    secret = running.values.get(look.issuer)
    key = secret.value.encode("utf-8", "surrogateescape") if secret else b""
    token = issued or (read_token(sign(fresh(now), key)) if key else None)
    if token is None or not look.settings.verify:
        return "", {}
    good = "issued" if issued else "signed"
    tokens = {good: token.text, "tampered": tampered(token, now), "unsigned": unsigned(token.claims, now)}
    if key and token.algorithm == "HS256":
        tokens["expired"] = sign(expired(token.claims, now), key)
    return good, tokens


def _matrix(
    look: TrustLook, doors: Mapping[str, Door], tokens: Mapping[str, str]
) -> tuple[dict[str, dict[str, TokenAnswer]], dict[str, ClockReading]]:
    deadline = look.settings.login.deadline
    jobs = {
        service: Job(
            "tokens", service, partial(_show_all, look, doors[service], tokens), deadline=_TOKENS_SHOWN * deadline + 1.0
        )
        for service in sorted(look.settings.verify)
        if service in doors and tokens
    }
    matrix: dict[str, dict[str, TokenAnswer]] = {}
    clocks = {}
    for service, job in jobs.items():
        answers, clock = job.value(({next(iter(tokens)): TokenAnswer("silent", said="It did not end in time.")}, None))
        for name, answer in answers.items():
            matrix.setdefault(name, {})[service] = answer
        if clock is not None:
            clocks[service] = clock
    return matrix, clocks


def _show_all(
    look: TrustLook, door: Door, tokens: Mapping[str, str]
) -> tuple[dict[str, TokenAnswer], ClockReading | None]:
    """Each token, the good one first; whoever does not answer to that one is not asked again."""
    answers: dict[str, TokenAnswer] = {}
    best: ClockReading | None = None
    for name, token in tokens.items():
        answers[name], clock = show(door, look.settings.verify[door.service], token, look.settings.login.deadline)
        if clock is not None and (best is None or clock.uncertainty < best.uncertainty):
            best = clock
        if answers[name].verdict == "silent":
            break
    return answers, best


def _lifetimes(known: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """AU-2: what is configured. Only plain numbers with an optional unit: nothing else can be a secret by mistake."""
    found = {}
    for service, environment in known.items():
        own = {
            name: value
            for name, value in sorted(environment.items())
            if _LIFETIME.search(name) and re.fullmatch(r"\d{1,12} ?[a-z]{0,12}", value)
        }
        if own:
            found[service] = own
    return found
