# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of the record share: options, how they run, and how their options become the record's own types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.attempt import Identity
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    IncidentResponseError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.issue_type import TITLES
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.severity import LEVELS
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import directory
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import Platform
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.host import (
    LocalProcesses,
    SystemClock,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import open_record

SOURCES = ("person", "awx", "alert", "schedule")
STATE_DIR: dict[str, Any] = {"state_dir": {"type": "path", "default": directory.DEFAULT}}
PLATFORM: dict[str, Any] = {"platform": {"type": "str", "required": True}}
SOURCE: dict[str, Any] = {
    "source": {"type": "str", "choices": list(SOURCES), "default": "person"},
    "source_detail": {"type": "str", "default": ""},
}
RESPONSE_TIMES: dict[str, Any] = {"response_times": {"type": "dict", "default": {}}}
SEVERITY: dict[str, Any] = {"type": "str", "choices": list(LEVELS)}


def run_record_module(
    use_case: Callable[[Platform, Mapping[str, Any]], dict[str, Any]],
    spec: Mapping[str, Any],
    required_if: Sequence[tuple[Any, ...]] = (),
) -> None:
    """Run a module of the record: options in, result out, and one place where an error becomes a failed result.

    In check mode the use case works on a copy of the record in memory.
    """
    module = AnsibleModule(argument_spec=dict(spec), required_if=list(required_if), supports_check_mode=True)
    platform = Platform(
        name=module.params.get("platform") or "",
        record=open_record(module.params["state_dir"], rehearse=module.check_mode),
        clock=SystemClock(),
        processes=LocalProcesses(),
    )
    try:
        result = use_case(platform, module.params)
    except IncidentResponseError as error:
        module.fail_json(msg=str(error))
    for note in platform.record.notes:
        module.warn(note)
    module.exit_json(**result)


def read_containers(data: Mapping[str, Any]) -> Identity:
    """Option ``containers``: service -> list of ``id`` and ``started_at``.

    :raises InvalidInputError: names the service that is wrong.
    """
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for service, containers in data.items():
        try:
            found[str(service)] = tuple(sorted((str(one["id"]), str(one["started_at"])) for one in containers))
        except (TypeError, KeyError):
            remedy = "Give a list with id and started_at of each container."
            raise InvalidInputError(f"containers.{service}", containers, remedy=remedy) from None
    return found


def positive(option: str, value: float) -> float:
    """The number when it is above zero. :raises InvalidInputError: it is not, or it is no number at all."""
    if 0 < value < float("inf"):
        return value
    raise InvalidInputError(option, value, remedy="Give a number of seconds above zero.")


def read_response_times(data: Mapping[str, Any]) -> dict[str, float]:
    """Option ``response_times``: level -> seconds. :raises InvalidInputError: names the level that is wrong."""
    for level, seconds in data.items():
        if level not in LEVELS:
            raise InvalidInputError("response_times", level, remedy=f"Use: {', '.join(LEVELS)}.")
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise InvalidInputError(f"response_times.{level}", seconds, remedy="Give a number of seconds above zero.")
    return {str(level): positive(f"response_times.{level}", float(seconds)) for level, seconds in data.items()}


def read_issue_type(issue_type: str) -> str:
    """Option ``issue_type``: a row of the escalation matrix, or nothing. :raises InvalidInputError: it is no row."""
    if issue_type and issue_type not in TITLES:
        raise InvalidInputError("issue_type", issue_type, remedy=f"Use one of: {', '.join(TITLES)}.")
    return issue_type


def named(option: str, services: Sequence[str] | None) -> tuple[str, ...]:
    """Names of services. :raises InvalidInputError: one is empty."""
    names = tuple(services or ())
    if all(name.strip() for name in names):
        return names
    raise InvalidInputError(option, list(names), remedy="Leave empty names out.")
