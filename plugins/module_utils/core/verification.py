# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is it healed? A pure predicate over successive observations; the caller holds the clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.host import HOST

Identity = Mapping[str, tuple[tuple[str, str], ...]]
"""Service -> (container id, StartedAt) of each of its containers."""


class Verdict(str, Enum):
    """Where a verification stands."""

    WAITING = "waiting"
    STABLE = "stable"
    HEALED = "healed"
    FAILED = "failed"


@dataclass(frozen=True)
class Verification:
    """What healed means for one step.

    :param services: the services that must be healed, those first whose trouble tells most; every critical or unknown
        finding of theirs counts, and so do those about the engine itself (no service). A service without a container is
        not healed; the host needs none.
    :param stability: seconds for which they must stay healed, in the same containers that were started once.
    :param deadline: seconds after the start until the stability window must have begun.
    """

    services: Sequence[str]
    stability: float
    deadline: float

    def together_with(self, others: Sequence[str]) -> Verification:
        """The same of more services."""
        return replace(self, services=(*self.services, *others))


@dataclass(frozen=True)
class Progress:
    """The state between two observations.

    :param verdict: where it stands.
    :param message: one sentence for a person.
    :param started: clock reading (s) of the first observation.
    :param stable_since: clock reading (s) at which the services were first seen healed, or None.
    :param identity: the containers seen then.
    """

    verdict: Verdict
    message: str
    started: float
    stable_since: float | None = None
    identity: Identity | None = None


def begin(now: float) -> Progress:
    """The state before the first observation."""
    return Progress(Verdict.WAITING, "not looked yet", now)


def advance(
    wanted: Verification, before: Progress, now: float, findings: Iterable[Finding], identity: Identity
) -> Progress:
    """The next state, given one more observation made at clock reading ``now`` (s)."""
    watched = {service: identity.get(service, ()) for service in sorted(wanted.services)}
    trouble = _trouble(wanted, findings, watched)
    if trouble:
        return _wait(wanted, before, now, trouble)
    if before.identity is not None and watched != before.identity:
        return _wait(wanted, before, now, "a container was started anew during the stability window")
    since = before.stable_since if before.stable_since is not None else now
    if now - since >= wanted.stability:
        return Progress(Verdict.HEALED, f"healed and stable for {now - since:.0f} s", before.started, since, watched)
    message = f"healed, stable for {now - since:.0f} of {wanted.stability:.0f} s"
    return Progress(Verdict.STABLE, message, before.started, since, watched)


@dataclass(frozen=True)
class StepProgress:
    """The services that a step is for, and all, those that have a step of their own to come included.

    :param step: the former.
    :param everything: all of them.
    """

    step: Progress
    everything: Progress

    @classmethod
    def begun(cls, now: float) -> StepProgress:
        """The state before the first observation."""
        return cls(begin(now), begin(now))

    @property
    def is_over(self) -> bool:
        """Whether nothing is to be waited for any more. Trouble that a later step is for is not; its healing is."""
        if self.step.verdict is Verdict.HEALED:
            return self.everything.verdict is not Verdict.STABLE
        return self.step.verdict is Verdict.FAILED

    @property
    def message(self) -> str:
        """What is waited for, or how it ended, one sentence."""
        if self.step.verdict is not Verdict.HEALED or self.everything.verdict is Verdict.HEALED:
            return self.step.message
        return f"{self.step.message}. Next: {self.everything.message}"


def advance_step(
    wanted: Verification,
    later: Sequence[str],
    before: StepProgress,
    now: float,
    findings: Sequence[Finding],
    identity: Identity,
) -> StepProgress:
    """The next state of a step, as :func:`advance`.

    :param later: services that have a step of their own to come.
    """
    step = advance(wanted, before.step, now, findings, identity)
    if not later:
        return StepProgress(step, step)
    return StepProgress(step, advance(wanted.together_with(later), before.everything, now, findings, identity))


def _trouble(wanted: Verification, findings: Iterable[Finding], watched: Identity) -> str:
    """What still speaks against 'healed', as one sentence; empty when nothing does."""
    rank = {"": -1, **{service: place for place, service in enumerate(wanted.services)}}
    trouble = [
        finding
        for finding in findings
        if finding.is_trouble and (finding.service in wanted.services or finding.id == "engine.answers")
    ]
    if trouble:
        # A cause that is still there says more than a service that only suffers from it.
        return min(trouble, key=lambda one: (one.status is not Status.CRITICAL, rank[one.service])).message
    missing = [service for service, containers in watched.items() if not containers and service != HOST]
    return f"{missing[0]} has no container." if missing else ""


def _wait(wanted: Verification, before: Progress, now: float, message: str) -> Progress:
    """Not healed (any more): the window begins anew, unless the deadline has passed."""
    verdict = Verdict.FAILED if now - before.started >= wanted.deadline else Verdict.WAITING
    return Progress(verdict, message, before.started)
