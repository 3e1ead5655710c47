# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a run ended, in one word; a host passes only when nothing is wrong any more."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.outcome import (
    Ending,
    Outcome,
    decide,
)

STEP = {"action": "restore_model"}
RESTARTED = {"action": "restart", "services": ["model-server"], "message": "api-gateway answers with HTTP 503."}
APPROVAL = {"rule": "approval", "message": "restore_model needs approval.", "remedy": "Approve it by name."}


def seen(condition: str, *, steps: bool = False, **fields: Any) -> dict[str, Any]:
    """Return a diagnosis as ``remediation_plan`` returns it."""
    trouble = condition in ("in_trouble", "engine_unavailable")
    return {
        "condition": condition,
        "root_cause": "It hangs." if trouble else "",
        "services": ["model-server"] if condition == "in_trouble" else [],
        "plan": {"steps": [STEP] if steps else [], "suffering": {}},
        **fields,
    }


HEALTHY = seen("healthy")
TROUBLE = seen("in_trouble")
SUFFERING = seen("in_trouble", plan={"steps": [], "suffering": {"model-server": ["storage"]}})
DOWN = seen("engine_unavailable")


def outcome_of(diagnosis: dict[str, Any], **facts: Any) -> Outcome:
    defaults: dict[str, Any] = {
        "history": [],
        "healed": False,
        "refused": None,
        "failure": "",
        "diagnose_only": False,
    }
    return decide(diagnosis, **{**defaults, **facts})


@pytest.mark.parametrize(
    "diagnosis, facts, ending",
    [
        (HEALTHY, {}, Ending.HEALTHY),
        (HEALTHY, {"diagnose_only": True}, Ending.HEALTHY),
        (seen("nothing_in_scope"), {}, Ending.NOTHING_IN_SCOPE),
        (HEALTHY, {"healed": True}, Ending.HEALED),
        (HEALTHY, {"healed": True, "history": [RESTARTED]}, Ending.HEALED),
        # The service itself is fine again, but those that need it are not.
        (HEALTHY, {"history": [RESTARTED]}, Ending.ESCALATED),
        # What was worked on is healed, but another service of the scenario is not.
        (TROUBLE, {"healed": True, "history": [RESTARTED]}, Ending.ESCALATED),
        (TROUBLE, {"history": [RESTARTED]}, Ending.ESCALATED),
        (TROUBLE, {}, Ending.ESCALATED),
        (SUFFERING, {}, Ending.ESCALATED),
        (DOWN, {}, Ending.ESCALATED),
        (DOWN, {"history": [RESTARTED]}, Ending.ESCALATED),
        (TROUBLE, {"diagnose_only": True}, Ending.DIAGNOSED),
        (DOWN, {"diagnose_only": True}, Ending.DIAGNOSED),
        (TROUBLE, {"refused": APPROVAL}, Ending.REFUSED),
        (TROUBLE, {"refused": APPROVAL, "history": [RESTARTED]}, Ending.REFUSED),
        (TROUBLE, {"failure": "The guard cannot be asked."}, Ending.ESCALATED),
        (HEALTHY, {"failure": "The guard cannot be asked.", "healed": True}, Ending.ESCALATED),
        (TROUBLE, {"failure": "The guard cannot be asked.", "refused": APPROVAL}, Ending.ESCALATED),
        ({"failed": True, "msg": "No plan."}, {"failure": "No plan."}, Ending.ESCALATED),
    ],
)
def test_a_run_ends(diagnosis: dict[str, Any], facts: dict[str, Any], ending: Ending) -> None:
    outcome = outcome_of(diagnosis, **facts)

    assert outcome.ending is ending
    assert outcome.passes is (ending in {Ending.HEALTHY, Ending.NOTHING_IN_SCOPE, Ending.HEALED})
    assert outcome.reason
    assert bool(outcome.remedy) is not outcome.passes


@pytest.mark.parametrize(
    "diagnosis, facts, reason, remedy",
    [
        (TROUBLE, {}, "It hangs.", "No rung of the ladder is left"),
        (TROUBLE, {"history": [RESTARTED]}, "restart did not heal it: It hangs.", "No rung of the ladder is left"),
        (HEALTHY, {"history": [RESTARTED]}, "restart did not heal it: api-gateway answers with HTTP 503.", "No rung"),
        (
            TROUBLE,
            {"history": [RESTARTED], "healed": True},
            "restart of model-server healed it. Still in trouble: It hangs.",
            "No rung of the ladder is left",
        ),
        (SUFFERING, {}, "It hangs.", "Heal the root cause"),
        (DOWN, {}, "It hangs.", "Start the Docker engine"),
        (DOWN, {"diagnose_only": True}, "It hangs.", "Start the Docker engine"),
        (TROUBLE, {"diagnose_only": True}, "It hangs.", "No rung of the ladder is left"),
        (seen("in_trouble", steps=True), {"diagnose_only": True}, "It hangs.", "without --check"),
        (TROUBLE, {"refused": APPROVAL}, "restore_model needs approval.", "Approve it by name."),
        (TROUBLE, {"failure": "No space left."}, "No space left.", "mend it and run the playbook again"),
    ],
)
def test_the_reason_and_how_to_go_on_are_said(
    diagnosis: dict[str, Any], facts: dict[str, Any], reason: str, remedy: str
) -> None:
    outcome = outcome_of(diagnosis, **facts)

    assert outcome.reason == reason
    assert remedy in outcome.remedy


@pytest.mark.parametrize(
    "history, reason",
    [
        ([], "The trouble was over before anything was done."),
        ([{**RESTARTED, "action": "wait"}, RESTARTED], "restart of model-server healed it."),
        ([{**RESTARTED, "services": ["a", "b"]}], "restart of a, b healed it."),
    ],
)
def test_what_healed_it_is_said(history: list[dict[str, Any]], reason: str) -> None:
    assert outcome_of(HEALTHY, healed=True, history=history).reason == reason


def test_an_outcome_is_plain_data() -> None:
    assert Outcome(Ending.REFUSED, "Why.", "How.").to_data() == {
        "ending": "refused",
        "passes": False,
        "reason": "Why.",
        "remedy": "How.",
    }
