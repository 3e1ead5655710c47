# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults by name, and the memory of the active ones."""

from __future__ import annotations

import re
from pathlib import Path

import faults
import pytest

from labtool.commands import LabError
from labtool.fault import ActiveFaults
from labtool.platform import LAB_DIR, OVERRIDES

SCENARIOS = {"service_crash", "database", "model_server", "latency", "authentication", "queue_backlog", "disk_space"}
SOURCES = "\n".join(path.read_text() for path in sorted((LAB_DIR / "faults").glob("*.py")))


def test_no_two_faults_share_a_name() -> None:
    assert len(faults.FAULTS) == sum(len(family) for family in faults.FAMILIES)


def test_every_scenario_of_the_playbook_has_a_fault() -> None:
    assert {fault.scenario for fault in faults.FAULTS.values()} == SCENARIOS


@pytest.mark.parametrize("name", faults.FAULTS)
def test_a_fault_can_be_typed_and_says_what_it_does_in_one_sentence(name: str) -> None:
    sentence = faults.FAULTS[name].sentence
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", name)
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize("name", faults.FAULTS)
def test_the_readme_tells_of_each_fault(name: str) -> None:
    assert f"| `{name}` |" in (LAB_DIR / "README.md").read_text()


def test_an_unknown_name_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(LabError, match=r"no fault 'model-hung'; there are: .*model-hang"):
        faults.find("model-hung")


@pytest.mark.parametrize("override", sorted(path.stem for path in OVERRIDES.glob("*.yaml")))
def test_every_override_is_used(override: str) -> None:
    assert f'"{override}"' in SOURCES


def test_active_faults_keep_their_order_and_what_undo_has_to_know(tmp_path: Path) -> None:
    active = ActiveFaults(tmp_path / "lab" / "faults.json")
    active.add("model-hang", {})
    active.add("redis-full", {"before": "1"})
    active.add("db-lock", {})
    active.remove("model-hang")
    again = ActiveFaults(tmp_path / "lab" / "faults.json")
    assert list(again.all().items()) == [("redis-full", {"before": "1"}), ("db-lock", {})]


def test_a_lab_that_was_never_broken_has_no_active_faults(tmp_path: Path) -> None:
    active = ActiveFaults(tmp_path / "faults.json")
    assert active.all() == {}
    active.clear()
    assert active.all() == {}
