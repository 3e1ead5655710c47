# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run an action plugin without a play: its modules answer by a script, and its clock is a list of readings.

The plugin is the real one; only what would reach out to a host is replaced, by a subclass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible.playbook.task import Task
from artifact_schema import faults_of_statistics

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.base import Action

HOST = "docker-1"

Answer = Mapping[str, Any] | Exception
"""What a module returns, or what the connection raises instead."""


@dataclass(frozen=True)
class Call:
    """A module that was run on the host, and when (s on the plugin's clock)."""

    module: str
    arguments: dict[str, Any]
    at: float


@dataclass
class Script:
    """What the modules answer, one after the other; the last answer of a module is given again and again.

    :param answers: name of the module (its last part) -> answers.
    :param takes: seconds that each call takes.
    """

    answers: Mapping[str, Iterable[Answer]] = field(default_factory=dict)
    takes: float = 0.0
    now: float = 1000.0
    calls: list[Call] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._left = {name: list(answers) for name, answers in self.answers.items()}

    def clock(self) -> float:
        """Seconds; they pass only while a module runs and while the plugin sleeps."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let the time pass without waiting."""
        self.slept.append(seconds)
        self.now += seconds

    def execute(self, module_name: str, module_args: dict[str, Any]) -> dict[str, Any]:
        """The next answer of the module."""
        self.calls.append(Call(module_name, module_args, self.now))
        self.now += self.takes
        left = self._left[module_name.rpartition(".")[2]]
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)

    def called(self, module: str) -> list[Call]:
        """The calls of one module."""
        return [call for call in self.calls if call.module.endswith(f".{module}")]


class _Shell:
    tmpdir: str | None = None


class _Connection:
    def __init__(self) -> None:
        self._shell = _Shell()


def run_action(
    plugin: type[Action], arguments: dict[str, Any], script: Script | None = None, *, check_mode: bool = False
) -> dict[str, Any]:
    """Return the result of the plugin's task with these arguments; what it hands on keeps to the published schema."""
    running = script or Script()

    class Scripted(plugin):  # type: ignore[misc, valid-type]
        clock = staticmethod(running.clock)
        sleep = staticmethod(running.sleep)

        def _execute_module(
            self, module_name: str, module_args: dict[str, Any], task_vars: dict[str, Any]
        ) -> dict[str, Any]:
            assert task_vars["inventory_hostname"] == HOST
            return running.execute(module_name, module_args)

    task = Task()
    task.args = arguments
    task.action = "agentfoundry.incident_response.some_action"
    task.check_mode = check_mode
    action = Scripted(task, _Connection(), None, None, None)
    result = dict(action.run(task_vars={"inventory_hostname": HOST}))
    assert faults_of_statistics(result.get("ansible_stats", {"data": {}})["data"]) == []
    return result
