# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which commands bring a container into the wanted state, given its state now and what was observed before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.container_state import ContainerState


class Wanted(str, Enum):
    """The wanted state of a service's containers."""

    RESTARTED = "restarted"
    STARTED = "started"
    UNPAUSED = "unpaused"


class Verb(str, Enum):
    """A command of the engine, and in :attr:`done` what it has done to a container."""

    RESTART = "restart"
    START = "start"
    UNPAUSE = "unpause"

    @property
    def done(self) -> str:
        """The word for the result."""
        return {"restart": "restarted", "start": "started", "unpause": "unpaused"}[self.value]


_VERBS: Mapping[Wanted, Mapping[str, tuple[Verb, ...]]] = {
    Wanted.RESTARTED: {
        "running": (Verb.RESTART,),
        "restarting": (Verb.RESTART,),
        # A paused process cannot handle the stop signal, it would only be killed.
        "paused": (Verb.UNPAUSE, Verb.RESTART),
        "exited": (Verb.START,),
        "created": (Verb.START,),
    },
    Wanted.STARTED: {
        "running": (),
        # The engine is about to start it by itself.
        "restarting": (),
        "paused": (Verb.UNPAUSE,),
        "exited": (Verb.START,),
        "created": (Verb.START,),
    },
    Wanted.UNPAUSED: {
        "running": (),
        "restarting": (),
        "paused": (Verb.UNPAUSE,),
        "exited": (),
        "created": (),
    },
}


@dataclass(frozen=True)
class ObservedContainer:
    """A container as the observation saw it that led to the act.

    :param restart_count: the engine's own restarts by then, or None when it was not noted.
    """

    id: str
    started_at: str
    restart_count: int | None = None


@dataclass(frozen=True)
class Decision:
    """What is to be done to one container.

    :param verbs: commands in their order; empty when nothing is to be done.
    :param reason: why nothing is to be done, or an empty string.
    :param impossible: why the wanted state cannot be reached by these commands, or an empty string.
    """

    verbs: tuple[Verb, ...] = ()
    reason: str = ""
    impossible: str = ""


def decide(container: ContainerState, wanted: Wanted, observed: Sequence[ObservedContainer] | None = None) -> Decision:
    """The commands for one container.

    :param observed: the service's containers as they were seen, or None to act whatever was seen. A container that
        somebody has made or started since then is left alone: whatever was observed was not about that start, and a
        repeated run must not double a restart.
    """
    if observed is not None:
        anew = _started_anew(container, observed)
        if anew:
            return Decision(reason=anew)
    verbs = _VERBS[wanted].get(container.state)
    if verbs is None:
        return Decision(impossible=f"the container {container.name} is {container.state or 'in no known state'}")
    return Decision(verbs, "" if verbs else f"it is {container.state} already")


def _started_anew(container: ContainerState, observed: Sequence[ObservedContainer]) -> str:
    seen = next((entry for entry in observed if entry.id == container.id), None)
    if seen is None:
        return "it was made after the observation"
    if seen.started_at == container.started_at:
        return ""
    by_the_engine = seen.restart_count is not None and container.restart_count > seen.restart_count
    # A crash loop starts by itself again and again; a start by hand sets the count back to zero.
    return "" if by_the_engine else f"it was started after the observation, at {container.started_at}"
