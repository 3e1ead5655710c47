# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who hears of an incident at once, beside those who respond: by its type, or by what was done about it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.issue_type import TITLES

_KEYS = ("contacts", "issue_types", "actions")


@dataclass(frozen=True)
class Informed:
    """Contacts who hear of every change of some incidents. What is empty is not asked for; all the others have to hold.

    :param issue_types: rows of the escalation matrix.
    :param actions: actions of a ladder, one of which was carried out.
    """

    contacts: tuple[str, ...]
    issue_types: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()

    def hear_of(self, issue_type: str, actions: Collection[str]) -> bool:
        """:param actions: what was carried out for the incident so far."""
        return (not self.issue_types or issue_type in self.issue_types) and (
            not self.actions or bool(set(self.actions) & set(actions))
        )


def informed_of(rules: Iterable[Informed], issue_type: str, actions: Collection[str]) -> tuple[str, ...]:
    """All contacts that hear of such an incident, each once."""
    return tuple(dict.fromkeys(name for rule in rules if rule.hear_of(issue_type, actions) for name in rule.contacts))


def read_informed(data: object, option: str = "informed") -> tuple[Informed, ...]:
    """Rules from plain data, a list of mappings with ``contacts`` and ``issue_types`` or ``actions``, or both.

    :raises InvalidInputError: names the entry and the key that is wrong.
    """
    if not isinstance(data, (list, tuple)):
        raise InvalidInputError(option, data, remedy=f"Give a list of mappings with {', '.join(_KEYS)}.")
    return tuple(_rule(entry, f"{option}[{number}]") for number, entry in enumerate(data))


def _rule(entry: object, option: str) -> Informed:
    if not isinstance(entry, Mapping) or set(entry) - set(_KEYS):
        raise InvalidInputError(option, entry, remedy=f"Give a mapping with {', '.join(_KEYS)}.")
    contacts = _names(entry.get("contacts"), f"{option}.contacts")
    rule = Informed(contacts, *(_names(entry[key], f"{option}.{key}") if key in entry else () for key in _KEYS[1:]))
    if not rule.issue_types and not rule.actions:
        raise InvalidInputError(option, dict(entry), remedy="Say of what they hear: give issue_types, actions or both.")
    unknown = sorted(set(rule.issue_types) - set(TITLES))
    if unknown:
        raise InvalidInputError(f"{option}.issue_types", unknown[0], remedy=f"Known: {', '.join(TITLES)}.")
    return rule


def _names(value: object, option: str) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)) and value and all(isinstance(name, str) and name.strip() for name in value):
        return tuple(value)
    raise InvalidInputError(option, value, remedy="Give a list of names.")
