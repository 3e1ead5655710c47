# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fault is, and the memory of those that are active."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .platform import Platform

Memo = Mapping[str, Any]
Inject = Callable[[Platform], "Memo | None"]
Undo = Callable[[Platform, Memo], None]


@dataclass(frozen=True)
class Fault:
    """One way to break the platform.

    `inject` returns when the fault is visible, with what `undo` will need to know (a small JSON object, or nothing).
    `undo` puts everything back, also when someone else has healed a part of it meanwhile.
    `scenario` is one of the playbook's seven: service_crash, database, model_server, latency, authentication,
    queue_backlog, disk_space.
    """

    name: str
    scenario: str
    sentence: str
    inject: Inject = field(repr=False)
    undo: Undo = field(repr=False)


class ActiveFaults:
    """The injected faults of a lab in their order, kept in a file: each by its name, with what undo has to know."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def all(self) -> dict[str, Memo]:
        try:
            return dict(json.loads(self._path.read_text()))
        except FileNotFoundError:
            return {}

    def add(self, name: str, memo: Memo) -> None:
        self._write({**self.all(), name: memo})

    def remove(self, name: str) -> None:
        self._write({other: memo for other, memo in self.all().items() if other != name})

    def clear(self) -> None:
        self._path.unlink(missing_ok=True)

    def _write(self, faults: Mapping[str, Memo]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".new")
        temporary.write_text(json.dumps(faults, indent=2) + "\n")
        temporary.replace(self._path)
