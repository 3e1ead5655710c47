# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists what is in a backup, without restoring it.

A backup is somebody else's data: nothing of it is run or unpacked.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import tarfile
import time
import zipfile
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import BinaryIO

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.backup_facts import (
    BROKEN,
    SOUND,
    UNKNOWN,
    BackupState,
    Listing,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_settings import BackupPolicy
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk_backups import (
    check_folder,
    read_entries,
)

SECONDS = 60.0
_CHUNK = 1 << 20
_TABLE_OF_CONTENTS = 16 << 20
"""Bytes of a PostgreSQL archive that hold its table of contents, which stands before the data."""
_TAIL = 4096

ArchiveLister = Callable[[bytes], "tuple[bool | None, str]"]
"""The beginning of a PostgreSQL archive -> whether ``pg_restore --list`` reads it (None: nobody to ask), and a word."""


class _OutOfTimeError(Exception):
    """The backup is too large to be read in time."""


def look_at_newest(policy: BackupPolicy, now: float, list_archive: ArchiveLister) -> BackupState:
    """The newest backup that holds anything; a problem is named, not raised."""
    state = BackupState(policy.path, policy.pattern)
    try:
        check_folder(policy.path)
        entries = read_entries(policy.path)
    except (InvalidInputError, OSError) as error:
        return BackupState(policy.path, policy.pattern, problem=str(error))
    sound = [entry for entry in entries if entry.size > 0 and fnmatchcase(entry.name, policy.pattern)]
    if not sound:
        return state
    newest = max(sound, key=lambda entry: (entry.modified, entry.name))
    return BackupState(
        policy.path,
        policy.pattern,
        count=len(sound),
        name=newest.name,
        age=max(0.0, now - newest.modified),
        size=newest.size,
        listing=list_backup(os.path.join(policy.path, newest.name), list_archive),
    )


def list_backup(path: str, list_archive: ArchiveLister, *, seconds: float = SECONDS) -> Listing:
    """List it.

    :param seconds: a compressed backup that takes longer to read stays unknown.
    """
    kind = "backup"
    end = time.monotonic() + seconds
    try:
        if os.path.isdir(path):
            return _list_folder(path)
        with open(path, "rb") as stream:
            kind, read = _reader(stream.read(512))
            stream.seek(0)
            return read(stream, list_archive, end)
    except _OutOfTimeError:
        return Listing(UNKNOWN, kind, f"it could not be read to its end within {seconds:g} s")
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, lzma.LZMAError, ValueError) as error:
        return Listing(BROKEN, kind, f"its end or its middle is damaged: {error}")
    except OSError as error:
        # gzip and bz2 raise plain OSErrors without a number for what is not theirs.
        state = UNKNOWN if error.errno else BROKEN
        return Listing(state, kind, f"it cannot be read: {error.strerror or error}")


_Read = Callable[[BinaryIO, ArchiveLister, float], Listing]


def _reader(head: bytes) -> tuple[str, _Read]:
    """Kind of the file and what reads it, by its first bytes."""
    for magic, kind, read in _BY_MAGIC:
        if head.startswith(magic):
            return kind, read
    if head[257:262] == b"ustar":
        return "tar archive", _list_tar
    if head.lstrip().startswith((b"--", b"SET ", b"CREATE ", b"\\restrict", b"/*")):
        return "SQL script", _list_sql
    return "unknown format", _list_unknown


def _list_postgres(stream: BinaryIO, list_archive: ArchiveLister, _end: float) -> Listing:
    good, words = list_archive(stream.read(_TABLE_OF_CONTENTS))
    state = UNKNOWN if good is None else SOUND if good else BROKEN
    return Listing(state, "PostgreSQL archive", words)


def _list_tar(stream: BinaryIO, _list_archive: ArchiveLister, end: float) -> Listing:
    count = 0
    with tarfile.open(fileobj=stream, mode="r:") as archive:
        for _member in archive:
            count += 1
            _in_time(end)
    if not count:
        return Listing(BROKEN, "tar archive", "it is an empty archive")
    return Listing(SOUND, "tar archive", f"{count} entries are listed")


def _list_zip(stream: BinaryIO, _list_archive: ArchiveLister, end: float) -> Listing:
    with zipfile.ZipFile(stream) as archive:
        names = archive.namelist()
        for name in names:
            with archive.open(name) as member:
                while member.read(_CHUNK):
                    _in_time(end)
    return Listing(SOUND if names else BROKEN, "zip archive", f"{len(names)} entries are listed")


def _list_sql(stream: BinaryIO, _list_archive: ArchiveLister, _end: float) -> Listing:
    """``pg_dump`` and ``mysqldump`` write as the last thing that they are complete."""
    stream.seek(max(0, stream.seek(0, os.SEEK_END) - _TAIL))
    return _complete(stream.read())


def _complete(tail: bytes) -> Listing:
    said = any(words in tail.lower() for words in (b"dump complete", b"dump completed"))
    words = "it says that it is complete" if said else "it does not end with 'dump complete': it was cut off"
    return Listing(SOUND if said else BROKEN, "SQL script", words)


def _list_rdb(stream: BinaryIO, _list_archive: ArchiveLister, _end: float) -> Listing:
    """A snapshot of Redis ends with the byte 255 and a checksum of eight bytes."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - 9))
    good = size > 18 and stream.read(1) == b"\xff"
    words = "its end mark is there" if good else "its end mark is missing: it was cut off"
    return Listing(SOUND if good else BROKEN, "Redis snapshot", words)


def _list_gzip(stream: BinaryIO, list_archive: ArchiveLister, end: float) -> Listing:
    return _list_compressed(gzip.GzipFile(fileobj=stream), "gzip", list_archive, end)


def _list_bzip(stream: BinaryIO, list_archive: ArchiveLister, end: float) -> Listing:
    return _list_compressed(bz2.BZ2File(stream), "bzip2", list_archive, end)


def _list_xz(stream: BinaryIO, list_archive: ArchiveLister, end: float) -> Listing:
    return _list_compressed(lzma.LZMAFile(stream), "xz", list_archive, end)


def _list_compressed(
    inside: gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile, how: str, list_archive: ArchiveLister, end: float
) -> Listing:
    """Read to the end, which proves the checksums, and list what is inside when it is known."""
    head = inside.read(512)
    kind, _read = _reader(head)
    inside.seek(0)
    if kind == "tar archive":
        count = 0
        with tarfile.open(fileobj=inside, mode="r|") as archive:
            for _member in archive:
                count += 1
                _in_time(end)
        _drain(inside, end)
        return Listing(SOUND if count else BROKEN, f"tar archive ({how})", f"{count} entries are listed")
    if kind == "PostgreSQL archive":
        good, words = list_archive(inside.read(_TABLE_OF_CONTENTS))
        _drain(inside, end)
        return Listing(UNKNOWN if good is None else SOUND if good else BROKEN, f"{kind} ({how})", words)
    tail = _drain(inside, end)
    if kind == "SQL script":
        listing = _complete(tail)
        return Listing(listing.state, f"{kind} ({how})", listing.message)
    return Listing(SOUND, f"{how} file", "its checksum is right")


def _drain(inside: gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile, end: float) -> bytes:
    """Read what is left and return the last bytes of it."""
    tail = b""
    while True:
        chunk = inside.read(_CHUNK)
        if not chunk:
            return tail
        tail = (tail + chunk)[-_TAIL:]
        _in_time(end)


def _list_unknown(_stream: BinaryIO, _list_archive: ArchiveLister, _end: float) -> Listing:
    return Listing(UNKNOWN, "unknown format", "its format is not known, so it cannot be listed")


def _list_folder(path: str) -> Listing:
    """A folder of ``pg_basebackup`` (its manifest names all files) or of ``pg_dump --format=directory``."""
    manifest, contents = os.path.join(path, "backup_manifest"), os.path.join(path, "toc.dat")
    if os.path.isfile(manifest):
        with open(manifest, encoding="utf-8") as stream:
            files = json.load(stream).get("Files") or []
        if any(os.path.exists(os.path.join(path, name)) for name in ("base.tar", "base.tar.gz")):
            return Listing(SOUND, "base backup", f"its manifest names {len(files)} files")
        lost = [item["Path"] for item in files if not _has_size(path, item)]
        words = (
            f"{lost[0]} is missing or of another size" if lost else f"all {len(files)} files of its manifest are there"
        )
        return Listing(BROKEN if lost or not files else SOUND, "base backup", words)
    if os.path.isfile(contents):
        with open(contents, "rb") as stream:
            good = stream.read(5) == b"PGDMP"
        words = "its table of contents is there" if good else "its table of contents is damaged"
        return Listing(SOUND if good else BROKEN, "PostgreSQL archive (folder)", words)
    return Listing(UNKNOWN, "folder", "it is a folder that cannot be listed as a backup")


def _has_size(path: str, item: dict[str, object]) -> bool:
    try:
        return os.lstat(os.path.join(path, str(item["Path"]))).st_size == item["Size"]
    except OSError:
        return False


def _in_time(end: float) -> None:
    if time.monotonic() > end:
        raise _OutOfTimeError


_BY_MAGIC: tuple[tuple[bytes, str, _Read], ...] = (
    (b"PGDMP", "PostgreSQL archive", _list_postgres),
    (b"\x1f\x8b", "gzip file", _list_gzip),
    (b"BZh", "bzip2 file", _list_bzip),
    (b"\xfd7zXZ\x00", "xz file", _list_xz),
    (b"PK\x03\x04", "zip archive", _list_zip),
    (b"REDIS0", "Redis snapshot", _list_rdb),
)
