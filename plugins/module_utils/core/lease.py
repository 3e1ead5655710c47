# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lease: one remediation of a platform at a time, and a dead run does not block the next one for long. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment, elapsed, iso


@dataclass(frozen=True)
class Holder:
    """Who holds a lease: the process that runs the play, on whichever machine that is.

    :param run_id: unique for each run.
    :param pid_started: start time of the process in clock ticks since boot (``/proc/<pid>/stat``, field 22), so that
        another process that was given the same number is not taken for it.
    :param boot_id: boot of the machine that the process runs on.
    :param pid_namespace: the namespace in which the number is valid, as ``/proc/self/ns/pid`` links to it.
    """

    run_id: str
    user: str = ""
    host: str = ""
    pid: int = 0
    pid_started: int = 0
    boot_id: str = ""
    pid_namespace: str = ""

    def __str__(self) -> str:
        user, host = self.user or "an unknown user", self.host or "an unknown host"
        return f"run {self.run_id} of {user} on {host} (pid {self.pid})"


IsGone = Callable[[Holder], bool]
"""True only when it is certain that the holder's process has ended."""


@dataclass(frozen=True)
class Lease:
    """A lease on a platform, or, when ``host_wide``, on every platform of the host.

    :param token: random; whoever knows it is the holder.
    :param incident: the incident that is being remediated.
    :param actor: what the timeline calls its holder.
    :param expires: reading of the boot clock (s) of ``taken.boot_id`` at which it lapses.
    """

    platform: str
    token: str
    holder: Holder
    incident: str
    taken: Moment
    expires: float
    host_wide: bool = False
    actor: str = ""

    def remaining(self, now: Moment) -> float:
        """Seconds until it lapses; 0.0 when it has, or when the host was restarted since."""
        return max(0.0, self.expires - now.boot) if self.taken.boot_id == now.boot_id else 0.0

    def is_valid(self, now: Moment, is_gone: IsGone) -> bool:
        """False when it has lapsed or when its holder is certainly dead."""
        return self.remaining(now) > 0 and not is_gone(self.holder)

    def describe(self, now: Moment) -> str:
        """Who holds it, since when and for how long: one sentence."""
        what = "The host" if self.host_wide else f"Platform {self.platform}"
        return (
            f"{what} is being remediated by {self.holder} since {iso(now.wall - elapsed(self.taken, now).at_least)}"
            f" ({self.incident}); the lease lapses in {self.remaining(now):.0f} s."
        )

    def to_data(self, now: Moment) -> dict[str, Any]:
        """Plain data for a result, without the token."""
        return {
            "platform": self.platform,
            "incident": self.incident,
            "host_wide": self.host_wide,
            "holder": asdict(self.holder),
            "taken_at": iso(self.taken.wall),
            "expires_in": round(self.remaining(now), 1),
        }
