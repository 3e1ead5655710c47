# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.graph import DependencyGraph
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.host import HOST
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.triage import (
    Call,
    Seen,
    choose_scenarios,
)

GRAPH = DependencyGraph.of({"web": ["users", "model"], "users": ["db"], "mail": ["queue", "db"], "model": []})


def saw(scenario: str, *services: str, remedy: bool = True, foreign: tuple[str, ...] = ()) -> Seen:
    return Seen(scenario, services, services if remedy else (), foreign)


@pytest.mark.parametrize(
    "seen, calls",
    [
        pytest.param([], [], id="nothing is wrong"),
        pytest.param(
            [saw("model_server", "model"), saw("service_crash", "model")],
            [Call("model_server", ("model",))],
            id="the most specific one with a remedy",
        ),
        pytest.param(
            [saw("model_server", "model", remedy=False), saw("service_crash", "model")],
            [Call("service_crash", ("model",))],
            id="one that knows no remedy gives way to one that does",
        ),
        pytest.param(
            [saw("model_server", "model", remedy=False), saw("service_crash", "model", remedy=False)],
            [Call("model_server", ("model",))],
            id="nobody has a remedy: the most specific one escalates",
        ),
        pytest.param(
            [saw("high_latency", "mail", remedy=False, foreign=("mail",)), saw("service_crash", "mail", remedy=False)],
            [Call("service_crash", ("mail",))],
            id="nobody has a remedy: one that is meant for something else does not escalate",
        ),
        pytest.param(
            [saw(name, "mail", remedy=False, foreign=("mail",)) for name in ("high_latency", "service_crash")],
            [Call("service_crash", ("mail",))],
            id="nobody is meant for it: the most general one escalates",
        ),
        pytest.param(
            [saw("high_latency", "mail", foreign=("mail",)), saw("service_crash", "mail", remedy=False)],
            [Call("high_latency", ("mail",))],
            id="a remedy counts more than what a scenario is meant for",
        ),
        pytest.param(
            [saw("model_server", "model"), saw("database_connection", "db"), saw("service_crash", "model", "web")],
            [Call("database_connection", ("db",)), Call("model_server", ("model",)), Call("service_crash", ("web",))],
            id="what others depend on comes first",
        ),
        pytest.param(
            [Seen("high_latency", ("users", "model"), ("users",)), saw("service_crash", "users", "model")],
            [Call("service_crash", ("model",)), Call("high_latency", ("users",))],
            id="a remedy for one service is none for another",
        ),
        pytest.param(
            [saw("database_connection", "db"), saw("disk_space", HOST)],
            [Call("disk_space", (HOST,)), Call("database_connection", ("db",))],
            id="the host before everything",
        ),
        pytest.param(
            [saw("service_crash", "mail", "users")],
            [Call("service_crash", ("mail", "users"))],
            id="one call for all services of a scenario",
        ),
        pytest.param(
            [saw("model_server"), saw("service_crash")], [Call("model_server", ())], id="the engine does not answer"
        ),
    ],
)
def test_each_service_in_trouble_is_left_to_one_scenario_dependencies_first(
    seen: list[Seen], calls: list[Call]
) -> None:
    assert list(choose_scenarios(seen, GRAPH)) == calls


CACHE = saw("high_latency", "db", "cache", remedy=False, foreign=("db",))


@pytest.mark.parametrize(
    "seen, calls",
    [
        pytest.param(
            [CACHE, Seen("service_crash", ("cache", "db"), ("db",))],
            [Call("service_crash", ("cache", "db"))],
            id="its incident would be about the same services as the one of the crash",
        ),
        pytest.param(
            [CACHE, saw("service_crash", "cache", "db", remedy=False)],
            [Call("service_crash", ("cache", "db"))],
            id="nobody has a remedy for the crash either",
        ),
        pytest.param(
            [saw("high_latency", "cache", remedy=False), saw("service_crash", "cache", remedy=False)],
            [Call("high_latency", ("cache",))],
            id="alone it is left to the one that is meant for it",
        ),
        pytest.param(
            [saw("high_latency", "cache", foreign=("cache",)), saw("service_crash", "cache", "db")],
            [Call("service_crash", ("cache", "db"))],
            id="both would wait for it",
        ),
        pytest.param(
            [saw("model_server", "cache"), saw("service_crash", "cache", "db")],
            [Call("service_crash", ("db",)), Call("model_server", ("cache",))],
            id="a remedy of the one that is meant for it counts more than one call less",
        ),
    ],
)
def test_of_what_little_is_known_no_second_incident_is_made(seen: list[Seen], calls: list[Call]) -> None:
    """The cache could not be observed; the database has crashed."""
    found = choose_scenarios(seen, GRAPH, uncertain=["cache"])

    assert sorted(found, key=lambda call: call.scenario) == sorted(calls, key=lambda call: call.scenario)
