# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ladder of model_server, planned from what was seen of a server that has just been started."""

from __future__ import annotations

import pytest
from action_harness import run_action
from findings import critical, unknown
from observations import observation, service

from ansible_collections.agentfoundry.incident_response.plugins.action.remediation_plan import ActionModule
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from checkout import ROOT, load_yaml

ROLE = ROOT / "roles" / "model_server"
YOUNG = unknown("model_server.canary")


@pytest.mark.parametrize(
    "findings, rungs",
    [
        ([YOUNG], ["wait"]),
        ([YOUNG, unknown("model_server.process_state")], ["wait"]),
        ([YOUNG, critical("model_server.process_stopped")], ["restart"]),
        ([YOUNG, critical("model_server.file_corrupt")], ["restore_model"]),
    ],
    ids=["nothing is certain", "its processes are not seen", "a process is stopped", "its file is damaged"],
)
def test_a_young_server_is_waited_for_unless_it_is_sure_to_fail(findings: list[Finding], rungs: list[str]) -> None:
    result = run_action(
        ActionModule,
        {
            "observed": observation(*findings, services={"model-server": service("model_server")}),
            "scenario": "model_server",
            "kinds": ["model_server"],
            "ladder": load_yaml(ROLE / "defaults" / "main.yml")["model_server_ladder"],
        },
    )

    assert [step["action"] for step in result["plan"]["steps"]] == rungs
