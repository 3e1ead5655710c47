# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Resources

BEFORE = Resources(available=True, periods=1_000_000, throttled_periods=400_000, cpu_seconds=50.0, memory_bytes=10)


@pytest.mark.parametrize(
    "later, seconds, cores, throttled",
    [
        (Resources(periods=1_000_010, throttled_periods=400_009, cpu_seconds=51.0), 2.0, 0.5, 90.0),
        (Resources(periods=1_000_010, throttled_periods=400_000, cpu_seconds=50.0), 1.0, 0.0, 0.0),
        (Resources(periods=1_000_004, throttled_periods=400_004, cpu_seconds=50.2), 0.4, 0.5, None),
        (Resources(periods=7, throttled_periods=7, cpu_seconds=0.1), 1.0, 0.0, None),
        (Resources(), 1.0, None, None),
        (Resources(periods=1_000_010, throttled_periods=400_009, cpu_seconds=51.0), 0.0, None, 90.0),
    ],
    ids=["busy", "idle now", "too few periods", "started anew meanwhile", "gone meanwhile", "no time between"],
)
def test_two_readings_tell_what_a_container_does_now(
    later: Resources, seconds: float, cores: float | None, throttled: float | None
) -> None:
    found = BEFORE.compared_with(later, seconds)
    assert found.cpu_cores == (pytest.approx(cores) if cores is not None else None)
    assert found.throttled_now_percent == throttled
    assert (found.throttled_percent, found.memory_bytes) == (40.0, 10)


def test_without_a_quota_nothing_is_throttled() -> None:
    found = Resources(available=True).compared_with(Resources(available=True), 1.0).to_data()
    assert (found["throttled_percent"], found["throttled_now_percent"]) == (None, None)
