# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AU-1 and AU-5: do all services share one secret, is it the Compose files' one, is it strong, has it changed? Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.secret_facts import (
    SecretFacts,
    SecretReading,
)

_STEP = "AU-1"
_STRAY = {"newline": "a newline at its end", "blank": "a blank around it", "quotes": "quotes around it"}


def judge_secrets(facts: SecretFacts, issuer: str) -> tuple[Finding, ...]:
    """The findings bear the issuer's name: the platform's trust is in trouble. Remedies act on ``targets``."""
    if not facts.running and not facts.unreadable:
        message = f"No service has a {facts.variable}, so there is no shared secret to compare."
        return (Finding("secret.equal", issuer, Status.NOT_CONFIGURED, message, step=_STEP),)
    return (
        _unexplained(facts, issuer),
        _equal(facts, issuer),
        *_odd(facts, issuer),
        *_changed(facts, issuer),
        *_strength(facts, issuer),
    )


def _unexplained(facts: SecretFacts, issuer: str) -> Finding:
    """A changed secret that nobody has recorded: somebody else may sign tokens now.

    When only a container's value has changed, and the Compose files still say the recorded one, it is known which one
    is right, and ``secret.odd_one_out`` puts it back. Without a source of truth any change counts.
    """
    name, variable = "secret.unexplained_change", facts.variable
    if not facts.keyed or not facts.recorded:
        message = f"No earlier {variable} is recorded, so a change cannot be seen yet."
        return Finding(name, issuer, Status.NOT_CONFIGURED, message, step=_STEP)
    all_of_them = tuple(sorted(facts.running))
    evidence = tuple(
        f"{service}: was {facts.recorded['running'].get(service)}, is {facts.running[service].fingerprint or 'empty'}"
        for service in facts.changed
    )
    if facts.source_changed:
        message = (
            f"SECURITY INCIDENT: the {variable} of the Compose files has changed since the last run, and no rotation is"
            " recorded."
        )
        source = f"Compose files: was {facts.recorded['source']}, is {facts.source}"
        return Finding(
            name, issuer, Status.CRITICAL, message, evidence=(source, *evidence), step=_STEP, targets=all_of_them
        )
    without_source = [service for service in facts.changed if service not in facts.desired]
    if without_source:
        message = (
            f"SECURITY INCIDENT: the {variable} of {_names(without_source)} has changed since the last run, no rotation"
            " is recorded, and no Compose file tells which one is right."
        )
        return Finding(name, issuer, Status.CRITICAL, message, evidence=evidence, step=_STEP, targets=all_of_them)
    return Finding(name, issuer, Status.OK, f"The {variable} of the Compose files is the recorded one.", step=_STEP)


def _equal(facts: SecretFacts, issuer: str) -> Finding:
    name, variable = "secret.equal", facts.variable
    evidence = _fingerprints(facts.running)
    if facts.unreadable:
        lines = tuple(f"{service}: {reason}" for service, reason in sorted(facts.unreadable.items()))
        message = f"The {variable} of {_names(facts.unreadable)} cannot be read, so it cannot be compared."
        return Finding(name, issuer, Status.UNKNOWN, message, evidence=(*lines, *evidence), step=_STEP)
    if "" in facts.values:
        absent = [service for service, reading in sorted(facts.running.items()) if not reading.fingerprint]
        message = f"{_names(absent)} {_has(absent)} no {variable}, which the others have."
        if facts.values == {""}:
            message = f"The {variable} is empty: anybody can sign tokens."
        return Finding(
            name,
            issuer,
            Status.CRITICAL,
            message,
            len(facts.values),
            1,
            "1",
            evidence,
            _STEP,
            tuple(sorted(facts.running)),
        )
    if len(facts.values) > 1:
        message = f"The services run with {len(facts.values)} different values of {variable}."
        return Finding(
            name,
            issuer,
            Status.CRITICAL,
            message,
            len(facts.values),
            1,
            "1",
            evidence,
            _STEP,
            tuple(sorted(facts.running)),
        )
    message = f"All {len(facts.running)} services that have a {variable} run with the same one."
    return Finding(name, issuer, Status.OK, message, 1, 1, "1", step=_STEP)


def _odd(facts: SecretFacts, issuer: str) -> tuple[Finding, ...]:
    """Who differs from the source of truth. The majority proves nothing: the files do.

    All may differ: a rotation that was killed before the services were recreated leaves them with the old secret.
    """
    name, variable, odd = "secret.odd_one_out", facts.variable, facts.odd
    if not facts.desired:
        reason = facts.error or "they do not name it"
        message = f"The Compose files do not tell which {variable} is right: {reason}."
        status = Status.NOT_CONFIGURED if len(facts.values) == 1 else Status.UNKNOWN
        return (Finding(name, issuer, status, message, step="AU-5"),)
    if not odd:
        message = f"Every service runs with the {variable} of the Compose files."
        return (Finding(name, issuer, Status.OK, message, step="AU-5"),)
    evidence = tuple(f"{service}: {_difference(facts, service)}{_origin(facts, service)}" for service in odd)
    if facts.source_changed:
        return ()  # what the files say now is what is in doubt
    if len(facts.values) == 1 and not facts.is_half_rotated:
        message = (
            f"All services run with the same {variable}, but the Compose files say another one: the next recreate of a"
            " single service would break its tokens."
        )
        return (Finding("secret.source_differs", issuer, Status.WARNING, message, evidence=evidence, step="AU-5"),)
    message = (
        f"{_names(odd)} {_runs(odd)} with another {variable} than the Compose files give: {_difference(facts, odd[0])}."
    )
    return (Finding(name, issuer, Status.CRITICAL, message, evidence=evidence, step="AU-5", targets=odd),)


def _difference(facts: SecretFacts, service: str) -> str:
    running, wanted = facts.running[service], facts.desired[service]
    if not running.fingerprint:
        return "it has none"
    if running.stray and running.bare == wanted.bare:
        return f"the right one with {_STRAY[running.stray]}"
    if wanted.stray and running.bare == wanted.bare:
        return f"the same without {_STRAY[wanted.stray]}, which the files have"
    return f"another value ({running.fingerprint}, not {wanted.fingerprint})"


def _origin(facts: SecretFacts, service: str) -> str:
    """Who made the container is what a person looks for, and a recreate takes it away."""
    return f"; {facts.origins[service]}" if service in facts.origins else ""


def _changed(facts: SecretFacts, issuer: str) -> tuple[Finding, ...]:
    if not facts.changed:
        return ()
    message = (
        f"The {facts.variable} of {_names(facts.changed)} has changed since the last run, and no rotation is recorded:"
        " find out who did it."
    )
    before: Mapping[str, str] = facts.recorded["running"]
    evidence = tuple(f"{name}: was {before[name]}, is {facts.running[name].fingerprint}" for name in facts.changed)
    return (Finding("secret.changed", issuer, Status.WARNING, message, evidence=evidence, step=_STEP),)


def _strength(facts: SecretFacts, issuer: str) -> tuple[Finding, ...]:
    weak = {name: reading for name, reading in sorted(facts.running.items()) if reading.is_weak}
    stray = {name: reading for name, reading in sorted(facts.running.items()) if reading.stray}
    found = []
    if weak:
        kinds = "a development default" if any(one.development for one in weak.values()) else "shorter than 256 bits"
        message = f"The {facts.variable} of {_names(weak)} is {kinds}: it could be guessed. Rotate it."
        found.append(Finding("secret.weak", issuer, Status.WARNING, message, step=_STEP))
    if stray:
        kinds = " and ".join(sorted({_STRAY[one.stray] for one in stray.values()}))
        message = f"The {facts.variable} of {_names(stray)} has {kinds}: a service that strips it refuses all tokens."
        found.append(Finding("secret.stray", issuer, Status.WARNING, message, step=_STEP))
    return tuple(found)


def _fingerprints(readings: Mapping[str, SecretReading]) -> tuple[str, ...]:
    return tuple(
        f"{service}: {reading.fingerprint or 'empty'} ({reading.place})"
        for service, reading in sorted(readings.items())
    )


def _names(services: Iterable[str]) -> str:
    return ", ".join(sorted(services))


def _has(services: Iterable[str]) -> str:
    return "has" if len(list(services)) == 1 else "have"


def _runs(services: Iterable[str]) -> str:
    return "runs" if len(list(services)) == 1 else "run"
