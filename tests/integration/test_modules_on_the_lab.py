# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules that look, each called alone: they change nothing and return what their documentation says."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml
from pictures import picture, touched

from labtool.lab import Lab

NAMESPACE = "agentfoundry.incident_response"
# What Ansible itself adds to each answer.
OF_ANSIBLE = {"changed", "invocation", "warnings", "deprecations", "ansible_facts", "failed"}
TYPES: Mapping[str, type | tuple[type, ...]] = {
    "dict": dict, "list": list, "str": str, "int": int, "float": (int, float), "bool": bool,
}  # fmt: skip

pytestmark = [
    # pytest-ansible asks Ansible for names that Ansible means to move, and sets up its loader for each call.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:AnsibleCollectionFinder has already been configured:UserWarning"),
]

Modules = Callable[..., Mapping[str, Any]]


@pytest.fixture
def module(ansible_adhoc: Callable[..., Any], running_lab: Lab) -> Modules:
    """Call a module of the collection on this machine, for the lab, through Ansible."""
    host = ansible_adhoc(inventory="localhost,", connection="local", host_pattern="localhost")

    def call(name: str, **options: Any) -> Mapping[str, Any]:
        answer = getattr(host.localhost, f"{NAMESPACE}.{name}")(project=running_lab.project, **options)
        return dict(answer["localhost"])

    return call


def documented(name: str) -> dict[str, Any]:
    """Return what the module's own documentation says that it returns."""
    text = importlib.import_module(f"ansible_collections.{NAMESPACE}.plugins.modules.{name}").RETURN
    return dict(yaml.safe_load(text))


@pytest.mark.parametrize(
    "name, options",
    [
        ("platform_info", {}),
        ("container_info", {"names": ["model-server"]}),
        ("model_server_info", {"service": "model-server"}),
        ("postgres_activity_info", {"service": "postgres"}),
        ("postgres_query_info", {"service": "postgres"}),
        ("redis_health_info", {"service": "redis"}),
        ("rabbitmq_queue_info", {"service": "rabbitmq"}),
        ("token_trust_info", {}),
        ("clock_info", {}),
        ("disk_usage_info", {}),
        ("compose_recreate_info", {"services": ["model-server"]}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_module_that_looks_changes_nothing_and_returns_what_its_documentation_says(
    running_lab: Lab, module: Modules, name: str, options: Mapping[str, Any]
) -> None:
    before = picture(running_lab)

    seen = module(name, **options)

    assert not seen.get("failed"), seen
    assert not seen["changed"]
    assert touched(before, picture(running_lab)) == set()
    told = documented(name)
    assert set(seen) - OF_ANSIBLE == set(told) - OF_ANSIBLE
    for key, about in told.items():
        if about["type"] != "raw":
            assert isinstance(seen[key], TYPES[about["type"]]), (key, seen[key])
