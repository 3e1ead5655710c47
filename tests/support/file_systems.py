# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""File systems that are small or read-only: real ones where the tests run as root, limits of the process elsewhere."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

IS_ROOT = os.geteuid() == 0


@contextlib.contextmanager
def small_file_system(path: Path, size: str) -> Iterator[Path]:
    """A tmpfs of that size (root only)."""
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(path)], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True)


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
