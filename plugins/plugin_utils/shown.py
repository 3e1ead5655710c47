# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action plugins that report share: lines for a person, and data that AWX and ansible-runner hand on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible.utils.display import Display

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.report import Line

ARTIFACT = "incident_response"
# A later step of a workflow of AWX hands on an artifact of the first name as well, and that replaces the earlier one:
# what still has to be known then has a name of its own.
INCIDENTS = "incident_response_incidents"
APPROVABLE = "incident_response_approvable"
_OWN_TO_THE_FLOW = ("file", "attempts")
"""Of a step: where its tasks lie on this controller, and what the next plan leaves out."""
_COLOURS = {"title": "bright blue", "good": "green", "warn": "yellow", "bad": "red"}


def show_lines(lines: Iterable[Line]) -> None:
    """Show the lines; Display leaves colours away by itself when the output is no terminal."""
    display = Display()
    for line in lines:
        display.display(line.text, color=_COLOURS.get(line.style))


def hand_on(
    host: str, platform: str, key: str, data: Mapping[str, Any], further: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What a result needs so that Ansible aggregates the data like ``set_stats``.

    :param key: the scenario, or what else it is about; beside those of other runs on the same platform.
    :param further: name of a further artifact -> what it says under the same platform and key.
    """
    artifacts = {ARTIFACT: data, **(further or {})}
    return {
        "ansible_stats": {
            "data": {name: {f"{host}/{platform}": {key: content}} for name, content in artifacts.items()},
            "per_host": False,
            "aggregate": True,
        }
    }


def plan_for_machines(plan: Mapping[str, Any]) -> dict[str, Any]:
    """The plan of a result of ``remediation_plan``, without what only the flow itself needs."""
    steps = [{key: value for key, value in step.items() if key not in _OWN_TO_THE_FLOW} for step in plan["steps"]]
    return {**plan, "steps": steps}
