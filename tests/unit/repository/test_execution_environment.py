# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The execution environment: ansible-builder accepts it, and it carries what the collection needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from checkout import ROOT, load_yaml

BUILDER = Path(sys.executable).with_name("ansible-builder")


def builder(*arguments: str) -> str:
    ran = subprocess.run([str(BUILDER), *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def definition() -> Any:
    return load_yaml(ROOT / "execution-environment.yml")


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("context")
    builder(
        "create", "--file", "execution-environment.yml", "--context", str(folder), "--output-filename", "Containerfile"
    )
    return folder


def test_ansible_builder_makes_the_build_context(context: Path, definition: Any) -> None:
    recipe = (context / "Containerfile").read_text(encoding="utf-8")

    assert f'EE_BASE_IMAGE="{definition["images"]["base_image"]["name"]}"' in recipe
    assert {path.name for path in (context / "_build").iterdir()} >= {
        "bindep.txt",
        "requirements.txt",
        "requirements.yml",
    }


def test_it_carries_the_dependencies_of_the_collection_and_what_the_role_awx_needs(context: Path) -> None:
    carried = yaml.safe_load((context / "_build" / "requirements.yml").read_text(encoding="utf-8"))["collections"]
    ranges = {entry["name"]: entry["version"] for entry in carried}

    assert ranges.pop("awx.awx")
    assert ranges == load_yaml(ROOT / "galaxy.yml")["dependencies"]


def test_it_runs_versions_of_ansible_core_that_the_collection_accepts(definition: Any) -> None:
    wanted = Requirement(definition["dependencies"]["ansible_core"]["package_pip"]).specifier

    accepted = SpecifierSet(load_yaml(ROOT / "meta" / "runtime.yml")["requires_ansible"])
    assert "2.18.9" not in wanted
    assert all(version in wanted and version in accepted for version in ("2.19.0", "2.21.0"))


def test_an_execution_environment_with_the_collection_in_it_gets_its_packages_too(tmp_path: Path) -> None:
    link = tmp_path / "ansible_collections" / "agentfoundry" / "incident_response"
    link.parent.mkdir(parents=True)
    link.symlink_to(ROOT)

    found = yaml.safe_load(builder("introspect", str(tmp_path)))

    assert [Requirement(line.split("#")[0]).name for line in found["python"]] == ["jmespath"]
    assert [line.split()[0] for line in found["system"]] == ["openssh-clients", "openssh-client"]
