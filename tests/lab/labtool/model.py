# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model file in the lab's volume, and the known-good copy of it beside the lab."""

from __future__ import annotations

from .platform import LAB_DIR, PYTHON_IMAGE, Platform

KNOWN_GOOD = LAB_DIR / "model"
FILES = ("model.json", "manifest.json")


def in_model_volume(platform: Platform, *argv: str, stdin: bytes | None = None) -> str:
    """Run a command in a helper container that has the volume at /models: it works while model-server is down."""
    volume = f"{platform.project}_models:/models"
    helper = ["run", "--rm", "-i", "--network", "none", "-v", volume, "-w", "/models", PYTHON_IMAGE]
    return platform.docker(*helper, *argv, stdin=stdin if stdin is not None else b"")


def restore_model_files(platform: Platform) -> None:
    """Put the known-good model and manifest back into the volume, whatever is there."""
    for name in FILES:
        in_model_volume(platform, "tee", name, stdin=(KNOWN_GOOD / name).read_bytes())
