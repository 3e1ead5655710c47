# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a run ended, in one word, and whether the host passes or fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.diagnosis import Condition


class Ending(str, Enum):
    """The ends of a run. Only the first three pass."""

    HEALTHY = "healthy"
    NOTHING_IN_SCOPE = "nothing_in_scope"
    HEALED = "healed"
    DIAGNOSED = "diagnosed"
    REFUSED = "refused"
    ESCALATED = "escalated"


_PASSES = frozenset({Ending.HEALTHY, Ending.NOTHING_IN_SCOPE, Ending.HEALED})
_IN_TROUBLE = frozenset({Condition.IN_TROUBLE, Condition.ENGINE_UNAVAILABLE})
_NOTHING_THERE = "This platform has no service that the scenario looks after."
_NO_RUNG_LEFT = "No rung of the ladder is left: a person has to look."


@dataclass(frozen=True)
class Outcome:
    """The end of a run.

    :param ending: the word.
    :param reason: one sentence: why it ended so.
    :param remedy: one sentence: how a person goes on; empty when nothing is to do.
    """

    ending: Ending
    reason: str
    remedy: str = ""

    @property
    def passes(self) -> bool:
        """True when the host succeeds (exit code 0)."""
        return self.ending in _PASSES

    def to_data(self) -> dict[str, Any]:
        """Plain data: ending, passes, reason and remedy."""
        return {"ending": self.ending.value, "passes": self.passes, "reason": self.reason, "remedy": self.remedy}


def decide(
    diagnosis: Mapping[str, Any],
    history: Sequence[Mapping[str, Any]],
    *,
    healed: bool,
    refused: Mapping[str, Any] | None,
    failure: str,
    diagnose_only: bool,
) -> Outcome:
    """Judge how a run ended. A run passes only when the last diagnosis is not in trouble any more.

    :param diagnosis: the last result of ``remediation_plan``.
    :param history: one entry per rung that was climbed, each with ``action``, ``services`` and ``message``.
    :param healed: True when the last verification said so, or when the trouble was gone before a rung was climbed.
    :param refused: what the guard refused, with ``rule``, ``message`` and ``remedy``, or None.
    :param failure: the message of a task of the flow itself that failed, or an empty string.
    :param diagnose_only: True under check mode and ``--tags diagnose``.
    """
    if failure:
        # It may be the diagnosis itself that failed.
        return Outcome(Ending.ESCALATED, failure, "Read the message above, mend it and run the playbook again.")
    if refused:
        return Outcome(Ending.REFUSED, str(refused["message"]), str(refused["remedy"]))
    condition = Condition(diagnosis["condition"])
    if condition in _IN_TROUBLE:
        return _diagnosed(diagnosis) if diagnose_only else _escalated(diagnosis, history, healed=healed)
    if healed:
        return Outcome(Ending.HEALED, _how(history))
    if history:
        # The scenario's own services are fine now, but what the verification looked at as well is not.
        return Outcome(Ending.ESCALATED, f"{_tried(history)} did not heal it: {history[-1]['message']}", _NO_RUNG_LEFT)
    if condition is Condition.NOTHING_IN_SCOPE:
        left_alone = ", ".join(f"{name} (declared {why})" for name, why in diagnosis.get("left_alone", {}).items())
        reason = f"All that the scenario looks after is left alone: {left_alone}." if left_alone else _NOTHING_THERE
        return Outcome(Ending.NOTHING_IN_SCOPE, reason)
    return Outcome(Ending.HEALTHY, "Nothing is wrong.")


def _diagnosed(diagnosis: Mapping[str, Any]) -> Outcome:
    remedy = "Run the playbook without --check and without --tags diagnose to carry out the plan."
    return Outcome(
        Ending.DIAGNOSED, diagnosis["root_cause"], remedy if diagnosis["plan"]["steps"] else _go_on(diagnosis)
    )


def _escalated(diagnosis: Mapping[str, Any], history: Sequence[Mapping[str, Any]], *, healed: bool) -> Outcome:
    reason = diagnosis["root_cause"]
    if healed:
        # What the run worked on is healed, but the scenario looks after another service that is not.
        reason = f"{_how(history)} Still in trouble: {reason}"
    elif history:
        reason = f"{_tried(history)} did not heal it: {reason}"
    return Outcome(Ending.ESCALATED, reason, _go_on(diagnosis))


def _go_on(diagnosis: Mapping[str, Any]) -> str:
    """What a person does when the ladder does not answer."""
    plan = diagnosis["plan"]
    if Condition(diagnosis["condition"]) is Condition.ENGINE_UNAVAILABLE:
        return "Start the Docker engine on this host, then run the playbook again."
    if plan["steps"]:
        return "Run the playbook again: its ladder has a rung for this."
    if plan["suffering"] and set(diagnosis["services"]) <= set(plan["suffering"]):
        return "Heal the root cause, then run the playbook again."
    return _NO_RUNG_LEFT


def _tried(history: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(str(entry["action"]) for entry in history)


def _how(history: Sequence[Mapping[str, Any]]) -> str:
    if not history:
        return "The trouble was over before anything was done."
    last = history[-1]
    return f"{last['action']} of {', '.join(last['services'])} healed it."
