# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The known-good copy of model files on this host, and what makes it trustworthy.

An expected SHA-256 comes from the inventory (``files``), or from the manifest in the known-good directory. That
manifest is trusted as the operator's own: the inventory names its directory, which must not be writable by everybody,
and may name the manifest's SHA-256 as well. The manifest in the container is never trusted: whoever damaged a model
could have written it.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_manifest import (
    MAX_MANIFEST_BYTES,
    ManifestError,
    parse_manifest,
    unsafe_name_reason,
)

_CHUNK = 1 << 20


@dataclass(frozen=True)
class GoodFile:
    """A verified file of the known-good directory.

    :param path: on this host.
    :param size: bytes.
    """

    name: str
    path: str
    sha256: str
    size: int


def verified_source(
    directory: str, files: Mapping[str, str], manifest: str, manifest_sha256: str
) -> tuple[GoodFile, ...]:
    """The files to restore, each read and found to be what it must be. Nothing is changed.

    :param directory: the known-good directory.
    :param files: name -> SHA-256 of the inventory. When it is empty, the manifest tells, and is itself restored first.
    :param manifest: the manifest's name below the directory.
    :param manifest_sha256: what the manifest must be, or an empty string.
    :raises InvalidInputError: the directory or the manifest cannot be used.
    :raises CommandFailedError: a file is missing or is not what it must be.
    """
    _check_directory(directory)
    expected = dict(files) or _from_manifest(directory, manifest, manifest_sha256)
    return tuple(_verified(directory, name, digest) for name, digest in expected.items())


def _check_directory(directory: str) -> None:
    try:
        mode = os.stat(directory).st_mode
    except OSError as error:
        raise InvalidInputError(
            "source_dir", directory, remedy=f"Name a directory on the target host ({error.strerror})."
        ) from None
    if not stat.S_ISDIR(mode):
        raise InvalidInputError("source_dir", directory, remedy="Name a directory.")
    if mode & stat.S_IWOTH:
        raise InvalidInputError(
            "source_dir", directory, remedy="Everybody can write there, so it proves nothing: 'chmod o-w' it."
        )


def _from_manifest(directory: str, manifest: str, manifest_sha256: str) -> dict[str, str]:
    reason = unsafe_name_reason(manifest)
    if reason:
        raise InvalidInputError("source_manifest", manifest, remedy=f"The name {reason}.")
    path = _inside(directory, manifest)
    try:
        with open(path, "rb") as stream:
            content = stream.read(MAX_MANIFEST_BYTES + 1)
    except OSError as error:
        raise InvalidInputError(
            "files", {}, remedy=f"Give the SHA-256 of each file, or a manifest in {directory} ({error.strerror})."
        ) from None
    digest = hashlib.sha256(content).hexdigest()
    if manifest_sha256 and digest != manifest_sha256.lower():
        raise CommandFailedError(
            f"The manifest {path} does not have the expected SHA-256.",
            remedy="Bring the known-good copy in order; nothing was changed.",
        )
    try:
        files = parse_manifest(content)
    except ManifestError as error:
        raise CommandFailedError(f"The manifest {path} cannot be used: {error}.") from None
    return {manifest: digest, **{name: file.sha256 for name, file in files.items() if name != manifest}}


def _verified(directory: str, name: str, digest: str) -> GoodFile:
    path = _inside(directory, name)
    found, size = hashlib.sha256(), 0
    try:
        with open(path, "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise CommandFailedError(f"The known-good file {path} is no regular file; nothing was changed.")
            chunk = stream.read(_CHUNK)
            while chunk:
                found.update(chunk)
                size += len(chunk)
                chunk = stream.read(_CHUNK)
    except OSError as error:
        raise CommandFailedError(
            f"The known-good file {path} cannot be read: {error.strerror}; nothing was changed."
        ) from error
    if found.hexdigest() != digest:
        raise CommandFailedError(
            f"The known-good file {path} does not have the expected SHA-256 ({digest[:12]}...), so it is not good.",
            remedy="Bring the known-good copy in order; nothing was changed.",
        )
    return GoodFile(name, path, digest, size)


def _inside(directory: str, name: str) -> str:
    """The file's path; a link that leads out of the directory is refused."""
    path = os.path.join(directory, name)
    root = os.path.realpath(directory)
    if os.path.commonpath([root, os.path.realpath(path)]) != root:
        raise CommandFailedError(f"The known-good file {path} is a link that leads out of its directory.")
    return path
