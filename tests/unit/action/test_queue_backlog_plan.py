# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ladder of queue_backlog, planned from what was seen of the consumers that are too slow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from action_harness import run_action
from findings import critical, warning
from observations import observation, service

from ansible_collections.agentfoundry.incident_response.plugins.action.remediation_plan import ActionModule
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from checkout import ROOT, load_yaml

ROLE = ROOT / "roles" / "queue_backlog"
LADDER = load_yaml(ROLE / "defaults" / "main.yml")["queue_backlog_ladder"]
SERVICES = {"mq": service("rabbitmq"), "worker": service(depends_on=["mq"]), "cache": service("rabbitmq")}
SLOW = critical("rabbitmq.slow_consumer", "mq", targets=("worker",))
FIXED = "worker publishes its port on the fixed port 8080 of the host, which only one container can have."


def plan(*findings: Finding, looked_after: Sequence[str] = (), **record: Any) -> dict[str, Any]:
    arguments = {
        "looked_after": list(looked_after),
        "observed": observation(*findings, services=SERVICES, record={"available": True, **record}),
        "scenario": "queue_backlog",
        "kinds": ["rabbitmq"],
        "ladder": LADDER,
    }
    return run_action(ActionModule, arguments)


def test_a_consumer_that_is_too_slow_gets_more_containers() -> None:
    assert [(step["action"], step["services"]) for step in plan(SLOW)["plan"]["steps"]] == [
        ("scale_consumers", ["worker"])
    ]


def test_why_a_consumer_cannot_have_more_containers_stands_in_the_plan_before_anything_is_tried() -> None:
    planned = plan(SLOW, warning("rabbitmq.single_consumer", "mq", message=FIXED, targets=("worker",)))["plan"]

    assert planned["steps"] == []
    (reason,) = (rung["reason"] for rung in planned["skipped"] if rung["action"] == "scale_consumers")
    assert reason == f"it would not help: {FIXED}"


KILLED = {"id": "INC-1", "scenario": "queue_backlog", "services": ["mq"], "unfinished": ["worker", "gone"]}


@pytest.mark.parametrize(
    "incident, lease, steps",
    [
        (KILLED, None, [("start", ["worker"])]),
        (KILLED, {"run": "another"}, []),
        ({**KILLED, "unfinished": []}, None, []),
        ({**KILLED, "scenario": "service_crash"}, None, []),
    ],
    ids=["killed", "under way", "finished", "of another scenario"],
)
def test_a_consumer_that_a_killed_run_had_stopped_is_started_by_the_next_one(
    incident: dict[str, Any], lease: dict[str, Any] | None, steps: list[tuple[str, list[str]]]
) -> None:
    judged = plan(critical("container.state", "worker"), open_incidents=[incident], lease=lease)

    assert [(step["action"], step["services"]) for step in judged["plan"]["steps"]] == steps
    # It joins the incident of that run.
    assert judged["incident_services"] == (["mq"] if steps else [])


def test_what_a_run_looks_after_stays_looked_after_while_it_holds_the_lease_itself() -> None:
    down, lease = critical("container.state", "worker"), {"run": "this one"}

    first = plan(down, open_incidents=[KILLED], lease=None)
    later = plan(down, open_incidents=[KILLED], lease=lease, looked_after=first["scope"])

    assert first["scope"] == later["scope"] == ["cache", "mq", "worker"]
    assert [step["action"] for step in later["plan"]["steps"]] == ["start"]
    assert plan(down, open_incidents=[KILLED], lease=lease)["scope"] == ["cache", "mq"]


def test_a_broker_is_waited_for_while_its_stopped_consumer_is_started() -> None:
    missed = critical("rabbitmq.no_consumer", "mq", targets=("worker",))

    judged = plan(critical("container.state", "worker"), missed, open_incidents=[KILLED], lease=None)

    assert [(step["action"], step["services"]) for step in judged["plan"]["steps"]] == [
        ("start", ["worker"]), ("restart", ["worker"]),
    ]  # fmt: skip
    assert (judged["verify"], judged["later"]) == (["mq", "worker"], [])


@pytest.mark.parametrize(
    "others, about", [([], ["mq"]), ([critical("rabbitmq.alive", "cache")], ["cache", "mq", "worker"])]
)
def test_what_is_still_wrong_belongs_to_the_incident_of_the_killed_run_and_what_is_new_does_not(
    others: list[Finding], about: list[str]
) -> None:
    seen = [critical("rabbitmq.poison", "mq", targets=("worker",)), critical("crash.loop", "worker"), *others]

    judged = plan(*seen, open_incidents=[KILLED], lease=None)

    assert judged["incident_services"] == about


def test_a_consumer_that_crashes_again_and_again_is_not_started_once_more() -> None:
    seen = [critical("rabbitmq.poison", "mq", targets=("worker",)), critical("container.state", "worker"),
            critical("crash.loop", "worker")]  # fmt: skip

    judged = plan(*seen, open_incidents=[KILLED], lease=None)

    assert [step["action"] for step in judged["plan"]["steps"]] == ["quarantine_messages"]
