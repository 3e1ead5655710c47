# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files of a project AWX offers as playbooks (the rules of awx/main/utils/ansible.py, AWX 24.6)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

# Folders that AWX never looks into, at any depth; those that begin with a dot as well.
SKIPPED = {"roles", "tasks", "group_vars", "host_vars"}
_PLAY = re.compile(r"^\s*?-?\s*?(?:hosts|(ansible\.builtin\.)?include|(ansible\.builtin\.)?import_playbook):\s*?.*?$")


def listed_as_playbooks(root: Path, files: Iterable[Path]) -> set[str]:
    """Return the files that AWX would offer, relative to the project's root.

    :param files: the project's files; AWX does not follow links to folders unless AWX_SHOW_PLAYBOOK_LINKS is set.
    """
    return {
        path.relative_to(root).as_posix()
        for path in files
        if path.suffix in {".yml", ".yaml"} and not _skipped(path.relative_to(root).parent) and _could_be(path)
    }


def _skipped(folder: Path) -> bool:
    return any(part in SKIPPED or part.startswith(".") for part in folder.parts)


def _could_be(path: Path) -> bool:
    """Whether a line begins a play; a file that is encrypted with Ansible Vault is offered as well."""
    if path.is_dir():
        return False
    lines = path.read_text(encoding="utf-8", errors="ignore").splitlines()
    return bool(lines) and (lines[0].startswith("$ANSIBLE_VAULT;") or any(map(_PLAY.match, lines)))
