# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our own ledger of a service's crashes: Docker forgets its count when somebody starts the container. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Container
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.timestamp import epoch_seconds

SAMPLE_KEY = "crashes"
ASKED_TO_END = (0, 143)
"""Exit codes of a container that ended well, or because it was asked to."""
_DOWN = ("exited", "dead")
_STARTED_AGAIN = ("always", "unless-stopped")
_MOST = 20


@dataclass(frozen=True)
class Crash:
    """One crash, or several that Docker counted between two looks.

    :param at: when, RFC 3339 (UTC): the end of the container, or the start that followed.
    :param count: how many.
    :param exit_code: None when Docker no longer tells it, since it started the container again.
    """

    at: str
    count: int = 1
    exit_code: int | None = None


@dataclass(frozen=True)
class Ledger:
    """What is known of a service's crashes.

    :param crashes: oldest first, at most 20 entries.
    :param restarts: container id -> Docker's restart count at the last look.
    """

    crashes: tuple[Crash, ...] = ()
    restarts: Mapping[str, int] | None = None

    def count(self, now: float, window: float) -> int:
        """Crashes within the last ``window`` seconds; ``now`` in seconds since the epoch."""
        return sum(crash.count for crash in self.crashes if now - epoch_seconds(crash.at) <= window)

    @property
    def last_exit_code(self) -> int | None:
        """Of the newest crash; None when that is not known, or when there was none."""
        return self.crashes[-1].exit_code if self.crashes else None

    def to_data(self) -> dict[str, Any]:
        """Plain data, as it is recorded."""
        return {
            "crashes": [{"at": one.at, "count": one.count, "exit_code": one.exit_code} for one in self.crashes],
            "restarts": dict(self.restarts or {}),
        }


def read_ledger(sample: Mapping[str, Any]) -> Ledger:
    """From the samples of a service. Anything of another shape is as good as not recorded."""
    found = sample.get(SAMPLE_KEY)
    if not isinstance(found, Mapping):
        return Ledger()
    try:
        crashes = tuple(_read_crash(entry) for entry in found["crashes"])
        restarts = {str(container): int(count) for container, count in found["restarts"].items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        return Ledger()
    return Ledger(crashes[-_MOST:], restarts)


def _read_crash(entry: Mapping[str, Any]) -> Crash:
    code = entry["exit_code"]
    return Crash(str(entry["at"]), int(entry["count"]), None if code is None else int(code))


def advance(ledger: Ledger, containers: Sequence[Container], *, may_complete: bool = False) -> Ledger:
    """The ledger after one more look.

    A container that is seen for the first time brings no crashes of the past with it: when they were nobody knows. A
    count that is lower than before was set back by a start by hand: all of it is new.

    :param may_complete: the service is a job, whose end without an error is no crash.
    """
    crashes = list(ledger.crashes)
    for item in containers:
        before = (ledger.restarts or {}).get(item.id)
        known = 0 if before is None and ledger.restarts is not None else before
        new = 0 if known is None else item.restart_count - known if item.restart_count >= known else item.restart_count
        if new > 0:
            crashes.append(Crash(item.started_at, new, _code_of(item)))
        elif is_crashed(item, may_complete=may_complete) and not was_stopped(item) and not _is_noted(crashes, item):
            crashes.append(Crash(item.finished_at, 1, item.exit_code))
    return Ledger(tuple(crashes[-_MOST:]), {item.id: item.restart_count for item in containers})


def is_crashed(container: Container, *, may_complete: bool = False) -> bool:
    """True for a container that is down and was not asked to end."""
    asked = (0,) if may_complete else ASKED_TO_END
    return container.state in _DOWN and container.exit_code not in asked and bool(container.finished_at)


def was_stopped(container: Container) -> bool:
    """True for a container that somebody stopped through Docker, whatever exit code its program then gave.

    By these policies Docker starts again what ends by itself; it leaves down what was stopped or killed through it
    (docs.docker.com, "Start containers automatically"). Running out of memory is never somebody's wish.
    """
    return container.state == "exited" and container.restart_policy in _STARTED_AGAIN and not container.oom_killed


def is_killed(exit_code: int) -> bool:
    """True when another one ended the program by a signal; SIGABRT, SIGSEGV and their like are its own doing."""
    return exit_code in (129, 130, 137, 143)


def _code_of(container: Container) -> int | None:
    """A running container's exit code says nothing of its crash."""
    return None if container.running else container.exit_code


def _is_noted(crashes: Sequence[Crash], container: Container) -> bool:
    return any(crash.at == container.finished_at for crash in crashes)
