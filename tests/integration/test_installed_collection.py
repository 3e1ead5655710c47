# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as its users get it: built, installed from the tarball into an empty path, run by full names.

Nothing of the checkout is in reach: no ansible.cfg, no roles_path, another working directory.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from lab_record import LabRecord
from pictures import picture, touched

from checkout import ROOT
from labtool.lab import Lab

NAMESPACE = "agentfoundry.incident_response"
PLAYBOOKS = sorted(f"{NAMESPACE}.{path.stem}" for path in (ROOT / "playbooks").glob("*.yml"))


@dataclass(frozen=True)
class Installed:
    """An empty folder of a user, the collection below it."""

    folder: Path

    def run(self, program: str, *arguments: str, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Exit code and output of a program of Ansible."""
        ours = {"ANSIBLE_CONFIG", "ANSIBLE_ROLES_PATH", "ANSIBLE_INVENTORY", "PYTHONPATH"}
        done = subprocess.run(
            [str(Path(sys.executable).with_name(program)), *arguments],
            cwd=self.folder,
            env={
                **{name: value for name, value in os.environ.items() if name not in ours},
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "ANSIBLE_COLLECTIONS_PATH": str(self.folder / "collections"),
                **(environment or {}),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Built from the checkout and installed with no server in reach; what it needs comes with PyPI's ansible."""
    folder = tmp_path_factory.mktemp("user")
    user = Installed(folder)
    built = subprocess.run(
        [str(Path(sys.executable).with_name("ansible-galaxy")), "collection", "build", "--output-path", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (archive,) = folder.glob("*.tar.gz")
    wish = ["collection", "install", "--offline", "--no-deps", "-p", str(folder / "collections"), str(archive)]
    code, output = user.run("ansible-galaxy", *wish)
    assert code == 0, output
    (folder / "hosts.yml").write_text(
        "platforms: {hosts: {shop: {ansible_connection: local, platform_project: '{{ project }}', "
        "ansible_python_interpreter: '{{ ansible_playbook_python }}', platform_state_dir: '{{ state_dir }}'}}}\n"
    )
    return user


def test_every_playbook_is_found_by_its_full_name_with_all_roles_and_modules_it_uses(installed: Installed) -> None:
    code, output = installed.run("ansible-playbook", "-i", "hosts.yml", "--syntax-check", *PLAYBOOKS)

    assert code == 0, output
    assert output.count("playbook: ") == len(PLAYBOOKS) > 20
    assert "[WARNING]" not in output


def test_its_files_are_those_that_were_built(installed: Installed) -> None:
    code, output = installed.run("ansible-galaxy", "collection", "verify", "--offline", NAMESPACE)

    assert code == 0, output
    assert "Successfully verified" in output


def test_a_platform_that_the_inventory_only_names_is_checked_and_diagnosed_by_full_names_and_nothing_is_touched(
    lab: Lab, installed: Installed, state_dir: Path, record: LabRecord
) -> None:
    here = ["-i", "hosts.yml", "-e", f"project={lab.project}", "-e", f"state_dir={state_dir}"]

    code, output = installed.run("ansible-playbook", *here, f"{NAMESPACE}.health_check")

    assert code == 0, output
    assert f"Health check: {lab.project} on shop" in output
    lab.inject("model-paused")
    before = picture(lab)

    code, output = installed.run("ansible-playbook", *here, "--check", f"{NAMESPACE}.remediate_model_server")

    assert code == 2, output
    assert "1. unpause model-server (disruptive)" in output
    assert touched(before, picture(lab)) == set()
    assert not record.was_written
