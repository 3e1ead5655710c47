# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module guard as a play calls it: one remediation from begin to end, check mode, and options that are wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from module_calls import fail, run

from ansible_collections.agentfoundry.incident_response.plugins.modules import guard, incident_info

DIGEST = "ab" * 32
STEP = {
    "action": "restart",
    "services": ["model-server"],
    "tier": "disruptive",
    "digest": DIGEST,
    "reason": "the canary did not answer",
    "deadline": 60,
    "needs_approval": False,
}


class Play:
    """A run of the role, task by task."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = str(state_dir)
        self.token = ""
        self.incident = ""

    def task(self, phase: str, **options: Any) -> dict[str, Any]:
        known = {"state_dir": self.state_dir, "platform": "shop", "phase": phase}
        return run(guard, {**known, **options})

    def begin(self, **options: Any) -> dict[str, Any]:
        trouble = {
            "scenario": "model_server",
            "services": ["model-server"],
            "severity": {"level": "P2", "rule": "a service fails"},
            "root_cause": "the canary did not answer",
            "containers": {"model-server": [{"id": "c1", "started_at": "t1"}]},
            "holder": {"user": "ops", "host": "controller"},
        }
        result = self.task("begin", **{**trouble, **options})
        self.token = result["lease"].get("token", "")
        self.incident = result["incident"].get("id", "")
        return result

    def permit(self, **options: Any) -> dict[str, Any]:
        return self.task("permit", token=self.token, incident=self.incident, step=STEP, **options)

    def complete(self, attempt: int, outcome: str = "done", **options: Any) -> dict[str, Any]:
        return self.task("complete", token=self.token, attempt=attempt, outcome=outcome, **options)

    def end(self, outcome: str = "resolved", reason: str = "the canary answers") -> dict[str, Any]:
        return self.task("end", token=self.token, incident=self.incident, outcome=outcome, reason=reason)


@pytest.fixture
def play(tmp_path: Path) -> Play:
    return Play(tmp_path / "state")


def test_a_remediation_from_begin_to_end_is_told_by_its_timeline(play: Play) -> None:
    begun = play.begin()
    permit = play.permit()
    renewed = play.task("renew", token=play.token)
    completed = play.complete(permit["attempt"]["id"], healed=True)
    ended = play.end()

    assert [result["changed"] for result in (begun, permit, renewed, completed, ended)] == [
        True, False, False, False, True,
    ]  # fmt: skip
    assert (begun["incident"]["joined"], begun["incident"]["state"]) == (False, "open")
    assert permit["allowed"]
    assert ended["incident"]["state"] == "resolved"
    (stored,) = run(incident_info, {"state_dir": play.state_dir, "full": True})["incidents"]
    assert [entry["kind"] for entry in stored["timeline"]] == ["opened", "intent", "outcome", "resolved"]
    assert [(one["action"], one["outcome"], one["healed"]) for one in stored["attempts"]] == [("restart", "done", True)]


def test_a_second_run_waits_for_nobody_and_is_refused_with_the_holder_named(play: Play) -> None:
    play.begin()
    other = Play(Path(play.state_dir))
    refused = other.begin(holder={"user": "awx", "host": "ee"})
    assert refused["refused"]["rule"] == "lease"
    assert "of ops on controller" in refused["refused"]["message"]
    assert not refused["changed"]
    assert other.task("wait")["refused"]["rule"] == "lease"


def test_a_run_that_did_not_heal_escalates_once(play: Play) -> None:
    play.begin()
    assert play.end("escalated", "no rung is left")["changed"]
    again = play.begin()
    assert (again["incident"]["joined"], again["changed"]) == (True, False)
    assert not play.end("escalated", "no rung is left")["changed"]


def test_check_mode_tells_what_would_be_and_writes_nothing(play: Play) -> None:
    result = play.begin(_ansible_check_mode=True)
    assert result["changed"]
    assert result["incident"]["id"].endswith("-001")
    assert not Path(play.state_dir).exists()


@pytest.mark.parametrize(
    "phase, options, words",
    [
        ("begin", {}, "scenario"),
        ("permit", {}, "incident, step"),
        ("end", {"token": "x", "incident": "INC-1"}, "outcome, reason"),
        ("end", {"token": "x", "incident": "INC-1", "outcome": "done", "reason": "r"}, "resolved, escalated, released"),
        ("complete", {"token": "x", "attempt": 1, "outcome": "resolved"}, "done, unchanged, failed"),
        ("complete", {"token": "x", "attempt": 1, "outcome": "done"}, "phase permit returned"),
        ("permit", {"token": "x", "incident": "INC-1", "step": STEP}, "no incident INC-1"),
        ("permit", {"token": "x", "incident": "I", "step": {**STEP, "services": []}}, "step.services"),
        ("permit", {"token": "x", "incident": "I", "step": {**STEP, "services": "all"}}, "step.services"),
        ("permit", {"token": "x", "incident": "I", "step": {**STEP, "tier": "never"}}, "safe, disruptive, destructive"),
        ("permit", {"token": "x", "incident": "I", "step": {**STEP, "action": ""}}, "step.action"),
        ("renew", {"token": "x", "lease_ttl": 0}, "lease_ttl"),
        ("renew", {"token": "x", "lease_ttl": "nan"}, "lease_ttl"),
        ("permit", {"token": "x", "incident": "I", "step": STEP, "containers": {"a": [{"id": "1"}]}}, "containers.a"),
    ],
)
def test_an_option_that_is_wrong_is_named(play: Play, phase: str, options: dict[str, Any], words: str) -> None:
    known = {"state_dir": play.state_dir, "platform": "shop", "phase": phase}
    assert words in fail(guard, {**known, **options})["msg"]


def test_a_finding_of_another_shape_is_named(play: Play) -> None:
    severity = {"level": "P2", "rule": "r"}
    known = {"state_dir": play.state_dir, "platform": "shop", "phase": "begin", "scenario": "s", "severity": severity}
    assert "findings[0]" in fail(guard, {**known, "findings": [{"id": "x"}]})["msg"]
