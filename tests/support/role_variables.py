# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a role as Ansible would see them, templated in this process: no play is run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from checkout import ROOT


def role_variable(role: str, name: str, given: Mapping[str, Any]) -> Any:
    """Return a variable of a role, with its defaults, its vars and what a user gives."""
    loader = DataLoader()
    files = [ROOT / "roles" / role / "defaults" / "main.yml"]
    files += sorted((ROOT / "roles" / role / "vars" / "main").glob("*.yml"))
    variables: dict[str, Any] = {}
    for file in files:
        variables.update(loader.load_from_file(str(file), cache="none", trusted_as_template=True) or {})
    variables.update(given)
    return Templar(loader=loader, variables=variables).template(variables[name])
