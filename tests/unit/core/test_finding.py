# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A finding keeps its content on the way through JSON, and people see the worst first."""

from __future__ import annotations

import json
from typing import Any

import pytest
from findings import critical, fine, unknown, warning
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import (
    Finding,
    Status,
    failing_services,
    worst_first,
)

measured = st.none() | st.floats(allow_nan=False) | st.text()
findings = st.builds(
    Finding,
    id=st.text(min_size=1),
    service=st.text(),
    status=st.sampled_from(Status),
    message=st.text(),
    value=measured,
    limit=measured,
    unit=st.sampled_from(["", "s", "ms", "bytes", "%", "1"]),
    evidence=st.lists(st.text()).map(tuple),
    step=st.sampled_from(["", "MS-1", "SC-2"]),
    targets=st.lists(st.text()).map(tuple),
)


@given(findings)
def test_a_finding_survives_json(finding: Finding) -> None:
    assert Finding.from_data(json.loads(json.dumps(finding.to_data()))) == finding


@pytest.mark.parametrize(
    "change, error",
    [
        ({"status": "splendid"}, ValueError),
        ({"id": ...}, KeyError),
        ({"service": ...}, KeyError),
        ({"status": ...}, KeyError),
        ({"message": ...}, KeyError),
    ],
)
def test_data_of_another_shape_is_refused(change: dict[str, Any], error: type[Exception]) -> None:
    data = {**fine("http.health").to_data(), **change}
    data = {key: value for key, value in data.items() if value is not ...}

    with pytest.raises(error):
        Finding.from_data(data)


@pytest.mark.parametrize(
    "status, bad, trouble",
    [
        (Status.OK, False, False),
        (Status.NOT_CONFIGURED, False, False),
        (Status.WARNING, True, False),
        (Status.UNKNOWN, True, True),
        (Status.CRITICAL, True, True),
    ],
)
def test_unknown_is_trouble_and_a_warning_is_only_worth_seeing(status: Status, bad: bool, trouble: bool) -> None:
    finding = Finding("http.health", "auth", status, "It is so.")

    assert (finding.is_bad, finding.is_trouble) == (bad, trouble)


def test_people_see_the_worst_first_and_then_by_service_and_id() -> None:
    ordered = [
        critical("http.health", "auth"),
        critical("container.state", "broker"),
        critical("http.health", "broker"),
        unknown("observation.http", "auth"),
        warning("log.timeout", "auth"),
        Finding("model_server.canary", "auth", Status.NOT_CONFIGURED, "No canary."),
        fine("http.health", "cache"),
    ]

    assert worst_first(reversed(ordered)) == ordered


def test_only_critical_findings_of_a_service_make_it_failing() -> None:
    seen = [
        critical("http.health", "auth"),
        critical("container.state", "auth"),
        critical("engine.answers", ""),
        unknown("observation.http", "broker"),
        warning("log.timeout", "cache"),
        fine("http.health", "database"),
    ]

    assert failing_services(seen) == {"auth"}


def test_the_same_fact_has_the_same_key_whatever_its_status() -> None:
    assert critical("http.health").key == fine("http.health").key == ("http.health", "model-server")
