# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Model files in a container: their state, a copy as evidence, and the write of a good one."""

from __future__ import annotations

import contextlib
import io
import os
import posixpath
import re
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.model_source import GoodFile
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.archive_sender import (
    ArchiveSender,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    IncidentResponseError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_file_access import (
    FileStat,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_file_copy import (
    access_for,
)

_READ = 10.0
"""Seconds for a call that only reads a header."""

_CHUNK = 1 << 20
_HEADER = 8 << 10
_DEFAULT_MODE = 0o644


@dataclass(frozen=True)
class Owner:
    """Who a file belongs to, and its mode."""

    uid: int
    gid: int
    mode: int


class ModelDirectory:
    """The model directory of one container, which need not run.

    :param container: full id.
    :param seconds: for reading or writing all of the files.
    """

    def __init__(
        self, docker: DockerCli, sender: ArchiveSender, container: str, path: str, *, running: bool, seconds: float
    ) -> None:
        self.path = path
        self._docker = docker
        self._sender = sender
        self._container = container
        self._running = running
        self._seconds = seconds

    def state(self, names: Sequence[str]) -> dict[str, FileStat]:
        """The named files as they are, hashed; a missing one is left out.

        :raises IncidentResponseError: they cannot be read.
        """
        error: IncidentResponseError = CommandFailedError("There is no way to the model files.")
        for way in access_for(self._docker, self._container, running=self._running, deadline=_READ):
            try:
                listing = way.look(self.path, "", names)
                present = [name for name in names if name in listing.files]
                hashed = way.hash(self.path, present, self._seconds)
                return {name: _joined(listing.files[name], hashed.get(name)) for name in present}
            except IncidentResponseError as failure:
                error = failure
        raise error

    def keep(self, name: str, directory: str, as_name: str, limit: int) -> str:
        """Copy a file out as evidence, mode 0600; an earlier copy of that name is left as it is.

        :param limit: bytes; of a longer file the beginning is kept.
        :returns: the path of the copy.
        :raises CommandFailedError: it could not be kept.
        """
        target = os.path.join(directory, as_name)
        if os.path.lexists(target):
            return target
        partial = f"{target}.part"
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(partial)
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
            with os.fdopen(descriptor, "wb") as copy:
                self._copy_out(name, copy, limit)
            os.rename(partial, target)
        except (OSError, tarfile.TarError, EOFError) as error:
            with contextlib.suppress(OSError):
                os.unlink(partial)
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise CommandFailedError(
                f"No evidence of {name} could be kept in {directory}: {reason}.",
                remedy="Make room there or name another directory; nothing was changed.",
            ) from error
        return target

    def _copy_out(self, name: str, copy: io.BufferedIOBase, limit: int) -> None:
        path = posixpath.join(self.path, name)
        with (
            self._docker.stream_out(self._container, path, deadline=self._seconds) as stream,
            tarfile.open(fileobj=stream, mode="r|") as archive,
        ):
            member = archive.next()
            content = archive.extractfile(member) if member is not None else None
            if content is None:
                return
            left = limit
            while left > 0:
                chunk = content.read(min(_CHUNK, left))
                if not chunk:
                    break
                copy.write(chunk)
                left -= len(chunk)

    def write(self, good: GoodFile, owner: Owner) -> None:
        """Put the good file in place.

        :raises CommandFailedError: it could not be written.
        """
        folder = posixpath.dirname(posixpath.join(self.path, good.name))
        member = tarfile.TarInfo(posixpath.basename(good.name))
        member.uid, member.gid, member.mode = owner.uid, owner.gid, owner.mode
        try:
            with open(good.path, "rb") as content:
                status = os.fstat(content.fileno())
                member.size, member.mtime = status.st_size, int(status.st_mtime)
                self._sender.send(self._container, folder, member, content, deadline=self._seconds)
        except OSError as error:
            raise CommandFailedError(f"The known-good file {good.path} cannot be read: {error.strerror}.") from error

    def owner(self, name: str) -> Owner:
        """Whose the file has to be: as the old one, else as the directory it goes to.

        :raises InvalidInputError: the place is a link, which could lead anywhere, or there is no such directory.
        """
        folder = self.path
        for part in name.split("/")[:-1]:
            folder = posixpath.join(folder, part)
            header = self._header(folder)
            if header is None or not header.isdir():
                raise InvalidInputError("files", name, remedy=f"{folder} is no directory in the container.")
        old = self._header(posixpath.join(self.path, name))
        if old is not None and not old.isfile():
            raise InvalidInputError("files", name, remedy="In the container it is a link or a directory.")
        if old is not None:
            return Owner(old.uid, old.gid, old.mode)
        parent = self._header(folder)
        if parent is None or not parent.isdir():
            raise InvalidInputError("model_dir", folder, remedy="Name a directory of the container.")
        return Owner(parent.uid, parent.gid, _DEFAULT_MODE)

    def _header(self, path: str) -> tarfile.TarInfo | None:
        """What lies at a path, links not followed; None when nothing does."""
        result = self._docker.call(["cp", f"{self._container}:{path}", "-"], deadline=_READ, limit=_HEADER)
        if not result.stdout:
            return None
        try:
            with tarfile.open(fileobj=io.BytesIO(result.stdout), mode="r:") as archive:
                return archive.next()
        except tarfile.TarError:
            raise CommandFailedError(f"docker cp gave no archive of {path}.") from None


def evidence_name(container: str, name: str, digest: str | None) -> str:
    """A file name that tells container, file and content: the same damage is kept once."""
    flat = re.sub(r"[^A-Za-z0-9._-]", "_", name)[-80:]
    return f"{container[:12]}-{(digest or 'unread')[:16]}-{flat}"


def differing(good: Sequence[GoodFile], state: Mapping[str, FileStat]) -> tuple[GoodFile, ...]:
    """The files that are missing or are not what they must be."""
    return tuple(file for file in good if file.name not in state or state[file.name].sha256 != file.sha256)


def _joined(found: FileStat, hashed: FileStat | None) -> FileStat:
    return FileStat(found.size, found.modified, hashed.sha256 if hashed else None)
