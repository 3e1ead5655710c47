# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The incident that an alert was about is found by scenario, service and time."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.alert_incident import incident_of_alert

FIRED = {"starts_at": "2026-02-27T10:15:00Z", "ends_at": "2026-02-27T10:20:00Z"}


def incident(number: str, opened: str, resolved: str | None, **fields: Any) -> dict[str, Any]:
    """An incident of one hour of a day."""
    return {
        "id": number,
        "scenario": "service_crash",
        "services": ["user-service"],
        "opened_at": f"2026-02-27T{opened}:00Z",
        "resolved_at": resolved and f"2026-02-27T{resolved}:00Z",
        **fields,
    }


@pytest.mark.parametrize(
    "opened, resolved, found",
    [
        ("10:15", "10:16", True),
        ("08:00", None, True),
        ("10:14", "10:21", True),
        ("10:20", None, True),
        ("09:00", "10:00", True),
        ("09:00", "09:59", False),
        ("10:21", None, False),
    ],
)
def test_an_incident_belongs_to_an_alert_when_it_was_going_on_or_just_over(
    opened: str, resolved: str | None, found: bool
) -> None:
    alert = {**FIRED, "scenario": "service_crash"}

    assert incident_of_alert([incident("one", opened, resolved)], alert) == ("one" if found else "")


def test_the_scenario_goes_before_the_service_and_the_newest_before_the_older() -> None:
    incidents = [
        incident("newest of the service", "10:18", None, scenario="model_server"),
        incident("newest of the scenario", "10:16", "10:17", services=["redis"]),
        incident("older", "10:15", "10:16"),
    ]

    both = {**FIRED, "scenario": "service_crash", "service": "user-service"}
    assert incident_of_alert(incidents, both) == "newest of the scenario"
    assert incident_of_alert(incidents, {**FIRED, "service": "user-service"}) == "newest of the service"
    assert incident_of_alert(incidents, {**FIRED, "scenario": "", "service": ""}) == ""
    assert incident_of_alert([], both) == ""


def test_whatever_fires_while_the_host_cannot_be_reached_is_about_that_unless_there_is_a_better_reason() -> None:
    gone = incident("gone", "10:18", None, scenario="host_unreachable", services=[])
    alert = {**FIRED, "scenario": "service_crash", "service": "user-service"}

    assert incident_of_alert([gone], alert) == incident_of_alert([gone], FIRED) == "gone"
    assert incident_of_alert([gone, incident("crash", "10:15", "10:16")], alert) == "crash"
    assert incident_of_alert([incident("over", "08:00", "09:59", scenario="host_unreachable")], alert) == ""


@pytest.mark.parametrize("value", [None, "", "soon", "2026-02-27T10:15:00", 17])
def test_a_time_that_is_none_is_named(value: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"incident_alert\.starts_at"):
        incident_of_alert([], {**FIRED, "starts_at": value})
