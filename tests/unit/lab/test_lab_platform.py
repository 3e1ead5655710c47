# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab reads of Docker's answers, and how it calls Compose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labtool import environment
from labtool.platform import COMPOSE_FILE, SERVICES, Container, Platform

DIED = {
    "Id": "4f0c",
    "RestartCount": 3,
    "State": {
        "Status": "restarting",
        "Paused": False,
        "Pid": 0,
        "ExitCode": 137,
        "OOMKilled": True,
        "StartedAt": "2026-11-24T08:00:00.123456789Z",
        "Health": {"Status": "unhealthy"},
    },
    "Config": {
        "Labels": {
            "com.docker.compose.service": "reporting-service",
            "com.docker.compose.config-hash": "5a9d",
            "com.docker.compose.project.config_files": "/lab/compose.yaml",
        }
    },
}


def test_a_container_is_read_from_docker_inspect() -> None:
    assert Container.from_inspect(DIED) == Container(
        id="4f0c",
        service="reporting-service",
        status="restarting",
        paused=False,
        health="unhealthy",
        pid=0,
        exit_code=137,
        oom_killed=True,
        started_at="2026-11-24T08:00:00.123456789Z",
        restart_count=3,
        config_hash="5a9d",
        config_files="/lab/compose.yaml",
    )


def test_a_container_without_a_health_check_has_no_health() -> None:
    state: dict[str, Any] = {**DIED["State"]}  # type: ignore[dict-item]
    del state["Health"]
    assert Container.from_inspect({**DIED, "State": state}).health == ""


def test_compose_is_called_with_this_labs_files_and_an_override_after_them(tmp_path: Path) -> None:
    platform = Platform("some-lab", state_root=tmp_path)
    env_file = ["--env-file", str(tmp_path / "some-lab" / "lab.env")]
    assert platform.compose_argv("ps") == ["docker", "compose", "-f", str(COMPOSE_FILE), *env_file, "ps"]
    override = COMPOSE_FILE.parent / "faults" / "overrides" / "model-slow.yaml"
    argv = platform.compose_argv("ps", override="model-slow")
    assert argv == ["docker", "compose", "-f", str(COMPOSE_FILE), "-f", str(override), *env_file, "ps"]


def test_the_ports_follow_the_offset() -> None:
    assert Platform("some-lab", port_offset=20000).url("user-service", "/health") == "http://127.0.0.1:23001/health"


def test_nothing_listening_is_status_zero(unused_port_offset: int) -> None:
    assert Platform("some-lab", port_offset=unused_port_offset).http("user-service", "/health") == (0, None)


@pytest.fixture
def unused_port_offset() -> int:
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port - environment.PORTS["user-service"]


def test_the_platform_has_the_ten_services_of_the_playbook() -> None:
    assert len(set(SERVICES)) == 10
