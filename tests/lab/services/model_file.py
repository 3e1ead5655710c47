# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model file and its manifest: {"version": 1, "files": {"model.json": {"sha256": hex, "size": bytes}}}."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

NAME = "model.json"
MANIFEST = "manifest.json"


class ModelFileError(Exception):
    """The model file is absent or is not what its manifest says."""


def read(directory: Path) -> bytes:
    """Return the model file's bytes; ModelFileError unless they are what the manifest says."""
    try:
        entry = json.loads((directory / MANIFEST).read_bytes())["files"][NAME]
        raw = (directory / NAME).read_bytes()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFileError(f"cannot read the model: {type(error).__name__}: {error}") from None
    digest = hashlib.sha256(raw).hexdigest()
    if digest != entry["sha256"]:
        raise ModelFileError(
            f"{NAME} has {len(raw)} bytes and sha256 {digest[:12]}..., "
            f"the manifest says {entry['size']} bytes and {entry['sha256'][:12]}..."
        )
    return raw


def load(directory: Path) -> dict[str, Any]:
    """Return the model: {"bias": number, "weights": [numbers], ...}; ModelFileError as for `read`."""
    return dict(json.loads(read(directory)))
