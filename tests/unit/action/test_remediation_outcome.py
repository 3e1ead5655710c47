# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a run as plain data; the rules themselves are the core's."""

from __future__ import annotations

from typing import Any

import pytest
from action_harness import run_action

from ansible_collections.agentfoundry.incident_response.plugins.action.remediation_outcome import ActionModule

TROUBLE = {
    "condition": "in_trouble",
    "root_cause": "It hangs.",
    "services": ["model-server"],
    "plan": {"steps": [], "suffering": {}},
}
WELL = {**TROUBLE, "condition": "healthy", "root_cause": ""}
REFUSED = {"rule": "cap", "message": "Too many services.", "remedy": "Raise the cap."}


@pytest.mark.parametrize(
    "arguments, ending, passes",
    [
        ({"diagnosis": WELL}, "healthy", True),
        ({"diagnosis": WELL, "refused": {}, "failure": ""}, "healthy", True),
        ({"diagnosis": WELL, "healed": "yes"}, "healed", True),
        ({"diagnosis": TROUBLE}, "escalated", False),
        ({"diagnosis": TROUBLE, "diagnose_only": True}, "diagnosed", False),
        ({"diagnosis": TROUBLE, "refused": REFUSED}, "refused", False),
        ({"diagnosis": TROUBLE, "failure": "The disk is full."}, "escalated", False),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_the_end_is_said_in_one_word(arguments: dict[str, Any], ending: str, passes: bool, check_mode: bool) -> None:
    result = run_action(ActionModule, arguments, check_mode=check_mode)

    assert (result["ending"], result["passes"], result["changed"]) == (ending, passes, False)
    assert set(result) == {"changed", "ending", "passes", "reason", "remedy"}
