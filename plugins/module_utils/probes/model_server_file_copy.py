# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MS-5: the second way to the model files: docker cp's tar stream.

It needs nothing in the container and works while that is stopped, restarting or paused.
"""

from __future__ import annotations

import hashlib
import io
import posixpath
import tarfile
import time
from collections.abc import Sequence

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_manifest import (
    MAX_MANIFEST_BYTES,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_file_access import (
    ExecAccess,
    FileAccess,
    FileStat,
    Listing,
)

LFS_MARK = b"version https://git-lfs.github.com/spec/"
"""First bytes of a Git LFS pointer (git-lfs, docs/spec.md)."""

_MAX_LINKS = 8
_CHUNK = 1 << 20
_HEAD = 64 << 10


class CopyAccess:
    """By docker cp: one stream per file."""

    def __init__(self, docker: DockerCli, container: str, *, deadline: float) -> None:
        self._docker = docker
        self._container = container
        self._deadline = deadline

    def look(self, directory: str, manifest: str, names: Sequence[str]) -> Listing:
        """See :class:`FileAccess`. Without names only the manifest is read; look again with those it tells."""
        content, error = self._manifest(manifest) if manifest else (None, "")
        files = {}
        end = time.monotonic() + self._deadline
        for name in names:
            if time.monotonic() >= end:
                raise CommandFailedError("The model files cannot be looked at by docker cp before the deadline.")
            found = self._peek(posixpath.join(directory, name), _HEAD)
            if found is not None:
                member, head = found
                files[name] = FileStat(member.size, int(member.mtime), None, head.startswith(LFS_MARK))
        return Listing(files, content, error)

    def hash(self, directory: str, names: Sequence[str], seconds: float) -> dict[str, FileStat]:
        """See :class:`FileAccess`."""
        end = time.monotonic() + seconds
        hashed = {}
        for name in names:
            left = end - time.monotonic()
            if left <= 0:
                break
            found = self._peek(posixpath.join(directory, name), _HEAD)
            if found is None:
                continue
            member, head = found
            digest = self._digest(member.path, member.size, left)
            if digest:
                hashed[name] = FileStat(member.size, int(member.mtime), digest, head.startswith(LFS_MARK))
        return hashed

    def _manifest(self, path: str) -> tuple[bytes | None, str]:
        found = self._peek(path, MAX_MANIFEST_BYTES + 1 + _HEAD)
        if found is None:
            return None, "it is absent"
        member, head = found
        return head[: MAX_MANIFEST_BYTES + 1], "" if member.isfile() else "it is no file"

    def _peek(self, path: str, limit: int) -> tuple[tarfile.TarInfo, bytes] | None:
        """The file's head; ``path`` of the result is where it lies after all links. None when there is no file."""
        for _hop in range(_MAX_LINKS):
            result = self._docker.call(["cp", f"{self._container}:{path}", "-"], deadline=self._deadline, limit=limit)
            if not result.stdout and (b"ould not find" in result.stderr or b"o such" in result.stderr):
                return None
            member, head = _first_member(result.stdout)
            if not member.issym():
                member.path = path
                return (member, head) if member.isfile() else None
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), member.linkname))
        return None

    def _digest(self, path: str, size: int, seconds: float) -> str | None:
        digest = hashlib.sha256()
        left = size
        try:
            with (
                self._docker.stream_out(self._container, path, deadline=seconds) as stream,
                tarfile.open(fileobj=stream, mode="r|") as archive,
            ):
                member = archive.next()
                content = archive.extractfile(member) if member is not None and member.isfile() else None
                while content is not None:
                    chunk = content.read(_CHUNK)
                    if not chunk:
                        break
                    digest.update(chunk)
                    left -= len(chunk)
        except (tarfile.TarError, EOFError, OSError):
            return None
        return digest.hexdigest() if left == 0 else None


def access_for(docker: DockerCli, container: str, *, running: bool, deadline: float) -> tuple[FileAccess, ...]:
    """The ways to try, best first."""
    copy = CopyAccess(docker, container, deadline=deadline)
    return (ExecAccess(docker, container, deadline=deadline), copy) if running else (copy,)


def _first_member(stream: bytes) -> tuple[tarfile.TarInfo, bytes]:
    try:
        with tarfile.open(fileobj=io.BytesIO(stream), mode="r:") as archive:
            member = archive.next()
            if member is None:
                raise CommandFailedError("docker cp gave an empty archive.")
            return member, stream[member.offset_data : member.offset_data + member.size]
    except tarfile.TarError:
        raise CommandFailedError("docker cp gave no archive.") from None
