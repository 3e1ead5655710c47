# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which commands a container gets."""

from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.container_state import (
    ContainerState,
    read_state,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.lifecycle import Request
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.lifecycle_plan import (
    ObservedContainer,
    Wanted,
    decide,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.lifecycle_request import (
    read_observed,
    read_request,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError

SEEN_AT = "2026-11-24T07:53:01.325558878Z"
LATER = "2026-11-24T07:55:10.000000001Z"


def container(state: str = "running", started_at: str = SEEN_AT, restart_count: int = 0) -> ContainerState:
    return ContainerState("c0ffee", "shop-model-1", "model", state, started_at, restart_count, 10)


@pytest.mark.parametrize(
    "wanted,state,verbs",
    [
        ("restarted", "running", ["restart"]),
        ("restarted", "restarting", ["restart"]),
        ("restarted", "paused", ["unpause", "restart"]),
        ("restarted", "exited", ["start"]),
        ("restarted", "created", ["start"]),
        ("started", "running", []),
        ("started", "restarting", []),
        ("started", "paused", ["unpause"]),
        ("started", "exited", ["start"]),
        ("started", "created", ["start"]),
        ("unpaused", "running", []),
        ("unpaused", "restarting", []),
        ("unpaused", "paused", ["unpause"]),
        ("unpaused", "exited", []),
        ("unpaused", "created", []),
    ],
)
def test_each_state_gets_the_least_commands_that_lead_to_the_wanted_one(
    wanted: str, state: str, verbs: list[str]
) -> None:
    decision = decide(container(state), Wanted(wanted))

    assert [verb.value for verb in decision.verbs] == verbs
    assert decision.impossible == ""
    assert decision.reason == ("" if verbs else f"it is {state} already")


@pytest.mark.parametrize("state", ["dead", "removing", "", "melting"])
@pytest.mark.parametrize("wanted", list(Wanted))
def test_a_state_that_no_command_leads_out_of_is_named(wanted: Wanted, state: str) -> None:
    decision = decide(container(state), wanted)

    assert not decision.verbs
    assert "shop-model-1" in decision.impossible


@pytest.mark.parametrize(
    "now,observed,acts",
    [
        pytest.param(container(), [ObservedContainer("c0ffee", SEEN_AT)], True, id="as it was seen"),
        pytest.param(
            container(started_at=LATER), [ObservedContainer("c0ffee", SEEN_AT)], False, id="restarted by hand"
        ),
        pytest.param(
            container(started_at=LATER),
            [ObservedContainer("c0ffee", SEEN_AT, 0)],
            False,
            id="by hand, count still zero",
        ),
        pytest.param(
            container(started_at=LATER), [ObservedContainer("c0ffee", SEEN_AT, 5)], False, id="by hand, count reset"
        ),
        pytest.param(
            container("restarting", LATER, 6), [ObservedContainer("c0ffee", SEEN_AT, 5)], True, id="crash loop goes on"
        ),
        pytest.param(container(), [ObservedContainer("another", SEEN_AT)], False, id="recreated by somebody"),
        pytest.param(container(), [], False, id="there was none before"),
        pytest.param(container(), None, True, id="no observation to hold it against"),
    ],
)
def test_a_container_that_somebody_started_anew_is_left_alone(
    now: ContainerState, observed: list[ObservedContainer] | None, acts: bool
) -> None:
    decision = decide(now, Wanted.RESTARTED, observed)

    assert bool(decision.verbs) is acts
    assert bool(decision.reason) is not acts


def test_the_observation_is_read_by_service_and_others_are_dropped() -> None:
    data = {
        "model": [{"id": "c0ffee", "started_at": SEEN_AT, "restart_count": 2, "name": "shop-model-1"}],
        "redis": [{"id": "beef", "started_at": SEEN_AT}],
    }

    assert read_observed(data, ["model"], "since") == {"model": (ObservedContainer("c0ffee", SEEN_AT, 2),)}


@pytest.mark.parametrize(
    "data,option",
    [
        ([], "since"),
        ({}, "since.model"),
        ({"model": "c0ffee"}, "since.model"),
        ({"model": ["c0ffee"]}, "since.model[0]"),
        ({"model": [{"id": "c0ffee"}]}, "since.model[0].started_at"),
        ({"model": [{"id": "", "started_at": SEEN_AT}]}, "since.model[0].id"),
        ({"model": [{"id": "c0ffee", "started_at": SEEN_AT, "restart_count": "2"}]}, "since.model[0].restart_count"),
        ({"model": [{"id": "c0ffee", "started_at": SEEN_AT, "restart_count": True}]}, "since.model[0].restart_count"),
    ],
)
def test_a_wrong_observation_is_refused_by_the_name_of_its_entry(data: object, option: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_observed(data, ["model"], "since")

    assert caught.value.option == option


@pytest.mark.parametrize(
    "config,timeout",
    [({"StopTimeout": 3}, 3), ({"StopTimeout": 0}, 0), ({"StopTimeout": None}, 10), ({}, 10)],
)
def test_the_containers_own_stop_timeout_is_read(config: dict[str, object], timeout: int) -> None:
    assert read_state({"Id": "c0ffee", "Config": config}).stop_timeout == timeout


def test_an_inspection_without_any_field_reads_as_no_known_state() -> None:
    assert read_state({}) == ContainerState("", "", "", "", "", 0, 10)


@pytest.mark.parametrize("timeout", [None, 0, 30])
def test_a_request_is_read_from_the_options(timeout: int | None) -> None:
    options = {
        "project": "shop",
        "services": ["model"],
        "state": "started",
        "stop_timeout": timeout,
        "unless_started_since": None,
    }

    assert read_request(options) == Request("shop", ("model",), Wanted.STARTED, timeout, None)


def test_a_negative_stop_timeout_is_refused_by_its_name() -> None:
    with pytest.raises(InvalidInputError, match="stop_timeout") as caught:
        read_request({"stop_timeout": -1})

    assert caught.value.value == -1
