# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard is told who holds the lease; all else is the module's."""

from __future__ import annotations

import os

import pytest
from action_harness import Script, run_action
from ansible.errors import AnsibleConnectionFailure

from ansible_collections.agentfoundry.incident_response.plugins.action.guard import ActionModule

GRANTED = {"changed": True, "incident": {"id": "INC-2026-03-01-001"}, "lease": {"token": "t"}, "refused": None}


def test_the_lease_is_taken_in_the_name_of_the_run() -> None:
    script = Script({"guard": [GRANTED]})

    result = run_action(ActionModule, {"phase": "begin", "platform": "shop"}, script)

    assert result == GRANTED
    (call,) = script.calls
    assert call.module == "agentfoundry.incident_response.guard"
    assert call.arguments["phase"] == "begin"
    assert call.arguments["holder"]["pid"] == os.getppid()


def test_a_holder_that_is_given_is_kept() -> None:
    script = Script({"guard": [GRANTED]})

    run_action(ActionModule, {"phase": "begin", "holder": {"user": "somebody"}}, script)

    assert script.calls[0].arguments["holder"] == {"user": "somebody"}


@pytest.mark.parametrize("phase", ["permit", "complete", "renew", "end"])
def test_later_phases_are_handed_on_as_they_are(phase: str) -> None:
    script = Script({"guard": [GRANTED]})

    run_action(ActionModule, {"phase": phase, "token": "t"}, script)

    assert script.calls[0].arguments == {"phase": phase, "token": "t"}


HELD = {"changed": False, "refused": {"rule": "lease", "message": "ops@host holds it.", "remedy": "Wait."}, "lease": {}}
FREE = {"changed": False, "refused": None, "lease": {"waited": 1.0}}


@pytest.mark.parametrize(
    "answers, wanted, parts, freed",
    [
        ([FREE], 25, [10.0], True),
        ([HELD, HELD, FREE], 25, [10.0, 10.0, 5.0], True),
        ([HELD], 25, [10.0, 10.0, 5.0], False),
        ([HELD], 0, [0.0], False),
    ],
)
def test_waiting_goes_in_parts_so_that_a_person_sees_for_whom(
    answers: list[dict[str, object]],
    wanted: float,
    parts: list[float],
    freed: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    script = Script({"guard": answers})

    result = run_action(ActionModule, {"phase": "wait", "lease_wait": wanted}, script)

    assert [call.arguments["lease_wait"] for call in script.calls] == parts
    assert (result["refused"] is None) is freed
    assert capsys.readouterr().out.count("ops@host holds it.") == len(parts) - 1


def test_nobody_waits_for_a_run_that_was_killed_meanwhile() -> None:
    class Orphaned(ActionModule):
        run_is_gone = staticmethod(lambda: True)

    script = Script({"guard": [HELD]})

    assert run_action(Orphaned, {"phase": "wait", "lease_wait": 100}, script)["refused"]["rule"] == "lease"
    assert len(script.calls) == 1


def test_a_refusal_is_no_failure() -> None:
    refused = {
        "changed": False,
        "allowed": False,
        "refused": {"rule": "cap", "message": "Too many.", "remedy": "Raise."},
    }

    assert run_action(ActionModule, {"phase": "permit"}, Script({"guard": [refused]})) == refused


@pytest.mark.parametrize(
    "answer, message",
    [
        ({"failed": True, "msg": "The state directory is full."}, "The state directory is full."),
        (
            AnsibleConnectionFailure("timed out"),
            "The guard cannot be asked: docker-1 cannot be reached any more. timed",
        ),
    ],
)
def test_a_guard_that_cannot_answer_fails_so_that_nothing_is_done_without_it(answer: object, message: str) -> None:
    result = run_action(ActionModule, {"phase": "permit"}, Script({"guard": [answer]}))  # type: ignore[list-item]

    assert result["failed"] is True
    assert result["msg"].startswith(message)


def test_check_mode_is_the_module_s_to_respect() -> None:
    assert run_action(ActionModule, {"phase": "begin"}, Script({"guard": [GRANTED]}), check_mode=True) == GRANTED
