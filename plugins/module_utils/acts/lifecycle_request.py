# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks for, from its options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.lifecycle import Request
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.lifecycle_plan import (
    ObservedContainer,
    Wanted,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError


def read_request(options: Mapping[str, Any]) -> Request:
    """From the options of the module ``container_lifecycle``, whose types are checked already.

    :raises InvalidInputError: names the option, or the entry of ``unless_started_since``.
    """
    stop_timeout = options["stop_timeout"]
    if stop_timeout is not None and stop_timeout < 0:
        raise InvalidInputError("stop_timeout", stop_timeout, remedy="Give zero or a positive number of seconds.")
    services = tuple(options["services"])
    seen = options["unless_started_since"]
    return Request(
        project=options["project"],
        services=services,
        wanted=Wanted(options["state"]),
        stop_timeout=stop_timeout,
        observed=None if seen is None else read_observed(seen, services, "unless_started_since"),
    )


def read_observed(data: object, services: Sequence[str], option: str) -> dict[str, tuple[ObservedContainer, ...]]:
    """The observation from plain data: ``{service: [{id, started_at, restart_count?}]}``.

    :raises InvalidInputError: names the entry that is wrong, or the service of ``services`` that is missing.
    """
    if not isinstance(data, Mapping):
        raise InvalidInputError(option, data, remedy="Give a mapping of service to a list of containers.")
    for service in services:
        if service not in data:
            raise InvalidInputError(
                f"{option}.{service}", None, remedy="Say what was observed of each service, an empty list for none."
            )
    return {service: _read_containers(data[service], f"{option}.{service}") for service in services}


def _read_containers(data: object, option: str) -> tuple[ObservedContainer, ...]:
    if not isinstance(data, (list, tuple)):
        raise InvalidInputError(option, data, remedy="Give a list of containers with id and started_at.")
    return tuple(_read_container(entry, f"{option}[{number}]") for number, entry in enumerate(data))


def _read_container(entry: object, option: str) -> ObservedContainer:
    if not isinstance(entry, Mapping):
        raise InvalidInputError(option, entry, remedy="Give a mapping with id and started_at.")
    for key in ("id", "started_at"):
        if not isinstance(entry.get(key), str) or not entry[key]:
            raise InvalidInputError(f"{option}.{key}", entry.get(key), remedy="Give it as platform_info returned it.")
    count = entry.get("restart_count")
    if count is not None and (isinstance(count, bool) or not isinstance(count, int)):
        raise InvalidInputError(f"{option}.restart_count", count, remedy="Give a whole number or leave it out.")
    return ObservedContainer(entry["id"], entry["started_at"], count)
