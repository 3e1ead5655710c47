# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every action plugin does with options, errors and a connection that is lost."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from action_harness import HOST, Script, run_action
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.base import Action

LOST = AnsibleConnectionFailure("Connection \x1b[2J\nclosed by remote host")


class Echo(Action):
    SPEC: ClassVar[dict[str, Any]] = {"count": {"type": "int", "default": 1}, "name": {"type": "str"}}

    def act(self, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        return {"changed": False, "options": options, "host": task_vars["inventory_hostname"]}


class Free(Echo):
    """Its options are validated by the module."""

    SPEC: ClassVar[dict[str, Any]] = {}


class Refuse(Action):
    def act(self, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        raise InvalidInputError("ladder[0].tier", "harmless", remedy="Use one of: safe.")


class Ask(Action):
    def act(self, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        self._connection._shell.tmpdir = "/tmp/on-the-host"
        return dict(self._execute_module(module_name="ask", module_args={}, task_vars=task_vars))


class AskOrFail(Ask):
    UNREACHABLE_MEANS = "Nothing can be asked"


def test_options_are_typed_by_the_spec() -> None:
    result = run_action(Echo, {"count": "7"})

    assert result == {"changed": False, "options": {"count": 7, "name": None}, "host": HOST}


def test_options_without_a_spec_are_handed_on_as_a_copy() -> None:
    arguments = {"anything": [1]}

    options = run_action(Free, arguments)["options"]

    assert options == arguments
    assert options is not arguments


@pytest.mark.parametrize("arguments", [{"count": "many"}, {"cuont": 1}])
def test_an_option_that_does_not_fit_the_spec_fails(arguments: dict[str, Any]) -> None:
    with pytest.raises(AnsibleActionFail, match=r"count|cuont"):
        run_action(Echo, arguments)


def test_an_error_that_a_person_can_mend_becomes_a_failed_result() -> None:
    result = run_action(Refuse, {})

    assert result == {
        "failed": True,
        "msg": "ladder[0].tier has the value 'harmless', which cannot be used. Use one of: safe.",
    }


def test_a_lost_connection_is_ansible_s_to_handle() -> None:
    with pytest.raises(AnsibleConnectionFailure):
        run_action(Ask, {}, Script({"ask": [LOST]}))


@pytest.mark.parametrize("answer", [LOST, {"unreachable": True, "msg": "Connection closed by remote host"}])
def test_a_lost_connection_fails_the_task_where_a_rescue_has_to_run(answer: Any) -> None:
    result = run_action(AskOrFail, {}, Script({"ask": [answer]}))

    assert result["failed"] is True
    assert "unreachable" not in result
    assert result["msg"].startswith(f"Nothing can be asked: {HOST} cannot be reached any more. Connection ")
    assert result["msg"].isprintable()


def test_what_the_host_answers_is_handed_on_where_a_rescue_has_to_run() -> None:
    assert run_action(AskOrFail, {}, Script({"ask": [{"changed": True, "unreachable": False}]})) == {"changed": True}
