# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An incident as text for a person."""

from __future__ import annotations

from typing import Any

import pytest
from record_fakes import an_incident

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident_text import incident_text


def started_by(**changes: Any) -> list[str]:
    return [line for line in incident_text(an_incident(**changes).to_data()) if line.startswith("  started by  ")]


@pytest.mark.parametrize(
    "source, detail, told",
    [
        ("alert", "web died with exit code 137", ["  started by  alert: web died with exit code 137"]),
        ("schedule", "timer respond", ["  started by  schedule: timer respond"]),
        ("person", "", []),
    ],
)
def test_it_says_what_the_one_that_started_the_run_told_of_itself(source: str, detail: str, told: list[str]) -> None:
    assert started_by(source=source, source_detail=detail) == told


def test_a_detail_of_several_lines_and_escape_codes_is_one_plain_line() -> None:
    (line,) = started_by(source="alert", source_detail="web\n  resolved    \x1b[31mnow")

    assert "\n" not in line
    assert "\x1b" not in line
