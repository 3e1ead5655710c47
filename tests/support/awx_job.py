# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A job as AWX runs it: the folders it lays out, the inventory script, the environment, the options."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ansible_runner
from awx_role import awx_variable
from playbook_run import PlaybookRun

from checkout import copy_tracked

# What awx/main/tasks/jobs.py puts before the paths of the project's ansible.cfg.
_COLLECTIONS = "collections:~/.ansible/collections:/usr/share/ansible/collections"


def run_job(
    folder: Path,
    template: str,
    *,
    user: str,
    key: str,
    hosts: Mapping[str, Any],
    platform_variables: Mapping[str, Any],
    survey: Mapping[str, Any] | None = None,
    secrets: Mapping[str, str] | None = None,
    artifacts: Mapping[str, Any] | None = None,
) -> PlaybookRun:
    """Run a job template of the role awx.

    :param folder: an empty one, AWX's private_data_dir.
    :param template: its name without that of the role.
    :param survey: answers; what is not answered has the survey's default, as far as AWX hands that on.
    :param secrets: what the injectors of the credentials put into the environment.
    :param artifacts: what jobs before in the workflow handed on.
    """
    given = {"awx_hosts": dict(hosts), "awx_platform_variables": dict(platform_variables)}
    (job,) = (
        one for one in awx_variable("__awx_job_templates", **given) if one["name"] == f"Incident response: {template}"
    )
    copy_tracked(folder / "project")
    _write_inventory(folder / "inventory", given)
    runner = ansible_runner.run(
        private_data_dir=str(folder),
        playbook=job["playbook"],
        extravars={
            **_survey_defaults(job.get("survey_spec", {})),
            **(survey or {}),
            **(artifacts or {}),
            "awx_job_id": 7,
            "awx_user_name": "jo",
            "awx_job_template_name": job["name"],
        },
        envvars={
            "ANSIBLE_COLLECTIONS_PATH": f"{folder}/requirements_collections:{_COLLECTIONS}",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            **(secrets or {}),
        },
        ssh_key=key,
        cmdline=f"-u {user}",
        timeout=900,
        quiet=True,
    )
    # AWX takes it away as well. What is left is searched for secrets, and the project's own tests hold made-up ones.
    shutil.rmtree(folder / "project")
    with runner.stdout as stream:
        return PlaybookRun(int(runner.rc), str(runner.status), stream.read(), list(runner.events))


def _survey_defaults(survey: Mapping[str, Any]) -> dict[str, Any]:
    """The default of a multiselect is text, which is no valid answer to it, so AWX leaves it out."""
    return {
        question["variable"]: question["default"]
        for question in survey.get("spec", [])
        if question.get("default") is not None
        and question["type"] != "multiselect"
        and (question["type"] != "multiplechoice" or question["default"])
    }


def _write_inventory(folder: Path, given: Mapping[str, Any]) -> None:
    """AWX writes its inventory as a script that prints it."""
    hosts = {host["name"]: host["variables"] for host in awx_variable("__awx_hosts", **given)}
    groups = {
        group["name"]: {"hosts": group["hosts"], "vars": group["variables"]}
        for group in awx_variable("__awx_groups", **given)
    }
    content = {"_meta": {"hostvars": hosts}, "all": {"hosts": list(hosts), "vars": {}}, **groups}
    folder.mkdir(parents=True)
    script = folder / "hosts"
    script.write_text(f"#!{sys.executable}\nprint({json.dumps(content)!r})\n", encoding="utf-8")
    script.chmod(0o700)
