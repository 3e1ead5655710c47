# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Version of this collection, as ``galaxy.yml`` says it (a test holds them together), and of what it hands on."""

from __future__ import annotations

VERSION = "0.1.0"

SCHEMA_VERSION = 1
"""Of the artifacts, as ``docs/schemas/artifacts.schema.json`` describes them (a test holds them together)."""
