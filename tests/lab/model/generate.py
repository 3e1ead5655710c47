# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write model.json and manifest.json beside this file: a linear model with weights from a fixed seed.

A real file of about 100 kB, so that a truncated copy, one corrupt byte and a Git LFS pointer (about 130 bytes) all look
different from it. The same bytes come out on every machine.
"""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

WEIGHTS = 9000
SEED = 20260227


def model_bytes() -> bytes:
    """Return the model file: {"name", "version", "bias", "weights": [WEIGHTS numbers with six decimals]}."""
    source = random.Random(SEED)
    weights = [round(source.uniform(-1.0, 1.0), 6) for _ in range(WEIGHTS)]
    model = {"name": "recommendation", "version": "1.0.0", "bias": 0.5, "weights": weights}
    return (json.dumps(model, separators=(",", ":")) + "\n").encode()


def manifest_bytes(model: bytes) -> bytes:
    """Return the manifest: for each file its SHA-256 (hexadecimal) and its size in bytes."""
    entry = {"sha256": hashlib.sha256(model).hexdigest(), "size": len(model)}
    return (json.dumps({"version": 1, "files": {"model.json": entry}}, indent=2) + "\n").encode()


def main() -> None:
    here = Path(__file__).parent
    model = model_bytes()
    (here / "model.json").write_bytes(model)
    (here / "manifest.json").write_bytes(manifest_bytes(model))


if __name__ == "__main__":
    main()
