# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What roles and modules of this collection say of their options, read from where they say it."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError

_COLLECTION = Path(__file__).parents[2]


def options_of_roles(roles: Iterable[str]) -> dict[str, Any]:
    """Return the options of the roles: name -> specification; the names of two roles never meet.

    :raises InvalidInputError: there is no such role.
    """
    found: dict[str, Any] = {}
    for role in roles:
        content = _read(_COLLECTION / "roles" / role / "meta" / "argument_specs.yml", "roles", role)
        found.update(yaml_load(content)["argument_specs"]["main"]["options"])
    return found


def options_of_modules(modules: Iterable[str]) -> dict[str, Any]:
    """Return the options of the modules: ``module.option`` -> specification.

    :raises InvalidInputError: there is no such module.
    """
    found: dict[str, Any] = {}
    for module in modules:
        content = _read(_COLLECTION / "plugins" / "modules" / f"{module}.py", "modules", module)
        documentation = _constant(ast.parse(content), "DOCUMENTATION")
        options = dict(documentation.get("options", {}))
        for fragment in documentation.get("extends_documentation_fragment", []):
            options = {**_options_of_fragment(fragment), **options}
        found.update({f"{module}.{name}": option for name, option in options.items()})
    return found


def _options_of_fragment(name: str) -> dict[str, Any]:
    """Those of ``namespace.collection.file`` or ``namespace.collection.file.part``."""
    file, *parts = name.split(".")[2:]
    content = _read(_COLLECTION / "plugins" / "doc_fragments" / f"{file}.py", "extends_documentation_fragment", name)
    (fragment,) = (node for node in ast.parse(content).body if isinstance(node, ast.ClassDef))
    constant = parts[0] if parts else "documentation"
    return dict(_constant(fragment, constant.upper()).get("options", {}))


def _constant(tree: ast.Module | ast.ClassDef, name: str) -> Any:
    """The YAML that a constant of a module or of a class holds."""
    return next(
        yaml_load(ast.literal_eval(node.value))
        for node in tree.body
        if isinstance(node, ast.Assign) and any(getattr(one, "id", "") == name for one in node.targets)
    )


def _read(path: Path, option: str, value: str) -> str:
    if not path.is_file():
        raise InvalidInputError(option, value, remedy="Name one of this collection, without its namespace.")
    return path.read_text(encoding="utf-8")
