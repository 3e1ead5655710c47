# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fake_docker import Answer
from fake_platform import SECRET, inspected
from fake_platform_client import platform
from module_run import run_main

from ansible_collections.agentfoundry.incident_response.plugins.modules import container_info

TOP = Answer("top*", "PID PPID STAT %CPU RSS ELAPSED COMMAND\n100 1 S 0.0 1000 10 python3 --password hunter2hunter2\n")
CHECKS = {"Health": {"Status": "unhealthy", "Log": [{"End": "now", "ExitCode": 1, "Output": f"sent {SECRET}"}]}}


def run(folder: Path, *entries: dict[str, Any], **options: Any) -> dict[str, Any]:
    docker = platform(folder, *entries, first=(TOP,))
    arguments = {"docker_cli": docker.path, "state_dir": str(folder / "no-state"), **options}
    return run_main(container_info.main, arguments)


def test_a_service_is_shown_in_all_detail_without_secrets(tmp_path: Path) -> None:
    result = run(tmp_path, inspected("web", state=CHECKS), inspected("db"), names=["web"])
    (one,) = result["containers"]["web"]
    assert list(result["services"]) == ["web"]
    assert one["environment"] == {"JWT_SECRET": "[secret]"}
    assert one["processes"][0]["command"] == "python3 --password [redacted]"
    assert one["health_checks"] == [{"ended": "now", "exit_code": 1, "output": "sent [redacted]"}]
    assert one["exit_reason"] == ""
    assert SECRET not in json.dumps(result)


def test_a_stopped_one_says_why_it_ended(tmp_path: Path) -> None:
    state = {"Status": "exited", "ExitCode": 137, "OOMKilled": True}
    result = run(tmp_path, inspected("web", state=state), names=["web"])
    assert "out of memory" in result["containers"]["web"][0]["exit_reason"]
    assert result["containers"]["web"][0]["processes"] == []


def test_a_service_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = run(tmp_path, inspected("web"), names=["wbe"])
    assert result["failed"]
    assert result["msg"].startswith("names has the value 'wbe'")
    assert "web" in result["msg"]


def test_an_empty_list_means_none(tmp_path: Path) -> None:
    assert run(tmp_path, inspected("web"), names=[])["containers"] == {}


def test_without_an_engine_there_is_a_finding_and_no_container(tmp_path: Path) -> None:
    arguments = {"docker_cli": str(tmp_path / "none"), "project": "shop", "names": ["web"]}
    result = run_main(container_info.main, arguments)
    assert result["containers"] == {}
    assert result["findings"][0]["id"] == "engine.answers"
