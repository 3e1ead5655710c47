# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_settings import BackupPolicy
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.backup_listing import (
    list_backup,
    look_at_newest,
)

NOW = 1_800_000_000.0
SQL = (
    b"-- PostgreSQL database dump\nCREATE TABLE a (b int);\n"
    + b"-- row\n" * 2000
    + b"-- PostgreSQL database dump complete\n"
)
RDB = b"REDIS0011" + b"\x00" * 40 + b"\xff" + b"checksum"


def tar(mode: str = "w") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:  # type: ignore[call-overload]
        for name in ("base/1", "base/2"):
            entry = tarfile.TarInfo(name)
            entry.size = 50_000
            archive.addfile(entry, io.BytesIO(os.urandom(50_000)))
    return stream.getvalue()


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a", os.urandom(5000))
    return stream.getvalue()


def named(value: object) -> str:
    """Name a case by its kind: compressed bytes hold the time, and a worker of pytest must find the name again."""
    return value if isinstance(value, str) else "content"


def sees(good: bool | None) -> Callable[[bytes], tuple[bool | None, str]]:
    return lambda beginning: (good if beginning.startswith(b"PGDMP") else False, "9 objects are listed")


def listed(folder: Path, content: bytes, good: bool | None = True, seconds: float = 60.0) -> tuple[str, str]:
    path = folder / "backup"
    path.write_bytes(content)
    listing = list_backup(str(path), sees(good), seconds=seconds)
    return listing.state, listing.kind


@pytest.mark.parametrize(
    "content, kind",
    [
        (b"PGDMP rest", "PostgreSQL archive"),
        (gzip.compress(b"PGDMP rest"), "PostgreSQL archive (gzip)"),
        (SQL, "SQL script"),
        (gzip.compress(SQL), "SQL script (gzip)"),
        (bz2.compress(SQL), "SQL script (bzip2)"),
        (lzma.compress(SQL), "SQL script (xz)"),
        (tar(), "tar archive"),
        (tar("w:gz"), "tar archive (gzip)"),
        (zipped(), "zip archive"),
        (RDB, "Redis snapshot"),
        (gzip.compress(b"something else"), "gzip file"),
    ],
    ids=named,
)
def test_a_sound_backup_is_listed_and_its_kind_is_told(tmp_path: Path, content: bytes, kind: str) -> None:
    assert listed(tmp_path, content) == ("sound", kind)


@pytest.mark.parametrize(
    "content, kind",
    [
        (SQL[:-40], "SQL script"),
        (gzip.compress(SQL)[:-20], "gzip file"),
        (gzip.compress(SQL[:-40]), "SQL script (gzip)"),
        (bz2.compress(SQL)[:-20], "bzip2 file"),
        (lzma.compress(SQL)[:-20], "xz file"),
        (tar()[:60_000], "tar archive"),
        (tar("w:gz")[:60_000], "gzip file"),
        (zipped()[:-30], "zip archive"),
        (RDB[:-4], "Redis snapshot"),
    ],
    ids=named,
)
def test_a_backup_that_was_cut_off_is_broken(tmp_path: Path, content: bytes, kind: str) -> None:
    assert listed(tmp_path, content) == ("broken", kind)


def test_a_backup_with_a_flipped_bit_is_broken(tmp_path: Path) -> None:
    content = bytearray(gzip.compress(os.urandom(5000)))
    content[2500] ^= 1

    assert listed(tmp_path, bytes(content))[0] == "broken"


@pytest.mark.parametrize("answer, state", [(False, "broken"), (None, "unknown")])
def test_what_pg_restore_says_of_an_archive_counts(tmp_path: Path, answer: bool | None, state: str) -> None:
    assert listed(tmp_path, b"PGDMP rest", answer)[0] == state


def test_another_format_and_one_that_takes_too_long_stay_unknown(tmp_path: Path) -> None:
    assert listed(tmp_path, b"age-encryption.org/v1") == ("unknown", "unknown format")
    assert listed(tmp_path, gzip.compress(SQL), seconds=-1.0) == ("unknown", "gzip file")


def test_a_base_backup_is_held_against_its_manifest(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("15\n")
    manifest = {"Files": [{"Path": "PG_VERSION", "Size": 3}]}
    (tmp_path / "backup_manifest").write_text(json.dumps(manifest))
    assert list_backup(str(tmp_path), sees(True)).state == "sound"

    (tmp_path / "PG_VERSION").write_text("1")
    listing = list_backup(str(tmp_path), sees(True))
    assert (listing.state, listing.message) == ("broken", "PG_VERSION is missing or of another size")


def test_the_newest_backup_that_holds_anything_is_looked_at(tmp_path: Path) -> None:
    for name, content, age in (("old.sql", SQL, 7200), ("new.sql", SQL, 3600), ("failed.sql", b"", 60), ("x", SQL, 1)):
        (tmp_path / name).write_bytes(content)
        os.utime(tmp_path / name, (NOW - age, NOW - age))

    state = look_at_newest(BackupPolicy(str(tmp_path), "*.sql"), NOW, sees(True))

    assert (state.name, state.age, state.count, state.listing.state) == ("new.sql", 3600.0, 2, "sound")


def test_a_folder_without_backups_or_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert look_at_newest(BackupPolicy(str(tmp_path), "*.sql"), NOW, sees(True)).count == 0
    lost = look_at_newest(BackupPolicy(str(tmp_path / "no"), "*.sql"), NOW, sees(True))
    assert "No such file" in lost.problem
