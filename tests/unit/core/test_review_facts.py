# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The six moments of the playbook: told by the record, or said to be unknown; never guessed."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_facts import (
    duration_s,
    named_moments,
    what_people_have_to_write,
)


def at(time: str) -> str:
    return f"2026-02-27T{time}Z"


def entry(kind: str, message: str, source: str = "awx job 7: ops@desk") -> dict[str, Any]:
    return {"at": at("12:00:00"), "kind": kind, "message": message, "source": source, "evidence": []}


def attempt(**fields: Any) -> dict[str, Any]:
    return {
        "action": "restart",
        "services": ["model-server"],
        "started_at": at("12:00:05"),
        "acted_at": at("12:00:20"),
        "restored_at": at("12:00:22"),
        "healed": True,
        **fields,
    }


def facts(**fields: Any) -> dict[str, Any]:
    """Healed by a restart, with nobody at the desk."""
    return {
        "detected": {"at": at("12:00:00"), "how": "an AWX job 7"},
        "acknowledged_at": None,
        "root_cause": "it hangs",
        "root_cause_at": at("12:00:01"),
        "stable_at": at("12:00:30"),
        "resolved_at": at("12:00:30"),
        "attempts": [attempt()],
        "timeline": [entry("opened", "opened as P2"), entry("intent", "restart"), entry("resolved", "healed")],
        **fields,
    }


def moment(key: str, **fields: Any) -> tuple[str | None, str]:
    found = {one.key: one for one in named_moments(facts(**fields))}[key]
    return (found.at and found.at[11:19], found.told)


def test_a_healed_incident_tells_all_six_moments_in_their_order() -> None:
    moments = named_moments(facts())

    assert [(one.key, one.at and one.at[11:19]) for one in moments] == [
        ("detected", "12:00:00"),
        ("engaged", "12:00:05"),
        ("cause", "12:00:01"),
        ("fixed", "12:00:20"),
        ("restored", "12:00:22"),
        ("clear", "12:00:30"),
    ]
    assert duration_s(facts()) == 30.0


BY_HAND = [entry("state", "open to acknowledged", "jane"), entry("state", "acknowledged to resolved", "joe")]


@pytest.mark.parametrize(
    "key, fields, told",
    [
        ("detected", {}, ("12:00:00", "an AWX job 7")),
        ("engaged", {"acknowledged_at": at("12:05:00"), "timeline": BY_HAND}, ("12:05:00", "acknowledged by jane")),
        ("engaged", {"acknowledged_at": at("12:05:00"), "timeline": []}, ("12:05:00", "acknowledged by a person")),
        (
            "engaged",
            {},
            ("12:00:05", "the remediation itself (awx job 7: ops@desk); no person acknowledged it"),
        ),
        ("engaged", {"attempts": []}, (None, "nobody acknowledged it, and no action was taken")),
        ("cause", {"root_cause": "", "root_cause_at": None}, (None, "no root cause is recorded")),
        ("cause", {"root_cause_at": None}, (None, "when it was identified is not recorded")),
        ("fixed", {"attempts": [attempt(healed=False)]}, (None, "no recorded action healed it")),
        ("fixed", {"attempts": [attempt(healed=False), attempt()]}, ("12:00:20", "restart of model-server")),
        (
            "fixed",
            {"attempts": [attempt(acted_at=None)]},
            ("12:00:05", "restart of model-server was begun; its end is not recorded"),
        ),
        ("restored", {"attempts": [attempt(restored_at=None)]}, (None, "since when it is healthy is not recorded")),
        ("restored", {"attempts": [], "stable_at": at("12:00:10")}, ("12:00:10", "called stable")),
        ("restored", {"attempts": []}, (None, "since when it is healthy is not recorded")),
        ("clear", {}, ("12:00:30", "resolved by awx job 7: ops@desk")),
        ("clear", {"timeline": BY_HAND}, ("12:00:30", "resolved by joe")),
        ("clear", {"resolved_at": None}, (None, "it is not resolved")),
    ],
)
def test_a_moment_is_what_the_record_tells(key: str, fields: dict[str, Any], told: tuple[str | None, str]) -> None:
    assert moment(key, **fields) == told


def test_a_clock_that_was_set_back_gives_no_duration() -> None:
    assert duration_s(facts(resolved_at=at("11:00:00"))) is None
    assert duration_s(facts(resolved_at=None)) is None


def test_what_no_record_tells_has_to_be_written_by_people() -> None:
    always = {"impact", "corrective_actions", "went_well", "improve", "monitoring"}

    assert set(what_people_have_to_write(facts())) == always
    assert set(what_people_have_to_write(facts(attempts=[]))) == {*always, "resolution", "timeline"}
    assert set(what_people_have_to_write(facts(root_cause=""))) == {*always, "root_cause", "timeline"}
