# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible, its linters and its users expect of every module, role and playbook."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.yaml import yaml_load

from checkout import ROOT, load_yaml, modules, relative, roles, syntax_tree

ROLE_FILES = ("README.md", "defaults/main.yml", "meta/main.yml", "meta/argument_specs.yml", "tasks/main.yml")


def documentation(path: Path) -> dict[str, Any]:
    """Return the documentation constants of a module, parsed."""
    return {
        target.id: yaml_load(ast.literal_eval(node.value))
        for node in syntax_tree(path).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id in {"DOCUMENTATION", "EXAMPLES", "RETURN"}
    }


@pytest.mark.parametrize("path", modules(), ids=relative)
def test_a_module_has_documentation_examples_and_return_values(path: Path) -> None:
    docs = documentation(path)

    assert docs["DOCUMENTATION"]["module"] == path.stem
    assert docs["EXAMPLES"]
    assert docs["RETURN"]


def test_every_module_is_in_the_action_group() -> None:
    group = load_yaml(ROOT / "meta" / "runtime.yml")["action_groups"]["all"]

    assert group == sorted(path.stem for path in modules())


def test_there_are_roles() -> None:
    assert roles()


@pytest.mark.parametrize("name", ROLE_FILES)
@pytest.mark.parametrize("role", roles(), ids=relative)
def test_a_role_has(role: Path, name: str) -> None:
    assert (role / name).is_file()


@pytest.mark.parametrize("role", roles(), ids=relative)
def test_a_role_is_described_by_its_argument_specs(role: Path) -> None:
    assert load_yaml(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["short_description"]


@pytest.mark.parametrize("role", roles(), ids=relative)
def test_defaults_and_argument_specs_agree(role: Path) -> None:
    defaults: dict[str, Any] = load_yaml(role / "defaults" / "main.yml") or {}
    options: dict[str, Any] = load_yaml(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    documented = {name: option["default"] for name, option in options.items() if "default" in option}
    optional = {name for name, option in options.items() if not option.get("required")}

    assert set(defaults) == optional
    assert documented == {name: defaults[name] for name in documented}


@pytest.mark.parametrize("role", roles(), ids=relative)
def test_public_variables_of_a_role_begin_with_its_name(role: Path) -> None:
    options = load_yaml(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]

    assert [name for name in options if not name.startswith(f"{role.name}_")] == []


@pytest.mark.parametrize("path", sorted((ROOT / "playbooks").glob("*.yml")), ids=relative)
def test_every_play_has_a_name(path: Path) -> None:
    assert all(play.get("name") for play in load_yaml(path))
