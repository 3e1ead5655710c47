# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points in time that survive a clock that is set back and a host that was restarted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import Any


@dataclass(frozen=True)
class Moment:
    """A point in time, read from two clocks of one host.

    :param wall: seconds since 1970-01-01 UTC. People read it; it can be set back.
    :param boot: seconds since the host was started, sleep included. It never goes back within one boot.
    :param boot_id: which boot that was.
    """

    wall: float
    boot: float
    boot_id: str

    def to_data(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Moment:
        """The inverse of :meth:`to_data`."""
        return cls(float(data["wall"]), float(data["boot"]), str(data["boot_id"]))


@dataclass(frozen=True)
class Elapsed:
    """How long ago something was, as far as it can be known (s)."""

    at_least: float
    at_most: float


def elapsed(then: Moment, now: Moment) -> Elapsed:
    """The time between two moments of the same host.

    Within one boot the boot clock tells it exactly, whatever happened to the wall clock. Across a restart only the
    wall clock can tell, and it is believed only when it is not at odds with the time since the restart: an act from
    before the restart is at least that old.
    """
    if then.boot_id == now.boot_id:
        age = max(0.0, now.boot - then.boot)
        return Elapsed(age, age)
    by_wall = now.wall - then.wall
    if by_wall >= now.boot:
        return Elapsed(by_wall, by_wall)
    return Elapsed(now.boot, math.inf)


def iso(wall: float) -> str:
    """``2026-02-27T10:15:00Z``: the wall clock in UTC, whole seconds."""
    return datetime.fromtimestamp(math.floor(wall), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
