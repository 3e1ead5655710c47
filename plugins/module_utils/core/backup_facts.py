# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest backup of a folder: how old it is, and whether its contents can be listed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

SOUND = "sound"
BROKEN = "broken"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Listing:
    """What came of listing a backup without restoring it.

    :param state: :data:`SOUND`, :data:`BROKEN` or :data:`UNKNOWN` (another format, or there was no time for it).
    :param kind: of the backup, in words.
    :param message: one sentence.
    """

    state: str = UNKNOWN
    kind: str = ""
    message: str = ""


@dataclass(frozen=True)
class BackupState:
    """The newest backup under a policy.

    :param count: how many there are; an empty file does not count.
    :param name: of the newest one; empty when there is none.
    :param age: seconds since it was written.
    :param size: bytes.
    :param problem: why the folder cannot be looked at, one sentence, or empty.
    """

    path: str
    pattern: str
    count: int = 0
    name: str = ""
    age: float | None = None
    size: int = 0
    listing: Listing = Listing()
    problem: str = ""

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {**asdict(self), "age": None if self.age is None else round(self.age)}
