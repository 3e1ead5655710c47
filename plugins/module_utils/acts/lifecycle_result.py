# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of restarts, starts and unpauses as a module returns it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.lifecycle import (
    ContainerOutcome,
    LifecycleOutcome,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.lifecycle_plan import Verb

NOT_YET = "(not yet known)"
"""What a diff shows in check mode for the time of a start that has not happened."""


def lifecycle_result(outcome: LifecycleOutcome, *, diff: bool = False) -> dict[str, Any]:
    """``changed``, ``actions`` (named as community.docker names them), ``containers`` and, when wanted, ``diff``."""
    result: dict[str, Any] = {
        "changed": outcome.changed,
        "actions": [action for container in outcome.containers for action in _actions(container)],
        "containers": [_container(container) for container in outcome.containers],
    }
    if diff:
        result["diff"] = {
            "before": _texts({one.before.name: one.before.to_data() for one in outcome.containers}),
            "after": _texts({one.before.name: _after(one) for one in outcome.containers}),
        }
    return result


def _actions(outcome: ContainerOutcome) -> list[dict[str, str]]:
    before = outcome.before
    return [
        {"what": "container", "id": before.name, "status": verb.done, "service": before.service}
        for verb in outcome.done
    ]


def _container(outcome: ContainerOutcome) -> dict[str, Any]:
    return {
        "id": outcome.before.id,
        "name": outcome.before.name,
        "service": outcome.before.service,
        "before": outcome.before.to_data(),
        "after": _after(outcome),
        "reason": outcome.reason,
    }


def _after(outcome: ContainerOutcome) -> dict[str, Any]:
    if outcome.after is not None:
        return outcome.after.to_data()
    if not outcome.done:
        return outcome.before.to_data()
    starts = any(verb is not Verb.UNPAUSE for verb in outcome.done)
    return {"state": "running", "started_at": NOT_YET if starts else outcome.before.started_at}


def _texts(states: Mapping[str, Mapping[str, Any]]) -> str:
    """One line for each container, so that Ansible's diff shows just those that differ."""
    return "".join(f"{name}: {state['state']} since {state['started_at']}\n" for name, state in sorted(states.items()))
