# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a review tells from the record alone: the six moments of the playbook, the duration, and what is missing. Pure.

``facts`` is an incident in full, as ``incident_info`` returns it, with ``review`` and ``recurrence``. What no record
tells is None here, and is marked to be filled in; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_section import (
    required_sections,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.timestamp import epoch_seconds

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Named:
    """One of the six moments that the playbook names.

    :param at: ISO 8601 in UTC, or None when no record tells it.
    :param told: what happened, or why it is not known.
    """

    key: str
    name: str
    at: str | None
    told: str


def named_moments(facts: Facts) -> tuple[Named, ...]:
    """Detected, first responder engaged, root cause identified, fix applied, service restored, all-clear."""
    healing = healing_attempt(facts)
    return (
        Named("detected", "Issue detected", facts["detected"]["at"], facts["detected"]["how"]),
        _engaged(facts),
        _cause(facts),
        _fix(healing),
        _restored(facts, healing),
        _all_clear(facts),
    )


def what_people_have_to_write(facts: Facts) -> tuple[str, ...]:
    """Keys of the sections without which a review is not complete."""
    return required_sections(
        cause_known=bool(facts["root_cause"]),
        fix_known=healing_attempt(facts) is not None,
        moments_known=all(moment.at is not None for moment in named_moments(facts)),
    )


def healing_attempt(facts: Facts) -> Mapping[str, Any] | None:
    """The action that healed it, if one did."""
    healed = [attempt for attempt in facts["attempts"] if attempt["healed"]]
    return healed[-1] if healed else None


def described(attempt: Mapping[str, Any]) -> str:
    """``restart of model-server``."""
    return f"{attempt['action']} of {', '.join(attempt['services'])}"


def duration_s(facts: Facts) -> float | None:
    """Seconds from the detection to the all-clear; None while it is not resolved."""
    return seconds_between(facts["detected"]["at"], facts["resolved_at"])


def seconds_between(begin: str | None, end: str | None) -> float | None:
    """None when a moment is missing, or when the clock was set back in between: then no one can tell."""
    if begin is None or end is None:
        return None
    seconds = epoch_seconds(end) - epoch_seconds(begin)
    return seconds if seconds >= 0 else None


def _engaged(facts: Facts) -> Named:
    """A person who acknowledged it, else the run that acted."""
    key, name = "engaged", "First responder engaged"
    if facts["acknowledged_at"]:
        entry = _entry(facts["timeline"], ("state",), "to acknowledged")
        return Named(key, name, facts["acknowledged_at"], f"acknowledged by {_source(entry, 'a person')}")
    if facts["attempts"]:
        entry = _entry(facts["timeline"], ("intent",))
        told = f"the remediation itself ({_source(entry, 'a run')}); no person acknowledged it"
        return Named(key, name, facts["attempts"][0]["started_at"], told)
    return Named(key, name, None, "nobody acknowledged it, and no action was taken")


def _cause(facts: Facts) -> Named:
    key, name = "cause", "Root cause identified"
    if not facts["root_cause"]:
        return Named(key, name, None, "no root cause is recorded")
    if not facts.get("root_cause_at"):
        return Named(key, name, None, "when it was identified is not recorded")
    return Named(key, name, facts["root_cause_at"], facts["root_cause"])


def _fix(healing: Mapping[str, Any] | None) -> Named:
    key, name = "fixed", "Fix applied"
    if healing is None:
        return Named(key, name, None, "no recorded action healed it")
    if healing.get("acted_at"):
        return Named(key, name, healing["acted_at"], described(healing))
    return Named(key, name, healing["started_at"], f"{described(healing)} was begun; its end is not recorded")


def _restored(facts: Facts, healing: Mapping[str, Any] | None) -> Named:
    key, name = "restored", "Service restored"
    if healing is not None and healing.get("restored_at"):
        return Named(key, name, healing["restored_at"], "first seen healthy, and it stayed so")
    if healing is None and facts["stable_at"] and facts["stable_at"] != facts["resolved_at"]:
        return Named(key, name, facts["stable_at"], "called stable")
    return Named(key, name, None, "since when it is healthy is not recorded")


def _all_clear(facts: Facts) -> Named:
    key, name = "clear", "All-clear confirmed"
    if not facts["resolved_at"]:
        return Named(key, name, None, "it is not resolved")
    entry = _entry(facts["timeline"], ("resolved", "state"), "", "to resolved")
    return Named(key, name, facts["resolved_at"], f"resolved by {_source(entry, 'someone')}")


def _entry(timeline: Sequence[Mapping[str, Any]], kinds: Sequence[str], *words: str) -> Mapping[str, Any] | None:
    """The first entry of one of these kinds; a kind may demand a word in the entry's message."""
    wanted = dict(zip(kinds, words or [""] * len(kinds)))
    for entry in timeline:
        if entry["kind"] in wanted and wanted[entry["kind"]] in entry["message"]:
            return entry
    return None


def _source(entry: Mapping[str, Any] | None, otherwise: str) -> str:
    return str(entry["source"]) if entry is not None and entry["source"] else otherwise
