# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ladder is data that a person writes: what is wrong with it is said by its name."""

from __future__ import annotations

from typing import Any

import pytest
from findings import critical, fine, unknown, warning

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rung import Rung, Tier, read_ladder

RESTART = {"action": "restart", "tier": "disruptive", "findings": ["model_server.held", "model_server.*"]}


def test_a_rung_says_least_when_only_what_is_needed_is_given() -> None:
    assert read_ladder([RESTART]) == (Rung("restart", Tier.DISRUPTIVE, ("model_server.held", "model_server.*")),)


def test_a_rung_says_all_that_can_be_said() -> None:
    entry = {
        **RESTART,
        "unless": ["model_server.file_*"],
        "statuses": ["critical", "warning"],
        "deadline": 90,
        "parameters": {"stop_timeout": 5},
    }

    (rung,) = read_ladder([entry])

    assert rung.unless == ("model_server.file_*",)
    assert rung.statuses == (Status.CRITICAL, Status.WARNING)
    assert rung.deadline == 90.0
    assert rung.parameters == {"stop_timeout": 5}


@pytest.mark.parametrize("given, seconds", [(90, 90.0), (0.5, 0.5), ("90", 90.0), ("1e2", 100.0)])
def test_a_deadline_may_come_as_text_as_extra_variables_do(given: object, seconds: float) -> None:
    assert read_ladder([{**RESTART, "deadline": given}])[0].deadline == seconds


@pytest.mark.parametrize(
    "change, option",
    [
        ({"tier": "harmless"}, "tier"),
        ({"tier": None}, "tier"),
        ({"action": None}, "action"),
        ({"action": "../../etc/passwd"}, "action"),
        ({"action": "Restart"}, "action"),
        ({"action": "restart\n"}, "action"),
        ({"action": ""}, "action"),
        ({"findings": []}, "findings"),
        ({"findings": None}, "findings"),
        ({"findings": "model_server.*"}, "findings"),
        ({"findings": [""]}, "findings"),
        ({"findings": [7]}, "findings"),
        ({"unless": "model_server.*"}, "unless"),
        ({"unless": None}, "unless"),
        ({"statuses": "critical"}, "statuses"),
        ({"statuses": []}, "statuses"),
        ({"statuses": 3}, "statuses"),
        ({"statuses": ["critical", "bad"]}, "statuses"),
        ({"statuses": [["critical"]]}, "statuses"),
        ({"deadline": 0}, "deadline"),
        ({"deadline": -1}, "deadline"),
        ({"deadline": True}, "deadline"),
        ({"deadline": "soon"}, "deadline"),
        ({"deadline": None}, "deadline"),
        ({"deadline": float("nan")}, "deadline"),
        ({"deadline": float("inf")}, "deadline"),
        ({"deadline": 10**400}, "deadline"),
        ({"parameters": ["stop_timeout"]}, "parameters"),
        ({"dead_line": 5}, "dead_line"),
        ({7: 5}, "7"),
        ({7: 5, "zeal": 1, None: 2}, "7"),
    ],
)
def test_a_wrong_entry_is_named_with_its_place_in_the_ladder(change: dict[Any, Any], option: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_ladder([RESTART, {**RESTART, **change}], "model_server_ladder")

    assert caught.value.option == f"model_server_ladder[1].{option}"
    assert caught.value.remedy


@pytest.mark.parametrize(
    "data, option",
    [("restart", "model_server_ladder"), (None, "model_server_ladder"), (["restart"], "model_server_ladder[0]")],
)
def test_what_is_no_ladder_is_named(data: object, option: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_ladder(data, "model_server_ladder")

    assert caught.value.option == option


@pytest.mark.parametrize(
    "finding, called",
    [
        (critical("model_server.canary"), True),
        (critical("model_server.held"), True),
        (critical("container.state"), False),
        (critical("xmodel_server.held"), False),
        (unknown("model_server.canary"), False),
        (warning("model_server.canary"), False),
        (fine("model_server.canary"), False),
    ],
)
def test_a_rung_is_called_for_by_critical_findings_that_match(finding: Finding, called: bool) -> None:
    (rung,) = read_ladder([RESTART])

    assert rung.is_called_for_by(finding) is called


def test_a_listed_status_calls_as_well() -> None:
    (rung,) = read_ladder([{**RESTART, "statuses": ["unknown"]}])

    assert rung.is_called_for_by(unknown("model_server.canary"))
    assert not rung.is_called_for_by(critical("model_server.canary"))


def test_the_most_telling_findings_are_named_first() -> None:
    (rung,) = read_ladder([RESTART])

    assert [rung.rank(critical(name)) for name in ("model_server.held", "model_server.canary", "http.health")] == [
        0,
        1,
        2,
    ]
