# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rings: the pure core, adapters that do the I/O, thin modules (docs/index.md draws them)."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable
from pathlib import Path

from checkout import (
    COLLECTION_NAME,
    MODULE_UTILS,
    imported_names,
    modules,
    package_of,
    python_files,
    relative,
    syntax_tree,
)

UTILS = f"{COLLECTION_NAME}.plugins.module_utils"
PURE_FOLDERS = ("plugins/module_utils/core", "plugins/module_utils/judge")
PURE = python_files(*PURE_FOLDERS)
# Only this folder is glue with Ansible: argument specs, and the one place that catches the root exception.
GLUE = MODULE_UTILS / "module"
WITHOUT_ANSIBLE = [path for path in python_files("plugins/module_utils") if GLUE not in path.parents]

# What the pure rings may use of the standard library: nothing here reads a clock, a disk, a process or a network.
PURE_LIBRARY = {
    "__future__",
    "base64",
    "bisect",
    "collections",
    "copy",
    "dataclasses",
    "datetime",
    "difflib",
    "enum",
    "fnmatch",
    "functools",
    "hashlib",
    "hmac",
    "html",
    "itertools",
    "json",
    "math",
    "numbers",
    "operator",
    "re",
    "shlex",
    "statistics",
    "string",
    "textwrap",
    "types",
    "typing",
    "unicodedata",
    "urllib.parse",
}
READS_THE_CLOCK = {"now", "utcnow", "today"}
DOES_IO = {"open", "print", "input", "exec", "eval", "__import__"}
DOCUMENTATION = {"DOCUMENTATION", "EXAMPLES", "RETURN"}


def is_within(name: str, allowed: set[str]) -> bool:
    return any(name == entry or name.startswith(f"{entry}.") for entry in allowed)


def test_the_rings_have_files_to_look_at() -> None:
    assert PURE
    assert set(WITHOUT_ANSIBLE) > set(PURE)
    assert modules()


def foreign_imports(paths: Iterable[Path], foreign: Callable[[str], bool]) -> dict[str, set[str]]:
    """Return what the files import although it is foreign to them, by the file."""
    imported = {relative(path): imported_names(syntax_tree(path), package_of(path)) for path in paths}
    found = {path: {name for name in names if foreign(name)} for path, names in imported.items()}
    return {path: names for path, names in found.items() if names}


def test_a_pure_ring_imports_neither_ansible_nor_anything_that_does_io() -> None:
    allowed = PURE_LIBRARY | {f"{UTILS}.core", f"{UTILS}.judge"}

    assert foreign_imports(PURE, lambda name: not is_within(name, allowed)) == {}


def test_the_core_does_not_know_the_rings_around_it() -> None:
    core = python_files("plugins/module_utils/core")

    around = foreign_imports(core, lambda name: is_within(name, {UTILS}) and not is_within(name, {f"{UTILS}.core"}))

    assert around == {}


def test_a_pure_ring_calls_nothing_that_reads_a_clock_or_does_io() -> None:
    called = [
        (relative(path), node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", ""))
        for path in PURE
        for node in ast.walk(syntax_tree(path))
        if isinstance(node, ast.Call)
        if (isinstance(node.func, ast.Name) and node.func.id in DOES_IO)
        or (isinstance(node.func, ast.Attribute) and node.func.attr in READS_THE_CLOCK)
    ]

    assert called == []


def test_the_calls_that_do_io_are_spelled_as_python_spells_them() -> None:
    assert {name for name in DOES_IO if not hasattr(builtins, name)} == set()


def test_what_is_below_the_glue_is_handed_what_it_needs_and_never_sees_ansible() -> None:
    assert foreign_imports(WITHOUT_ANSIBLE, lambda name: is_within(name, {"ansible"})) == {}


def test_what_runs_on_a_target_parses_as_python_3_9() -> None:
    errors = {
        relative(path): error_of_python_3_9(path) for path in python_files("plugins/module_utils", "plugins/modules")
    }

    assert errors
    assert {path: error for path, error in errors.items() if error} == {}


def error_of_python_3_9(path: Path) -> str:
    """Return what is no syntax of Python 3.9, with its line; an empty string when all of the file is."""
    try:
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))
    except SyntaxError as error:
        return str(error)
    return ""


def test_a_module_is_thin() -> None:
    """Arguments in, result out: at most 60 lines of code beside the documentation."""
    lengths = {relative(path): len(code_of(path)) for path in modules()}

    assert {path: length for path, length in lengths.items() if length > 60} == {}


def code_of(module: Path) -> list[str]:
    """Return the lines of a module without its documentation, comments and empty lines."""
    lines = module.read_text(encoding="utf-8").splitlines()
    return [
        line
        for node in syntax_tree(module).body
        if not documents(node)
        for line in lines[node.lineno - 1 : node.end_lineno]
        if line.strip() and not line.strip().startswith("#")
    ]


def documents(node: ast.stmt) -> bool:
    """Tell whether the statement is a documentation constant or a docstring."""
    if isinstance(node, ast.Assign):
        return any(isinstance(target, ast.Name) and target.id in DOCUMENTATION for target in node.targets)
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
