# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Sequence

import pytest
from findings import critical, unknown, warning

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.queue_dependencies import (
    blame_dependencies,
)

NEEDS = {"worker": ("mq", "db", "web"), "mailer": ("mq",)}
KINDS = {"mq": "rabbitmq", "db": "postgres", "web": "http"}
STUCK = critical("rabbitmq.stuck_consumer", "mq", message="jobs is stuck.", targets=("worker",), evidence=("counts",))
PAUSED = critical("container.paused", "db", message="db is paused.")


def blamed(*findings: Finding, about: Finding = STUCK) -> list[Finding]:
    return [
        one
        for one in blame_dependencies([about, *findings], NEEDS, KINDS)
        if one.id.startswith(("rabbitmq.dependency", about.id, "rabbitmq.consumer_drift"))
    ]


def ids(found: Sequence[Finding]) -> list[str]:
    return [one.id for one in found]


@pytest.mark.parametrize("name", ["stuck_consumer", "no_consumer", "slow_consumer", "poison", "consumer_crash"])
def test_a_backlog_is_put_down_to_the_sick_dependency_of_its_consumer(name: str) -> None:
    (found,) = blamed(PAUSED, about=critical(f"rabbitmq.{name}", "mq", message="jobs waits.", targets=("worker",)))
    assert (found.id, found.service, found.targets, found.step) == ("rabbitmq.dependency_paused", "mq", ("db",), "QB-5")
    assert found.message == "worker cannot work off its queue: it depends on db. db is paused."
    assert found.evidence[:2] == ("jobs waits.", "db is paused.")


@pytest.mark.parametrize(
    "trouble, name",
    [
        (critical("container.paused", "web"), "rabbitmq.dependency_paused"),
        (critical("container.state", "web"), "rabbitmq.dependency_stopped"),
        (critical("http.health", "web"), "rabbitmq.dependency_failing"),
        # what keeps data is not restarted for a queue
        (critical("postgres.lock", "db"), "rabbitmq.dependency_data"),
        (critical("container.state", "db"), "rabbitmq.dependency_stopped"),
    ],
)
def test_what_can_be_done_about_the_dependency_is_in_the_name(trouble: Finding, name: str) -> None:
    assert ids(blamed(trouble)) == [name]


def test_that_it_does_not_run_says_more_than_what_follows_from_it() -> None:
    assert ids(blamed(critical("postgres.answers", "db"), PAUSED)) == ["rabbitmq.dependency_paused"]


@pytest.mark.parametrize(
    "other",
    [
        critical("rabbitmq.memory_alarm", "mq"),  # the broker itself
        critical("container.paused", "cache"),  # nobody depends on it
        warning("postgres.slow_log", "db"),
        unknown("postgres.answers", "db"),
        critical("postgres.leak", "db", targets=("web",)),  # it is about another service
        critical("http.health", "worker"),  # the consumer itself
    ],
)
def test_nothing_else_is_blamed(other: Finding) -> None:
    assert blamed(other) == [STUCK]


@pytest.mark.parametrize(
    "dependency, name",
    [
        (critical("postgres.answers", "db"), "rabbitmq.no_consumer"),
        (critical("http.health", "web"), "rabbitmq.no_consumer"),
        (PAUSED, "rabbitmq.dependency_paused"),
        (critical("container.state", "db"), "rabbitmq.dependency_stopped"),
    ],
)
def test_for_a_consumer_that_is_stopped_itself_only_what_does_not_run_comes_first(
    dependency: Finding, name: str
) -> None:
    about = critical("rabbitmq.no_consumer", "mq", targets=("worker",))
    assert ids(blamed(critical("container.state", "worker"), dependency, about=about)) == [name]


def test_a_warning_about_a_queue_stays_what_it_is() -> None:
    mild = warning("rabbitmq.no_consumer", "mq", targets=("worker",))
    assert blamed(PAUSED, about=mild) == [mild]


def test_a_consumer_without_a_sick_dependency_is_left_to_itself() -> None:
    mine = critical("rabbitmq.stuck_consumer", "mq", targets=("mailer",))
    assert blamed(PAUSED, about=mine) == [mine]


@pytest.mark.parametrize(
    "name, sentence",
    [
        ("stuck_consumer", "worker does not work off its queue. worker differs."),
        ("no_consumer", "worker does not work off its queue. worker differs."),
        ("consumer_crash", "worker does not work off its queue. worker differs."),
        ("slow_consumer", "worker is too slow with its queue. worker differs."),
    ],
)
def test_a_consumer_that_does_not_work_and_differs_from_the_files_is_told_besides(name: str, sentence: str) -> None:
    about = critical(f"rabbitmq.{name}", "mq", targets=("worker",))
    drift = warning("container.config_drift", "worker", message="worker differs.")
    found = blamed(drift, about=about)
    assert ids(found) == [about.id, "rabbitmq.consumer_drift"]
    assert (found[1].message, found[1].targets, found[1].status) == (sentence, ("worker",), Status.CRITICAL)


@pytest.mark.parametrize("name", ["poison", "consumer_unknown"])
def test_a_recreate_is_no_answer_to_a_message(name: str) -> None:
    about = critical(f"rabbitmq.{name}", "mq", targets=("worker",))
    assert ids(blamed(warning("container.config_drift", "worker"), about=about)) == [about.id]


@pytest.mark.parametrize("name", ["stuck_consumer", "no_consumer", "consumer_crash"])
def test_a_consumer_whose_password_is_refused_is_not_restarted_for_its_queue(name: str) -> None:
    refused = critical("service.credentials", "worker", message="db refuses the password of worker.")
    about = critical(f"rabbitmq.{name}", "mq", message="jobs waits.", targets=("worker",), evidence=("counts",))
    (found,) = blamed(refused, about=about)
    assert (found.id, found.targets, found.step) == ("rabbitmq.dependency_data", ("worker",), "QB-5")
    assert found.message == "worker cannot work off its queue. db refuses the password of worker."
    assert found.evidence == ("jobs waits.", "counts")


def test_a_refused_consumer_that_is_not_as_the_files_say_is_made_as_they_say() -> None:
    refused = critical("service.credentials", "worker")
    assert ids(blamed(refused, warning("container.config_drift", "worker"))) == [STUCK.id, "rabbitmq.consumer_drift"]


def test_the_refused_password_of_somebody_else_changes_nothing() -> None:
    assert blamed(critical("service.credentials", "mailer")) == [STUCK]
