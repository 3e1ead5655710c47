# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from module_run import run_main

from ansible_collections.agentfoundry.incident_response.plugins.modules import model_file

GOOD, BAD = b"good model", b"bad model!"
DIGEST = hashlib.sha256(GOOD).hexdigest()

# Docker's client for one stopped container whose files are this machine's: cp streams tar, both ways, as the real one.
CLIENT = """#!/bin/sh
case "$1" in
  ps) printf 'c0ffee\\tshop\\tm\\t\\n' ;;
  inspect) echo '[{"Id": "c0ffee", "Name": "/shop-m-1", "State": {"Status": "exited"}}]' ;;
  cp)
    if [ "$2" = - ]; then exec tar -xf - -C "${3#*:}"; fi
    path=${2#*:}
    [ -e "$path" ] || { echo "Could not find the file $path in container c0ffee" >&2; exit 1; }
    exec tar -cf - -C "$(dirname "$path")" "$(basename "$path")" ;;
  *) exit 99 ;;
esac
"""


@pytest.fixture(name="options")
def corrupt_model(tmp_path: Path) -> dict[str, Any]:
    client = tmp_path / "docker"
    client.write_text(CLIENT)
    client.chmod(0o755)
    for name, content in (("models", BAD), ("good", GOOD)):
        (tmp_path / name).mkdir(mode=0o755)
        (tmp_path / name / "model.bin").write_bytes(content)
    return {
        "project": "shop",
        "service": "m",
        "model_dir": str(tmp_path / "models"),
        "source_dir": str(tmp_path / "good"),
        "files": {"model.bin": DIGEST},
        "keep_evidence_in": str(tmp_path / "evidence"),
        "docker_cli": str(client),
    }


def run(options: dict[str, Any], *, check_mode: bool = False) -> dict[str, Any]:
    return run_main(model_file.main, options, check_mode=check_mode, diff=True)


def test_check_mode_the_run_and_a_second_run(options: dict[str, Any], tmp_path: Path) -> None:
    model = tmp_path / "models" / "model.bin"
    planned = run(options, check_mode=True)
    assert (planned["changed"], model.read_bytes()) == (True, BAD)
    done = run(options)
    assert (done["changed"], model.read_bytes()) == (True, GOOD)
    assert done["actions"] == planned["actions"]
    assert Path(done["files"][0]["evidence"]).read_bytes() == BAD
    again = run(options)
    assert (again["changed"], again["actions"]) == (False, [])
    assert again["diff"]["before"] == again["diff"]["after"]


@pytest.mark.parametrize(
    "change, said",
    [
        ({"files": {"../model.bin": DIGEST}}, "files.../model.bin"),
        ({"files": {"model.bin": "1"}}, "files.model.bin"),
        ({"files": {}}, "files"),
        ({"model_dir": "models"}, "model_dir"),
        ({"source_dir": "/no/such/place"}, "source_dir"),
        ({"service": "web"}, "no container"),
        ({"docker_cli": "/no/such/docker"}, "docker_cli"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_changed(
    options: dict[str, Any], tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    result = run({**options, **change})
    assert result["failed"]
    assert said in result["msg"]
    assert (tmp_path / "models" / "model.bin").read_bytes() == BAD


def test_a_source_that_is_not_good_is_refused(options: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "good" / "model.bin").write_bytes(b"also bad")
    result = run(options)
    assert "nothing was changed" in result["msg"]
    assert (tmp_path / "models" / "model.bin").read_bytes() == BAD


def test_the_sources_manifest_serves_when_no_files_are_given(options: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "good" / "manifest.json").write_text(json.dumps({"model.bin": DIGEST}))
    result = run({**options, "files": {}})
    assert [file["name"] for file in result["files"]] == ["manifest.json", "model.bin"]
    assert (tmp_path / "models" / "model.bin").read_bytes() == GOOD
