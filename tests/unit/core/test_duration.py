# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Durations and values as a person reads them."""

from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.duration import (
    duration_text,
    value_text,
)


@pytest.mark.parametrize(
    "seconds, text",
    [
        (None, "not known"),
        (0, "0 s"),
        (0.6, "1 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (65, "1 min 5 s"),
        (3600, "1 h"),
        (4320, "1 h 12 min"),
        (3605, "1 h"),
        (90_000, "1 d 1 h"),
        (86_400 * 40, "40 d"),
        (-5, "0 s"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds: float | None, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    "value, unit, text",
    [
        (None, "ms", "no answer"),
        (12.0, "ms", "12 ms"),
        (12.34, "ms", "12.3 ms"),
        (5000.4, "ms", "5,000 ms"),
        (97.5, "%", "97.5 %"),
        (40.0, "1", "40"),
        (0.0, "bytes", "0 B"),
        (1536.0, "bytes", "1.5 KiB"),
        (200 * 2.0**20, "bytes", "200 MiB"),
        (-(2.0**30), "bytes", "-1.0 GiB"),
        (2.0**60, "bytes", "1048576 TiB"),
    ],
)
def test_a_value_is_told_with_its_unit(value: float | None, unit: str, text: str) -> None:
    assert value_text(value, unit) == text
