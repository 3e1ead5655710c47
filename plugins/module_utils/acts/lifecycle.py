# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restarts, starts or unpauses the containers of services: the very ones that were found, one after the other.

The containers are addressed by their ids, not through Compose: that needs no file of the platform, cannot touch
another service, and ``docker compose restart`` loads no changed configuration either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.container_state import (
    ContainerState,
    read_state,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.lifecycle_plan import (
    Decision,
    ObservedContainer,
    Verb,
    Wanted,
    decide,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandResult
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import ContainerRef
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    IncidentResponseError,
    PlatformNotFoundError,
)

_ENGINE_TIME = 30.0
"""Seconds the engine may need for a command beyond the container's own time to stop."""


class ContainerEngine(Protocol):
    """What is asked of the engine; ``adapters.docker_cli.DockerCli`` is the real one."""

    def containers(self, project: str | None = None) -> Sequence[ContainerRef]:
        """The containers of a project."""

    def inspect(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """Their state now."""

    def restart(self, container: str, *, stop_timeout: int, deadline: float) -> CommandResult:
        """Stop and start. Raises CommandFailedError."""

    def start(self, container: str, *, deadline: float) -> CommandResult:
        """Start. Raises CommandFailedError."""

    def unpause(self, container: str, *, deadline: float) -> CommandResult:
        """Unpause. Raises CommandFailedError."""


@dataclass(frozen=True)
class Request:
    """What a person or the flow asks for.

    :param services: in the order in which they are to be acted on.
    :param stop_timeout: seconds between SIGTERM and SIGKILL, or None for the container's own.
    :param observed: service -> its containers as they were seen, or None to act whatever was seen.
    """

    project: str
    services: tuple[str, ...]
    wanted: Wanted
    stop_timeout: int | None = None
    observed: Mapping[str, tuple[ObservedContainer, ...]] | None = None


@dataclass(frozen=True)
class ContainerOutcome:
    """What happened to one container, or under check mode would happen.

    :param done: the commands that succeeded, or would be given.
    :param reason: why nothing was done, or what is to be said about it.
    :param after: the state that was read after the act; None when nothing was done or it cannot be told.
    """

    before: ContainerState
    done: tuple[Verb, ...]
    reason: str = ""
    after: ContainerState | None = None

    @property
    def changed(self) -> bool:
        """True when a command succeeded, or one that failed left its trace (stopped, but not started again)."""
        return bool(self.done) or (self.after is not None and self.after.to_data() != self.before.to_data())


@dataclass(frozen=True)
class LifecycleOutcome:
    """What happened to all of them.

    :param error: what stopped the work, or None. What was done before it stands in ``containers``.
    """

    containers: tuple[ContainerOutcome, ...]
    error: IncidentResponseError | None = None

    @property
    def changed(self) -> bool:
        """True when a container is no longer as it was."""
        return any(outcome.changed for outcome in self.containers)


def run_lifecycle(engine: ContainerEngine, request: Request, *, check_mode: bool) -> LifecycleOutcome:
    """Bring the services' containers into the wanted state. A failure ends it: the others are left alone.

    :param check_mode: say what would be done, do nothing.
    :raises PlatformNotFoundError: a service has no container. Nothing has been done then.
    """
    outcomes: list[ContainerOutcome] = []
    for container_id in _find(engine, request):
        try:
            state = _read(engine, container_id)
        except IncidentResponseError as failure:
            return LifecycleOutcome(tuple(outcomes), failure)
        if state is None:
            continue  # removed in this moment: there is nothing left to act on
        observed = None if request.observed is None else request.observed[state.service]
        decision = decide(state, request.wanted, observed)
        outcome, error = _carry_out(engine, state, decision, request.stop_timeout, check_mode)
        outcomes.append(outcome)
        if error:
            return LifecycleOutcome(tuple(outcomes), error)
    return LifecycleOutcome(tuple(outcomes))


def _find(engine: ContainerEngine, request: Request) -> list[str]:
    refs = [ref for ref in engine.containers(request.project) if not ref.oneoff]
    by_service = {service: [ref.id for ref in refs if ref.service == service] for service in request.services}
    for service, ids in by_service.items():
        if not ids:
            raise PlatformNotFoundError(
                f"The service {service} of the project {request.project} has no container.",
                remedy="Create it by a recreate ('docker compose up'), or check the names of project and service.",
            )
    return [container for ids in by_service.values() for container in ids]


def _read(engine: ContainerEngine, container_id: str) -> ContainerState | None:
    found = engine.inspect([container_id])
    return read_state(found[0]) if found else None


def _carry_out(
    engine: ContainerEngine, state: ContainerState, decision: Decision, stop_timeout: int | None, check_mode: bool
) -> tuple[ContainerOutcome, IncidentResponseError | None]:
    if decision.impossible:
        remedy = "Recreate it: a container in this state cannot be started."
        message = f"The service {state.service} cannot be helped: {decision.impossible}."
        return ContainerOutcome(state, (), decision.impossible), CommandFailedError(message, remedy=remedy)
    if check_mode or not decision.verbs:
        return ContainerOutcome(state, decision.verbs, decision.reason), None
    done: list[Verb] = []
    for verb in decision.verbs:
        try:
            _command(engine, verb, state, stop_timeout)
        except IncidentResponseError as failure:
            return ContainerOutcome(state, tuple(done), str(failure), _read_or_none(engine, state.id)), failure
        done.append(verb)
    after = _read_or_none(engine, state.id)
    return ContainerOutcome(state, tuple(done), _remark(after), after), None


def _read_or_none(engine: ContainerEngine, container_id: str) -> ContainerState | None:
    """The state after an act. Not to know it must not hide that the act was done."""
    try:
        return _read(engine, container_id)
    except IncidentResponseError:
        return None


def _command(engine: ContainerEngine, verb: Verb, state: ContainerState, stop_timeout: int | None) -> None:
    if verb is Verb.RESTART:
        patience = state.stop_timeout if stop_timeout is None else stop_timeout
        engine.restart(state.id, stop_timeout=patience, deadline=patience + _ENGINE_TIME)
    elif verb is Verb.START:
        engine.start(state.id, deadline=_ENGINE_TIME)
    else:
        engine.unpause(state.id, deadline=_ENGINE_TIME)


def _remark(after: ContainerState | None) -> str:
    """Whether it stays up is for the verification to tell; that it is down again at once is said here."""
    if after is None:
        return "its state after that cannot be told"
    return "" if after.state == "running" else f"it is {after.state} again"
