# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from module_calls import fail, run

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_compliance import STATUSES
from ansible_collections.agentfoundry.incident_response.plugins.modules import compliance_history
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.model import Verdict


def keep(state_dir: str, results: dict[str, Any], **options: Any) -> dict[str, Any]:
    return run(compliance_history, {"platform": "shop", "state_dir": state_dir, "results": results, **options})


def test_a_run_is_told_to_the_next_one_and_is_never_a_change(tmp_path: Path) -> None:
    first = keep(str(tmp_path / "state"), {"secret.equal": "pass", "disk.headroom": "fail"})
    second = keep(str(tmp_path / "state"), {"secret.equal": "unknown"})

    assert (first["changed"], first["runs"]) == (False, [])
    (told,) = second["runs"]
    assert told["results"] == {"secret.equal": "pass", "disk.headroom": "fail"}
    assert told["at"].endswith("Z")


def test_each_platform_has_a_history_of_its_own(tmp_path: Path) -> None:
    keep(str(tmp_path / "state"), {"disk.headroom": "fail"})

    assert keep(str(tmp_path / "state"), {"disk.headroom": "pass"}, platform="blog")["runs"] == []


def test_check_mode_reads_the_history_and_keeps_nothing(tmp_path: Path) -> None:
    state = tmp_path / "state"
    keep(str(state), {"disk.headroom": "fail"}, _ansible_check_mode=True)
    assert not state.exists()

    keep(str(state), {"disk.headroom": "fail"})
    assert len(keep(str(state), {"disk.headroom": "pass"}, _ansible_check_mode=True)["runs"]) == 1
    assert len(keep(str(state), {"disk.headroom": "pass"})["runs"]) == 1


def test_the_oldest_runs_go_and_the_newest_are_told_in_their_order(tmp_path: Path) -> None:
    for status in ("pass", "fail", "waived", "unknown"):
        told = keep(str(tmp_path / "state"), {"disk.headroom": status}, most=3, limit=2)

    assert [run["results"]["disk.headroom"] for run in told["runs"]] == ["fail", "waived"]
    all_of_them = keep(str(tmp_path / "state"), {"disk.headroom": "pass"}, limit=60)
    assert [run["results"]["disk.headroom"] for run in all_of_them["runs"]] == ["fail", "waived", "unknown"]


@pytest.mark.parametrize(
    "options, named",
    [
        ({"results": {"disk.headroom": "good"}}, "results.disk.headroom"),
        ({"results": {"Disk; DROP": "pass"}}, "results"),
        ({"limit": 0}, "limit"),
        ({"most": 0}, "most"),
    ],
)
def test_what_cannot_be_kept_is_an_error_that_names_the_option(
    tmp_path: Path, options: dict[str, Any], named: str
) -> None:
    arguments = {"platform": "shop", "state_dir": str(tmp_path / "state"), "results": {}, **options}

    assert named in fail(compliance_history, arguments)["msg"]


def test_the_statuses_of_the_record_are_those_of_the_verdicts() -> None:
    assert set(STATUSES) == {verdict.value for verdict in Verdict}
