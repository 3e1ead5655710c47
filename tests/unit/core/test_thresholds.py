# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import Field, fields
from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.doc_fragments.platform import ModuleDocFragment
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import (
    Thresholds,
    read_thresholds,
)

UNITS = ("ms", "s", "percent", "count", "rows", "bytes")


def test_what_is_not_given_keeps_its_default() -> None:
    assert read_thresholds(None) == Thresholds()
    assert read_thresholds({"http_latency_ms": 5}) == Thresholds(http_latency_ms=5.0)


def test_a_limit_may_be_given_as_text_as_the_command_line_does() -> None:
    assert read_thresholds({"http_latency_ms": "5"}) == Thresholds(http_latency_ms=5.0)


@pytest.mark.parametrize("name", [field.name for field in fields(Thresholds)])
def test_every_limit_names_its_unit_and_can_be_set(name: str) -> None:
    assert name.rsplit("_", 1)[1] in UNITS
    assert getattr(read_thresholds({name: 7}), name) == 7.0


@pytest.mark.parametrize(
    "given, option",
    [
        ("fast", "limits"),
        ({"http_latency": 5}, "limits.http_latency"),
        ({"http_latency_ms": "5 s"}, "limits.http_latency_ms"),
        ({"http_latency_ms": 0}, "limits.http_latency_ms"),
        ({"http_latency_ms": -1}, "limits.http_latency_ms"),
        ({"http_latency_ms": True}, "limits.http_latency_ms"),
        ({"http_latency_ms": float("nan")}, "limits.http_latency_ms"),
        ({"http_latency_ms": float("inf")}, "limits.http_latency_ms"),
    ],
)
def test_a_wrong_limit_is_refused_by_its_name(given: Any, option: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_thresholds(given, "limits")
    assert caught.value.option == option


@pytest.mark.parametrize("limit", fields(Thresholds), ids=lambda limit: limit.name)
def test_every_limit_is_documented_with_its_default(limit: Field[float]) -> None:
    assert f"C({limit.name}) ({limit.default:.10g})" in " ".join(ModuleDocFragment.DOCUMENTATION.split())
