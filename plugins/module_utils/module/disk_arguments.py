# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules that act on disks share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import SubprocessRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    IncidentResponseError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import ACTIVE
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk_detail import kept_by_incidents
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import Query, find_incidents

Act = Callable[[Mapping[str, Any], SubprocessRunner, bool], Mapping[str, Any]]


def run_disk_module(argument_spec: Mapping[str, Any], act: Act) -> None:
    """Run a module that acts.

    :param act: options, where commands go, and whether it is check mode -> result with ``changed``.
    """
    module = AnsibleModule(argument_spec=dict(argument_spec), supports_check_mode=True)
    runner = SubprocessRunner()
    try:
        result = act(module.params, runner, module.check_mode)
    except IncidentResponseError as error:
        module.fail_json(msg=str(error))
    finally:
        runner.kill_all()
    module.exit_json(**result)


def percent(option: str, value: float) -> float:
    """:raises InvalidInputError: it is no share."""
    if 0 <= value <= 100:
        return value
    raise InvalidInputError(option, value, remedy="Give 0 to 100.")


def kept_services(state_dir: str) -> frozenset[tuple[str, str]]:
    """(project, service) of every open incident in the record of this host, those about disks left out.

    :raises StateUnavailableError: there is a record and it cannot be read: then nothing may be removed.
    """
    kept: set[tuple[str, str]] = set()
    for incident in find_incidents(state_dir, Query(states=tuple(ACTIVE), limit=10_000)):
        if incident["scenario"] != "disk_space":
            kept |= kept_by_incidents(incident["platform"], [incident])
    return frozenset(kept)
