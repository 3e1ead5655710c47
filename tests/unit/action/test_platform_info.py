# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module observes, the controller adds what JMESPath tells; an unreachable host stays Ansible's to report."""

from __future__ import annotations

import pytest
from action_harness import Script, run_action
from ansible.errors import AnsibleConnectionFailure
from findings import fine
from observations import observation, service

from ansible_collections.agentfoundry.incident_response.plugins.action.platform_info import ActionModule

SERVICES = {"auth": {"health": {"expect": "status == 'ok'"}}}


@pytest.mark.parametrize("check_mode", [False, True])
def test_an_observation_bears_what_the_controller_judged(check_mode: bool) -> None:
    seen = observation(fine("http.health", "auth"), services={"auth": service(body={"status": "degraded"})})
    script = Script({"platform_info": [seen]})

    result = run_action(ActionModule, {"services": SERVICES}, script, check_mode=check_mode)

    assert result["failing"] == ["auth"]
    assert result["changed"] is False
    assert [call.module for call in script.calls] == ["agentfoundry.incident_response.platform_info"]


def test_an_expression_that_is_none_fails_with_its_option_and_value() -> None:
    result = run_action(ActionModule, {"services": {"auth": {"health": {"expect": "status ="}}}})

    assert result["failed"] is True
    assert result["msg"].startswith("services.auth.health.expect has the value 'status ='")


def test_a_failed_module_is_handed_on() -> None:
    script = Script({"platform_info": [{"failed": True, "msg": "services.auth.helath is unknown."}]})

    assert run_action(ActionModule, {"services": SERVICES}, script)["msg"] == "services.auth.helath is unknown."


def test_an_unreachable_host_is_reported_as_such() -> None:
    with pytest.raises(AnsibleConnectionFailure):
        run_action(ActionModule, {}, Script({"platform_info": [AnsibleConnectionFailure("timed out")]}))
