# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from service_facts import JUST_NOW, LONG_AGO, NOW, container

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Container
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.queue_consumers import Consumers
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_facts import (
    ConsumerService,
    Queue,
    QueueConsumer,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_settings import (
    RabbitmqSettings,
)

JOBS = Queue("/", "jobs", 5000, 5000, 0)
MAILS = Queue("/", "mails", 0, 0, 0)
WORKER = container("worker", addresses={"shop_default": "172.18.0.5"})
MAILER = container("mailer", addresses={"shop_default": "172.18.0.6"})
MINUTES_AGO, A_MOMENT_LATER = "2026-02-27T13:42:00Z", "2026-02-27T13:42:01Z"
GONE = container("worker", state="exited")


def services(
    *connected: QueueConsumer,
    containers: Sequence[Container] = (WORKER, MAILER),
    declared: Mapping[str, tuple[str, ...]] | None = None,
    recorded: Mapping[str, Sequence[str]] | None = None,
) -> tuple[ConsumerService, ...]:
    settings = RabbitmqSettings(consumers=declared or {})
    found = Consumers(containers, ["worker", "mailer"], settings, recorded or {}, window=300.0, now=NOW)
    return found.services_of(JOBS, connected)


def names(found: Sequence[ConsumerService]) -> list[str]:
    return [one.name for one in found]


def consumer(address: str, queue: str = "jobs", vhost: str = "/") -> QueueConsumer:
    return QueueConsumer(vhost, queue, address)


def test_who_is_connected_is_told_by_the_address_whatever_inventory_and_record_say() -> None:
    found = services(consumer("172.18.0.5"), declared={"jobs": ("mailer",)}, recorded={"//jobs": ["mailer"]})
    assert names(found) == ["worker"]


def test_the_same_queue_name_in_another_virtual_host_is_another_queue() -> None:
    assert services(consumer("172.18.0.5", vhost="other")) == ()


def test_without_a_connection_the_inventory_tells_then_the_last_run() -> None:
    assert names(services(declared={"jobs": ("worker",)}, recorded={"//jobs": ["mailer"]})) == ["worker"]
    assert names(services(recorded={"//jobs": ["mailer"]})) == ["mailer"]


def test_a_recorded_service_that_is_no_more_is_not_named() -> None:
    assert services(recorded={"//jobs": ["old-worker"]}) == ()


def test_when_nobody_knows_those_are_taken_that_need_the_broker_consume_nothing_and_do_not_run() -> None:
    assert names(services(consumer("172.18.0.6", "mails"), containers=(GONE, MAILER))) == ["worker"]


def test_a_dependant_that_runs_is_not_suspected() -> None:
    assert services(containers=(WORKER, MAILER)) == ()


def test_of_dependants_that_all_run_the_one_is_suspected_whose_health_check_fails() -> None:
    sick = container("worker", health="unhealthy")
    assert names(services(containers=(sick, MAILER))) == ["worker"]
    assert names(services(containers=(sick, container("mailer", state="exited")))) == ["mailer"]


def test_a_consumer_from_elsewhere_is_no_service_of_this_platform() -> None:
    assert services(consumer("10.9.9.9"), containers=(GONE, MAILER)) == ()


@pytest.mark.parametrize(
    "fields, running, crashing, words",
    [
        ({}, True, False, "running"),
        ({"state": "exited"}, False, False, "stopped"),
        ({"state": "paused"}, False, False, "paused"),
        (
            {"state": "restarting", "restart_count": 4}, False, True,
            "restarted again and again (4 times, now restarting)",
        ),
        (
            {"restart_count": 2, "started_at": JUST_NOW}, True, True,
            "restarted again and again (2 times, now running)",
        ),
        ({"restart_count": 1, "started_at": JUST_NOW}, True, False, "running"),
        ({"restart_count": 9}, True, False, "running"),
        # Stopped in the midst of a crash loop: by a person, or by a quarantine that was killed.
        (
            {"state": "exited", "restart_count": 7, "started_at": MINUTES_AGO, "finished_at": A_MOMENT_LATER},
            False, True,
            "restarted again and again (7 times, now stopped)",
        ),
        (
            {"state": "exited", "restart_count": 1, "started_at": MINUTES_AGO, "finished_at": A_MOMENT_LATER},
            False, False,
            "stopped",
        ),
        # It had run well for hours when it was stopped.
        ({"state": "exited", "restart_count": 7, "finished_at": A_MOMENT_LATER}, False, False, "stopped"),
        # So long ago that the broker no longer knows what it delivered.
        (
            {"state": "exited", "restart_count": 7, "started_at": LONG_AGO, "finished_at": "2026-02-27T10:00:01Z"},
            False, False, "stopped",
        ),
        # The end of its run before the last one says nothing.
        (
            {"state": "paused", "restart_count": 7, "started_at": A_MOMENT_LATER, "finished_at": MINUTES_AGO},
            False, False, "paused",
        ),
    ],
)  # fmt: skip
def test_how_a_consumer_is(fields: dict[str, object], running: bool, crashing: bool, words: str) -> None:
    (found,) = services(declared={"jobs": ("worker",)}, containers=(container("worker", **fields),))
    assert (found.running, found.crashing, found.words) == (running, crashing, words)


def test_a_consumer_without_a_container_is_told() -> None:
    (found,) = services(declared={"jobs": ("worker",)}, containers=())
    assert (found.running, found.words) == (False, "without a container")


def test_of_several_containers_the_worst_is_told() -> None:
    crashing = container("worker", id="2", state="restarting", restart_count=3, started_at=JUST_NOW)
    (found,) = services(declared={"jobs": ("worker",)}, containers=(WORKER, crashing))
    assert (found.running, found.crashing, found.restarts) == (True, True, 3)
    assert found.age == pytest.approx(2.0, abs=1.0)
