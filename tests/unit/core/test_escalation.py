# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The escalation matrix: the playbook's seven rows, who is told at which level, and when the next step is due."""

from __future__ import annotations

from typing import Any

import pytest
from record_fakes import NOON, an_incident

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.escalation import (
    Progress,
    Row,
    Rules,
    next_step,
    read_matrix,
    row_of,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import State
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.issue_type import TITLES
from checkout import ROOT, load_yaml

ON_CALL, LEAD = ("on_call_engineer",), ("platform_lead",)
MATRIX = load_yaml(ROOT / "roles" / "notification" / "defaults" / "main.yml")["notification_escalation_matrix"]


@pytest.mark.parametrize(
    "title, first, escalation",
    [
        ("Service crash / outage", ON_CALL, (LEAD,)),
        ("Database failure", ON_CALL, (("dba",), LEAD)),
        ("Security incident", ON_CALL, (("security_lead", "cto"),)),
        ("Data breach", ("security_lead",), (("cto", "legal"),)),
        ("Model server failure", ON_CALL, (("ml_engineer",),)),
        ("Authentication failure", ON_CALL, (LEAD,)),
        ("Performance degradation", ON_CALL, (LEAD,)),
    ],
)
def test_the_default_matrix_is_the_playbooks(title: str, first: tuple[str, ...], escalation: Any) -> None:
    (issue_type,) = [name for name, told in TITLES.items() if told == title]
    assert read_matrix(MATRIX)[issue_type] == Row(first, escalation)


def test_every_row_of_the_playbook_is_there_and_no_other() -> None:
    assert set(MATRIX) == set(TITLES)


def test_the_groups_are_told_one_after_the_other_and_the_last_one_again() -> None:
    row = Row(("a",), (("b",), ("c", "d")))
    assert [row.group(level) for level in range(5)] == [("a",), ("b",), ("c", "d"), ("c", "d"), ("c", "d")]
    assert [row.told(level) for level in range(4)] == [("a",), ("a", "b"), *[("a", "b", "c", "d")] * 2]


def test_where_nobody_comes_next_the_first_responder_is_told_again() -> None:
    assert Row(("a",)).group(3) == ("a",)
    assert Row(("a",)).told(3) == ("a",)


def test_a_row_that_is_left_out_is_that_of_a_service_crash() -> None:
    matrix = read_matrix({"service_crash": {"first": "me"}})
    assert row_of(matrix, "data_breach") == row_of(matrix, "") == Row(("me",))


@pytest.mark.parametrize(
    "matrix, words",
    [
        ([], "matrix has the value []"),
        ({"service_crash": {"first": "a"}, "flood": {"first": "a"}}, "matrix.flood"),
        ({"data_breach": {"first": "a"}}, "Give the row service_crash"),
        ({"service_crash": {"first": []}}, "matrix.service_crash.first has the value []"),
        ({"service_crash": {"escalation": [["a"]]}}, "matrix.service_crash.first has the value None"),
        ({"service_crash": {"first": "a", "then": "b"}}, "Give first (contacts) and escalation"),
        ({"service_crash": {"first": "a", "escalation": "b"}}, "matrix.service_crash.escalation"),
        ({"service_crash": {"first": "a", "escalation": [["b", 3]]}}, "matrix.service_crash.escalation[0]"),
    ],
)
def test_a_matrix_that_cannot_be_used_is_named(matrix: Any, words: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        read_matrix(matrix)
    assert words in str(raised.value)


RULES = Rules(repeat={"P1": 900, "P4": 0}, stale={"P1": 3600, "P4": 0}, most=3)
OPEN, TAKEN = {"state": State.OPEN}, {"state": State.ACKNOWLEDGED, "acknowledged_at": NOON, "attended_at": NOON}


@pytest.mark.parametrize(
    "severity, fields, progress, after, expected",
    [
        pytest.param("P1", OPEN, Progress(), 899, None, id="the response time is not over"),
        pytest.param("P1", OPEN, Progress(), 900, (1, 1), id="the response time is over"),
        pytest.param("P1", OPEN, Progress(1, 1, 899, NOON), 1800, None, id="the step before is not answered yet"),
        pytest.param("P1", OPEN, Progress(1, 1, 900, NOON), 1800, (2, 2), id="nor was the step before answered"),
        pytest.param("P1", OPEN, Progress(3, 3, 9000, NOON), 9000, None, id="so many steps in a row are enough"),
        pytest.param("P4", OPEN, Progress(1, 1, 9e6, NOON), 9e6, None, id="a P4 is not repeated"),
        pytest.param("P1", TAKEN, Progress(), 3599, None, id="acknowledged"),
        pytest.param("P1", TAKEN, Progress(), 3600, (1, 1), id="the acknowledgement is stale"),
        pytest.param("P1", TAKEN, Progress(2, 3, 9000, NOON - 60), 3600, (3, 1), id="stale: it counts anew"),
        pytest.param("P1", TAKEN, Progress(1, 1, 899, NOON + 3600), 4499, None, id="stale, a step was taken"),
        pytest.param("P1", TAKEN, Progress(1, 1, 900, NOON + 3600), 4500, (2, 2), id="stale, and that not answered"),
        pytest.param("P4", TAKEN, Progress(), 9e6, None, id="an acknowledged P4 is never stale"),
        pytest.param("P1", OPEN, Progress(), -60, None, id="opened a moment ahead"),
        pytest.param("P1", OPEN, Progress(), -86400, (1, 1), id="opened by a clock that was set back since"),
        pytest.param("P1", OPEN, Progress(1, 1, 899, NOON - 86400), -86400, None, id="set back, and a step was taken"),
        pytest.param("P1", TAKEN, Progress(), -86400, (1, 1), id="acknowledged by a clock that was set back since"),
        pytest.param("P1", TAKEN, Progress(1, 1, 3599, 0), -86400, None, id="set back, a step was taken since"),
        pytest.param("P1", TAKEN, Progress(1, 1, 3600, 0), -86400, (2, 1), id="set back, and that step is stale"),
        pytest.param("P1", {"state": State.STABLE, "stable_at": NOON}, Progress(), 9000, None, id="stable"),
        pytest.param("P1", {"state": State.RESOLVED, "resolved_at": NOON}, Progress(), 9000, None, id="resolved"),
    ],
)
def test_a_step_is_due_as_the_table_says(
    severity: str, fields: dict[str, Any], progress: Progress, after: float, expected: tuple[int, int] | None
) -> None:
    step = next_step(an_incident(severity=severity, **fields), progress, RULES, NOON + after)
    assert (None if step is None else (step.level, step.steps)) == expected


def test_a_step_says_why_it_is_taken() -> None:
    first = next_step(an_incident(severity="P1"), Progress(), RULES, NOON + 900)
    stale = next_step(an_incident(severity="P1", **TAKEN), Progress(), RULES, NOON + 3600)
    assert first is not None
    assert first.reason == "Nobody acknowledged it in the response time of P1."
    assert stale is not None
    assert stale.reason == "The acknowledgement is stale: nothing was heard for 1 h."
    ahead = next_step(an_incident(severity="P1"), Progress(), RULES, NOON - 86400)
    assert ahead is not None
    assert ahead.reason == "The clock was ahead when it was opened: nobody can tell when a response was due."
