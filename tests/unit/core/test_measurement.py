# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as measured, and how a long series is thinned."""

from __future__ import annotations

import pytest
from findings import critical, fine
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.measurement import (
    Measurement,
    measured,
    number_of,
    thin,
)


def test_a_finding_with_a_number_as_value_or_limit_is_measured() -> None:
    findings = [
        fine("a", value=1.5, limit=3, unit="ms"),
        critical("b", value=None, limit=3.0, unit="ms"),
        fine("c", value="sha256", limit="sha256"),
        fine("d"),
    ]

    assert measured(finding.to_data() for finding in findings) == (
        Measurement("a", "model-server", "ok", 1.5, 3.0, "ms"),
        Measurement("b", "model-server", "critical", None, 3.0, "ms"),
    )


@pytest.mark.parametrize("value", [None, True, "7", float("nan"), float("inf"), [1]])
def test_what_is_no_finite_number_is_not_measured(value: object) -> None:
    assert number_of(value) is None


@given(st.integers(1, 500), st.integers(2, 60))
def test_a_thinned_series_keeps_its_ends_and_its_order(length: int, most: int) -> None:
    thinned = thin(list(range(length)), most)

    assert len(thinned) == min(length, most)
    assert (thinned[0], thinned[-1]) == (0, length - 1)
    assert thinned == sorted(set(thinned))
