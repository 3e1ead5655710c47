# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import json
import shutil
import stat
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from file_systems import read_only_directory
from local_container import LocalContainer

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.model_restore import (
    Restore,
    RestoredFile,
    restore_model,
    restore_result,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.model_restore_request import (
    MODEL_FILE_SPEC,
    read_restore,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    IncidentResponseError,
    InvalidInputError,
    PlatformNotFoundError,
)

GOOD = b"weights " * 1000
BAD = GOOD[:4000] + b"#" + GOOD[4001:]
DIGEST = hashlib.sha256(GOOD).hexdigest()


class Sender:
    """Writes where docker cp would. ``ruins`` writes something else."""

    def __init__(self, *, ruins: bool = False) -> None:
        self.sent: list[tuple[str, str, int]] = []
        self._ruins = ruins

    def send(
        self, container: str, directory: str, member: tarfile.TarInfo, content: BinaryIO, *, deadline: float
    ) -> None:
        self.sent.append((container, member.name, member.mode))
        Path(directory, member.name).write_bytes(b"ruined" if self._ruins else content.read())


class Bench:
    """A container with a corrupt model, and a known-good copy."""

    def __init__(self, folder: Path, **inspected: Any) -> None:
        self.models, self.good, self.evidence = folder / "models", folder / "good", folder / "state" / "evidence"
        for place, model in ((self.models, BAD), (self.good, GOOD)):
            place.mkdir(mode=0o755)
            (place / "model.bin").write_bytes(model)
            (place / "manifest.json").write_text(json.dumps({"model.bin": DIGEST}))
        (self.models / "model.bin").chmod(0o600)
        self.container = LocalContainer(
            None,
            ps=b"c0ffee\tshop\tm\t\nbabe\tshop\tm\tTrue\nfeed\tshop\tweb\t\n",
            inspect=json.dumps(
                [{"Id": "c0ffee", "Name": "/shop-m-1", "State": {"Status": "exited"}, **inspected}]
            ).encode(),
        )
        self.sender = Sender()
        self.wish = Restore(
            "shop", "m", str(self.models), str(self.good), {"model.bin": DIGEST}, keep_evidence_in=str(self.evidence)
        )

    def restore(self, *, check_mode: bool = False, **change: Any) -> tuple[RestoredFile, ...]:
        docker = DockerCli(self.container)
        return restore_model(docker, self.sender, replace(self.wish, **change), check_mode=check_mode)

    @property
    def model(self) -> bytes:
        return (self.models / "model.bin").read_bytes()


@pytest.fixture(name="bench")
def corrupt_model(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_damaged_file_is_replaced_and_its_mode_stays(bench: Bench) -> None:
    (file,) = bench.restore()
    assert bench.model == GOOD
    assert bench.sender.sent == [("c0ffee", "model.bin", 0o600)]
    assert file.changed
    assert file.before is not None
    assert file.before.sha256 == hashlib.sha256(BAD).hexdigest()
    assert file.after is not None
    assert file.after.sha256 == DIGEST


def test_a_second_run_changes_nothing(bench: Bench) -> None:
    bench.restore()
    (file,) = bench.restore()
    assert not file.changed
    assert len(bench.sender.sent) == 1


def test_check_mode_tells_the_same_and_touches_nothing(bench: Bench) -> None:
    planned = restore_result(bench.wish, bench.restore(check_mode=True))
    assert (bench.model, bench.sender.sent, bench.evidence.exists()) == (BAD, [], False)
    done = restore_result(bench.wish, bench.restore())
    assert (planned["changed"], planned["actions"], planned["diff"]) == (True, done["actions"], done["diff"])


def test_the_result_names_file_and_service_and_shows_both_sides(bench: Bench) -> None:
    result = restore_result(bench.wish, bench.restore())
    path = f"shop-m-1:{bench.models}/model.bin"
    assert result["actions"] == [{"what": "file", "id": path, "status": "restored", "service": "m"}]
    assert DIGEST not in result["diff"]["before"]
    assert DIGEST in result["diff"]["after"]


def test_a_missing_file_is_put_back_with_an_ordinary_mode(bench: Bench) -> None:
    (bench.models / "model.bin").unlink()
    (file,) = bench.restore()
    assert (bench.model, file.before, bench.sender.sent[0][2]) == (GOOD, None, 0o644)


def test_what_is_replaced_is_kept_for_its_owner_alone(bench: Bench) -> None:
    (file,) = bench.restore()
    kept = Path(file.evidence)
    assert kept.read_bytes() == BAD
    assert kept.parent == bench.evidence
    assert [stat.S_IMODE(path.stat().st_mode) for path in (kept, bench.evidence)] == [0o600, 0o700]
    assert [path.name for path in bench.evidence.iterdir()] == [kept.name]


def test_evidence_is_bounded(bench: Bench) -> None:
    (file,) = bench.restore(evidence_limit=100)
    assert Path(file.evidence).read_bytes() == BAD[:100]


def test_the_same_damage_is_kept_once(bench: Bench) -> None:
    first = bench.restore()[0].evidence
    (bench.models / "model.bin").write_bytes(BAD)
    assert bench.restore()[0].evidence == first


def test_without_a_place_for_evidence_none_is_kept(bench: Bench) -> None:
    assert bench.restore(keep_evidence_in="")[0].evidence == ""


@pytest.mark.parametrize("obstacle", ["file", "link", "writable by all"])
def test_evidence_that_cannot_be_kept_safely_stops_the_act_before_anything_is_changed(
    bench: Bench, obstacle: str
) -> None:
    bench.evidence.parent.mkdir()
    if obstacle == "file":
        bench.evidence.write_text("")
    elif obstacle == "link":
        bench.evidence.symlink_to(bench.good)
    else:
        bench.evidence.mkdir()
        bench.evidence.chmod(0o777)
    with pytest.raises(InvalidInputError, match="keep_evidence_in"):
        bench.restore()
    assert bench.model == BAD


def test_a_copy_that_breaks_off_leaves_no_evidence_and_no_change(bench: Bench) -> None:
    bench.container.stream_limit = 5000
    with pytest.raises(CommandFailedError, match="No evidence"):
        bench.restore()
    assert bench.model == BAD
    assert list(bench.evidence.iterdir()) == []


def test_a_place_for_evidence_that_cannot_be_written_stops_the_act(bench: Bench, tmp_path: Path) -> None:
    with (
        read_only_directory(tmp_path / "full") as place,
        pytest.raises(IncidentResponseError, match=r"Read-only|denied"),
    ):
        bench.restore(keep_evidence_in=str(place / "evidence"))
    assert bench.model == BAD


@pytest.mark.parametrize(
    "content, change, error",
    [
        (BAD, {}, "does not have the expected SHA-256"),
        (None, {}, "cannot be read"),
        (GOOD, {"source_dir": "/no/such/place"}, "source_dir"),
        (GOOD, {"files": {}, "source_manifest": "none.json"}, "files"),
        (GOOD, {"files": {}, "source_manifest": "../manifest.json"}, "source_manifest"),
        (GOOD, {"files": {}, "source_manifest_sha256": "b" * 64}, "does not have the expected SHA-256"),
    ],
)
def test_a_source_that_is_not_good_is_refused_before_anything_is_touched(
    bench: Bench, content: bytes | None, change: dict[str, Any], error: str
) -> None:
    source = bench.good / "model.bin"
    source.unlink() if content is None else source.write_bytes(content)
    with pytest.raises(IncidentResponseError, match=error):
        bench.restore(**change)
    assert bench.container.calls == []
    assert bench.model == BAD


@pytest.mark.parametrize("manifest", ["<html>", "", '{"../x": "' + "a" * 64 + '"}'])
def test_a_malformed_manifest_of_the_source_is_refused(bench: Bench, manifest: str) -> None:
    (bench.good / "manifest.json").write_text(manifest)
    with pytest.raises(CommandFailedError, match="cannot be used"):
        bench.restore(files={})


def test_a_source_that_everybody_may_write_proves_nothing(bench: Bench) -> None:
    bench.good.chmod(0o777)
    with pytest.raises(InvalidInputError, match="Everybody can write"):
        bench.restore()


def test_a_source_file_that_is_a_link_to_elsewhere_is_refused(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(GOOD)
    (bench.good / "model.bin").unlink()
    (bench.good / "model.bin").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CommandFailedError, match="leads out"):
        bench.restore()


def test_the_sources_manifest_tells_the_files_and_is_restored_with_them(bench: Bench) -> None:
    (bench.models / "manifest.json").unlink()
    digest = hashlib.sha256((bench.good / "manifest.json").read_bytes()).hexdigest()
    restored = bench.restore(files={}, source_manifest_sha256=digest)
    assert [(file.name, file.changed) for file in restored] == [("manifest.json", True), ("model.bin", True)]
    assert json.loads((bench.models / "manifest.json").read_text()) == {"model.bin": DIGEST}


def test_the_manifest_in_the_container_is_never_trusted(bench: Bench) -> None:
    forged = json.dumps({"model.bin": hashlib.sha256(BAD).hexdigest()})
    (bench.models / "manifest.json").write_text(forged)
    bench.restore(files={})
    assert bench.model == GOOD


@pytest.mark.parametrize("place", ["file", "folder"])
def test_a_link_in_the_container_is_not_followed_when_writing(bench: Bench, tmp_path: Path, place: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "model.bin").write_bytes(BAD)
    if place == "file":
        (bench.models / "model.bin").unlink()
        (bench.models / "model.bin").symlink_to(outside / "model.bin")
        wish = {"model.bin": DIGEST}
    else:
        (bench.models / "sub").symlink_to(outside)
        (bench.good / "sub").mkdir()
        shutil.copy(bench.good / "model.bin", bench.good / "sub")
        wish = {"sub/model.bin": DIGEST}
    with pytest.raises(InvalidInputError, match=r"link|no directory"):
        bench.restore(files=wish)
    assert (outside / "model.bin").read_bytes() == BAD
    assert bench.sender.sent == []


def test_a_file_that_is_not_what_was_written_is_an_error(bench: Bench) -> None:
    bench.sender = Sender(ruins=True)
    with pytest.raises(CommandFailedError, match="differs afterwards"):
        bench.restore()


def test_a_service_without_a_container_is_said(bench: Bench) -> None:
    with pytest.raises(PlatformNotFoundError, match="no container"):
        bench.restore(service="nobody")


OPTIONS = {name: option.get("default") for name, option in MODEL_FILE_SPEC.items()}
OPTIONS.update(
    project="shop", service="m", model_dir="/app/models", source_dir="/srv/good", files={"a": DIGEST.upper()}
)


def test_options_become_a_wish() -> None:
    assert read_restore(OPTIONS) == Restore("shop", "m", "/app/models", "/srv/good", {"a": DIGEST})


@pytest.mark.parametrize(
    "option, value",
    [
        ("project", ""),
        ("service", ""),
        ("model_dir", "models"),
        ("model_dir", "/app/../etc"),
        ("source_dir", "good"),
        ("keep_evidence_in", "state"),
        ("source_manifest_sha256", "123"),
        ("evidence_limit", 0),
        ("deadline", -1.0),
        ("files", {"../a": DIGEST}),
        ("files", {"a": "b"}),
    ],
)
def test_a_wrong_option_is_refused_by_its_name(option: str, value: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_restore({**OPTIONS, option: value})
    assert caught.value.option.startswith(option)
