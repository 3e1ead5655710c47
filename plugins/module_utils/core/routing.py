# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which channels tell what: by severity as the playbook's table says, and by the kind of the change. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.notice import Kind
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.severity import LEVELS

CATEGORIES: Mapping[str, str] = {
    "slack": "slack",
    "mail": "email",
    "twilio": "sms",
    "jira": "ticket",
    "github": "ticket",
    "servicenow": "ticket",
    "pagerduty": "pager",
    "webhook": "webhook",
}
"""Type of a channel -> what the routes call it."""

_ALL = tuple(kind.value for kind in Kind)
_NOT_BY_SMS = (Kind.ACKNOWLEDGED.value, Kind.REVIEW_OVERDUE.value)
_NEEDS_A_TRIGGER = (Kind.ACKNOWLEDGED.value, Kind.RESOLVED.value)
_FOR_ALL_WHO_WERE_TOLD = (Kind.SEVERITY.value, Kind.ACKNOWLEDGED.value, Kind.RESOLVED.value)
_BEGINNINGS = {kind.value for kind in Kind} - {Kind.ACKNOWLEDGED.value, Kind.RESOLVED.value, Kind.REVIEW_OVERDUE.value}


@dataclass(frozen=True)
class Channel:
    """A configured channel, without its secrets: those stay on the controller.

    :param kinds: kinds of notices that it tells.
    :param tell_healed: of a pager: whether it is told of what was over before it heard of it, beginning and end in one.
    """

    name: str
    type: str
    kinds: tuple[str, ...]
    tell_healed: bool = True

    @property
    def category(self) -> str:
        """What the routes call it."""
        return CATEGORIES[self.type]

    def is_pointless(self, kind: str, covers: Collection[str], *, told_before: bool) -> bool:
        """A pager drops what acknowledges or resolves an alert that was never triggered.

        :param covers: the kinds of all changes that the message tells. With the beginning among them, it is triggered
            first; only what was healed meanwhile it may not want to hear of.
        """
        if self.type != "pagerduty" or kind not in _NEEDS_A_TRIGGER or told_before:
            return False
        unwanted = kind == Kind.RESOLVED.value and not self.tell_healed
        return unwanted or not set(covers) & _BEGINNINGS


@dataclass(frozen=True)
class Routing:
    """The channels, and which of them tell of a severity: by their name or by their category."""

    channels: tuple[Channel, ...]
    routes: Mapping[str, tuple[str, ...]]

    def kinds(self, channel: Channel, severity: str, *, told_before: bool) -> tuple[str, ...]:
        """The kinds of changes that the channel tells of an incident of that severity.

        :param told_before: whether it told of the incident, or is about to. Whoever was called to an incident hears
            that it became less bad, that somebody looks after it and that it is over, also when its severity was
            lowered since; nobody is called by a channel that the severity does not have any more.
        """
        wanted = self.routes.get(severity, ())
        if channel.name in wanted or channel.category in wanted:
            return channel.kinds
        return tuple(kind for kind in channel.kinds if told_before and kind in _FOR_ALL_WHO_WERE_TOLD)


def read_routing(channels: object, routes: object, channels_option: str, routes_option: str) -> Routing:
    """A routing from plain data.

    :param channels: name -> ``type`` and perhaps ``events`` and ``tell_healed``; other keys are the channel's own
        and not looked at.
    :param routes: severity -> names of channels or categories.
    :raises InvalidInputError: names the channel or route that is wrong.
    """
    if not isinstance(channels, Mapping):
        raise InvalidInputError(channels_option, type(channels).__name__, remedy="Give a mapping of names to channels.")
    found = tuple(_channel(str(name), data, f"{channels_option}.{name}") for name, data in channels.items())
    if not isinstance(routes, Mapping):
        raise InvalidInputError(routes_option, routes, remedy=f"Give a mapping of {', '.join(LEVELS)} to channels.")
    names = {*CATEGORIES.values(), *(channel.name for channel in found)}
    return Routing(found, {str(level): _route(level, data, names, routes_option) for level, data in routes.items()})


def _channel(name: str, data: object, option: str) -> Channel:
    if not isinstance(data, Mapping) or data.get("type") not in CATEGORIES:
        # The channel is not shown: it holds secrets.
        value = data.get("type") if isinstance(data, Mapping) else type(data).__name__
        raise InvalidInputError(f"{option}.type", value, remedy=f"Use one of: {', '.join(CATEGORIES)}.")
    kinds = data.get("events")
    healed = data.get("tell_healed", True)
    if not isinstance(healed, bool):
        raise InvalidInputError(f"{option}.tell_healed", healed, remedy="Use true or false.")
    if kinds is None:
        sms = CATEGORIES[data["type"]] == "sms"
        kinds = tuple(kind for kind in _ALL if not (sms and kind in _NOT_BY_SMS))
    if not isinstance(kinds, (list, tuple)) or set(kinds) - set(_ALL):
        raise InvalidInputError(f"{option}.events", kinds, remedy=f"Give a list of: {', '.join(_ALL)}.")
    return Channel(name, data["type"], tuple(kinds), healed)


def _route(level: object, data: object, names: set[str], option: str) -> tuple[str, ...]:
    if level not in LEVELS:
        raise InvalidInputError(f"{option}.{level}", data, remedy=f"Use: {', '.join(LEVELS)}.")
    if not isinstance(data, (list, tuple)) or set(data) - names:
        remedy = f"Give a list of: {', '.join(sorted(names))}."
        raise InvalidInputError(f"{option}.{level}", data, remedy=remedy)
    return tuple(data)
