# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from fake_docker import Answer, FakeDocker
from fake_platform import SECRET, inspected
from fake_platform_client import platform
from module_run import run_main

from ansible_collections.agentfoundry.incident_response.plugins.modules import platform_info
from checkout import ROOT


def run(docker: FakeDocker | str, folder: Path, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    path = docker if isinstance(docker, str) else docker.path
    state_dir = str(folder / "no-state")
    arguments = {"docker_cli": path, "state_dir": state_dir, **options}
    return run_main(platform_info.main, arguments, check_mode=check_mode)


def test_a_platform_is_observed_and_nothing_is_changed(tmp_path: Path) -> None:
    result = run(platform(tmp_path, inspected("db", image="postgres:16")), tmp_path)
    assert result["changed"] is False
    assert result["services"]["db"]["kind"] == "postgres"
    assert result["failing"] == []
    assert result["record"]["available"]
    assert isinstance(result["duration_ms"], int)
    assert not (tmp_path / "no-state").exists()


def test_check_mode_sees_the_same(tmp_path: Path) -> None:
    docker = platform(tmp_path, inspected("db", state={"Status": "paused"}))
    assert run(docker, tmp_path, check_mode=True)["failing"] == ["db"]


def test_a_host_without_docker_is_a_p1_finding_and_no_failure(tmp_path: Path) -> None:
    result = run(str(tmp_path / "no-docker"), tmp_path, project="shop")
    assert not result.get("failed")
    assert result["severity"]["level"] == "P1"
    assert result["findings"][0]["id"] == "engine.answers"
    assert "docker_cli" in result["findings"][0]["message"]


def test_two_projects_and_none_named_fail_and_are_listed(tmp_path: Path) -> None:
    result = run(platform(tmp_path, inspected("web"), inspected("web", "blog")), tmp_path)
    assert result["failed"]
    assert "blog, shop" in result["msg"]


@pytest.mark.parametrize(
    "options, option",
    [
        ({"services": {"web": {"helath": {}}}}, "services.web.helath"),
        ({"thresholds": {"latency": 1}}, "thresholds.latency"),
        ({"probe_deadline": 0}, "probe_deadline"),
        ({"log_lines": 0}, "log_lines"),
        ({"log_lines": 10_000_000}, "log_lines"),
    ],
)
def test_a_wrong_option_is_named_before_anything_runs(tmp_path: Path, options: dict[str, Any], option: str) -> None:
    docker = platform(tmp_path, inspected("web"))
    result = run(docker, tmp_path, **options)
    assert result["failed"]
    assert result["msg"].startswith(option)
    assert docker.calls == []


def test_secrets_of_logs_and_environment_never_leave_the_target(tmp_path: Path) -> None:
    said = f"2026-02-27T13:46:00.000000000Z \x1b[31mlogin with {SECRET}\x1b[0m token=abcdefghij\n"
    result = run(platform(tmp_path, inspected("db"), first=(Answer("logs*", said),)), tmp_path)
    assert result["services"]["db"]["logs"]["excerpt"] == ["login with [redacted] token=[redacted]"]
    assert SECRET not in json.dumps(result)


def test_an_engine_that_hangs_holds_up_neither_the_result_nor_the_end_of_the_module(tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\nsleep 600\n", encoding="utf-8")
    docker.chmod(0o755)
    arguments = {"docker_cli": str(docker), "probe_deadline": 0.5, "project": "shop", "state_dir": str(tmp_path / "x")}
    begin = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", "ansible_collections.agentfoundry.incident_response.plugins.modules.platform_info"],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode(),
        env={**os.environ, "PYTHONPATH": str(ROOT / "collections")},
        capture_output=True,
        check=False,
        timeout=60,
    )
    result = json.loads(ended.stdout)
    assert time.monotonic() - begin < 15
    assert result["engine"]["answers"] is False
    assert "does not answer within" in result["engine"]["message"]
