# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules approval, maintenance and record_samples: repeated, withdrawn, in check mode, and with wrong options."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from module_calls import fail, run

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import StateUnavailableError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.summary import read_summary
from ansible_collections.agentfoundry.incident_response.plugins.modules import approval, maintenance, record_samples

DIGEST = "ab" * 32
APPROVAL = {"platform": "shop", "action": "restore", "digest": DIGEST, "approver": "jane", "reason": "checked"}
WINDOW = {"platform": "shop", "service": "api", "by": "jane", "reason": "upgrade", "duration": 600}
CASES = [pytest.param(approval, APPROVAL, id="approval"), pytest.param(maintenance, WINDOW, id="maintenance")]


@pytest.fixture
def state_dir(tmp_path: Path) -> str:
    return str(tmp_path / "state")


@pytest.mark.parametrize("module, options", CASES)
def test_present_and_absent_each_change_once(module: ModuleType, options: dict[str, Any], state_dir: str) -> None:
    states = ("present", "present", "absent", "absent", "present")
    results = [run(module, {**options, "state_dir": state_dir, "state": state}) for state in states]
    assert [result["changed"] for result in results] == [True, False, True, False, True]
    assert [bool(result["diff"]["before"]) for result in results] == [False, True, True, False, False]
    assert [bool(result["diff"]["after"]) for result in results] == [True, True, False, False, True]


@pytest.mark.parametrize("module, options", CASES)
def test_check_mode_tells_the_change_and_writes_nothing(
    module: ModuleType, options: dict[str, Any], state_dir: str
) -> None:
    checked = run(module, {**options, "state_dir": state_dir, "_ansible_check_mode": True})
    assert checked["changed"]
    assert not Path(state_dir).exists()
    run(module, {**options, "state_dir": state_dir})
    withdrawn = {**options, "state_dir": state_dir, "state": "absent"}
    assert run(module, {**withdrawn, "_ansible_check_mode": True})["changed"]
    assert run(module, withdrawn)["changed"]


@pytest.mark.parametrize(
    "change, changed", [({}, False), ({"duration": 900}, True), ({"reason": "other"}, True), ({"by": "joe"}, True)]
)
def test_only_another_window_begins_anew(change: dict[str, Any], changed: bool, state_dir: str) -> None:
    run(maintenance, {**WINDOW, "state_dir": state_dir})
    assert run(maintenance, {**WINDOW, **change, "state_dir": state_dir})["changed"] == changed


def test_nobody_cuts_the_window_of_another_person_short(state_dir: str) -> None:
    run(maintenance, {**WINDOW, "duration": 7200, "state_dir": state_dir})
    shorter = {**WINDOW, "by": "joe", "reason": "a quick look", "duration": 60, "state_dir": state_dir}
    message = fail(maintenance, shorter)["msg"]
    assert "api is in maintenance by jane" in message
    assert "(upgrade), longer than the 60 s that joe wants" in message
    assert "state: absent" in message
    assert [window["by"] for window in read_summary(state_dir, "shop")["maintenance"]] == ["jane"]
    assert run(maintenance, {**shorter, "duration": 9000})["changed"]
    assert run(maintenance, {**shorter, "duration": 60})["changed"]


@pytest.mark.parametrize("expires, changed", [(3600, False), (60, True), (86400, True)])
def test_only_another_lifetime_of_an_approval_begins_anew(expires: float, changed: bool, state_dir: str) -> None:
    run(approval, {**APPROVAL, "expires": 3600, "state_dir": state_dir})
    result = run(approval, {**APPROVAL, "expires": expires, "state_dir": state_dir})
    assert result["changed"] == changed
    assert f"approved by jane for {expires} s: checked" in result["diff"]["after"]


def test_windows_of_a_service_and_of_the_platform_stand_side_by_side(state_dir: str) -> None:
    for service in ("api", ""):
        run(maintenance, {**WINDOW, "service": service, "state_dir": state_dir})
    run(maintenance, {"platform": "shop", "service": "api", "state": "absent", "state_dir": state_dir})
    assert [window["service"] for window in read_summary(state_dir, "shop")["maintenance"]] == [""]


@pytest.mark.parametrize(
    "module, options, words",
    [
        (approval, {**APPROVAL, "digest": "abc"}, "64 hexadecimal digits"),
        (approval, {**APPROVAL, "digest": f"{DIGEST}\n"}, "64 hexadecimal digits"),
        (approval, {**APPROVAL, "expires": 0}, "expires"),
        (approval, {key: APPROVAL[key] for key in ("platform", "action", "digest")}, "approver"),
        (maintenance, {**WINDOW, "duration": -1}, "duration"),
        (maintenance, {**WINDOW, "duration": "inf"}, "duration"),
        (maintenance, {"platform": "shop"}, "by, reason, duration"),
        (record_samples, {"platform": "shop", "samples": {"api": 1}}, "samples.api"),
    ],
)
def test_an_option_that_is_wrong_is_named(
    module: ModuleType, options: dict[str, Any], words: str, state_dir: str
) -> None:
    assert words in fail(module, {**options, "state_dir": state_dir})["msg"]
    assert not Path(state_dir).exists()


def keep(state_dir: str, samples: dict[str, Any], **options: Any) -> dict[str, Any]:
    return run(record_samples, {"platform": "shop", "samples": samples, "state_dir": state_dir, **options})


def test_samples_are_kept_by_name_and_are_never_a_change(state_dir: str) -> None:
    first = {"model-server": {"model_size": 42, "model_files": {"a.bin": [1, None, "x"]}}, "api": {"restarts": 0}}
    assert not keep(state_dir, first)["changed"]
    assert not keep(state_dir, {"model-server": {"model_size": 43}})["changed"]
    kept = read_summary(state_dir, "shop")["samples"]
    assert kept == {
        "model-server": {"model_size": 43, "model_files": {"a.bin": [1, None, "x"]}},
        "api": {"restarts": 0},
    }
    assert read_summary(state_dir, "blog")["samples"] == {}


def test_samples_in_check_mode_are_not_kept(state_dir: str) -> None:
    keep(state_dir, {"api": {"restarts": 0}}, _ansible_check_mode=True)
    assert not Path(state_dir).exists()


@pytest.mark.parametrize("module, options", [*CASES, (record_samples, {"platform": "shop", "samples": {}})])
def test_a_state_directory_that_cannot_be_used_fails_the_module_with_a_remedy(
    module: ModuleType, options: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("a file")
    message = fail(module, {**options, "state_dir": str(tmp_path / "state")})["msg"]
    assert "is not a directory. Move that file away" in message
    assert StateUnavailableError.__name__ not in message
