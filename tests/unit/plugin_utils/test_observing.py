# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One observation from the controller: the module's facts, and what only the controller can judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from findings import critical, fine
from observations import observation, service

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.observed import (
    declared_down,
    graph_of,
    identities,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.observing import MODULE, observe

EXPECT_OK = {"health": {"expect": "status == 'ok'"}}


class Host:
    """A host on which one module runs and gives a fixed result."""

    def __init__(self, result: Mapping[str, Any]) -> None:
        self.result = dict(result)
        self.ran: list[tuple[str, dict[str, Any]]] = []

    def _execute_module(
        self, module_name: str, module_args: dict[str, Any], task_vars: dict[str, Any]
    ) -> dict[str, Any]:
        self.ran.append((module_name, module_args))
        return self.result


def test_the_module_gets_what_was_given_and_its_result_is_handed_on() -> None:
    seen = observation(fine("http.health"))
    host = Host(seen)
    arguments = {"project": "shop", "services": {"model-server": {"kind": "model_server"}}}

    assert observe(host, arguments, {}) == seen
    assert host.ran == [(MODULE, arguments)]
    assert host.ran[0][1] is not arguments


@pytest.mark.parametrize("result", [{"failed": True, "msg": "No Python."}, {"unreachable": True, "msg": "Lost."}])
def test_a_module_that_gave_no_observation_is_handed_on_as_it_is(result: dict[str, Any]) -> None:
    assert observe(Host(result), {"services": {"auth": EXPECT_OK}}, {}) == result


def test_an_expression_that_is_none_fails_before_anything_runs() -> None:
    host = Host({})

    with pytest.raises(InvalidInputError, match=r"services\.auth\.health\.expect"):
        observe(host, {"services": {"auth": {"health": {"expect": "status = 1"}}}}, {})
    assert host.ran == []


def test_an_expectation_that_does_not_hold_makes_its_service_fail() -> None:
    services = {
        "auth": service(body={"status": "degraded"}, user_facing=True),
        "gateway": service(depends_on=["auth"], body={"status": "ok"}),
    }
    before = observation(fine("http.health", "auth"), critical("http.health", "gateway"), services=services)
    assert before["root_causes"] == ["gateway"]

    after = observe(Host(before), {"services": {"auth": EXPECT_OK}}, {})

    assert after["failing"] == ["auth", "gateway"]
    assert after["root_causes"] == ["auth"]
    assert after["symptoms"] == {"gateway": ["auth"]}
    assert after["severity"]["level"] == "P1"
    assert [finding["id"] for finding in after["findings"]] == ["http.expectation", "http.health", "http.health"]
    assert {key: after[key] for key in ("services", "samples", "duration_ms")} == {
        key: before[key] for key in ("services", "samples", "duration_ms")
    }


def test_whoever_needs_a_service_stopped_on_purpose_still_suffers_from_it_after_an_expectation_was_judged() -> None:
    services = {
        "auth": service(depends_on=["cache"], body={"status": "down"}),
        "cache": service("redis", declared="stopped", state="exited"),
    }
    before = observation(services=services)

    after = observe(Host(before), {"services": {"auth": EXPECT_OK}}, {})

    assert after["symptoms"] == {"auth": ["cache"]}
    assert after["root_causes"] == []


def test_what_is_declared_and_does_not_run_is_down_on_purpose() -> None:
    services = {
        "runs": service(declared="ignored"),
        "exited": service(declared="stopped", state="exited"),
        "paused": service(declared="maintenance", state="paused"),
        "gone": {**service(declared="stopped"), "containers": []},
        "crashed": service(state="exited"),
    }

    assert declared_down(services) == ["exited", "paused", "gone"]


def test_the_graph_and_the_containers_identities_are_read_from_the_data() -> None:
    services = {
        "auth": service("http", depends_on=["cache"], started_at="08:00"),
        "cache": {**service(), "containers": []},
    }

    assert graph_of(services).needs == {"auth": {"cache"}, "cache": set()}
    assert identities(services) == {"auth": (("http-1", "08:00"),), "cache": ()}
