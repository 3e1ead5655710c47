# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every numbered step of the incident response playbook is carried out by a check or an action, and can be found."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from checkout import ROOT, load_yaml

STEPS = load_yaml(ROOT / "docs" / "playbook.yml")["scenarios"]
PRESENT = [
    pytest.param(role, f"{about['prefix']}-{number}", id=f"{about['prefix']}-{number}")
    for role, about in STEPS.items()
    for number in range(1, about["steps"] + 1)
]


def test_all_thirty_nine_steps_of_the_seven_scenarios_are_asked_for() -> None:
    assert (len(STEPS), len(PRESENT)) == (7, 39)


@cache
def texts_of(role: str) -> list[str]:
    """Return the code that a scenario may be carried out by: that of the targets, and the tasks of its role."""
    paths: list[Path] = [*(ROOT / "plugins" / "module_utils").rglob("*.py"), *(ROOT / "roles" / role).rglob("*.yml")]
    return [path.read_text(encoding="utf-8") for path in paths]


@pytest.mark.parametrize("role, step", PRESENT)
def test_a_step_is_named_where_it_is_carried_out(role: str, step: str) -> None:
    named = re.compile(rf"\b{step}\b")

    assert [text for text in texts_of(role) if named.search(text)]


@pytest.mark.parametrize("role, step", PRESENT)
def test_the_readme_of_the_role_says_what_carries_out_a_step(role: str, step: str) -> None:
    readme = (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")

    assert re.search(rf"^\| {step} [^|]*\| [^|]+\|$", readme, re.MULTILINE)
