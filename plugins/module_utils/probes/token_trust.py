# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything about the tokens of a platform, in one look: secrets, log-in, matrix, clocks."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.clock_facts import (
    ClockFacts,
    HostClock,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.secret_facts import (
    Fingerprinter,
    SecretFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.token_facts import (
    FORGED,
    LoginFacts,
    TrustFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.token_settings import TokenSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.token_signing import (
    Token,
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
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.token_matrix import (
    Table,
    Tokens,
    make_tokens,
    proof_of,
)

_LIFETIME = re.compile(r"(?:TOKEN|JWT|SESSION|AUTH)\w*(?:TTL|EXPIR\w*|LIFETIME|MAX_?AGE)(?:_\w+)?$", re.IGNORECASE)


@dataclass(frozen=True)
class TrustLook:
    """What to look at.

    :param issuer: the service that issues tokens, or empty: then only secrets and clocks are looked at.
    :param recorded: what was kept at an earlier run, see ``SecretFacts.recorded``.
    :param proved: what an earlier run kept of its proof. Each refusal leaves a line in a service's log, so forged
        tokens are shown once to each set of containers: when good ones are accepted, and the proof can be recorded.
    :param forging: False shows no forged tokens to containers that have not refused them before, either.
    :param thorough: True shows them in any case.
    :param deadline: seconds for each call of Docker.
    :param writing: False when nobody may log in.
    """

    scene: Scene
    means: Means
    issuer: str = ""
    settings: TokenSettings = field(default_factory=TokenSettings)
    recorded: Mapping[str, Any] = field(default_factory=dict)
    proved: str = ""
    forging: bool = True
    thorough: bool = False
    deadline: float = 5.0
    writing: bool = True

    @property
    def seconds(self) -> float:
        """The most that the look may take."""
        return 3 * self.deadline + (2 + len(FORGED)) * self.settings.login.deadline


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
    secret = running.values.get(look.issuer)
    tokens = make_tokens(token, secret.value if secret else "", means.clock()) if look.settings.verify else Tokens()
    table = Table.of({name: doors[name] for name in look.settings.verify if name in doors}, look.settings)
    table = table.shown(tokens.good)
    proof = proof_of(scene, look.settings)
    wanted = look.forging and key is not None and table.is_green and proof != look.proved
    began = means.clock()
    if wanted or look.thorough:
        table = table.shown(tokens.forged)
    kept = {"proved": proof, "forged_at": [began, means.clock()]} if wanted and table.is_proof else {}
    secrets = _secrets(look, key, running, desired.value(({}, "Docker Compose did not answer in time")))
    return TrustFacts(
        issuer=look.issuer,
        secrets=secrets,
        clocks=ClockFacts(host.value(HostClock()), table.clocks),
        login=entered,
        shown=next(iter(tokens.good), ""),
        matrix=table.matrix,
        lifetimes=_lifetimes(known),
        verifiers=tuple(sorted(look.settings.verify)),
        forged_before=proof == look.proved and not look.thorough,
        sample={**_sample(secrets), **kept},
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
