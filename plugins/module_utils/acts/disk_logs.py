# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DS-3, by approval: keeps the redacted end of a container's log, then truncates the log in place.

Removing the file would free nothing: the engine has it open, and would go on writing to a file without a name. It opens
its logs for appending, so that it goes on at the beginning of the truncated file.
What is written between the last look at it and the truncation, some milliseconds, is lost.

On a full disk the end is kept in memory (a tmpfs) first, and goes to its folder when the truncation has made room.
"""

from __future__ import annotations

import errno
import gzip
import os
import stat
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.disk_room import Measure
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import ContainerLog
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_size import size_in_words
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    IncidentResponseError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.container_facts import redactor_for
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk import container_logs

_REMEDY = "Name an archive directory on another file system, and run it again."
_ROUNDS = 20
_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Truncation:
    """What is wanted.

    :param archive_dir: where the end of each log is kept, compressed.
    :param spool_dir: where it is kept meanwhile when that folder's disk is full.
    :param tail_bytes: how much of the end is kept, before compression.
    :param least_bytes: smaller logs are left alone.
    """

    project: str
    services: tuple[str, ...]
    archive_dir: str
    spool_dir: str
    tail_bytes: int = 2_000_000
    least_bytes: int = 1_000_000


@dataclass(frozen=True)
class Truncated:
    """One log.

    :param size: bytes that it had.
    :param archive: where its end is kept; empty under check mode.
    :param freed: bytes as measured around the truncation alone: others write to the disk as well.
    """

    log: ContainerLog
    size: int
    archive: str = ""
    freed: int = 0


def truncate_logs(docker: DockerCli, wish: Truncation, measure: Measure, *, check_mode: bool) -> tuple[Truncated, ...]:
    """Look again, keep the ends, truncate.

    :raises InvalidInputError: no service is named, or one has no container.
    :raises IncidentResponseError: a log cannot be kept, and so is not truncated; those before it are.
    """
    if not wish.services:
        raise InvalidInputError("services", [], remedy="Name the services whose logs are to be truncated.")
    ids = [ref.id for ref in docker.containers(wish.project) if ref.service in wish.services and not ref.oneoff]
    inspected = docker.inspect(ids)
    logs = container_logs(inspected)
    found = {log.service for log in logs}
    for service in wish.services:
        if service not in found:
            remedy = "Name a service whose container writes its log to a file (drivers json-file and local)."
            raise InvalidInputError("services", service, remedy=remedy)
    redactor = redactor_for(inspected)
    done = []
    for log in logs:
        size = _size(log) if log.driver == "json-file" else 0
        if size >= wish.least_bytes:
            done.append(Truncated(log, size) if check_mode else _truncate(log, wish, redactor, measure))
    return tuple(done)


def truncation_result(done: Sequence[Truncated]) -> dict[str, Any]:
    """What the module returns."""
    rehearsed = any(not item.archive for item in done)
    names = ", ".join(item.log.name for item in done)
    kept = ", ".join(item.archive for item in done)
    freed = sum(item.size if rehearsed else item.freed for item in done)
    verbs = ("Would truncate", "free") if rehearsed else ("Truncated", "freed")
    said = f"{verbs[0]} the log of {names} and {verbs[1]} {size_in_words(freed)}."
    return {
        "changed": bool(done),
        "actions": [
            {
                "what": "log",
                "id": item.log.name,
                "bytes": item.size,
                "archive": item.archive,
                "status": "truncated" if item.archive else "would be truncated",
            }
            for item in done
        ],
        "freed_bytes": freed,
        "note": f"{said}{'' if rehearsed else f' The end is kept in {kept}.'}" if done else "",
        "diff": {
            "before": "".join(f"{item.log.path}: {size_in_words(item.size)}\n" for item in done),
            "after": "".join(f"{item.log.path}: 0 B\n" for item in done),
        },
    }


def _size(log: ContainerLog) -> int:
    """Bytes of the file itself; what it was rotated to is not touched."""
    try:
        return os.lstat(log.path).st_size
    except OSError as error:
        raise CommandFailedError(f"The log of {log.name} cannot be looked at: {error.strerror}.") from error


def _truncate(log: ContainerLog, wish: Truncation, redactor: Redactor, measure: Measure) -> Truncated:
    try:
        descriptor = os.open(log.path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise CommandFailedError(f"The log of {log.name} cannot be opened: {error.strerror}.") from error
    try:
        seen = os.fstat(descriptor)
        if not stat.S_ISREG(seen.st_mode):
            raise CommandFailedError(f"The log of {log.name} is no plain file.")
        archive = _keep(_redacted_end(descriptor, wish.tail_bytes, redactor), log, wish)
        before, size = measure(log.path).available, os.fstat(descriptor).st_size
        os.ftruncate(descriptor, 0)
        freed = measure(log.path).available - before
    finally:
        os.close(descriptor)
    return Truncated(log, size, str(_bring_home(archive, Path(wish.archive_dir))), max(0, freed))


def _redacted_end(descriptor: int, tail_bytes: int, redactor: Redactor) -> bytes:
    """The end of the log without secrets. That takes seconds, so what is written meanwhile is read as well."""
    at = max(0, os.fstat(descriptor).st_size - tail_bytes)
    is_cut = at > 0
    parts = []
    for _round in range(_ROUNDS):
        new = os.pread(descriptor, tail_bytes, at)
        # Whole lines only: one that was cut off could hold half of a secret, which no pattern would know.
        end = new.rfind(b"\n") + 1
        if not end:
            break
        at += end
        start = new.index(b"\n") + 1 if is_cut else 0
        is_cut = False
        parts.append(redactor.text(new[start:end].decode("utf-8", "replace")))
    return "".join(parts).encode("utf-8", "replace")


def _keep(text: bytes, log: ContainerLog, wish: Truncation) -> Path:
    """Where it was kept: in the folder of archives, or in memory when that one's disk is full."""
    content = gzip.compress(text, 6, mtime=0)
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    name = f"{log.name}-{log.container[:12]}-{stamp}.log.gz"
    folder = Path(wish.archive_dir)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _write_new(folder / name, content)
    except OSError as error:
        if error.errno in _FULL:
            try:
                return _write_new(Path(wish.spool_dir) / name, content)
            except OSError:
                pass  # the first reason is the one to be told
        raise IncidentResponseError(
            f"The log of {log.name} is not truncated, since its end cannot be kept in {folder}: {error.strerror}.",
            remedy=_REMEDY,
        ) from error


def _bring_home(kept: Path, folder: Path) -> Path:
    """Now that there is room, move what was kept elsewhere; it stays there when that cannot be done even now."""
    if kept.parent == folder:
        return kept
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        home = _write_new(folder / kept.name, kept.read_bytes())
    except OSError:
        return kept
    kept.unlink()
    return home


def _write_new(path: Path, content: bytes) -> Path:
    """Write a file that is not there yet, to the disk itself; nothing is left of it when that fails."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink()
        raise
    return path


def read_truncation(options: Mapping[str, Any]) -> Truncation:
    """From the module's options. :raises InvalidInputError: names the option that cannot be used."""
    for option in ("archive_dir", "spool_dir"):
        if not options[option].startswith("/"):
            raise InvalidInputError(option, options[option], remedy="Give an absolute path on the host.")
    for option in ("tail_bytes", "least_bytes"):
        if options[option] < 1:
            raise InvalidInputError(option, options[option], remedy="Give a positive number of bytes.")
    services = tuple(options["services"])
    places = (options["archive_dir"], options["spool_dir"])
    return Truncation(options["project"], services, *places, options["tail_bytes"], options["least_bytes"])
