# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module outbox as the role calls it: claim, complete, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from module_calls import fail, run

from ansible_collections.agentfoundry.incident_response.plugins.modules import incident, incident_info, outbox

CLAIM = {
    "phase": "claim",
    "channels": {"ops": {"type": "slack"}},
    "routes": {"P1": ["slack"]},
    "matrix": {"service_crash": {"first": ["on_call"], "escalation": [["lead"]]}},
}
OPENING = {
    "state": "opened",
    "platform": "shop",
    "scenario": "service_crash",
    "severity": "P1",
    "severity_rule": "all fail",
    "summary": "api does not answer.",
}


@pytest.fixture
def state_dir(tmp_path: Path) -> str:
    """A record with one open incident."""
    folder = str(tmp_path / "state")
    run(incident, {"state_dir": folder, **OPENING})
    return folder


def notifications(state_dir: str) -> list[dict[str, Any]]:
    (found,) = run(incident_info, {"state_dir": state_dir, "full": True})["incidents"]
    told: list[dict[str, Any]] = found["notifications"]
    return told


def test_what_was_claimed_and_sent_is_handed_out_once(state_dir: str) -> None:
    claimed = run(outbox, {"state_dir": state_dir, **CLAIM})
    (message,) = claimed["messages"]
    assert (message["channel"], message["kind"], message["contacts"]) == ("ops", "opened", ["on_call"])

    results = [{"key": message["key"], "sent": True, "reference": "ts-1"}]
    done = run(outbox, {"state_dir": state_dir, "phase": "complete", "token": claimed["token"], "results": results})

    assert (done["sent"], done["unsent"], done["changed"]) == (1, 0, False)
    assert run(outbox, {"state_dir": state_dir, **CLAIM})["messages"] == []
    assert [(one["state"], one["reference"]) for one in notifications(state_dir)] == [("sent", "ts-1")]


def test_in_check_mode_it_says_what_would_be_sent_and_takes_nothing(state_dir: str) -> None:
    rehearsed = run(outbox, {"state_dir": state_dir, **CLAIM, "_ansible_check_mode": True})

    assert len(rehearsed["messages"]) == 1
    assert notifications(state_dir) == []


@pytest.mark.parametrize("token", ["another", "", " "])
def test_a_token_of_somebody_else_completes_nothing(state_dir: str, token: str) -> None:
    (message,) = run(outbox, {"state_dir": state_dir, **CLAIM})["messages"]
    results = [{"key": message["key"], "sent": True}]

    done = run(outbox, {"state_dir": state_dir, "phase": "complete", "token": token, "results": results})

    assert done["sent"] == 0
    assert [one["state"] for one in notifications(state_dir)] == ["claimed"]


@pytest.mark.parametrize(
    "options, words",
    [
        ({"routes": None}, "phase is claim but all of the following are missing: routes"),
        ({"phase": "complete"}, "phase is complete but all of the following are missing: token"),
        ({"informed": [{"contacts": ["cto"]}]}, "informed[0] has the value"),
        ({"limit": 0}, "limit has the value 0"),
        ({"lease": 0}, "lease has the value 0"),
        ({"give_up": -1}, "give_up has the value -1"),
        ({"escalate": True, "repeat": {"P1": "soon"}}, "repeat.P1 has the value 'soon'"),
        ({"escalate": True, "repeat": {"P7": 60}}, "repeat.P7 has the value 60"),
        ({"escalate": True, "stale": {"P1": -5}}, "stale.P1 has the value -5"),
        ({"matrix": {"data_breach": {"first": "a"}}}, "Give the row service_crash"),
    ],
)
def test_what_cannot_be_used_is_named(state_dir: str, options: dict[str, Any], words: str) -> None:
    given = {key: value for key, value in {"state_dir": state_dir, **CLAIM, **options}.items() if value is not None}
    assert words in str(fail(outbox, given)["msg"])
