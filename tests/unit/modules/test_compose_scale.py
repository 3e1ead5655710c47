# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module compose_scale, against a client that answers from records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fake_docker import Answer, FakeDocker
from module_run import run_main
from recorded_compose import recorded, recorded_containers

from ansible_collections.agentfoundry.incident_response.plugins.modules.compose_scale import main

CONFIG = json.loads(recorded("config.json"))
SIDECAR = next(one for one in recorded_containers() if one["Name"] == "/shop-sidecar-1")


def docker(folder: Path, *, desired: dict[str, Any] | None = None, up: Answer | None = None) -> FakeDocker:
    """The recorded project, of whose service web there is one container."""
    services = {**CONFIG["services"], "web": {**CONFIG["services"]["web"], "ports": [], **(desired or {})}}
    containers = recorded_containers()
    rows = [f"{one['Id']}\tshop\t{one['Config']['Labels']['com.docker.compose.service']}\tFalse" for one in containers]
    return FakeDocker(
        folder,
        [
            Answer('"ps "*', "\n".join(rows) + "\n"),
            Answer('"inspect "*', json.dumps(containers)),
            Answer('"compose version "*', recorded("version.txt").decode()),
            Answer('*"config --format json"*', json.dumps({**CONFIG, "services": services})),
            up or Answer('*" up "*'),
        ],
    )


def run(client: FakeDocker, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    files = client.folder / "compose.yaml"
    files.write_text("")
    defaults = {"project": "shop", "service": "web", "compose_files": [str(files)], "docker_cli": client.path}
    return run_main(main, {**defaults, **options}, check_mode=check_mode, diff=True)


def ups(client: FakeDocker) -> list[str]:
    return [call for call in client.calls if " up " in call]


@pytest.mark.parametrize(
    "options, after",
    [
        ({}, 2),
        ({"by": 2}, 3),
        ({"replicas": 3}, 3),
        ({"by": 9}, 4),
        ({"replicas": 9, "at_most": 6}, 6),
        # never fewer than there are
        ({"replicas": 1}, 1),
        ({"by": 0}, 1),
        ({"at_most": 0}, 1),
    ],
)
def test_containers_are_added_up_to_the_limit_and_none_is_ever_removed(
    options: dict[str, Any], after: int, tmp_path: Path
) -> None:
    client = docker(tmp_path)

    result = run(client, **options)

    assert (result["before"], result["after"], result["changed"]) == (1, after, after != 1)
    if after == 1:
        assert (ups(client), result["actions"], result["note"]) == ([], [], "")
        return
    (call,) = ups(client)
    assert call.endswith(f"--scale web={after} -- web")
    # Those that are there stay as they are, and so does every other service.
    assert {"--no-recreate", "--no-deps", "--no-build", "--pull never"} <= {
        word for word in ("--no-recreate", "--no-deps", "--no-build", "--pull never") if word in call
    }
    assert result["actions"][0]["status"] == f"scaled from 1 to {after}"
    assert result["note"].startswith(f"web has {after} containers now")
    assert result["diff"] == {"before": "web: 1 containers\n", "after": f"web: {after} containers\n"}


def test_check_mode_tells_the_same_and_scales_nothing(tmp_path: Path) -> None:
    client = docker(tmp_path)

    told = run(client, check_mode=True)

    assert ups(client) == []
    assert told == run(client)


@pytest.mark.parametrize(
    "desired, rule",
    [
        ({"container_name": "web"}, "container_name"),
        ({"ports": [{"target": 80, "published": "8080"}]}, "fixed_port"),
        ({"network_mode": "host"}, "host_network"),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_service_that_can_be_there_only_once_is_refused(
    desired: dict[str, Any], rule: str, check_mode: bool, tmp_path: Path
) -> None:
    client = docker(tmp_path, desired=desired)

    result = run(client, check_mode=check_mode)

    assert (result["changed"], result["after"], result["refused"]["rule"]) == (False, 1, rule)
    assert ups(client) == []


def test_a_compose_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    result = run(docker(tmp_path), compose_files=[str(tmp_path / "gone.yaml")])

    assert (result["changed"], result["refused"]["rule"]) == (False, "compose_file_missing")


def test_what_compose_complains_of_is_told(tmp_path: Path) -> None:
    client = docker(tmp_path, up=Answer('*" up "*', stderr="no space left on device", exit_code=1))

    result = run(client)

    assert result["failed"]
    assert "Compose could not scale web: no space left on device" in result["msg"]


@pytest.mark.parametrize(
    "options, said",
    [({"service": "worker"}, "worker of the project shop has no container"), ({"docker_cli": "/no"}, "/no")],
)
def test_bad_input_is_named(options: dict[str, Any], said: str, tmp_path: Path) -> None:
    result = run(docker(tmp_path), **options)

    assert result["failed"]
    assert said in result["msg"]
