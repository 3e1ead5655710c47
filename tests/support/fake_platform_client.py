# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Docker's client for a platform of given containers, as an executable: for the tests of whole modules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fake_docker import Answer, FakeDocker

VERSION = Answer("version*", '{"client": "28.2.2", "server": "20.10.24"}')
LOGS = Answer("logs*", "2026-02-27T13:46:00.000000000Z all is well\n")


def platform(folder: Path, *entries: dict[str, Any], first: tuple[Answer, ...] = ()) -> FakeDocker:
    rows = [
        "\t".join(
            [
                entry["Id"],
                *(entry["Config"]["Labels"][f"com.docker.compose.{name}"] for name in ("project", "service")),
                "",
            ]
        )
        for entry in entries
    ]
    shown = "".join(f"{row}\n" for row in rows)
    return FakeDocker(folder, [*first, VERSION, LOGS, Answer("ps*", shown), Answer("inspect*", json.dumps(entries))])
