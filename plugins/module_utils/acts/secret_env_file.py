# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the env file that a secret comes from, and puts a new value into it: atomically, with a backup, mode kept."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.secret_env_file import (
    find_value,
    is_plain,
    replace_value,
)

_LIMIT = 1 << 20


@dataclass(frozen=True)
class EnvFile:
    """An env file as it was read. Holds secrets: never shown.

    :param path: the file itself, links followed.
    :param value: of the variable that was looked for.
    """

    path: str
    content: bytes = field(repr=False)
    value: str = field(repr=False)


def find_env_file(paths: Sequence[str], variable: str) -> EnvFile:
    """The file that decides on the variable: of several that set it, Compose takes the last one.

    :raises CommandFailedError: none sets it, or not in a way that can be replaced.
    """
    for path in reversed(list(paths)):
        real = os.path.realpath(path)
        content = _read(real)
        text = content.decode("utf-8", "surrogateescape")
        value = find_value(text, variable)
        if value is None:
            continue
        if not is_plain(text, variable):
            raise CommandFailedError(
                f"{variable} in {path} is made of other variables or goes over several lines.",
                remedy="Rotate it by hand, then accept it with state 'accepted'.",
            )
        return EnvFile(real, content, value)
    where = ", ".join(paths) or "no env file"
    raise CommandFailedError(
        f"No env file of the Compose project sets {variable} (looked into {where}).",
        remedy="Rotate it where it comes from, then accept it with state 'accepted'.",
    )


def check_reach(found: EnvFile, variable: str, running: Mapping[str, str], desired: Mapping[str, str]) -> None:
    """Whether a new value in the file reaches every service that has the secret.

    :param running: service -> value in its container.
    :param desired: service -> value by the Compose files.
    :raises CommandFailedError: names the services that take it from elsewhere.
    """
    elsewhere = sorted(service for service in running if desired.get(service) != found.value)
    if elsewhere:
        raise CommandFailedError(
            f"{', '.join(elsewhere)} would not get a new {variable} from {found.path}: the Compose files give them"
            " another value.",
            remedy="Let every service take it from the same variable of the env file, or rotate it by hand.",
        )


def write_value(found: EnvFile, variable: str, value: str, stamp: str) -> str:
    """Put the new value in place; the path of the backup, which has the old file's owner and mode.

    The new file is complete on disk before it takes the old one's name: whoever reads sees one or the other.

    :param stamp: distinguishes the backup, for example ``20260227T120000Z``.
    :raises CommandFailedError: the file changed since it was read, or cannot be written; nothing is changed then.
    """
    if _read(found.path) != found.content:
        raise CommandFailedError(
            f"{found.path} has changed since it was read.",
            remedy="Somebody else works on it; look at it and run again.",
        )
    content = replace_value(found.content.decode("utf-8", "surrogateescape"), variable, value)
    backup, temporary = f"{found.path}.{stamp}.bak", f"{found.path}.{stamp}.new"
    try:
        like = os.stat(found.path)
        _write_new(backup, found.content, like)
        _write_new(temporary, content.encode("utf-8", "surrogateescape"), like)
        os.replace(temporary, found.path)
        _sync_folder(os.path.dirname(found.path))
    except OSError as error:
        for path in (temporary, backup):
            with contextlib.suppress(OSError):
                os.unlink(path)
        raise CommandFailedError(f"{found.path} cannot be replaced: {error.strerror}.") from error
    return backup


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read(_LIMIT)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise CommandFailedError(f"{path} cannot be read: {error.strerror}.") from error


def _write_new(path: str, content: bytes, like: os.stat_result) -> None:
    """A new file with the owner and the mode of another one, never more readable than that one in between."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        if (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(descriptor, like.st_uid, like.st_gid)
        os.fchmod(descriptor, stat.S_IMODE(like.st_mode))
        stream.flush()
        os.fsync(descriptor)


def _sync_folder(path: str) -> None:
    descriptor = os.open(path or ".", os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
