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

from ansible_collections.agentfoundry.incident_response.plugins.modules import model_server_info

TOP = Answer("top*", f"PID PPID STAT %CPU RSS ELAPSED COMMAND\n100 1 T 0.0 1000 10 serve --token {SECRET}\n")
MODEL = {"m": {"model_server": {"model_dir": "/app/models"}}}


def run(folder: Path, *entries: dict[str, Any], **options: Any) -> dict[str, Any]:
    docker = platform(folder, *entries, first=(TOP,))
    arguments = {"docker_cli": docker.path, "state_dir": str(folder / "no-state"), **options}
    return run_main(model_server_info.main, arguments)


def status(result: dict[str, Any], name: str) -> str:
    return next(str(finding["status"]) for finding in result["findings"] if finding["id"] == f"model_server.{name}")


def test_a_service_is_taken_for_a_model_server_because_it_is_named(tmp_path: Path) -> None:
    result = run(tmp_path, inspected("m"), inspected("db"), name="m", services=MODEL)
    assert result["changed"] is False
    assert result["service"]["kind"] == "model_server"
    assert result["model_server"]["processes"][0]["state"] == "T"
    assert status(result, "process_stopped") == "critical"
    assert status(result, "canary") == "not_configured"
    assert {finding["service"] for finding in result["findings"]} == {"m", ""}
    assert SECRET not in json.dumps(result)


def test_files_that_cannot_be_reached_are_no_failure_of_the_module(tmp_path: Path) -> None:
    result = run(tmp_path, inspected("m", state={"Status": "exited"}), name="m", services=MODEL, hash=True)
    assert result["model_server"]["files"]["error"] or result["model_server"]["files"]["manifest_error"]
    assert result["model_server"]["state"] == "exited"


def test_a_service_without_a_container_is_a_finding(tmp_path: Path) -> None:
    result = run(tmp_path, inspected("web"), name="m")
    assert result["model_server"] == {}
    assert [one["id"] for one in result["findings"] if one["status"] == "critical"] == ["service.missing"]


def test_a_setting_that_is_unknown_is_named(tmp_path: Path) -> None:
    result = run(tmp_path, inspected("m"), name="m", services={"m": {"model_server": {"cannary": {}}}})
    assert result["failed"]
    assert "services.m.model_server.cannary" in result["msg"]


def test_without_an_engine_there_is_a_finding(tmp_path: Path) -> None:
    arguments = {"docker_cli": str(tmp_path / "none"), "project": "shop", "name": "m"}
    result = run_main(model_server_info.main, arguments)
    assert result["findings"][0]["id"] == "engine.answers"
    assert result["model_server"] == {}
