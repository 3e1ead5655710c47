# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A shared secret as it may be told of: by keyed fingerprints, never by its value."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

SHORTEST = 32
"""Bytes. RFC 7518 section 3.2: a key for HS256 has at least 256 bits."""

_FINGERPRINT = 16
"""Hexadecimal digits that are kept: enough to tell values apart."""

# fmt: off
_DEVELOPMENT = frozenset((
    "secret", "jwt_secret", "jwt-secret", "jwtsecret", "mysecret", "my-secret", "supersecret", "super-secret",
    "changeme", "change-me", "change_me", "default", "dev", "development", "test", "testing", "password", "example",
    "your-secret-key", "your_secret_key", "your-256-bit-secret", "secretkey", "secret-key", "secret_key", "key",
    "development-secret", "dev-secret", "dev_secret", "test-secret", "insecure", "please-change-me", "keyboard cat",
))
# fmt: on
_DEVELOPMENT_BEGINNINGS = ("changeme", "change-me", "change_me", "your-", "your_", "dev-", "dev_", "django-insecure-")


@dataclass(frozen=True)
class SecretReading:
    """One place where the secret stands.

    :param place: ``environment``, ``file`` (named by a variable that ends in ``_FILE``) or ``compose``.
    :param variable: name of the variable.
    :param fingerprint: HMAC-SHA-256 under the platform's key, shortened; empty for an empty or absent value.
    :param bare: the same of the value without stray blanks and quotes around it.
    :param stray: what stands around it: ``newline``, ``blank``, ``quotes``, or empty.
    :param too_short: shorter than :data:`SHORTEST`.
    :param development: a value that stands in tutorials and example files.
    """

    place: str
    variable: str
    fingerprint: str
    bare: str = ""
    stray: str = ""
    too_short: bool = False
    development: bool = False

    @property
    def is_weak(self) -> bool:
        """Could be guessed."""
        return self.too_short or self.development

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class SecretFacts:
    """The secret of all services that share it.

    :param running: service -> what its container has.
    :param desired: service -> what the Compose files say it should have; only where that could be told.
    :param unreadable: service -> why its secret could not be read.
    :param error: why the Compose files could not be asked, or empty.
    :param recorded: what the last observation without trouble kept: ``source`` and ``running`` (service ->
        fingerprint), and ``next`` while a rotation is under way; empty when there was none.
    :param origins: service -> when and from which files its container was made.
    :param keyed: True when the fingerprints can be compared with those of other runs.
    """

    running: Mapping[str, SecretReading] = field(default_factory=dict)
    desired: Mapping[str, SecretReading] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    recorded: Mapping[str, Any] = field(default_factory=dict)
    keyed: bool = False
    origins: Mapping[str, str] = field(default_factory=dict)

    @property
    def variable(self) -> str:
        """What the secret is called."""
        names = sorted(
            {reading.variable.replace("_FILE", "") for reading in (*self.running.values(), *self.desired.values())}
        )
        return names[0] if names else "JWT_SECRET"

    @property
    def values(self) -> frozenset[str]:
        """The different fingerprints that run."""
        return frozenset(reading.fingerprint for reading in self.running.values())

    @property
    def source(self) -> str:
        """The fingerprint that the Compose files give to all services, empty when they give none or several."""
        found = {reading.fingerprint for reading in self.desired.values()}
        return found.pop() if len(found) == 1 else ""

    @property
    def odd(self) -> tuple[str, ...]:
        """Services that run with another value than the Compose files give them."""
        return tuple(
            service
            for service, reading in sorted(self.running.items())
            if service in self.desired and self.desired[service].fingerprint != reading.fingerprint
        )

    @property
    def source_changed(self) -> bool:
        """The Compose files' value is not the recorded one."""
        before = str(self.recorded.get("source") or "")
        return bool(self.keyed and before and self.source and self.source not in (before, self.recorded.get("next")))

    @property
    def changed(self) -> tuple[str, ...]:
        """Services that run with another value than the recorded one."""
        before = self.recorded.get("running")
        if not self.keyed or not isinstance(before, Mapping):
            return ()
        return tuple(
            service
            for service, reading in sorted(self.running.items())
            if before.get(service) and reading.fingerprint not in (before[service], self.recorded.get("next"))
        )

    @property
    def is_half_rotated(self) -> bool:
        """The Compose files give what a recorded rotation has written, and somebody runs without it.

        Without that mark a person may have given all of them another secret than the files do, by the environment of
        a shell, and to take it back could bring a compromised one back.
        """
        return bool(self.keyed and self.source and self.odd and self.source == self.recorded.get("next"))

    @property
    def sample(self) -> dict[str, Any]:
        """What the next run should compare with."""
        running = {service: reading.fingerprint for service, reading in sorted(self.running.items())}
        return {"source": self.source, "running": running}

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "variable": self.variable,
            "equal": len(self.values) <= 1,
            "odd": list(self.odd),
            "changed": list(self.changed),
            "source_changed": self.source_changed,
            "running": {service: reading.to_data() for service, reading in sorted(self.running.items())},
            "desired": {service: reading.to_data() for service, reading in sorted(self.desired.items())},
            "unreadable": dict(self.unreadable),
            "error": self.error,
            "comparable_with_other_runs": self.keyed,
        }


@dataclass(frozen=True)
class Fingerprinter:
    """Knows the platform's key. Values go in, fingerprints come out.

    :param key: random bytes of this host; see ``probes.secret_key``.
    :param platform: so that two platforms of a host cannot be compared with each other.
    """

    key: bytes = field(repr=False)
    platform: str

    def of(self, value: str) -> str:
        """The fingerprint; empty for an empty value."""
        if not value:
            return ""
        message = f"{self.platform}\0{value}".encode("utf-8", "surrogateescape")
        return hmac.new(self.key, message, hashlib.sha256).hexdigest()[:_FINGERPRINT]

    def read(self, value: str, place: str, variable: str) -> SecretReading:
        """All that may be told of a value."""
        bare = value.strip().strip("'\"").strip()
        return SecretReading(
            place=place,
            variable=variable,
            fingerprint=self.of(value),
            bare=self.of(bare),
            stray=_stray(value),
            too_short=bool(value) and len(bare.encode("utf-8", "surrogateescape")) < SHORTEST,
            development=_is_development(bare),
        )


def _stray(value: str) -> str:
    if value != value.rstrip("\r\n"):
        return "newline"
    if value != value.strip():
        return "blank"
    return "quotes" if len(value) > 1 and value[0] in "'\"" and value[-1] == value[0] else ""


def _is_development(value: str) -> bool:
    word = value.lower()
    return word in _DEVELOPMENT or word.startswith(_DEVELOPMENT_BEGINNINGS)
