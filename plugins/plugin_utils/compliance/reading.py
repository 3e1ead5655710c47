# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls, waivers, ports and limits from plain data; what cannot be used is an error that names the option."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import KINDS
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.model import (
    LIMITS,
    ROLES,
    SEVERITIES,
    Control,
    Waiver,
)

EXPIRED_WAIVERS = "compliance.waivers"
"""The control that fails when a waiver has expired; it cannot be waived itself."""

_ID = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)+")
_WORDS = ("id", "title", "severity", "step", "rationale", "fix")
_KEYS = (*_WORDS, "playbook", "findings", "kind", "check")
_SUBJECTS = ("service", "host", "engine", *KINDS)
_WAIVER_WORDS = ("control", "owner", "reason", "expires")


def read_controls(data: Iterable[Any], checks: Iterable[str], option: str = "controls") -> tuple[Control, ...]:
    """:param checks: names of the checks there are.

    :raises InvalidInputError: names what is wrong, for example ``controls[3].severity``.
    """
    known, found = sorted(checks), {}
    for number, entry in enumerate(data):
        where = f"{option}[{number}]"
        control = _control(_mapping(entry, where, _KEYS), known, where)
        if control.id in found:
            raise InvalidInputError(f"{where}.id", control.id, remedy="Give each control an id of its own.")
        found[control.id] = control
    return tuple(found.values())


def _control(given: Mapping[str, Any], checks: list[str], where: str) -> Control:
    words = {name: _text(given, name, where) for name in _WORDS}
    if not _ID.fullmatch(words["id"]):
        raise InvalidInputError(f"{where}.id", words["id"], remedy="Use small letters, as in 'image.pinned'.")
    if words["severity"] not in SEVERITIES:
        raise InvalidInputError(f"{where}.severity", words["severity"], remedy=f"Use: {', '.join(SEVERITIES)}.")
    findings, check, playbook = given.get("findings") or [], given.get("check") or "", given.get("playbook") or ""
    if not isinstance(findings, list) or not all(isinstance(name, str) for name in findings):
        raise InvalidInputError(f"{where}.findings", findings, remedy="Give a list of ids of findings.")
    if bool(findings) == bool(check):
        raise InvalidInputError(f"{where}.check", check, remedy="Give either findings or a check.")
    if check and check not in checks:
        raise InvalidInputError(f"{where}.check", check, remedy=f"Use one of: {', '.join(checks)}.")
    playbooks = ("", *(f"remediate_{role}" for role in ROLES))
    if playbook not in playbooks:
        raise InvalidInputError(f"{where}.playbook", playbook, remedy=f"Use one of: {', '.join(playbooks[1:])}.")
    kind = given.get("kind") or "service"
    if kind not in _SUBJECTS:
        # A misspelt one would be about nothing, and never fail.
        raise InvalidInputError(f"{where}.kind", kind, remedy=f"Use one of: {', '.join(_SUBJECTS)}.")
    return Control(**words, playbook=playbook, findings=tuple(findings), kind=kind, check=check)


def read_waivers(
    data: Iterable[Any], controls: Iterable[Control], today: date, option: str = "waivers"
) -> tuple[Waiver, ...]:
    """:raises InvalidInputError: an unknown control, or one without owner, reason or expiry."""
    known = {control.id for control in controls}
    return tuple(_waiver(entry, known, today, f"{option}[{number}]") for number, entry in enumerate(data))


def _waiver(entry: Any, known: set[str], today: date, where: str) -> Waiver:
    given = _mapping(entry, where, (*_WAIVER_WORDS, "services"))
    words = {name: _text(given, name, where) for name in ("control", "owner", "reason")}
    control = words["control"]
    if control not in known:
        near = ", ".join(sorted(name for name in known if name.partition(".")[0] == control.partition(".")[0]))
        raise InvalidInputError(
            f"{where}.control", control, remedy=f"Use an id of docs/compliance.md{f', such as {near}' if near else ''}."
        )
    if control == EXPIRED_WAIVERS:
        raise InvalidInputError(f"{where}.control", control, remedy="Renew the expired waiver, or remove it.")
    services = given.get("services") or []
    if not isinstance(services, list) or not all(isinstance(name, str) and name for name in services):
        raise InvalidInputError(f"{where}.services", services, remedy="Give a list of names, or leave it out.")
    last = _day(given.get("expires"), f"{where}.expires")
    return Waiver(**words, expires=last.isoformat(), services=tuple(services), expired=last < today)


def _day(value: Any, option: str) -> date:
    """YAML makes a date of a day by itself."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise InvalidInputError(option, value, remedy="Give the last day that it counts, as in 2026-12-31.") from None


def read_ports(data: Mapping[str, Any], option: str = "allowed_ports") -> dict[str, tuple[int, ...]]:
    """Service -> ports of its container. :raises InvalidInputError: a port is no number."""
    found = {}
    for service, ports in data.items():
        listed = ports if isinstance(ports, (list, tuple)) else [ports]
        if not all(isinstance(port, int) and not isinstance(port, bool) and 0 < port < 65536 for port in listed):
            raise InvalidInputError(f"{option}.{service}", ports, remedy="Give ports of the container, as in [8080].")
        found[str(service)] = tuple(listed)
    return found


def read_limits(data: Mapping[str, Any], option: str = "limits") -> dict[str, float]:
    """All limits. :raises InvalidInputError: an unknown one, or no number."""
    for name, value in data.items():
        if name not in LIMITS:
            raise InvalidInputError(f"{option}.{name}", value, remedy=f"Known limits: {', '.join(LIMITS)}.")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < float("inf"):
            raise InvalidInputError(f"{option}.{name}", value, remedy="Give a number above zero.")
    return {**LIMITS, **{name: float(value) for name, value in data.items()}}


def _mapping(data: Any, option: str, known: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise InvalidInputError(option, data, remedy="Give a mapping.")
    unknown = sorted(set(data) - set(known), key=str)
    if unknown:
        raise InvalidInputError(f"{option}.{unknown[0]}", data[unknown[0]], remedy=f"Known keys: {', '.join(known)}.")
    return data


def _text(given: Mapping[str, Any], name: str, where: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value.strip():
        raise InvalidInputError(f"{where}.{name}", value, remedy="Give a text that says it.")
    return " ".join(value.split())
