# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""approve.yml and place_secrets.yml, the steps that AWX runs between others; no platform is needed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playbook_run import PlaybookRun, run_playbook

DIGEST = "ab" * 32
STEP = {"platform": "shop", "scenario": "model_server", "action": "restore_model", "services": ["m"], "digest": DIGEST}
SECRETS = {"PROBE": "first-Gh7sKq2", "DATABASE": "second-Zx4vTb9"}
Play = Callable[..., PlaybookRun]


@pytest.fixture
def play(tmp_path: Path) -> Play:
    inventory = tmp_path / "inventory.json"
    inventory.write_text(
        json.dumps({"platforms": {"hosts": {"shop1": {"ansible_connection": "local"}}}}), encoding="utf-8"
    )

    def run(playbook: str, *options: str, environment: dict[str, str] | None = None, **variables: Any) -> PlaybookRun:
        fixed = {
            "platform_state_dir": str(tmp_path / "state"),
            "platform_secret_dir": str(tmp_path / "secrets"),
            "ansible_python_interpreter": sys.executable,
        }
        return run_playbook(
            playbook,
            tmp_path / f"run{len(list(tmp_path.iterdir()))}",
            variables={**fixed, **variables},
            options=options,
            environment=environment,
            inventory=inventory,
        )

    return run


def test_the_steps_of_the_triage_before_are_approved_once(play: Play) -> None:
    artifact = {
        "shop1/shop": {"triage": [STEP]},
        "shop11/other": {"triage": [{**STEP, "platform": "other", "action": "rollback"}]},
    }
    workflow = {"incident_response_approvable": artifact, "awx_workflow_job_id": 17, "awx_user_name": "jo"}

    rehearsed = play("approve.yml", "--check", **workflow)
    first, second = play("approve.yml", **workflow), play("approve.yml", **workflow)

    assert (rehearsed.changed, first.changed, second.changed) == (1, 1, 0)
    (call,) = first.calls("approval")
    assert call["results"][0]["invocation"]["module_args"]["approver"] == "who approved workflow job 17 of AWX"
    assert [one["item"] if "item" in one else one["__approval_step"]["action"] for one in call["results"]] == [
        "restore_model"
    ]


def test_by_hand_a_step_is_approved_by_its_digest_and_half_of_it_is_refused(play: Play) -> None:
    whole = play("approve.yml", approval_platform="shop", approval_action="rollback", approval_digest=DIGEST)
    half = play("approve.yml", approval_platform="shop", approval_action="rollback")

    assert (whole.rc, whole.changed) == (0, 1)
    assert half.rc == 2
    assert "Give approval_platform, approval_action and approval_digest" in half.failures[0]


def test_nothing_to_approve_is_said_and_changes_nothing(play: Play) -> None:
    run = play("approve.yml")

    assert (run.rc, run.changed) == (0, 0)
    assert "No destructive step waits" in run.output


def test_secrets_are_placed_from_the_environment_and_never_shown(play: Play, tmp_path: Path) -> None:
    files = {"probe_password": "PROBE", "database_password": "DATABASE"}

    first = play("place_secrets.yml", "-vvv", "--diff", environment=SECRETS, platform_secret_files=files)
    second = play("place_secrets.yml", environment=SECRETS, platform_secret_files=files)

    assert (first.rc, first.changed > 0, second.changed) == (0, True, 0)
    placed = tmp_path / "secrets"
    assert {path.name: path.read_text(encoding="utf-8") for path in placed.iterdir()} == {
        "probe_password": SECRETS["PROBE"] + "\n",
        "database_password": SECRETS["DATABASE"] + "\n",
    }
    assert {oct(path.stat().st_mode & 0o777) for path in placed.iterdir()} == {"0o600"}
    assert oct(placed.stat().st_mode & 0o777) == "0o700"
    assert not [value for value in SECRETS.values() if value in first.output or value in json.dumps(first.events)]


@pytest.mark.parametrize(
    "files, said",
    [
        ({"probe_password": "NOT_THERE"}, "The environment has no NOT_THERE"),
        ({"../passwd": "PROBE"}, "../passwd is no plain name"),
        ({".": "PROBE"}, ". is no plain name"),
        ({"probe_password\n": "PROBE"}, "is no plain name"),
        (["probe_password"], "platform_secret_files has to be a table"),
        ({"probe_password": None}, "the one of probe_password is no name of a variable"),
        ({"probe_password": "PROBE OTHER"}, "the one of probe_password is no name of a variable"),
    ],
)
def test_a_secret_that_is_missing_or_goes_elsewhere_is_refused(
    play: Play, tmp_path: Path, files: Any, said: str
) -> None:
    run = play("place_secrets.yml", environment=SECRETS, platform_secret_files=files)

    assert run.rc == 2
    assert said in run.failures[0]
    assert not (tmp_path / "secrets").exists()
