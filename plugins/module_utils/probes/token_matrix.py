# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows tokens to every service that verifies them: the matrix of token and service."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.clock_facts import ClockReading
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.token_facts import FORGED, TokenAnswer
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
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.jobs import Job
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import Scene
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.token_login import Door, show


@dataclass(frozen=True)
class Tokens:
    """Tokens by name. They are credentials: never shown, stored or logged.

    :param good: ``issued`` by the log-in or ``signed`` here, at most one.
    :param forged: those of ``FORGED`` that can be made.
    """

    good: Mapping[str, str] = field(default_factory=dict, repr=False)
    forged: Mapping[str, str] = field(default_factory=dict, repr=False)


def make_tokens(issued: Token | None, secret: str, now: float) -> Tokens:
    """What can be made of an issued token, or of the issuer's secret alone. An expired one takes the secret."""
    key = secret.encode("utf-8", "surrogateescape")
    token = issued or (read_token(sign(fresh(now), key)) if key else None)
    if token is None:
        return Tokens()
    forged = {"tampered": tampered(token, now), "unsigned": unsigned(token.claims, now)}
    if key and token.algorithm == "HS256":
        forged["expired"] = sign(expired(token.claims, now), key)
    return Tokens({"issued" if issued else "signed": token.text}, forged)


@dataclass(frozen=True)
class Table:
    """Who answered what.

    :param doors: the ways to the services.
    :param matrix: token -> service -> answer.
    :param clocks: service -> the best reading of its clock.
    """

    doors: Mapping[str, Door]
    settings: TokenSettings
    matrix: Mapping[str, Mapping[str, TokenAnswer]] = field(default_factory=dict)
    clocks: Mapping[str, ClockReading] = field(default_factory=dict)

    @classmethod
    def of(cls, doors: Mapping[str, Door], settings: TokenSettings) -> Table:
        """An empty one."""
        return cls(doors, settings)

    @property
    def is_green(self) -> bool:
        """Every service that verifies tokens accepted the good one."""
        row = next(iter(self.matrix.values()), {})
        return set(row) == set(self.settings.verify) and all(answer.verdict == "accepted" for answer in row.values())

    @property
    def is_proof(self) -> bool:
        """Beside that, every service refused every forged one."""
        rows = [self.matrix.get(token, {}) for token in FORGED]
        refused = all(
            set(row) == set(self.settings.verify) and all(answer.verdict == "refused" for answer in row.values())
            for row in rows
        )
        return self.is_green and refused

    def shown(self, tokens: Mapping[str, str]) -> Table:
        """With the answers to these tokens, to all services side by side; who was silent before is not asked again."""
        silent = {name for row in self.matrix.values() for name, answer in row.items() if answer.verdict == "silent"}
        limit = len(tokens) * self.settings.login.deadline + 1.0
        jobs = {
            service: Job("tokens", service, partial(_show, self.doors[service], self.settings, tokens), deadline=limit)
            for service in sorted(set(self.doors) - silent)
            if tokens
        }
        matrix = {token: dict(row) for token, row in self.matrix.items()}
        clocks = dict(self.clocks)
        for service, job in jobs.items():
            late = {name: TokenAnswer("silent", said="It did not end in time.") for name in tokens}
            answers, clock = job.value((late, None))
            for name, answer in answers.items():
                matrix.setdefault(name, {})[service] = answer
            if clock is not None and (service not in clocks or clock.uncertainty < clocks[service].uncertainty):
                clocks[service] = clock
        return replace(self, matrix=matrix, clocks=clocks)


def _show(
    door: Door, settings: TokenSettings, tokens: Mapping[str, str]
) -> tuple[dict[str, TokenAnswer], ClockReading | None]:
    answers: dict[str, TokenAnswer] = {}
    best: ClockReading | None = None
    for name, token in tokens.items():
        answers[name], clock = show(door, settings.verify[door.service], token, settings.login.deadline)
        if clock is not None and (best is None or clock.uncertainty < best.uncertainty):
            best = clock
        if answers[name].verdict == "silent":
            break
    return answers, best


def proof_of(scene: Scene, settings: TokenSettings) -> str:
    """Stands for the containers that verify tokens, as they were started."""
    content = [
        [service, container.id, container.started_at]
        for service in sorted(settings.verify)
        for container in scene.services.get(service, ())
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]
