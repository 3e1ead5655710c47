# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What services made of tokens."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.clock_facts import ClockFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.secret_facts import SecretFacts

FORGED = ("tampered", "expired", "unsigned")
"""Tokens that every service has to refuse."""

_CLASSES = (
    (
        "not_yet_valid",
        re.compile(r"immature|not yet valid|not active|before (?:it|the token) was issued|\bnbf\b|\biat\b"),
    ),
    ("expired", re.compile(r"expired|\bexp\b|too old")),
    ("algorithm", re.compile(r"algorithm|\balg\b|unsupported")),
    ("signature", re.compile(r"signature|verification failed|tampered|integrity")),
    ("audience", re.compile(r"audience|issuer|\baud\b|\biss\b")),
    ("malformed", re.compile(r"malformed|segments|decode|invalid (?:header|payload|token format)")),
    ("no_token", re.compile(r"no (?:bearer )?token|missing|required|not provided")),
)
"""The class of a 401, by words of the answer; of several the first one."""


@dataclass(frozen=True)
class TokenAnswer:
    """How a service answered a token.

    :param verdict: ``accepted``, ``refused`` (401 or 403), ``failed`` (another status) or ``silent`` (no answer).
    :param reason: the class of a refusal (see :func:`classify_refusal`), else empty.
    :param status: HTTP status, or None.
    :param said: the service's own words, redacted, one line.
    """

    verdict: str
    reason: str = ""
    status: int | None = None
    said: str = ""

    @property
    def in_words(self) -> str:
        """For a person, for example ``refuses it (signature)``."""
        if self.verdict == "refused":
            return f"refuses it ({self.reason})"
        if self.verdict == "failed":
            return f"fails with HTTP status {self.status}"
        return "accepts it" if self.verdict == "accepted" else "does not answer"

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class LoginFacts:
    """How the log-in of the probe account ended.

    :param state: ``ok``, ``not_configured``, ``skipped`` (probes that log in are switched off), ``credentials`` (401 or
        403), ``failed``, ``silent``, ``no_token``, ``no_password``.
    :param message: one sentence.
    :param lifetime: seconds from ``iat`` to ``exp`` of the token; None when it does not say.
    :param algorithm: of the token.
    """

    state: str = "not_configured"
    message: str = ""
    status: int | None = None
    latency_ms: float | None = None
    lifetime: float | None = None
    algorithm: str = ""

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class TrustFacts:
    """All that is known of a platform's tokens.

    :param issuer: the service that issues them; empty when the inventory names none.
    :param shown: which good token was shown: ``issued`` by the log-in, or ``signed`` here with the issuer's secret.
    :param matrix: token -> service -> its answer.
    :param lifetimes: service -> variable -> what it is configured to, for variables such as ``TOKEN_TTL``.
    :param verifiers: the services that tokens can be shown to.
    :param forged_before: True when these containers refused forged tokens before, so that none was shown again.
    """

    issuer: str = ""
    secrets: SecretFacts = field(default_factory=SecretFacts)
    clocks: ClockFacts = field(default_factory=ClockFacts)
    login: LoginFacts = field(default_factory=LoginFacts)
    shown: str = ""
    matrix: Mapping[str, Mapping[str, TokenAnswer]] = field(default_factory=dict)
    lifetimes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    verifiers: tuple[str, ...] = ()
    forged_before: bool = False
    sample: Mapping[str, Any] = field(default_factory=dict)

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "issuer": self.issuer,
            "secrets": self.secrets.to_data(),
            "clocks": self.clocks.to_data(),
            "login": self.login.to_data(),
            "shown": self.shown,
            "forged_before": self.forged_before,
            "matrix": {
                token: {service: answer.to_data() for service, answer in sorted(row.items())}
                for token, row in self.matrix.items()
            },
            "lifetimes": {service: dict(found) for service, found in sorted(self.lifetimes.items())},
        }


@dataclass(frozen=True)
class ConfiguredLifetime:
    """What a variable says of the lifetime of tokens."""

    variable: str
    value: str
    seconds: float


_UNITS = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86_400.0),
    **dict.fromkeys(("w", "week", "weeks"), 604_800.0),
}


def shortest_lifetime(settings: Mapping[str, str]) -> ConfiguredLifetime | None:
    """The shortest lifetime that a service is configured to; None when no value can be understood.

    The unit stands behind the number (``15m``) or at the end of the name (``TOKEN_TTL_MINUTES``), else it is seconds.
    """
    found = []
    for variable, value in settings.items():
        match = re.fullmatch(r"(\d{1,12}) ?([a-z]{0,12})", value)
        if match is not None:
            unit = match[2] or variable.lower().rpartition("_")[2]
            factor = _UNITS.get(unit) if match[2] else _UNITS.get(unit, 1.0)
            if factor is not None:
                found.append(ConfiguredLifetime(variable, value, int(match[1]) * factor))
    return min(found, key=lambda one: one.seconds, default=None)


def classify_refusal(text: str) -> str:
    """The class of a 401: ``signature``, ``expired``, ``not_yet_valid``, ``algorithm``, ``audience``, ``malformed``,
    ``no_token`` or ``unknown``."""
    said = text.lower()
    return next((name for name, pattern in _CLASSES if pattern.search(said)), "unknown")


def at_path(body: bytes, path: str) -> Any:
    """What stands in a JSON answer at names joined by dots; None when it is not there."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
