# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things are in the checkout, for the tests that keep the repository true."""

from __future__ import annotations

import ast
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from ansible.module_utils.common.yaml import yaml_load

ROOT = Path(__file__).resolve().parent.parent.parent
MODULE_UTILS = ROOT / "plugins" / "module_utils"
COLLECTION_PATH = ROOT / "collections" / "ansible_collections" / "agentfoundry" / "incident_response"
COLLECTION_NAME = "ansible_collections.agentfoundry.incident_response"


@cache
def tracked_files() -> tuple[Path, ...]:
    """Return every file that git knows, or would know if it was added now; links are not followed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = (ROOT / name for name in sorted(filter(None, listed.split("\0"))))
    return tuple(path for path in paths if path.is_symlink() or path.is_file())


def copy_tracked(folder: Path) -> None:
    """Copy every file that git knows, links as links, as a clone would have them."""
    for path in tracked_files():
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target, follow_symlinks=False)


def python_files(*folders: str) -> list[Path]:
    """Return the Python files below the folders (of the whole checkout without one)."""
    below = [ROOT / folder for folder in folders] or [ROOT]
    return [
        path
        for path in tracked_files()
        if path.suffix == ".py" and not path.is_symlink() and any(folder in path.parents for folder in below)
    ]


def modules() -> list[Path]:
    """Return the collection's modules."""
    return [path for path in python_files("plugins/modules") if path.name != "__init__.py"]


def roles() -> list[Path]:
    """Return the folders of the collection's roles."""
    return sorted(path for path in (ROOT / "roles").glob("*") if path.is_dir())


def relative(path: Path) -> str:
    """Name the path as a person would, in test ids and messages."""
    return path.relative_to(ROOT).as_posix()


def load_yaml(path: Path) -> Any:
    """Return the one document of a YAML file."""
    return yaml_load(path.read_text(encoding="utf-8"))


def syntax_tree(path: Path) -> ast.Module:
    """Return the parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported_names(tree: ast.Module, package: str = "") -> set[str]:
    """Return the dotted names that are imported; relative imports are resolved against the package of the file.

    `import a.b` gives a.b; `from a import b` gives a.b, so that a module and a name in it look alike.
    """
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            names.update(f"{base}.{alias.name}" for alias in node.names)
    return names


def package_of(path: Path) -> str:
    """Return the dotted package that a Python file below plugins/ belongs to, as Ansible imports it."""
    return ".".join([COLLECTION_NAME, *path.parent.relative_to(ROOT).parts])
