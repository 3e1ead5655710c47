# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key of the fingerprints: random bytes in the state directory of this host, which they never leave."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import StateUnavailableError

NAME = "fingerprint.key"
LENGTH = 32


def read_key(state_dir: str) -> bytes | None:
    """The key; None when there is none yet, or when it cannot be read or is not safe."""
    try:
        descriptor = os.open(Path(state_dir) / NAME, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or stat.S_IMODE(found.st_mode) & 0o037:
            return None
        key = os.read(descriptor, LENGTH + 1)
    finally:
        os.close(descriptor)
    return key if len(key) == LENGTH else None


def ensure_key(state_dir: str) -> bytes:
    """The key, made when there is none (0600; in a directory prepared for a group its members may read it).

    :param state_dir: exists, and was found safe.
    :raises StateUnavailableError: it can neither be read nor made.
    """
    path = Path(state_dir) / NAME
    key = read_key(state_dir)
    if key is not None:
        return key
    temporary = path.with_name(f"{NAME}.{os.getpid()}")
    try:
        shared = os.stat(state_dir)
        mode = 0o640 if shared.st_mode & stat.S_IWGRP else 0o600
        descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, mode)
        try:
            os.fchmod(descriptor, mode)
            os.write(descriptor, os.urandom(LENGTH))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            os.link(temporary, path)  # unlike a rename, it never replaces the key of a run that was faster
        finally:
            os.unlink(temporary)
    except FileExistsError:
        pass
    except OSError as error:
        raise StateUnavailableError(f"The key of the fingerprints cannot be made: {error.strerror}.") from error
    key = read_key(state_dir)
    if key is None:
        raise StateUnavailableError(
            f"The key of the fingerprints, {path}, cannot be used.",
            remedy=f"It has to be a file of {LENGTH} bytes that nobody else may read (mode 0600). Move it away to get"
            " a new one; earlier fingerprints cannot be compared then.",
        )
    return key
