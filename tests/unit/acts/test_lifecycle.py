# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What restarts, starts and unpauses do to the engine, and what they say of it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from fake_engine import FakeContainer, FakeEngine

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.lifecycle import (
    LifecycleOutcome,
    Request,
    run_lifecycle,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.lifecycle_plan import (
    ObservedContainer,
    Wanted,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.lifecycle_result import (
    NOT_YET,
    lifecycle_result,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import PlatformNotFoundError

SEEN = {"model": (ObservedContainer("model-1", "t0"),)}


def run(
    engine: FakeEngine,
    *services: str,
    wanted: Wanted = Wanted.RESTARTED,
    stop_timeout: int | None = None,
    observed: Mapping[str, tuple[ObservedContainer, ...]] | None = None,
    check_mode: bool = False,
) -> LifecycleOutcome:
    request = Request("shop", services or ("model",), wanted, stop_timeout, observed)
    return run_lifecycle(engine, request, check_mode=check_mode)


@pytest.mark.parametrize(
    "stop_timeout,patience",
    [(None, 3), (0, 0), (60, 60)],
)
def test_a_restart_waits_as_long_as_the_container_or_the_caller_says(stop_timeout: int | None, patience: int) -> None:
    engine = FakeEngine(FakeContainer("model-1", "model", stop_timeout=3))

    outcome = run(engine, stop_timeout=stop_timeout)

    assert engine.commands == [("restart", "model-1", str(patience))]
    assert engine.deadlines[0] > patience
    assert outcome.changed


def test_a_restart_is_told_with_the_start_before_and_after() -> None:
    result = lifecycle_result(run(FakeEngine(FakeContainer("model-1", "model"))), diff=True)

    assert result["changed"] is True
    assert result["actions"] == [{"what": "container", "id": "model-1", "status": "restarted", "service": "model"}]
    assert result["containers"][0]["before"] == {"state": "running", "started_at": "t0"}
    assert result["containers"][0]["after"] == {"state": "running", "started_at": "t1"}
    assert result["diff"] == {"before": "model-1: running since t0\n", "after": "model-1: running since t1\n"}


def test_a_paused_container_is_unpaused_before_its_restart() -> None:
    engine = FakeEngine(FakeContainer("model-1", "model", state="paused"))

    result = lifecycle_result(run(engine))

    assert [command[0] for command in engine.commands] == ["unpause", "restart"]
    assert [action["status"] for action in result["actions"]] == ["unpaused", "restarted"]


@pytest.mark.parametrize(
    "state,wanted,commands",
    [
        ("running", Wanted.STARTED, 0),
        ("running", Wanted.UNPAUSED, 0),
        ("exited", Wanted.UNPAUSED, 0),
        ("exited", Wanted.STARTED, 1),
        ("paused", Wanted.UNPAUSED, 1),
    ],
)
def test_the_second_run_changes_nothing(state: str, wanted: Wanted, commands: int) -> None:
    engine = FakeEngine(FakeContainer("model-1", "model", state=state))

    first, second = run(engine, wanted=wanted), run(engine, wanted=wanted)

    assert len(engine.commands) == commands
    assert first.changed is bool(commands)
    assert second.changed is False


def test_a_restart_repeated_with_the_same_observation_is_not_doubled() -> None:
    engine = FakeEngine(FakeContainer("model-1", "model"))

    first, second = run(engine, observed=SEEN), run(engine, observed=SEEN)

    assert (first.changed, second.changed) == (True, False)
    assert len(engine.commands) == 1
    assert lifecycle_result(second)["containers"][0]["reason"] == "it was started after the observation, at t1"


@pytest.mark.parametrize("state", ["running", "paused", "exited"])
@pytest.mark.parametrize("wanted", list(Wanted))
def test_check_mode_tells_what_the_run_then_does_and_does_nothing(state: str, wanted: Wanted) -> None:
    engine = FakeEngine(FakeContainer("model-1", "model", state=state))

    told = lifecycle_result(run(engine, wanted=wanted, check_mode=True), diff=True)
    assert engine.commands == []
    done = lifecycle_result(run(engine, wanted=wanted), diff=True)

    assert told["changed"] is done["changed"]
    assert told["actions"] == done["actions"]
    assert told["diff"]["before"] == done["diff"]["before"]
    assert told["diff"]["after"].replace(NOT_YET, "t1") == done["diff"]["after"]


def test_services_are_handled_in_the_order_in_which_they_are_named_and_no_other_one_is() -> None:
    engine = FakeEngine(
        FakeContainer("redis-1", "redis"),
        FakeContainer("model-1", "model"),
        FakeContainer("model-2", "model"),
        FakeContainer("model-run-1", "model", oneoff=True),
        FakeContainer("web-1", "web"),
    )

    run(engine, "web", "model")

    assert [command[1] for command in engine.commands] == ["web-1", "model-1", "model-2"]


@pytest.mark.parametrize("services", [("model", "missing"), ("missing", "model")])
def test_a_service_without_a_container_stops_it_before_anything_is_done(services: tuple[str, ...]) -> None:
    engine = FakeEngine(FakeContainer("model-1", "model"))

    with pytest.raises(PlatformNotFoundError, match=r"missing.*recreate"):
        run(engine, *services)

    assert engine.commands == []


def test_a_failed_command_leaves_the_other_containers_alone_and_what_was_done_is_told() -> None:
    engine = FakeEngine(
        FakeContainer("model-1", "model"),
        FakeContainer("model-2", "model", fails={"restart": "Could not restart the container: port in use."}),
        FakeContainer("model-3", "model"),
    )

    outcome = run(engine)

    assert [command[1] for command in engine.commands] == ["model-1", "model-2"]
    assert outcome.error is not None
    assert "port in use" in outcome.error.message
    assert [action["id"] for action in lifecycle_result(outcome)["actions"]] == ["model-1"]


def test_a_restart_that_stopped_the_container_but_could_not_start_it_is_a_change() -> None:
    engine = FakeEngine(FakeContainer("model-1", "model", fails={"restart": "no"}, left_as="exited"))

    outcome = run(engine)

    assert outcome.changed
    assert lifecycle_result(outcome)["containers"][0]["after"]["state"] == "exited"


def test_a_command_that_failed_without_a_trace_is_no_change() -> None:
    engine = FakeEngine(FakeContainer("model-1", "model", fails={"restart": "no"}))

    outcome = run(engine)

    assert outcome.error is not None
    assert not outcome.changed


def test_a_container_that_no_command_can_help_is_an_error_with_a_remedy() -> None:
    outcome = run(FakeEngine(FakeContainer("model-1", "model", state="dead")), wanted=Wanted.STARTED)

    assert outcome.error is not None
    assert "dead" in outcome.error.message
    assert "Recreate" in outcome.error.remedy
    assert not outcome.changed


def test_a_container_that_is_down_again_at_once_is_said_to_be_so() -> None:
    engine = FakeEngine(FakeContainer("model-1", "model", comes_up_as="restarting"))

    outcome = run(engine)

    assert outcome.changed
    assert outcome.error is None
    assert lifecycle_result(outcome)["containers"][0]["reason"] == "it is restarting again"


def test_an_engine_that_stops_answering_does_not_hide_what_was_done() -> None:
    engine = FakeEngine(FakeContainer("model-1", "model"), FakeContainer("model-2", "model"))
    engine.inspections_left = 2

    outcome = run(engine)

    assert outcome.error is not None
    assert [action["id"] for action in lifecycle_result(outcome)["actions"]] == ["model-1"]


def test_a_state_that_cannot_be_read_after_the_act_does_not_hide_the_act() -> None:
    engine = FakeEngine(FakeContainer("model-1", "model"))
    engine.inspections_left = 1

    outcome = run(engine)

    assert outcome.changed
    assert outcome.containers[0].reason == "its state after that cannot be told"
    assert lifecycle_result(outcome)["containers"][0]["after"]["started_at"] == NOT_YET


def test_a_container_removed_after_it_was_found_is_passed_over() -> None:
    engine = FakeEngine(FakeContainer("model-1", "model", vanishes=True))

    outcome = run(engine)

    assert engine.commands == []
    assert outcome.containers == ()
