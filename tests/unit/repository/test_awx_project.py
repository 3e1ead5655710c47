# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checkout as it is works as a project of AWX."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from awx_listing import listed_as_playbooks

from checkout import COLLECTION_PATH, ROOT, copy_tracked, relative, tracked_files

GALAXY = Path(sys.executable).with_name("ansible-galaxy")
DEPENDENCIES = Path(str(metadata.distribution("ansible").locate_file(".")))


def test_awx_offers_the_playbooks_and_nothing_else() -> None:
    playbooks = {relative(path) for path in (ROOT / "playbooks").glob("*.yml")}

    assert len(playbooks) > 20
    assert listed_as_playbooks(ROOT, tracked_files()) == playbooks


@pytest.mark.parametrize(
    "name, content, offered",
    [
        ("docs/example.yml", "- name: A play\n  hosts: all\n", True),
        ("docs/example.yaml", "hosts:\n  - one\n", True),
        ("extensions/all.yml", "- import_playbook: other.yml\n", True),
        ("secret.yml", "$ANSIBLE_VAULT;1.1;AES256\n00\n", True),
        ("inventory/hosts.yml", '  "hosts":\n    one:\n', False),
        ("roles/one/tests/main.yml", "- hosts: all\n", False),
        ("tests/group_vars/all.yml", "hosts: one\n", False),
        (".cache/copy/play.yml", "- hosts: all\n", False),
        ("docs/example.md", "- hosts: all\n", False),
    ],
)
def test_the_rule_of_awx_is_the_one_that_is_applied(tmp_path: Path, name: str, content: str, offered: bool) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")

    assert listed_as_playbooks(tmp_path, [path]) == ({name} if offered else set())


def test_a_project_sync_installs_the_collection_itself_and_finds_the_dependencies(tmp_path: Path) -> None:
    project, stage = tmp_path / "project", tmp_path / "stage"
    copy_tracked(project)

    # As AWX does it: in the project's root, into a stage of its own. The dependencies are there already: no network.
    ran = subprocess.run(
        [str(GALAXY), "collection", "install", "-r", str(project / "collections" / "requirements.yml"), "--offline"],
        cwd=project,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": f"{stage}:{DEPENDENCIES}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    installed = stage / "ansible_collections" / "agentfoundry" / "incident_response"
    assert (installed / "MANIFEST.json").is_file()
    assert {path.name for path in installed.iterdir()} >= {"meta", "playbooks", "plugins", "roles"}
    assert not (installed / "tests").exists()
    # The links of the checkout are as they were.
    assert {path.name: os.readlink(path) for path in (project / COLLECTION_PATH.relative_to(ROOT)).iterdir()} == {
        path.name: os.readlink(path) for path in COLLECTION_PATH.iterdir()
    }
