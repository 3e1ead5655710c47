# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/playbook-map.md is what scripts/playbook-map makes of the code of today, and tells every row of the playbook."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from types import ModuleType
from typing import Any

import pytest

from checkout import ROOT, load_yaml

PAPER = load_yaml(ROOT / "docs" / "playbook.yml")
DOCUMENT = ROOT / "docs" / "playbook-map.md"


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    """The script as a module; no compiled copy is left beside it."""
    path = ROOT / "scripts" / "playbook-map"
    module = ModuleType("playbook_map")
    module.__file__ = str(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, module.__name__, module)
        exec(compile(path.read_text(encoding="utf-8"), path, "exec"), module.__dict__)  # noqa: S102 - our own script
        yield module


def test_the_page_is_up_to_date(script: ModuleType) -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == script.document(), "run .venv/bin/python scripts/playbook-map"


def test_the_page_has_a_row_for_everything_that_the_playbook_asks_for() -> None:
    page = DOCUMENT.read_text(encoding="utf-8")
    steps = [f"{one['prefix']}-{n}" for one in PAPER["scenarios"].values() for n in range(1, one["steps"] + 1)]

    assert [step for step in steps if len(re.findall(rf"^\| \*\*{step}\*\* ", page, re.MULTILINE)) != 1] == []
    titles = [
        *PAPER["severities"],
        *PAPER["review"],
        *(f"Timeline: {moment}" for moment in PAPER["review_moments"]),
        *(one["what"] for one in PAPER["monitoring"]),
    ]
    assert [title for title in titles if page.count(f"\n| **{title}** |") != 1] == []
    assert len(PAPER["escalation"]) == 7


def _one_more_step(paper: dict[str, Any]) -> None:
    paper["scenarios"]["model_server"]["steps"] += 1


def _less_time(paper: dict[str, Any]) -> None:
    paper["severities"]["P1"]["respond"] = {"minutes": 5}


def _another_channel(paper: dict[str, Any]) -> None:
    paper["severities"]["P4"]["tell"].append("sms")


def _another_contact(paper: dict[str, Any]) -> None:
    paper["escalation"]["data_breach"]["then"] = ["cto"]


def _another_field(paper: dict[str, Any]) -> None:
    paper["review"]["Weather"] = "## Weather"


def _another_moment(paper: dict[str, Any]) -> None:
    paper["review_moments"].append("Coffee made")


def _another_finding(paper: dict[str, Any]) -> None:
    paper["monitoring"][0]["findings"] = ["http.smell"]


@pytest.mark.parametrize(
    "change, told",
    [
        (_one_more_step, "MS-6: no row"),
        (_less_time, "P1: "),
        (_another_channel, "not told by ['sms']"),
        (_another_contact, "escalation of data_breach"),
        (_another_field, "no line '## Weather'"),
        (_another_moment, "no moment 'Coffee made'"),
        (_another_finding, "['http.smell']"),
    ],
)
def test_a_row_that_nothing_carries_is_refused_by_name(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], None], told: str
) -> None:
    paper = deepcopy(PAPER)
    change(paper)
    read = script.data
    monkeypatch.setattr(script, "data", lambda *parts: paper if parts == ("docs", "playbook.yml") else read(*parts))

    with pytest.raises(script.UnmappedError, match=re.escape(told)):
        script.document()


def test_a_finding_is_found_with_its_step_however_it_is_written(script: ModuleType) -> None:
    made = {(one.id, one.step) for one in script.findings_in_code()}

    assert made >= {
        ("postgres.slots", "DB-3"),
        ("redis.memory", "HL-2"),
        ("model_server.loading", "MS-3"),
        ("model_server.memory", "MS-5"),
        ("log.*", "SC-1"),
    }
    assert ("model_server.loading", "MS-5") not in made
