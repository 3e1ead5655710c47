# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MTTA, MTTR, response in time and recurrence; and the statistics of several hosts as if they were one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_fakes import NOON, an_incident

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import (
    Escalation,
    Incident,
    State,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident_statistics import (
    compliance,
    mean_s,
    merged,
    statistics_of,
)

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
NOW = NOON + 100 * DAY


def resolved(after: float, **fields: Any) -> Incident:
    opened = fields.get("opened_at", NOON)
    return an_incident(state=State.RESOLVED, resolved_at=opened + after, stable_at=opened + after, **fields)


def test_means_are_of_those_that_came_to_it() -> None:
    whole = statistics_of(
        [
            resolved(30 * MINUTE, acknowledged_at=NOON + 10 * MINUTE),
            resolved(10 * MINUTE),
            an_incident(acknowledged_at=NOON + 20 * MINUTE, state=State.ACKNOWLEDGED),
            an_incident(escalation=Escalation(NOON, "no rung left")),
        ],
        NOW,
    )["all"]

    assert (whole["count"], whole["open"], whole["escalated"]) == (4, 2, 1)
    assert mean_s(whole["acknowledge"]) == 15 * MINUTE
    assert mean_s(whole["resolve"]) == 20 * MINUTE
    assert (whole["acknowledge"]["longest_s"], whole["resolve"]["longest_s"]) == (20 * MINUTE, 30 * MINUTE)


@pytest.mark.parametrize(
    "incident, now, told",
    [
        pytest.param(resolved(HOUR - 1), NOW, "met", id="resolved in time"),
        pytest.param(resolved(HOUR + 1), NOW, "missed", id="resolved too late"),
        pytest.param(resolved(HOUR + 1, acknowledged_at=NOON + 5), NOW, "met", id="acknowledged in time"),
        pytest.param(an_incident(), NOON + HOUR - 1, "pending", id="not due yet"),
        pytest.param(an_incident(), NOON + HOUR + 1, "missed", id="nobody came"),
        pytest.param(an_incident(severity="P1"), NOON + HOUR - 1, "missed", id="a P1 is due sooner"),
    ],
)
def test_a_response_in_time_is_told_from_one_that_is_missed_or_not_due(
    incident: Incident, now: float, told: str
) -> None:
    whole = statistics_of([incident], now)["all"]

    assert [name for name in ("met", "missed", "pending") if whole[f"response_{name}"]] == [told]
    assert compliance(whole) == {"met": 1.0, "missed": 0.0, "pending": None}[told]


def test_incidents_are_counted_by_severity_scenario_month_and_platform() -> None:
    found = statistics_of(
        [
            resolved(MINUTE),
            resolved(MINUTE, severity="P1", scenario="disk_space", opened_at=NOON + 5 * DAY),
            resolved(MINUTE, platform="blog", opened_at=NOON + 40 * DAY),
        ],
        NOW,
    )

    counts = {name: {key: one["count"] for key, one in found[name].items()} for name in found if name.startswith("by_")}
    assert counts == {
        "by_severity": {"P1": 1, "P2": 2},
        "by_scenario": {"disk_space": 1, "model_server": 2},
        "by_month": {"2026-02": 1, "2026-03": 1, "2026-04": 1},
        "by_platform": {"blog": 1, "shop": 2},
    }


def test_a_fault_that_came_more_than_once_is_told_with_its_first_and_last_time() -> None:
    again = [resolved(MINUTE, opened_at=NOON + day * DAY) for day in (0, 9, 3)]
    other = [resolved(MINUTE, services=("redis",), opened_at=NOON + day * DAY) for day in (1, 2)]

    recurring = statistics_of([*again, *other, resolved(MINUTE, services=("once",))], NOW)["recurring"]

    assert [(fault["services"], fault["count"], fault["first"][:10], fault["last"][:10]) for fault in recurring] == [
        (["model-server"], 3, "2026-02-27", "2026-03-08"),
        (["redis"], 2, "2026-02-28", "2026-03-01"),
    ]


def test_a_clock_that_was_set_back_spoils_no_mean() -> None:
    whole = statistics_of([resolved(-HOUR), resolved(MINUTE)], NOW)["all"]

    assert whole["count"] == 2
    assert whole["resolve"] == {"count": 1, "total_s": MINUTE, "longest_s": MINUTE}


def test_nothing_gives_no_mean_and_no_division_by_zero() -> None:
    whole = statistics_of([], NOW)["all"]

    assert (whole["count"], mean_s(whole["resolve"]), compliance(whole)) == (0, None, None)
    assert merged([])["all"]["count"] == 0


INCIDENTS = st.lists(
    st.builds(
        lambda after, severity, scenario, day: resolved(
            float(after), severity=severity, scenario=scenario, opened_at=NOON + day * DAY
        ),
        st.integers(-100, 10_000),
        st.sampled_from(["P1", "P2", "P4"]),
        st.sampled_from(["model_server", "disk_space"]),
        st.integers(0, 90),
    ),
    max_size=12,
)


@given(INCIDENTS, INCIDENTS)
def test_the_statistics_of_two_hosts_are_those_of_one_that_had_it_all(
    first: list[Incident], second: list[Incident]
) -> None:
    together = statistics_of([*first, *second], NOW)
    apart = merged([statistics_of(first, NOW), statistics_of(second, NOW)])

    assert {name: apart[name] for name in apart if name != "recurring"} == {
        name: together[name] for name in together if name != "recurring"
    }
