# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module compose_recreate_info, against a client that answers from records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fake_docker import Answer, FakeDocker
from module_run import run_main
from recorded_compose import recorded, recorded_containers

from ansible_collections.agentfoundry.incident_response.plugins.modules.compose_recreate_info import main


def text(name: str) -> str:
    return recorded(name).decode()


@pytest.fixture
def docker(tmp_path: Path) -> FakeDocker:
    """The recorded project without its sidecar, whose service web differs from the files."""
    containers = [one for one in recorded_containers() if one["Name"] != "/shop-sidecar-1"]
    rows = [f"{one['Id']}\tshop\t{one['Config']['Labels']['com.docker.compose.service']}\tFalse" for one in containers]
    return FakeDocker(
        tmp_path,
        [
            Answer('"ps "*', "\n".join(rows) + "\n"),
            Answer('"inspect "*', json.dumps(containers)),
            Answer('"image inspect "*', text("image.json")),
            Answer('"compose version "*', text("version.txt")),
            Answer('*"config --format json"', text("config.json")),
            Answer('*"config --hash *"', text("hashes.txt")),
            Answer("*--dry-run*", "", text("dry-run-web-differs.stderr")),
        ],
    )


def run(docker: FakeDocker, **options: Any) -> dict[str, Any]:
    files = docker.folder / "compose.yaml"
    files.write_text("")
    defaults = {"project": "shop", "services": ["web"], "compose_files": [str(files)], "docker_cli": docker.path}
    return run_main(main, {**defaults, **options})


@pytest.mark.parametrize("check_mode", [True, False])
def test_it_tells_what_would_change_and_never_says_changed(check_mode: bool, docker: FakeDocker) -> None:
    result = run(docker)

    assert result["changed"] is False
    assert result["refused"] is None
    assert result["dependencies"] is True
    assert result["files_from"] == "inventory"
    assert result["would_change"] == [
        {"what": "container", "id": "shop-web-1", "service": "web", "status": "recreated"}
    ]


def test_every_call_of_compose_names_the_project_and_its_files(docker: FakeDocker) -> None:
    run(docker, env_files=[str(docker.folder / "compose.yaml")], profiles=["extra"])

    calls = [call for call in docker.calls if call.startswith("compose ") and "version" not in call]
    assert calls
    for call in calls:
        assert f"--project-directory {docker.folder} --project-name shop --file {docker.folder}/compose.yaml" in call
        assert f"--env-file {docker.folder}/compose.yaml" in call
    assert all("--profile extra up" in call for call in calls if "--dry-run" in call)


def test_a_missing_file_is_refused_with_rule_message_and_remedy(docker: FakeDocker) -> None:
    result = run(docker, compose_files=["/nonexistent/compose.yaml"])

    assert result["refused"]["rule"] == "compose_file_missing"
    assert "/nonexistent" in result["refused"]["message"]
    assert result["refused"]["remedy"]


@pytest.mark.parametrize(
    "options,words",
    [
        ({"services": []}, "services has the value []"),
        ({"project": "other", "compose_files": []}, "no container of the Compose project other"),
        ({"docker_cli": "/nonexistent/docker"}, "cannot be run"),
    ],
)
def test_what_cannot_be_looked_at_fails_with_a_sentence(options: dict[str, Any], words: str, tmp_path: Path) -> None:
    result = run(FakeDocker(tmp_path, [Answer('"ps "*')]), **options)

    assert result["failed"] is True
    assert words in result["msg"]
