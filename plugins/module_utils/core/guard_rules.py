# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard's rules: whether a step may be taken now. Each refuses with its name and says how to lift it. Pure.

Fails closed: what cannot be told counts against the step.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment, elapsed
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rung import Tier


@dataclass(frozen=True)
class Refusal:
    """Why not.

    :param rule: lease, maintenance, declared, cap, budget or approval.
    :param remedy: how to lift it.
    """

    rule: str
    message: str
    remedy: str

    def to_data(self) -> dict[str, str]:
        """The fields by name."""
        return asdict(self)


@dataclass(frozen=True)
class WantedStep:
    """What the run wants to do next: one action on named services. ``digest`` is what an approval is bound to."""

    action: str
    services: tuple[str, ...]
    tier: Tier
    digest: str = ""
    reason: str = ""


@dataclass(frozen=True)
class MaintenanceWindow:
    """Hands off a platform, or of one of its services, for ``duration`` seconds."""

    platform: str
    service: str
    by: str
    reason: str
    since: Moment
    duration: float

    def remaining(self, now: Moment) -> float:
        """Seconds left, the more cautious reading when the clock is in doubt."""
        return max(0.0, self.duration - elapsed(self.since, now).at_least)

    def to_data(self, now: Moment) -> dict[str, object]:
        """Plain data; ``service`` is empty when the whole platform is meant."""
        words = {"platform": self.platform, "service": self.service, "by": self.by, "reason": self.reason}
        return {**words, "remaining": round(self.remaining(now))}


@dataclass(frozen=True)
class Approval:
    """A person's yes to one destructive step, for ``lifetime`` seconds and for one act.

    :param spent_by: the attempt that used it, or None.
    """

    platform: str
    action: str
    digest: str
    approver: str
    reason: str
    granted: Moment
    lifetime: float
    spent_by: int | None = None

    def remaining(self, now: Moment) -> float:
        """Seconds left; 0.0 when the clock leaves a doubt that it has expired, or when it is spent."""
        return 0.0 if self.spent_by is not None else max(0.0, self.lifetime - elapsed(self.granted, now).at_most)


@dataclass(frozen=True)
class GuardFacts:
    """What the rules look at, as the record tells it.

    :param windows: maintenance windows of the platform.
    :param declared: service -> stopped, ignored or maintenance, from inventory and labels.
    :param touched: services that this run acted on before.
    :param attempts: service -> when the same action was taken on it before.
    :param approval: the approval of this platform, action and digest, if there is one.
    :param approved_actions: actions that the person who started the run named.
    """

    now: Moment
    platform: str
    windows: Sequence[MaintenanceWindow] = ()
    declared: Mapping[str, str] = field(default_factory=dict)
    touched: Collection[str] = ()
    attempts: Mapping[str, Sequence[Moment]] = field(default_factory=dict)
    approval: Approval | None = None
    approved_actions: Collection[str] = ()


@dataclass(frozen=True)
class Limits:
    """``budget`` attempts per service and action within ``window`` seconds; ``cap`` services touched by one run."""

    budget: int
    window: float
    cap: int


def judge_step(step: WantedStep, facts: GuardFacts, limits: Limits) -> Refusal | None:
    """The first rule that refuses, in this order: maintenance, declared, cap, budget, approval. None allows."""
    return (
        refuse_for_maintenance(step, facts)
        or refuse_for_declaration(step, facts)
        or refuse_for_cap(step, facts, limits)
        or refuse_for_budget(step, facts, limits)
        or refuse_for_approval(step, facts)
    )


def refuse_for_maintenance(step: WantedStep, facts: GuardFacts) -> Refusal | None:
    """Nothing is done during a window of the platform or of one of the step's services."""
    for window in facts.windows:
        left = window.remaining(facts.now)
        if left > 0 and (not window.service or window.service in step.services):
            what = window.service or f"platform {facts.platform}"
            return Refusal(
                "maintenance",
                f"{what} is in maintenance by {window.by} for another {left:.0f} s: {window.reason}",
                "Wait for its end, or end it with the module maintenance, state absent.",
            )
    return None


def refuse_for_declaration(step: WantedStep, facts: GuardFacts) -> Refusal | None:
    """A service that is declared stopped, ignored or in maintenance is left alone."""
    for service in step.services:
        if facts.declared.get(service):
            return Refusal(
                "declared",
                f"{service} is declared {facts.declared[service]}.",
                "Take the declaration back, in the inventory or on the container's label.",
            )
    return None


def refuse_for_cap(step: WantedStep, facts: GuardFacts, limits: Limits) -> Refusal | None:
    """One run touches only so many different services. Safe steps touch none."""
    if step.tier is Tier.SAFE:
        return None
    touched = set(facts.touched) | set(step.services)
    if len(touched) <= limits.cap:
        return None
    return Refusal(
        "cap",
        f"This run would touch {len(touched)} services ({_names(touched)}), and may touch {limits.cap}.",
        "Look at the root cause first; raise remediation_service_cap for one run when all of them have to be healed.",
    )


def refuse_for_budget(step: WantedStep, facts: GuardFacts, limits: Limits) -> Refusal | None:
    """An action is taken on a service only so often within the window. Safe steps are free."""
    if step.tier is Tier.SAFE:
        return None
    for service in step.services:
        ages = [elapsed(moment, facts.now).at_least for moment in facts.attempts.get(service, ())]
        recent = sorted((age for age in ages if age < limits.window), reverse=True)
        if len(recent) >= limits.budget:
            return Refusal(
                "budget",
                f"{step.action} of {service} was tried {_times(len(recent))} within {limits.window:.0f} s,"
                f" and it may be tried {_times(limits.budget)}.",
                _when_free(recent, limits)
                + " or raise remediation_attempt_limit for one run after looking at why it did not help.",
            )
    return None


def refuse_for_approval(step: WantedStep, facts: GuardFacts) -> Refusal | None:
    """A destructive step needs a person's yes to exactly that step."""
    if step.tier is not Tier.DESTRUCTIVE or approved_by(step, facts, "a person"):
        return None
    message = f"{step.action} of {_names(step.services)} is destructive and nobody has approved it."
    if facts.approval is not None:
        state = "was used already" if facts.approval.spent_by is not None else "has expired"
        message = f"The approval of {step.action} by {facts.approval.approver} {state}."
    return Refusal(
        "approval",
        message,
        f'Run again with -e \'{{"remediation_approved_actions": ["{step.action}"]}}\','
        # With a colon: what follows the bare word is hidden as the credentials of a "Digest" header.
        f" or approve {step.action} by the module approval, with digest: {step.digest}.",
    )


def approved_by(step: WantedStep, facts: GuardFacts, approver: str) -> str:
    """Who approved the step and how; an empty string when nobody did, or when it needs no approval."""
    if step.tier is not Tier.DESTRUCTIVE:
        return ""
    if step.action in facts.approved_actions:
        return f"{approver}, by naming the action for this run"
    approval = facts.approval
    if approval is None or not step.digest or approval.digest != step.digest or approval.remaining(facts.now) <= 0:
        return ""
    return f"{approval.approver}, by approval of this plan"


def _when_free(recent: Sequence[float], limits: Limits) -> str:
    """When the attempt that has to leave the window leaves it; ``recent`` holds ages, the oldest first."""
    if limits.budget < 1:
        return "The budget is zero: set it to one or more,"
    return f"The next is allowed in {limits.window - recent[len(recent) - limits.budget]:.0f} s; wait,"


def _names(services: Iterable[str]) -> str:
    return ", ".join(sorted(services))


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
