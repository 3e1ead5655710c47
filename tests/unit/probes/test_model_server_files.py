# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from local_container import FILE_TOOLS, LocalContainer, path_of

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import FilesFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_settings import (
    ModelServerSettings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.model_server_files import (
    kind_of_damage,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_file_access import (
    parse_look,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_file_copy import (
    access_for,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_files import (
    probe_files,
    sample_of,
)

MODEL = b"weights " * 1000
DIGEST = hashlib.sha256(MODEL).hexdigest()
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + DIGEST.encode() + b"\nsize 8000\n"
WAYS = ["shell", "no sha256sum", "no shell", "stopped"]


class Bench:
    """A model directory, and a container of one of the four kinds that holds it."""

    def __init__(self, folder: Path, way: str) -> None:
        self.models = folder / "models"
        self.models.mkdir()
        (self.models / "model.bin").write_bytes(MODEL)
        (self.models / "manifest.json").write_text(json.dumps({"model.bin": DIGEST}))
        tools = [tool for tool in FILE_TOOLS if way != "no sha256sum" or tool != "sha256sum"]
        self.container = LocalContainer(None if way == "no shell" else path_of(folder / "bin", tools))
        self.running = way != "stopped"

    def probe(
        self,
        settings: ModelServerSettings | None = None,
        sample: dict[str, Any] | None = None,
        reason: str = "the canary failed",
    ) -> FilesFacts:
        ways = access_for(DockerCli(self.container), "c", running=self.running, deadline=10.0)
        wanted = settings or ModelServerSettings(model_dir=str(self.models))
        return probe_files(ways, wanted, sample or {}, reason_to_hash=lambda: reason)

    @property
    def hashed(self) -> bool:
        return any("sha256sum <" in " ".join(call) for call in self.container.calls)


@pytest.fixture(params=WAYS, name="bench")
def any_way(tmp_path: Path, request: pytest.FixtureRequest) -> Bench:
    return Bench(tmp_path, request.param)


@pytest.fixture(name="shell")
def shell_way(tmp_path: Path) -> Bench:
    return Bench(tmp_path, "shell")


def nothing(models: Path) -> None:
    """Leave it as it is."""


def flip_a_byte(models: Path) -> None:
    (models / "model.bin").write_bytes(MODEL[:4000] + b"#" + MODEL[4001:])


def cut(models: Path) -> None:
    (models / "model.bin").write_bytes(MODEL[:5000])


def empty(models: Path) -> None:
    (models / "model.bin").write_bytes(b"")


def point(models: Path) -> None:
    (models / "model.bin").write_bytes(POINTER)


def remove(models: Path) -> None:
    (models / "model.bin").unlink()


def link(models: Path) -> None:
    (models / "blob").write_bytes(MODEL)
    remove(models)
    (models / "model.bin").symlink_to("blob")


def dangle(models: Path) -> None:
    remove(models)
    (models / "model.bin").symlink_to("model.bin")


@pytest.mark.parametrize(
    "damage, kind",
    [
        (nothing, ""),
        (link, ""),
        (flip_a_byte, "file_corrupt"),
        (cut, "file_truncated"),
        (empty, "file_truncated"),
        (point, "file_lfs_pointer"),
        (remove, "file_missing"),
        (dangle, "file_missing"),
    ],
)
def test_each_damage_is_told_apart_by_each_way(bench: Bench, damage: Callable[[Path], None], kind: str) -> None:
    sample = {"model_files": {"model.bin": {"size": len(MODEL), "modified": 1}}}
    damage(bench.models)
    facts = bench.probe(sample=sample)
    (file,) = facts.files
    assert (facts.error, facts.manifest_error, file.name) == ("", "", "model.bin")
    assert kind_of_damage(file) == kind
    assert bool(sample_of(facts)) is (kind == "")


@pytest.mark.parametrize(
    "content, error",
    [
        (None, "absent"),
        (b"", "empty"),
        (b"<html>", "line 1"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"../../etc/shadow": "' + b"a" * 64 + b'"}', "leaves"),
        (b" " * ((1 << 20) + 5), "larger"),
    ],
)
def test_a_manifest_that_is_absent_or_malformed_is_a_fact_not_an_error(
    bench: Bench, content: bytes | None, error: str
) -> None:
    manifest = bench.models / "manifest.json"
    manifest.unlink() if content is None else manifest.write_bytes(content)
    facts = bench.probe()
    assert error in facts.manifest_error
    assert facts.error == ""


def test_without_a_manifest_a_file_that_was_seen_good_is_still_looked_at(bench: Bench) -> None:
    (bench.models / "manifest.json").unlink()
    cut(bench.models)
    (file,) = bench.probe(sample={"model_files": {"model.bin": {"size": len(MODEL), "modified": 1}}}).files
    assert kind_of_damage(file) == "file_truncated"


def test_the_inventorys_files_win_over_the_manifest_in_the_container(bench: Bench) -> None:
    (bench.models / "manifest.json").write_text(json.dumps({"model.bin": "b" * 64}))
    wanted = ModelServerSettings(model_dir=str(bench.models), files={"model.bin": DIGEST})
    facts = bench.probe(wanted)
    assert (facts.source, facts.manifest_error) == ("inventory", "")
    assert kind_of_damage(facts.files[0]) == ""


def test_files_in_folders_and_with_blanks_are_found(bench: Bench) -> None:
    (bench.models / "1" / "a b").mkdir(parents=True)
    (bench.models / "1" / "a b" / "w'$(id).bin").write_bytes(MODEL)
    wanted = ModelServerSettings(model_dir=str(bench.models), files={"1/a b/w'$(id).bin": DIGEST})
    (file,) = bench.probe(wanted).files
    assert file.sha256 == DIGEST


def test_nothing_is_hashed_without_a_reason(shell: Bench) -> None:
    facts = shell.probe(reason="")
    assert not shell.hashed
    assert facts.files[0].sha256 is None
    assert facts.hashed_because == ""


def test_nothing_is_hashed_when_size_and_time_are_as_recorded(shell: Bench) -> None:
    sample = sample_of(shell.probe(reason=""))
    assert shell.probe(sample=sample, reason="").hashed_because == ""
    assert not shell.hashed


def test_a_file_that_changed_since_it_was_seen_good_is_hashed(shell: Bench) -> None:
    sample = sample_of(shell.probe(reason=""))
    flip_a_byte(shell.models)
    sample["model_files"]["model.bin"]["modified"] -= 1
    facts = shell.probe(sample=sample, reason="")
    assert facts.hashed_because == "model.bin changed since it was last seen good"
    assert kind_of_damage(facts.files[0]) == "file_corrupt"
    assert sample_of(facts) == {}


@pytest.mark.parametrize(
    "sample", [{"model_files": 3}, {"model_files": {"model.bin": 4}}, {"model_files": {"model.bin": {"size": "x"}}}]
)
def test_a_sample_of_another_shape_is_as_good_as_none(shell: Bench, sample: dict[str, Any]) -> None:
    assert shell.probe(sample=sample, reason="").hashed_because == ""


def test_nothing_configured_is_nothing_looked_at(shell: Bench) -> None:
    assert shell.probe(ModelServerSettings()) == FilesFacts()
    assert shell.container.calls == []


def test_the_known_good_copy_tells_a_truncated_file_from_a_corrupt_one(shell: Bench, tmp_path: Path) -> None:
    good = tmp_path / "good"
    good.mkdir()
    (good / "model.bin").write_bytes(MODEL)
    cut(shell.models)
    wanted = ModelServerSettings(model_dir=str(shell.models), known_good=str(good))
    assert kind_of_damage(shell.probe(wanted).files[0]) == "file_truncated"


def test_a_model_directory_that_is_not_there_has_no_files(bench: Bench) -> None:
    wanted = ModelServerSettings(model_dir="/no/such/place", files={"model.bin": DIGEST})
    facts = bench.probe(wanted)
    assert [kind_of_damage(file) for file in facts.files] == ["file_missing"]


@pytest.mark.parametrize("count", [1, 430])
def test_many_names_are_hashed_in_groups_that_fit_on_a_command_line(shell: Bench, count: int) -> None:
    names = [f"{'x' * 150}{number}" for number in range(count)]
    for name in names:
        (shell.models / name).write_bytes(b"")
    empty_digest = hashlib.sha256(b"").hexdigest()
    wanted = ModelServerSettings(model_dir=str(shell.models), files=dict.fromkeys(names, empty_digest))
    facts = shell.probe(wanted)
    assert {file.sha256 for file in facts.files} == {empty_digest}
    assert max(len(" ".join(call)) for call in shell.container.calls) < 100_000


@pytest.mark.parametrize("output", [b"", b"sh: not found", b"dir ok\n", b"\nend\nmanifest ok\n{}"])
def test_a_shell_that_answers_something_else_is_an_error_of_that_way(output: bytes) -> None:
    with pytest.raises(CommandFailedError, match="unexpected"):
        parse_look(output)


def test_lines_of_another_shape_are_left_out() -> None:
    look = b"dir ok\nfile 3 4 ./a b\nfile x 4 ./c\nfile 3\nsecond line of a name\n\nend\nmanifest none\n"
    assert list(parse_look(look).files) == ["a b"]
