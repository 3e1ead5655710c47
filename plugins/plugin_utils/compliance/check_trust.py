# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the shared secret, of tokens and of clocks, from what the probe of the token issuer saw."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.model import Subject
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.seen import HOST, Seen
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.subjects import judged, unknown

_DURATION = re.compile(r"(\d+) ?([a-z]*)")
_UNITS = {
    "ms": 0.001, "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1, "m": 60, "min": 60, "minute": 60,
    "minutes": 60, "h": 3600, "hour": 3600, "hours": 3600, "d": 86400, "day": 86400, "days": 86400,
}  # fmt: skip


def secret_strong(seen: Seen) -> Iterator[Subject]:
    """RFC 7518, section 3.2: at least 256 bits for HS256."""
    return _secrets(seen, "too_short", "has at least 256 bits", "is empty or has less than 256 bits")


def secret_own(seen: Seen) -> Iterator[Subject]:
    """Not a value that stands in tutorials and example files."""
    return _secrets(seen, "development", "is no known default", "is a known default, which anybody can look up")


def secret_clean(seen: Seen) -> Iterator[Subject]:
    """No newline, blank or quotes around it, which one service strips and another does not."""
    return _secrets(seen, "stray", "has nothing around it", "has a newline, a blank or quotes around it")


def _secrets(seen: Seen, flaw: str, fine: str, bad: str) -> Iterator[Subject]:
    for name, facts in seen.kind_facts("token_issuer", "secrets"):
        if isinstance(facts, Subject):
            yield facts
            continue
        secrets = facts["secrets"]
        variable = secrets["variable"]
        for service, why in secrets["unreadable"].items():
            yield unknown(service, f"The {variable} of {service} is not known: {why}.")
        for service, reading in secrets["running"].items():
            is_flawed = bool(reading[flaw]) or (flaw == "too_short" and not reading["fingerprint"])
            yield judged(
                service, not is_flawed, f"The {variable} of {service} {fine}.", f"The {variable} of {service} {bad}."
            )
        if not secrets["running"] and not secrets["unreadable"]:
            yield unknown(name, f"No service has a {variable}, though {name} issues tokens.")


def token_lifetime(seen: Seen) -> Iterator[Subject]:
    """Of a token that was issued; when nobody logged in, of what the services are configured to."""
    for name, facts in seen.kind_facts("token_issuer", "login"):
        if isinstance(facts, Subject):
            yield facts
        elif facts["login"]["lifetime"] is not None:
            yield _lifetime(seen, name, facts["login"]["lifetime"], f"A token of {name}")
        elif facts["login"]["state"] == "ok":
            yield judged(name, False, "", f"A token of {name} does not say when it expires.")
        else:
            yield from _configured(seen, name, facts["lifetimes"])


def _configured(seen: Seen, issuer: str, lifetimes: Mapping[str, Mapping[str, str]]) -> Iterator[Subject]:
    told = [(service, *pair) for service, own in lifetimes.items() for pair in own.items()]
    if not told:
        yield unknown(issuer, f"How long a token of {issuer} lives cannot be told: nobody logged in, nothing says so.")
    for service, variable, value in told:
        match = _DURATION.fullmatch(value)
        unit = _UNITS.get((match[2] if match else "?") or _unit_of(variable))
        if match is None or unit is None:
            yield unknown(service, f"{variable}={value} of {service} cannot be read as a duration.")
        else:
            yield _lifetime(seen, service, int(match[1]) * unit, f"A token by {variable} of {service}")


def _unit_of(variable: str) -> str:
    last = variable.lower().rsplit("_", 1)[-1]
    return last if last in _UNITS else "s"


def _lifetime(seen: Seen, name: str, seconds: float, whose: str) -> Subject:
    shortest, longest = seen.limit("token_lifetime_s"), seen.limit("token_longest_lifetime_s")
    bad = f"{whose} lives {seconds:,.0f} s; {shortest:,.0f} to {longest:,.0f} s is sane."
    return judged(name, shortest <= seconds <= longest, f"{whose} lives {seconds:,.0f} s.", bad)


def host_clock(seen: Seen) -> Iterator[Subject]:
    """Somebody keeps the host's clock right."""
    for _name, facts in seen.kind_facts("token_issuer", "clocks"):
        if isinstance(facts, Subject):
            yield facts
            continue
        clock: Mapping[str, Any] = facts["clocks"]["host"]
        worst = [found for found in seen.findings.get(_name, ()) if found["id"] == "clock.host"]
        off = any(found["status"] in ("critical", "warning") for found in worst)
        good = None if clock["synchronized"] is None else bool(clock["synchronized"]) and not off
        yield judged(HOST, good, clock["message"], worst[0]["message"] if off else clock["message"])
