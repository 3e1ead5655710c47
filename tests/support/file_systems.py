# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""File systems that are small or read-only: real ones where the tests run as root, limits of the process elsewhere."""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

IS_ROOT = os.geteuid() == 0


@contextlib.contextmanager
def small_file_system(path: Path, size: str, inodes: int = 0) -> Iterator[Path]:
    """A tmpfs of that size (root only).

    :param inodes: how many it has; 0 for no limit.
    """
    path.mkdir()
    options = f"size={size},nr_inodes={inodes},mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True)


@contextlib.contextmanager
def small_disk(path: Path, size: int = 200 * 1024 * 1024, inodes: int = 0) -> Iterator[Path]:
    """An ext4 file system in a file beside the path (root only), nothing of which is kept back for root.

    :param size: bytes.
    :param inodes: how many it has; ext4's own choice when 0.
    """
    image = path.with_name(f"{path.name}.img")
    with image.open("wb") as file:
        file.truncate(size)
    count = ["-N", str(inodes)] if inodes else []
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", *count, str(image)], check=True)
    path.mkdir()
    subprocess.run(["mount", "-o", "loop", str(image), str(path)], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True)
        image.unlink()


def fill_bytes(path: Path) -> None:
    """Write until nothing more goes in, not even one byte."""
    with path.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 16, 1 << 10, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass


def fill_inodes(folder: Path) -> int:
    """Make empty files until no more can be made. Returns how many."""
    folder.mkdir(exist_ok=True)
    for number in itertools.count():
        try:
            (folder / f"{number:06d}").touch()
        except OSError:
            return number
    raise AssertionError("unreachable")


@contextlib.contextmanager
def read_only_directory(path: Path, fill: Callable[[Path], None] | None = None) -> Iterator[Path]:
    """A directory that cannot be written: a read-only mount for root, who heeds no mode bits, else by mode bits."""
    if IS_ROOT:
        with small_file_system(path, "16m"):
            if fill is not None:
                fill(path)
            subprocess.run(["mount", "-o", "remount,ro", str(path)], check=True)
            yield path
        return
    path.mkdir(mode=0o700)
    if fill is not None:
        fill(path)
    path.chmod(0o500)
    try:
        yield path
    finally:
        path.chmod(0o700)
