# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From controls and what was seen to results; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.check_findings import (
    judge_findings,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.checks import CHECKS
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.model import (
    Control,
    Result,
    Subject,
    Verdict,
    Waiver,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.reading import EXPIRED_WAIVERS
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.seen import Seen

_WORST_FIRST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WAIVED, Verdict.PASS, Verdict.NOT_APPLICABLE)
# What does not hang on the engine.
_WITHOUT_ENGINE = (EXPIRED_WAIVERS, "engine.answers", "review.written", "response.met")


def judge_controls(controls: Iterable[Control], seen: Seen) -> list[Result]:
    """One result for each control, in their order."""
    return [_judge(control, seen) for control in controls]


def _judge(control: Control, seen: Seen) -> Result:
    mine = [waiver for waiver in seen.waivers if waiver.control == control.id]
    subjects = [_with_waiver(subject, mine) for subject in _subjects(control, seen)]
    if not subjects:
        return Result(control, Verdict.NOT_APPLICABLE, "The platform has nothing that it is about.")
    verdict = next(one for one in _WORST_FIRST if any(subject.verdict is one for subject in subjects))
    worst = [subject for subject in subjects if subject.verdict is verdict]
    return Result(control, verdict, _message(verdict, worst), subjects, _waiver_of(verdict, worst, mine))


def _subjects(control: Control, seen: Seen) -> list[Subject]:
    if not seen.engine_answers and control.id not in _WITHOUT_ENGINE:
        return [Subject("", Verdict.UNKNOWN, "The Docker engine does not answer, so nothing can be told.")]
    # Replicas that are alike are one subject.
    return list(dict.fromkeys(CHECKS[control.check](seen) if control.check else judge_findings(control, seen)))


def _with_waiver(subject: Subject, waivers: Sequence[Waiver]) -> Subject:
    if subject.verdict.is_bad and any(waiver.covers(subject.name) for waiver in waivers):
        return Subject(subject.name, Verdict.WAIVED, subject.message)
    return subject


def _message(verdict: Verdict, worst: Sequence[Subject]) -> str:
    first = worst[0].message
    if len(worst) == 1:
        return first
    if verdict is Verdict.PASS:
        return f"{len(worst)} looked at, all well."
    return f"{first[:-1] if first.endswith('.') else first} (and {len(worst) - 1} more)."


def _waiver_of(verdict: Verdict, worst: Sequence[Subject], waivers: Sequence[Waiver]) -> Waiver | None:
    """The waiver that excuses it; of a failure the expired one that did."""
    if verdict is Verdict.WAIVED:
        return next(waiver for waiver in waivers if waiver.covers(worst[0].name))
    return next((waiver for waiver in waivers if waiver.expired), None) if verdict.is_bad else None
