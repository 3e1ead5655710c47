# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that incidents are written to before they leave the record: whole and durable, or not there at all."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import StateUnavailableError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import directory


def write_export(folder: Path, name: str, lines: Sequence[dict[str, Any]]) -> Path:
    """Write one JSON line for each incident, and return only when the disk has it.

    :param name: tells the content by a digest: a file of that name, left by a run that was killed, is good as it is.
    :raises StateUnavailableError: it cannot be written, or does not read back as it was written.
    """
    directory.prepare(folder)
    path = folder / name
    if path.exists():
        return path
    content = "".join(f"{json.dumps(line, sort_keys=True)}\n" for line in lines).encode()
    # Two runs at once would write the same into it; what a killed one left is overwritten.
    unfinished = folder / f".{name}.new"
    try:
        _write(unfinished, content)
        if hashlib.sha256(unfinished.read_bytes()).digest() != hashlib.sha256(content).digest():
            raise StateUnavailableError(
                f"The export does not read back as it was written: {unfinished}.",
                remedy="Look at the disk; nothing was pruned.",
            )
        unfinished.replace(path)
        _sync_folder(folder)
    except OSError as error:
        raise StateUnavailableError(
            f"The export cannot be written: {path}: {error.strerror}.",
            remedy="Name another export_dir, or make room; nothing was pruned.",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink()
    return path


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
