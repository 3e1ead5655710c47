# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state directory: used where it is configured and safe, refused with a remedy otherwise, never replaced."""

from __future__ import annotations

import math
import os
import stat
from pathlib import Path

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import StateUnavailableError

DEFAULT = "/var/lib/incident_response"
DATABASE = "incident_response.sqlite"
_SHARED = stat.S_IWGRP


def prepare(path: Path) -> None:
    """Make the directory (0700) when it is missing, and refuse it when it cannot be used for writing.

    :raises StateUnavailableError: says what is wrong and how to put it right.
    """
    if not check(path):
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            pass  # another run was faster
        except OSError as error:
            raise _unusable(path, f"cannot be created: {error.strerror}", _make_it(path)) from error
    check(path)
    if not os.access(path, os.W_OK | os.X_OK):
        read_only = bool(os.statvfs(path).f_flag & os.ST_RDONLY)
        reason = "is on a read-only file system" if read_only else f"is not writable for uid {os.geteuid()}"
        raise _unusable(path, reason, "Run as root, or as a member of the group of a prepared directory.")


def check(path: Path) -> bool:
    """Whether it exists; refuses one that is not safe. Changes nothing.

    :raises StateUnavailableError: it is not as :func:`fault_of` wants it, or it cannot be looked at.
    """
    if not path.is_absolute():
        raise _unusable(path, "is not an absolute path", "Give the whole path: runs from elsewhere must find it.")
    try:
        found = os.lstat(path)
        is_link = (path / DATABASE).is_symlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _unusable(path, f"cannot be looked at: {error.strerror}", _make_it(path)) from error
    fault = fault_of(found.st_mode, found.st_uid, os.geteuid())
    if fault is not None:
        raise _unusable(path, *fault)
    if is_link:
        raise _unusable(path / DATABASE, "is a symbolic link", "Put the file itself there.")
    return True


def fault_of(mode: int, owner: int, user: int) -> tuple[str, str] | None:
    """What makes a directory unsafe for the record of a user, and the remedy; None when it is safe.

    The rule: a real directory of root or of the running user, which may be writable for a group (prepared by an
    administrator, for example ``install -d -m 2770 -g docker``) and is never writable for everybody. Whoever else owns
    it could put another record in its place.

    :param mode: ``st_mode``, of the path itself and not of what a link points to.
    """
    if stat.S_ISLNK(mode):
        return "is a symbolic link", "Name the directory that it points to."
    if not stat.S_ISDIR(mode):
        return "is not a directory", "Move that file away, or name another directory."
    if mode & stat.S_IWOTH:
        return "is writable for everybody", "Look at what is in it, then give it mode 0700."
    if owner not in (0, user):
        return f"belongs to uid {owner}, and this is uid {user}", "Run as that user, or give it to root."
    return None


def create_database(path: Path) -> None:
    """Make the empty database file with narrow rights, which SQLite's side files then take over."""
    shared = os.stat(path)
    mode = 0o660 if shared.st_mode & _SHARED else 0o600
    try:
        descriptor = os.open(path / DATABASE, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, mode)
    except FileExistsError:
        return
    try:
        os.fchmod(descriptor, mode)
        if mode == 0o660:
            os.fchown(descriptor, -1, shared.st_gid)
    finally:
        os.close(descriptor)


def free_bytes(path: Path) -> int:
    """Free room on the directory's file system.

    What ext4 keeps back is not counted, not even for root: root may use one part of it, and nobody the other.
    """
    room = os.statvfs(path)
    return room.f_frsize * room.f_bavail


def free_inodes(path: Path) -> float:
    """How many files may still be made there; infinite where the file system has no fixed number."""
    room = os.statvfs(path)
    return float(room.f_favail) if room.f_files else math.inf


def _make_it(path: Path) -> str:
    return (
        f"Run as root, prepare it (install -d -m 0700 {path}), or name a folder of yours in the option state_dir, "
        "in the inventory platform_state_dir."
    )


def _unusable(path: Path, reason: str, remedy: str) -> StateUnavailableError:
    return StateUnavailableError(f"The state directory cannot be used: {path} {reason}.", remedy=remedy)
