# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from module_run import run_main

from ansible_collections.agentfoundry.incident_response.plugins.modules import record_samples, rollback_override

GOOD, BAD = "sha256:good", "sha256:bad"
# Docker's client for one container of a bad release; the good image is still on the host.
CLIENT = f"""#!/bin/sh
case "$*" in
  ps*) printf 'c0ffee\\tshop\\tweb\\t\\n' ;;
  "image inspect"*{GOOD}|"image inspect"*shop/web:1) echo {GOOD} ;;
  "inspect --type container"*) echo '[{{"Id": "c0ffee", "Image": "{BAD}", "Config": {{"Image": "shop/web:2"}}}}]' ;;
  *) exit 99 ;;
esac
"""


@pytest.fixture(name="options")
def bad_release(tmp_path: Path) -> dict[str, Any]:
    client = tmp_path / "docker"
    client.write_text(CLIENT)
    client.chmod(0o755)
    return {
        "project": "shop",
        "services": ["web"],
        "state_dir": str(tmp_path / "state"),
        "docker_cli": str(client),
    }


def remember(options: dict[str, Any]) -> None:
    known = {"image": "shop/web:1", "image_id": GOOD, "config_hash": "", "compose_version": ""}
    kept = run_main(
        record_samples.main,
        {"state_dir": options["state_dir"], "platform": "shop", "samples": {"web": {"last_known_good": known}}},
    )
    assert kept["changed"] is False


def run(options: dict[str, Any], *, check_mode: bool = False) -> dict[str, Any]:
    result = run_main(rollback_override.main, options, check_mode=check_mode, diff=True)
    return {name: value for name, value in result.items() if name != "invocation"}


def test_check_mode_the_run_and_a_second_run(options: dict[str, Any], tmp_path: Path) -> None:
    remember(options)
    planned = run(options, check_mode=True)
    path = tmp_path / "state" / "rollback" / "shop" / "web.yaml"
    assert (planned["changed"], planned["files"], path.exists()) == (True, [str(path)], False)

    done = run(options)
    assert done == planned
    assert json.loads(path.read_text())["services"]["web"]["image"] == "shop/web:1"
    assert done["rollbacks"] == [
        {
            "service": "web",
            "from": "shop/web:2",
            "to": "shop/web:1",
            "image_id": GOOD,
            "reference": "shop/web:1",
            "needed": True,
        }
    ]

    again = run(options)
    assert (again["changed"], again["actions"], again["files"]) == (False, [], [str(path)])


def test_without_a_record_it_fails_with_the_way_on(options: dict[str, Any]) -> None:
    result = run(options)
    assert result["failed"]
    assert "No image of web is known to be good" in result["msg"]
    assert "Name the image of the release before" in result["msg"]


def test_a_record_that_cannot_be_used_is_named(options: dict[str, Any]) -> None:
    remember(options)
    Path(options["state_dir"]).chmod(0o777)
    result = run(options)
    assert result["failed"]
    assert "is writable for everybody" in result["msg"]
