# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small disk of its own for one service: an ext4 file system in a file, behind a loop device."""

from __future__ import annotations

import os
from pathlib import Path

from .commands import LabError, run
from .platform import Platform

SIZE_BYTES = 200 * 1024 * 1024


def image(platform: Platform) -> Path:
    """Return where the lab keeps the file."""
    return platform.state_dir / "small-disk.img"


def create(path: Path) -> str:
    """Make the file and return its loop device; LabError where that cannot be done (it takes root on Linux)."""
    if os.geteuid() != 0:
        raise LabError("a small disk takes root on the machine where Docker runs")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(SIZE_BYTES)
    # No blocks kept back for root: full means full for everyone.
    run(["mkfs.ext4", "-q", "-m", "0", str(path)])
    return run(["losetup", "--find", "--show", str(path)]).strip()


def remove(path: Path) -> None:
    """Give the loop device back and delete the file; nothing happens when there is none."""
    if not path.exists():
        return
    for line in run(["losetup", "--associated", str(path)]).splitlines():
        run(["losetup", "--detach", line.partition(":")[0]])
    path.unlink()
