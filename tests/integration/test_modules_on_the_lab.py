# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules that look, each as a task of its own: they change nothing and return what their documentation says."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from pictures import picture, touched
from playbook_run import PlaybookRun, playbook_of, run_playbook

from labtool.lab import Lab

NAMESPACE = "agentfoundry.incident_response"
LOOKING: Mapping[str, Mapping[str, Any]] = {
    "platform_info": {},
    "container_info": {"names": ["model-server"]},
    "model_server_info": {"name": "model-server"},
    "postgres_activity_info": {"name": "postgres"},
    "postgres_query_info": {"name": "postgres"},
    "redis_health_info": {"name": "redis"},
    "rabbitmq_queue_info": {"name": "rabbitmq"},
    "token_trust_info": {},
    "clock_info": {},
    "disk_usage_info": {},
    "compose_recreate_info": {"services": ["model-server"]},
}
# What Ansible and the event of a run add to each answer.
OF_ANSIBLE = {"changed", "invocation", "warnings", "deprecations", "failed"}
TYPES: Mapping[str, type | tuple[type, ...]] = {
    "dict": dict, "list": list, "str": str, "int": int, "float": (int, float), "bool": bool, "raw": object,
}  # fmt: skip


@pytest.fixture(scope="module")
def looked(running_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> PlaybookRun:
    """One run with a task for each module; each test reads its own."""
    running_lab.reset()
    folder = tmp_path_factory.mktemp("looking")
    tasks = [{f"{NAMESPACE}.{name}": {"project": running_lab.project, **options}} for name, options in LOOKING.items()]
    before = picture(running_lab)
    run = run_playbook(playbook_of(folder, *tasks), folder / "runner", variables={})
    assert touched(before, picture(running_lab)) == set()
    return run


def documented(name: str) -> dict[str, Any]:
    """Return what the module's own documentation says that it returns."""
    text = importlib.import_module(f"ansible_collections.{NAMESPACE}.plugins.modules.{name}").RETURN
    return dict(yaml.safe_load(text))


@pytest.mark.parametrize("name", LOOKING)
def test_a_module_that_looks_changes_nothing_and_returns_what_its_documentation_says(
    looked: PlaybookRun, name: str
) -> None:
    assert looked.rc == 0, looked.output
    (answer,) = looked.calls(name)
    seen = {key: value for key, value in answer.items() if key not in OF_ANSIBLE and not key.startswith("_ansible")}
    told = documented(name)

    assert answer["changed"] is False
    assert seen.keys() == told.keys() - OF_ANSIBLE
    for key, about in told.items():
        nothing = seen[key] is None and "null" in str(about["description"])
        assert nothing or isinstance(seen[key], TYPES[about["type"]]), (key, seen[key])
