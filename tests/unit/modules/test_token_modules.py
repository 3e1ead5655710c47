# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""token_trust_info, token_secret and clock_info, run as Ansible runs them, on a client of Docker that only pretends."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from fake_docker import Answer, FakeDocker
from fake_platform import inspected
from fake_platform_client import platform
from fake_trust import GOOD, OTHER
from module_run import run_main

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.summary import read_summary
from ansible_collections.agentfoundry.incident_response.plugins.modules import (
    clock_info,
    token_secret,
    token_trust_info,
)

SERVICES: dict[str, Any] = {"users": {"token": {}}}


def entry(service: str, secret: str, env_file: Path) -> dict[str, Any]:
    labels = {
        "com.docker.compose.project.config_files": "/srv/shop/compose.yaml",
        "com.docker.compose.project.environment_file": str(env_file),
    }
    found = inspected(service, labels=labels)
    found["Config"]["Env"] = [f"JWT_SECRET={secret}"]
    return found


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.env"
    path.write_text(f"JWT_SECRET={GOOD}\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def docker(folder: Path, *entries: dict[str, Any]) -> FakeDocker:
    compose = {one["Config"]["Labels"]["com.docker.compose.service"]: GOOD for one in entries}
    configuration = {"services": {name: {"environment": {"JWT_SECRET": value}} for name, value in compose.items()}}
    answers = (
        Answer("compose*config*json*", json.dumps(configuration)),
        Answer("exec*date*", "1772200000.5\n"),
    )
    return platform(folder, *entries, first=answers)


def options(client: FakeDocker, tmp_path: Path, **more: Any) -> dict[str, Any]:
    return {
        "docker_cli": client.path,
        "project": "shop",
        "state_dir": str(tmp_path / "state"),
        "services": SERVICES,
        **more,
    }


def test_the_odd_one_out_is_named_without_any_value(tmp_path: Path, env_file: Path) -> None:
    client = docker(tmp_path, entry("users", GOOD, env_file), entry("orders", OTHER, env_file))

    result = run_main(token_trust_info.main, options(client, tmp_path))

    secrets = result["token_trust"]["secrets"]
    assert (result["token_trust"]["issuer"], secrets["odd"], secrets["equal"]) == ("users", ["orders"], False)
    (odd,) = [one for one in result["findings"] if one["id"] == "secret.odd_one_out"]
    assert (odd["status"], odd["targets"], odd["service"]) == ("critical", ["orders"], "users")
    assert not result["changed"]
    assert GOOD not in json.dumps(result)
    assert OTHER not in json.dumps(result)
    assert not (tmp_path / "state").exists()


def test_a_platform_of_which_nobody_said_anything_has_its_secrets_compared(tmp_path: Path, env_file: Path) -> None:
    client = docker(tmp_path, entry("web", GOOD, env_file), entry("api", GOOD, env_file))

    result = run_main(token_trust_info.main, options(client, tmp_path, services={}))

    assert (result["token_trust"]["issuer"], result["token_trust"]["secrets"]["equal"]) == ("", True)
    assert result["token_trust"]["login"]["state"] == "not_configured"


@pytest.mark.parametrize(
    "more, said",
    [
        ({"issuer": "usres"}, "issuer has the value 'usres'"),
        ({"services": {"users": {"token": {}}, "orders": {"token": {}}}}, "name one of orders, users"),
        ({"services": {"users": {"token": {"login": {"password": "hunter2"}}}}}, "services.users.token.login.password"),
        ({"project": "shp"}, "The Compose project 'shp' has no container"),
    ],
)
def test_wrong_input_is_refused_by_name(tmp_path: Path, env_file: Path, more: dict[str, Any], said: str) -> None:
    client = docker(tmp_path, entry("users", GOOD, env_file), entry("orders", GOOD, env_file))

    result = run_main(token_trust_info.main, options(client, tmp_path, **more))

    assert result["failed"]
    assert said in result["msg"]
    assert "hunter2" not in result["msg"]


def rotation(client: FakeDocker, tmp_path: Path, state: str = "rotated", **more: Any) -> dict[str, Any]:
    return options(client, tmp_path, issuer="users", state=state, **more)


def test_a_rotation_is_recorded_and_shows_fingerprints_only(tmp_path: Path, env_file: Path) -> None:
    client = docker(tmp_path, entry("users", GOOD, env_file), entry("orders", GOOD, env_file))

    result = run_main(token_secret.main, rotation(client, tmp_path), diff=True)

    text = env_file.read_text(encoding="utf-8")
    assert result["changed"]
    assert (result["services"], result["env_file"]) == (["orders", "users"], str(env_file))
    assert GOOD not in text
    assert stat.S_IMODE((tmp_path / "state" / "fingerprint.key").stat().st_mode) == 0o600
    recorded = read_summary(str(tmp_path / "state"), "shop")["samples"]["users"]["secrets"]
    assert recorded["source"] in result["diff"]["after"]
    assert result["diff"]["before"] != result["diff"]["after"]
    assert text.strip().partition("=")[2] not in json.dumps(result)
    assert GOOD not in json.dumps(result)


def test_under_check_mode_a_rotation_changes_nothing(tmp_path: Path, env_file: Path) -> None:
    client = docker(tmp_path, entry("users", GOOD, env_file))

    result = run_main(token_secret.main, rotation(client, tmp_path), check_mode=True, diff=True)

    assert result["changed"]
    assert env_file.read_text(encoding="utf-8") == f"JWT_SECRET={GOOD}\n"
    assert not (tmp_path / "state").exists()


def test_a_secret_is_accepted_once(tmp_path: Path, env_file: Path) -> None:
    client = docker(tmp_path, entry("users", GOOD, env_file))
    wanted = rotation(client, tmp_path, "accepted")

    assert [run_main(token_secret.main, wanted)["changed"] for _time in range(2)] == [True, False]


def test_a_rotation_that_would_not_reach_a_service_fails_with_a_remedy(tmp_path: Path, env_file: Path) -> None:
    env_file.write_text("OTHER=1\n", encoding="utf-8")
    client = docker(tmp_path, entry("users", GOOD, env_file))

    result = run_main(token_secret.main, rotation(client, tmp_path))

    assert result["failed"]
    assert "No env file of the Compose project sets JWT_SECRET" in result["msg"]
    assert "state 'accepted'" in result["msg"]


@pytest.mark.parametrize("variable", ["", "A=B", "1X", "$(id)"])
def test_a_name_that_is_no_variable_is_refused(tmp_path: Path, env_file: Path, variable: str) -> None:
    client = docker(tmp_path, entry("users", GOOD, env_file))
    result = run_main(token_secret.main, rotation(client, tmp_path, variable=variable))
    assert result["msg"].startswith("variable has the value")


def test_clocks_are_read_inside_containers_and_judged(tmp_path: Path, env_file: Path) -> None:
    client = docker(tmp_path, entry("users", GOOD, env_file))

    result = run_main(clock_info.main, options(client, tmp_path))

    (reading,) = result["readings"]["users"]
    assert reading["source"] == "date"
    skew = {one["id"]: one for one in result["findings"]}["clock.skew"]
    assert (skew["status"], skew["evidence"][0].split(":")[0]) == ("critical", "users")
    assert GOOD not in json.dumps(result)
