# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What schedule.yml refuses; tests/integration/test_schedule.py sets a schedule up and takes it back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from scheduled_machine import ScheduledMachine, standard_jobs

from checkout import ROOT

SECRET = "p\"w$1`\\ it's 100 %"
OWN = {
    "name": "own",
    "playbook": "own playbook.yml",
    "cron": "15 6 * * 1-5",
    "timeout": 60,
    "extra_vars": {"channel": "50 % off $HOME"},
    "options": ["--limit", "shop 1"],
}


@pytest.fixture
def machine(tmp_path: Path) -> ScheduledMachine:
    return ScheduledMachine(tmp_path, "openrc")


@pytest.mark.parametrize("name", standard_jobs())
def test_a_standard_job_runs_a_playbook_that_is_there(name: str) -> None:
    namespace, collection, playbook = standard_jobs()[name]["playbook"].split(".")

    assert f"{namespace}.{collection}" == "agentfoundry.incident_response"
    assert (ROOT / "playbooks" / f"{playbook}.yml").is_file()


REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "no time": ({"schedule_jobs": [{"name": "own", "playbook": "x.yml", "calendar": "daily"}]}, "`cron`, five fields"),
    "no playbook": ({"schedule_jobs": [{"name": "own", "cron": "@daily"}]}, "the job own cannot be scheduled"),
    "a misspelt key": ({"schedule_jobs": [{**OWN, "crom": "@daily"}]}, "crom"),
    "a name that leads elsewhere": ({"schedule_jobs": [{**OWN, "name": "../own"}]}, "the job ../own cannot"),
    "two lines": ({"schedule_jobs": [{**OWN, "cron": "* * * * *\n* * * * * root id"}]}, "the job own cannot"),
    "a time beyond the limits": (
        {"schedule_jobs": [{**OWN, "cron": "99 25 * * *"}]},
        "the job own cannot be scheduled",
    ),
    "a user who is not there": ({"schedule_user": "nobody-here"}, "there is no user nobody-here on this machine"),
    "a path from nowhere": ({"schedule_home": "home"}, "a path that is not absolute"),
    "a secret that others read": (
        {"schedule_credentials": {"vault": {"file": "FOLDER/open", "option": "--vault-password-file"}}},
        "mode 0644",
    ),
    "a secret that is not there": (
        {"schedule_credentials": {"vault": {"file": "FOLDER/missing", "option": "--vault-password-file"}}},
        "which is not there",
    ),
    "a secret without a name for it": ({"schedule_secrets": {"NO-NAME": "hunter2"}}, ""),
    "a user who cannot start the playbooks": (
        {"schedule_ansible_playbook": "FOLDER/failing", "schedule_cron_dir": "FOLDER/cron.other"},
        "cannot start the playbooks from FOLDER: the inventory cannot be read",
    ),
}


def test_what_cannot_be_scheduled_is_refused_by_name_before_a_job_is_written(
    machine: ScheduledMachine, tmp_path: Path
) -> None:
    (tmp_path / "open").touch(mode=0o644)
    (tmp_path / "cron.other").mkdir()
    (tmp_path / "failing").write_text("#!/bin/sh\necho the inventory cannot be read >&2\nexit 4\n", encoding="utf-8")
    (tmp_path / "failing").chmod(0o755)
    placed = {
        name: json.loads(json.dumps(variables).replace("FOLDER", str(tmp_path)))
        for name, (variables, _) in REFUSALS.items()
    }

    said, files = machine.refusals(placed), machine.files()

    expected = {name: sentence.replace("FOLDER", str(tmp_path)) for name, (_, sentence) in REFUSALS.items()}
    assert {name: sentence for name, sentence in expected.items() if sentence not in said[name]} == {}, said
    assert "hunter2" not in str(said)
    assert [name for name in files if name.startswith("cron.d/")] == []
    assert list((tmp_path / "cron.other").iterdir()) == []
