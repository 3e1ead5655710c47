# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documents point at is there: files, headings, playbooks, targets of make, scripts. Every guide is found."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.utils.yaml import from_yaml

from checkout import ROOT, load_yaml, relative, tracked_files

INDEX = ROOT / "docs" / "index.md"
DOCUMENTS = [path for path in tracked_files() if path.suffix == ".md" and not path.is_symlink()]
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
NAMESPACE = "agentfoundry.incident_response."


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def links_of(path: Path) -> Iterator[tuple[Path, str]]:
    """Each relative link as its target and its anchor, outside of code."""
    prose = re.sub(r"`[^`\n]*`", "", FENCE.sub("", text_of(path)))
    for link in LINK.findall(prose):
        if not re.match(r"[a-z]+:", link):
            file, _, anchor = link.partition("#")
            yield (path.parent / file).resolve() if file else path, anchor


@cache
def anchors_of(path: Path) -> frozenset[str]:
    """The anchors that GitHub gives the headings of a document."""
    headings = re.findall(r"^#+ +(.*?) *$", FENCE.sub("", text_of(path)), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in headings]
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain)


def commands_of(path: Path) -> str:
    """Everything between fences."""
    return "\n".join(FENCE.findall(text_of(path)))


def blocks_of(path: Path, language: str) -> list[str]:
    """The contents of the fences of a language, those in lists as well."""
    fences = re.finditer(rf"^( *)```{language}\n(.*?)^\1```", text_of(path), re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(fence[2]) if fence[1] else fence[2] for fence in fences]


def is_yaml(text: str) -> bool:
    """Whether Ansible can read it, its own tags such as ``!unsafe`` included."""
    try:
        return from_yaml(text) is not None
    except AnsibleError:
        return False


def makefile_targets() -> set[str]:
    return set(re.findall(r"^\.PHONY: (\S+)$", text_of(ROOT / "Makefile"), re.MULTILINE))


@pytest.mark.parametrize("path", DOCUMENTS, ids=relative)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(path: Path) -> None:
    broken = [
        f"{target}#{anchor}"
        for target, anchor in links_of(path)
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors_of(target))
    ]

    assert broken == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=relative)
def test_every_command_names_a_playbook_a_target_of_make_or_a_script_that_is_there(path: Path) -> None:
    commands = commands_of(path)
    files = set(re.findall(r"\bplaybooks/([a-z_]+\.yml)\b", commands))
    names = set(re.findall(rf"ansible-playbook\b[^\n]*?\b{re.escape(NAMESPACE)}([a-z_]+)", commands))
    targets = set(re.findall(r"^(?:\$ )?make ([a-z-]+)", commands, re.MULTILINE))
    scripts = set(re.findall(r"(?:^|\s)(scripts/[a-z/.-]+)", commands))

    missing = {name for name in files | {f"{name}.yml" for name in names} if not (ROOT / "playbooks" / name).is_file()}
    assert missing == set()
    assert targets - makefile_targets() == set()
    assert {name for name in scripts if not (ROOT / name).exists()} == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=relative)
def test_every_file_that_is_shown_parses(path: Path) -> None:
    # The blocks of Python of a page are one program: a later one may go on inside of an earlier one.
    program = "".join(blocks_of(path, "python"))
    shown = blocks_of(path, "yaml")

    ast.parse(program)
    assert [block for block in shown if not is_yaml(block)] == []


@pytest.mark.parametrize("role", load_yaml(ROOT / "docs" / "playbook.yml")["scenarios"])
def test_the_guide_to_a_scenario_names_each_rung_of_its_ladder_and_each_option_of_its_role(role: str) -> None:
    guide = text_of(ROOT / "docs" / "scenarios" / f"{role}.md")
    defaults = load_yaml(ROOT / "roles" / role / "defaults" / "main.yml")
    rungs = {rung["action"] for rung in defaults[f"{role}_ladder"]}

    assert {name for name in rungs | set(defaults) if f"`{name}`" not in guide} == set()
    assert set(re.findall(rf"`({role}_[a-z_]+)`", guide)) - set(defaults) == set()


def test_every_guide_is_reached_from_the_index() -> None:
    reached: set[Path] = set()
    waiting = [INDEX]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        # The README is where one comes from: what only it links is not reached by the index.
        if page != ROOT / "README.md":
            waiting += [target for target, _anchor in links_of(page) if target.is_file()]
    guides = {path for path in DOCUMENTS if ROOT / "docs" in path.parents}

    assert {relative(path) for path in guides - reached} == set()


def test_a_newcomer_finds_the_code_of_a_step_by_two_links_from_contributing() -> None:
    page = ROOT / "docs" / "playbook-map.md"
    assert page in {target for target, _anchor in links_of(ROOT / "CONTRIBUTING.md")}
    (line,) = (line for line in text_of(page).splitlines() if line.startswith("| **DB-3** "))

    named = {(page.parent / link).resolve() for link in LINK.findall(line)}

    assert ROOT / "plugins" / "module_utils" / "judge" / "postgres_sessions.py" in named
    assert all(path.is_file() for path in named)
