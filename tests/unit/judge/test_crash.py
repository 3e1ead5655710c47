# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is new to the record after a look, and what of it is judged how."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from service_facts import JUST_NOW, NOW, container, service

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.crash_facts import CrashFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.crash_ledger import Crash, Ledger
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.crash_signature import LastWords
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.last_known_good import KnownGood
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    ComposeLabels,
    Container,
    LogFacts,
    ServiceFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.crash import judge_crashes
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.crash import look_at_crashes

GOOD = KnownGood("shop/web:1", "sha256:aaa", "hash", "2.26.1")
RECORDED = {"last_known_good": GOOD.to_data(), "crashes": Ledger((), {"web-id": 0}).to_data()}
LIMITS = Thresholds()


def runs(**fields: Any) -> Container:
    plain = container(
        image="shop/web:1", image_id="sha256:aaa", compose=ComposeLabels(config_hash="hash", version="2.26.1")
    )
    return replace(plain, **fields)


def down(code: int = 1, **fields: Any) -> Container:
    return runs(**{"state": "exited", "exit_code": code, "finished_at": JUST_NOW, "pid": 0, **fields})


def sample(facts: ServiceFacts, recorded: dict[str, Any] | None = None, *, in_trouble: bool = False) -> dict[str, Any]:
    return dict(
        look_at_crashes(facts, RECORDED if recorded is None else recorded, LIMITS, NOW, in_trouble=in_trouble).sample
    )


def judged(
    facts: ServiceFacts, recorded: dict[str, Any] | None = None, *, in_trouble: bool = True
) -> dict[str, Finding]:
    seen = look_at_crashes(facts, RECORDED if recorded is None else recorded, LIMITS, NOW, in_trouble=in_trouble).facts
    findings = judge_crashes(facts, seen, LIMITS, NOW, in_trouble=in_trouble)
    assert len({finding.key for finding in findings}) == len(findings)
    return {finding.id: finding for finding in findings}


# What is kept


def test_a_healthy_service_is_kept_as_good_once() -> None:
    first = sample(service(runs()), {})
    assert first["last_known_good"] == GOOD.to_data()
    assert sample(service(runs()), first) == {}


@pytest.mark.parametrize(
    "facts, in_trouble",
    [
        (service(runs(image_id="sha256:bbb")), True),
        (service(runs(image_id="sha256:bbb", started_at=JUST_NOW)), False),
        (service(runs(image_id="sha256:bbb"), runs()), False),
        (service(down()), False),
        (service(runs(image_id="sha256:bbb", state="paused")), False),
    ],
    ids=["in trouble", "too young", "two images", "down", "paused"],
)
def test_what_is_not_known_to_be_good_is_not_kept(facts: ServiceFacts, in_trouble: bool) -> None:
    assert "last_known_good" not in sample(facts, in_trouble=in_trouble)


def test_a_good_release_takes_the_place_of_the_one_before() -> None:
    assert sample(service(runs(image="shop/web:2", image_id="sha256:bbb")))["last_known_good"]["image"] == "shop/web:2"


def test_a_crash_is_kept_when_it_is_seen_and_not_again() -> None:
    first = sample(service(down(137)), in_trouble=True)
    assert first["crashes"]["crashes"] == [{"at": JUST_NOW, "count": 1, "exit_code": 137}]
    assert sample(service(down(137)), {**RECORDED, **first}, in_trouble=True) == {}


# What is judged


def recorded_crashes(count: int) -> dict[str, Any]:
    return {**RECORDED, "crashes": Ledger((Crash("2026-02-27T13:30:00Z", count, 1),), {"web-id": 0}).to_data()}


@pytest.mark.parametrize(
    "facts, recorded, loop, history",
    [
        (service(runs()), RECORDED, "ok", False),
        (service(down()), RECORDED, "ok", False),
        (service(down()), recorded_crashes(1), "ok", False),
        (service(down()), recorded_crashes(2), "critical", False),  # Docker's own count is 0: ours is not
        # Stopped through Docker, by a person or by a restart that was killed halfway: a start is what it needs.
        (service(down(137, restart_policy="unless-stopped")), recorded_crashes(3), "ok", True),
        (service(down(143)), recorded_crashes(3), "ok", True),
        (service(down(restart_policy="always", oom_killed=True)), recorded_crashes(3), "critical", False),
        # In the midst of its loop.
        (
            service(down(restart_policy="always", restart_count=3, started_at=JUST_NOW)),
            recorded_crashes(3),
            "critical",
            False,
        ),
        (service(runs()), recorded_crashes(3), "ok", True),
        (service(runs(started_at=JUST_NOW)), recorded_crashes(3), "ok", True),  # just healed
        (service(runs(started_at=JUST_NOW, restart_count=3)), RECORDED, "critical", True),
        (service(runs(restart_count=9)), {**RECORDED, "crashes": Ledger((), {"web-id": 9}).to_data()}, "ok", False),
        (
            service(runs(state="restarting", exit_code=78, restart_count=4, started_at=JUST_NOW)),
            RECORDED,
            "critical",
            False,
        ),
    ],
)
def test_a_loop_is_told_by_our_own_ledger_and_by_docker_s_count_of_a_young_container(
    facts: ServiceFacts, recorded: dict[str, Any], loop: str, history: bool
) -> None:
    found = judged(facts, recorded)
    assert found["crash.loop"].status.value == loop
    assert ("crash.history" in found) is (history and loop == "ok")


def test_what_crashed_often_and_was_stopped_then_is_not_said_to_run() -> None:
    stopped = judged(service(down(143, restart_policy="always")), recorded_crashes(3))
    assert stopped["crash.history"].message.endswith("; it does not run now.")
    assert judged(service(runs()), recorded_crashes(3))["crash.history"].message.endswith("; it runs now.")


def test_a_loop_says_exit_code_meaning_and_last_words() -> None:
    looping = runs(state="restarting", exit_code=78, restart_count=4, started_at=JUST_NOW)
    facts = service(looping, log=LogFacts(lines=2, excerpt=("starting", "FATAL: JWT_SECRET is empty.")))
    found = judged(facts)
    assert found["crash.loop"].message == (
        "web crashes again and again, 4 times so far (exit code 78: its configuration is wrong). "
        "Its last words: FATAL: JWT_SECRET is empty."
    )
    assert found["crash.loop"].evidence == ("starting", "FATAL: JWT_SECRET is empty.")
    assert found["crash.signature"].status.value == "warning"
    assert (found["crash.loop"].step, found["crash.signature"].step) == ("SC-5", "SC-1")


@pytest.mark.parametrize(
    "limit, words", [(1 << 27, "its limit of 128 MiB is too small"), (None, "the host is too small")]
)
def test_a_loop_for_lack_of_memory_says_so(limit: int | None, words: str) -> None:
    looping = runs(
        state="restarting", exit_code=137, oom_killed=True, restart_count=4, started_at=JUST_NOW, memory_limit=limit
    )
    assert words in judged(service(looping))["crash.loop"].message


def test_a_service_that_runs_well_has_no_last_words() -> None:
    facts = service(runs(), log=LogFacts(lines=1, excerpt=("ValueError: an old one",)))
    assert "crash.signature" not in judged(facts, in_trouble=False)


@pytest.mark.parametrize(
    "now, in_trouble, status, words",
    [
        (runs(), True, "ok", "the image with which it was last seen healthy"),
        (runs(image="shop/web:2", image_id="sha256:bbb"), True, "warning",
         "runs the image shop/web:2; it was last seen healthy with shop/web:1."),
        (runs(image_id="sha256:bbb"), True, "warning", "runs another build of the image shop/web:1"),
        (runs(image="shop/web:2", image_id="sha256:bbb"), False, "ok", "shop/web:2"),
    ],
)  # fmt: skip
def test_a_changed_image_is_news_only_of_a_service_in_trouble(
    now: Container, in_trouble: bool, status: str, words: str
) -> None:
    found = judged(service(now), in_trouble=in_trouble)["crash.image_changed"]
    assert found.status.value == status
    assert words in found.message


def test_without_a_record_nothing_is_known_to_have_changed() -> None:
    found = judged(service(down()), {})
    assert {found[name].status.value for name in ("crash.image_changed", "crash.config_changed")} == {"not_configured"}


@pytest.mark.parametrize(
    "config, version, status",
    [("hash", "2.26.1", "ok"), ("other", "2.26.1", "warning"), ("other", "2.27.0", "not_configured")],
)
def test_a_changed_configuration_is_told_where_it_can_be_compared(config: str, version: str, status: str) -> None:
    now = runs(compose=ComposeLabels(config_hash=config, version=version))
    assert judged(service(now))["crash.config_changed"].status.value == status


def test_a_rollback_is_told_as_long_as_it_lasts() -> None:
    found = judged(service(runs(rolled_back_from="shop/web:2")), in_trouble=False)["crash.rolled_back"]
    assert found.status.value == "warning"
    assert found.message == (
        "web was rolled back from shop/web:2 to shop/web:1; the Compose files still name the other one."
    )
    assert "crash.rolled_back" not in judged(service(runs()), in_trouble=False)


@pytest.mark.parametrize("facts", [ServiceFacts("web"), service(runs(), declared="stopped")])
def test_nothing_is_said_of_what_is_not_there_or_declared_to_be_left_alone(facts: ServiceFacts) -> None:
    assert judge_crashes(facts, CrashFacts(words=LastWords("x", "x", ("x",))), LIMITS, NOW, in_trouble=True) == ()
