# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AU-2, AU-4 and the proof of AU-5: can one log in, is the token taken everywhere, is a forged one refused? Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.token_facts import (
    FORGED,
    TokenAnswer,
    TrustFacts,
    shortest_lifetime,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.clock import judge_clocks
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.secret import judge_secrets

_NOT_TRIED = ("not_configured", "skipped")
_WORDS = {
    "tampered": "a token whose content was changed after it was signed",
    "expired": "a token that expired a month ago",
    "unsigned": "a token without a signature (alg: none)",
}


def judge_trust(facts: TrustFacts, thresholds: Thresholds) -> tuple[Finding, ...]:
    """Everything about the platform's tokens; all findings bear the issuer's name."""
    issuer = facts.issuer
    return (
        *judge_secrets(facts.secrets, issuer),
        _login(facts),
        *_lifetime(facts, thresholds),
        _accepted(facts),
        _forged(facts),
        *judge_clocks(facts.clocks, issuer, thresholds),
    )


def _login(facts: TrustFacts) -> Finding:
    """A wrong password is another finding than a log-in that does not work: no restart mends it."""
    login, issuer, step = facts.login, facts.issuer, "AU-4"
    if login.state == "ok":
        message = f"The probe account logs in to {issuer} and gets a token."
        return Finding("token.login", issuer, Status.OK, message, login.latency_ms, unit="ms", step=step)
    if login.state in _NOT_TRIED:
        message = f"No log-in was tried: {login.message}."
        return Finding("token.login", issuer, Status.NOT_CONFIGURED, message, step=step)
    message = f"The probe account cannot log in to {issuer}: {_lower(login.message)}."
    if login.state == "credentials":
        return Finding("token.credentials", issuer, Status.CRITICAL, message, login.status, step=step)
    if login.state == "no_password":
        return Finding("token.credentials", issuer, Status.UNKNOWN, message, step=step)
    return Finding("token.login", issuer, Status.CRITICAL, message, login.status, step=step)


def _lifetime(facts: TrustFacts, thresholds: Thresholds) -> tuple[Finding, ...]:
    """AU-2. The measured lifetime decides, and the configured one where nobody may log in; a difference in it is a
    warning."""
    issuer, found, step = facts.issuer, [], "AU-2"
    evidence = tuple(
        f"{service}: {name}={value}" for service, own in sorted(facts.lifetimes.items()) for name, value in own.items()
    )
    shortest, longest, seconds = thresholds.token_lifetime_s, thresholds.token_longest_lifetime_s, facts.login.lifetime
    if seconds is not None:
        status, limit, message = Status.OK, shortest, f"A token of {issuer} is good for {seconds:g} s."
        if seconds < shortest:
            status = Status.CRITICAL
            message = f"A token of {issuer} is good for {seconds:g} s only, so it expires before it is used."
        elif seconds > longest:
            status, limit = Status.WARNING, longest
            message = f"A token of {issuer} is good for {seconds / 3600:.0f} h: a stolen one stays useful for long."
        shown = () if status is Status.OK else evidence
        found.append(Finding("token.lifetime", issuer, status, message, seconds, limit, "s", shown, step))
    elif facts.login.state == "skipped":
        # Under check mode nobody logs in; what is configured tells nearly as much.
        told = shortest_lifetime(facts.lifetimes.get(issuer, {}))
        if told is not None and told.seconds < shortest:
            message = f"Tokens of {issuer} are good for {told.seconds:g} s only, by {told.variable}={told.value}."
            status = Status.CRITICAL
            found.append(
                Finding("token.lifetime", issuer, status, message, told.seconds, shortest, "s", evidence, step)
            )
    elif facts.login.state == "ok":
        message = f"The tokens of {issuer} do not say when they expire."
        found.append(Finding("token.lifetime", issuer, Status.WARNING, message, evidence=evidence, step=step))
    differing = [name for name in _variables(facts.lifetimes) if len(_values(facts.lifetimes, name)) > 1]
    if differing:
        message = f"The services are configured to different values of {', '.join(differing)}."
        found.append(Finding("token.expiry", issuer, Status.WARNING, message, evidence=evidence, step=step))
    elif evidence:
        message = f"The token expiry is configured alike: {', '.join(_variables(facts.lifetimes))}."
        found.append(Finding("token.expiry", issuer, Status.OK, message, evidence=evidence, step=step))
    return tuple(found)


def _variables(lifetimes: Mapping[str, Mapping[str, str]]) -> list[str]:
    return sorted({name for own in lifetimes.values() for name in own})


def _values(lifetimes: Mapping[str, Mapping[str, str]], variable: str) -> set[str]:
    return {own[variable] for own in lifetimes.values() if variable in own}


def _accepted(facts: TrustFacts) -> Finding:
    name, issuer, step = "token.accepted", facts.issuer, "AU-4"
    row = facts.matrix.get(facts.shown, {})
    if not facts.shown or not row:
        message = "No token was shown to any service."
        why = "none can be had" if facts.verifiers else "the inventory names no path that verifies one (token.verify)"
        return Finding(name, issuer, Status.NOT_CONFIGURED, f"{message[:-1]}: {why}.", step=step)
    whose = f"a fresh token of {issuer}" if facts.shown == "issued" else f"a token signed with the secret of {issuer}"
    bad = {service: answer for service, answer in row.items() if answer.verdict in ("refused", "failed")}
    value = sum(answer.verdict == "accepted" for answer in row.values())
    evidence = _evidence(bad)
    if bad:
        service, answer = next(iter(sorted(bad.items(), key=lambda item: (item[1].verdict != "refused", item[0]))))
        more = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
        message = f"{_capital(whose)} is not accepted: {service} {answer.in_words}{more}."
        return Finding(name, issuer, Status.CRITICAL, message, value, len(row), "1", evidence, step)
    silent = [service for service, answer in sorted(row.items()) if answer.verdict == "silent"]
    if silent:
        message = f"{_capital(whose)} was not answered by {', '.join(silent)}; the others accept it."
        return Finding(name, issuer, Status.WARNING, message, value, len(row), "1", evidence, step)
    return Finding(name, issuer, Status.OK, f"All {len(row)} services accept {whose}.", value, len(row), "1", step=step)


def _forged(facts: TrustFacts) -> Finding:
    name, issuer, step = "token.forged", facts.issuer, "AU-5"
    taken = {
        token: sorted(
            service for service, answer in facts.matrix.get(token, {}).items() if answer.verdict == "accepted"
        )
        for token in FORGED
    }
    evidence = tuple(f"{', '.join(services)}: {_WORDS[token]}" for token, services in taken.items() if services)
    if evidence:
        token = next(token for token in FORGED if taken[token])
        message = f"SECURITY INCIDENT: {', '.join(taken[token])} accepted {_WORDS[token]}."
        return Finding(name, issuer, Status.CRITICAL, message, evidence=evidence, step=step)
    if facts.forged_before:
        message = "These containers have refused forged tokens since they were started."
        return Finding(name, issuer, Status.OK, message, step=step)
    shown = [token for token in FORGED if facts.matrix.get(token)]
    if not shown:
        return Finding(name, issuer, Status.NOT_CONFIGURED, "No forged token was shown to any service.", step=step)
    message = f"Forged tokens ({', '.join(shown)}) are refused by every service that answers."
    return Finding(name, issuer, Status.OK, message, step=step)


def _evidence(bad: Mapping[str, TokenAnswer]) -> tuple[str, ...]:
    lines: Iterable[str] = (
        f"{service}: {answer.in_words}{f': {answer.said}' if answer.said else ''}"
        for service, answer in sorted(bad.items())
    )
    return tuple(lines)


def _lower(text: str) -> str:
    """A sentence as the end of another one."""
    return (text[:1].lower() + text[1:]).rstrip(".")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
