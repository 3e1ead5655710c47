# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One clone works for every tool, and what is committed belongs to the project and not to a machine."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
import tarfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from checkout import COLLECTION_PATH, ROOT, load_yaml, python_files, relative, tracked_files

# What a collection consists of, as far as Ansible and ansible-lint read it below ansible_collections/.
LINKED = {"extensions", "galaxy.yml", "meta", "playbooks", "plugins", "roles"}
SHIPPED = {
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "FILES.json",
    "LICENSE",
    "MANIFEST.json",
    "README.md",
    "changelogs",
    "docs",
    "extensions",
    "inventory",
    "meta",
    "playbooks",
    "plugins",
    "roles",
}
# Of the built collection; half as much again as it took when this was written.
BYTES_PACKED, BYTES_UNPACKED = 1_100_000, 4_500_000
SPDX = "# SPDX-License-Identifier: GPL-3.0-or-later"
HOME_OF_A_PERSON = re.compile(r"/(?:home|Users)/[a-z][a-z0-9_-]*/")


def test_the_collection_path_is_made_of_relative_links_to_the_checkout() -> None:
    links = {path.name: os.readlink(path) for path in COLLECTION_PATH.iterdir()}

    assert links == {name: f"../../../../{name}" for name in LINKED}
    assert all((COLLECTION_PATH / name).resolve() == ROOT / name for name in LINKED)
    assert all((COLLECTION_PATH / name).exists() for name in LINKED)


def test_ansible_cfg_inside_playbooks_says_the_same_with_paths_one_level_up() -> None:
    outer, inner = (read_config(ROOT / folder / "ansible.cfg") for folder in (".", "playbooks"))
    relative_paths = {"collections_path", "inventory", "roles_path"}

    assert {name: one_level_up(value) if name in relative_paths else value for name, value in outer.items()} == inner


def read_config(path: Path) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(path.read_text(encoding="utf-8"))
    assert parser.sections() == ["defaults"]
    return dict(parser["defaults"])


def one_level_up(paths: str) -> str:
    return ":".join(part if part.startswith(("/", "~")) else f"../{part}" for part in paths.split(":"))


def test_awx_is_asked_for_the_collection_and_the_dependencies_of_galaxy_yml() -> None:
    required = load_yaml(ROOT / "collections" / "requirements.yml")["collections"]

    assert required[0] == {"name": ".", "type": "dir"}
    assert {entry["name"]: entry["version"] for entry in required[1:]} == load_yaml(ROOT / "galaxy.yml")["dependencies"]


def test_the_installed_dependencies_are_in_the_ranges_of_galaxy_yml() -> None:
    site = Path(str(metadata.distribution("ansible").locate_file("ansible_collections")))
    for name, wanted in load_yaml(ROOT / "galaxy.yml")["dependencies"].items():
        manifest = load_yaml(site.joinpath(*name.split("."), "MANIFEST.json"))

        assert manifest["collection_info"]["version"] in SpecifierSet(wanted), name


def test_the_running_ansible_core_is_one_that_the_collection_accepts() -> None:
    wanted = load_yaml(ROOT / "meta" / "runtime.yml")["requires_ansible"]

    assert metadata.version("ansible-core") in SpecifierSet(wanted)


@pytest.mark.parametrize("name", ["runtime.in", "dev.in"])
def test_each_required_package_is_pinned_and_gives_its_reason_in_the_line_above(name: str) -> None:
    pinned = {
        canonicalize_name(Requirement(line).name) for line in lines_of("constraints.txt") if not line.startswith("#")
    }
    lines = lines_of(name)
    required = [(line, lines[index - 1]) for index, line in enumerate(lines) if line and not line.startswith("#")]

    assert required
    assert [package for package, above in required if not above.startswith("# ")] == []
    assert {canonicalize_name(package) for package, _ in required} - pinned == set()


def lines_of(name: str) -> list[str]:
    return (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()


def test_a_built_collection_carries_what_users_need_and_nothing_of_the_workshop(tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("ansible-galaxy")),
        "collection",
        "build",
        "--output-path",
        str(tmp_path),
    ]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr

    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as content:
        names = content.getnames()
        unpacked = sum(member.size for member in content)
    assert archive.stat().st_size < BYTES_PACKED
    assert unpacked < BYTES_UNPACKED
    known = {relative(path) for path in tracked_files()} | {"FILES.json", "MANIFEST.json"}
    folders = {parent.as_posix() for name in known for parent in Path(name).parents}
    assert set(names) - known - folders == set(), "what git does not know is not shipped"
    top = {name.split("/")[0] for name in names}
    assert top <= SHIPPED
    assert top >= {"LICENSE", "README.md", "meta", "playbooks", "plugins", "roles"}
    assert "playbooks/ansible.cfg" not in names


def test_a_python_file_states_its_licence_at_the_top() -> None:
    texts = {relative(path): path.read_text(encoding="utf-8") for path in python_files()}

    assert texts
    assert [name for name, text in texts.items() if text and SPDX not in text.splitlines()[:5]] == []


def test_a_python_file_is_small_enough_to_be_read_at_once() -> None:
    lengths = {relative(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}

    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}


def test_no_committed_text_names_a_path_of_the_machine_it_was_written_on() -> None:
    named = {
        relative(path)
        for path in tracked_files()
        if not path.is_symlink()
        for text in [path.read_bytes().decode("utf-8", "replace")]
        if str(ROOT) in text or HOME_OF_A_PERSON.search(text)
    }

    assert named == set()


def test_make_help_lists_every_target_that_a_person_calls() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.findall(r"^\.PHONY: (\S+)$", makefile, re.MULTILINE))
    described = set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE))

    assert phony == described
    assert {"help", "demo", "test", "check", "lab", "lab-down", "fault", "heal", "bench", "clean"} <= phony
