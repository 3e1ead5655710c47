# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ladder of queue_backlog, planned from what was seen of the consumers that are too slow."""

from __future__ import annotations

from typing import Any

from action_harness import run_action
from findings import critical, warning
from observations import observation, service

from ansible_collections.agentfoundry.incident_response.plugins.action.remediation_plan import ActionModule
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from checkout import ROOT, load_yaml

ROLE = ROOT / "roles" / "queue_backlog"
LADDER = load_yaml(ROLE / "defaults" / "main.yml")["queue_backlog_ladder"]
SERVICES = {"mq": service("rabbitmq"), "worker": service(depends_on=["mq"])}
SLOW = critical("rabbitmq.slow_consumer", "mq", targets=("worker",))
FIXED = "worker publishes its port on the fixed port 8080 of the host, which only one container can have."


def plan(*findings: Finding) -> dict[str, Any]:
    arguments = {
        "observed": observation(*findings, services=SERVICES),
        "scenario": "queue_backlog",
        "kinds": ["rabbitmq"],
        "ladder": LADDER,
    }
    result: dict[str, Any] = run_action(ActionModule, arguments)["plan"]
    return result


def test_a_consumer_that_is_too_slow_gets_more_containers() -> None:
    assert [(step["action"], step["services"]) for step in plan(SLOW)["steps"]] == [("scale_consumers", ["worker"])]


def test_why_a_consumer_cannot_have_more_containers_stands_in_the_plan_before_anything_is_tried() -> None:
    planned = plan(SLOW, warning("rabbitmq.single_consumer", "mq", message=FIXED, targets=("worker",)))

    assert planned["steps"] == []
    (reason,) = (rung["reason"] for rung in planned["skipped"] if rung["action"] == "scale_consumers")
    assert reason == f"it would not help: {FIXED}"
