# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.rabbitmq_memory import restore_limit
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError

MB = 10**6


class Control:
    """A broker with a configured limit and one that holds."""

    def __init__(self, present: int | None, configured: int | None = 256 * MB, refusal: str = "") -> None:
        self.present = present
        self.configured = configured
        self.refusal = refusal
        self.given: list[str] = []

    def configured_limit(self, *, deadline: float) -> tuple[str, int | None]:
        return ("absolute 256MB" if self.configured else "", self.configured)

    def present_limit(self, *, deadline: float) -> int | None:
        return self.present

    def set_limit(self, words: str, *, deadline: float) -> str:
        self.given.append(words)
        if not self.refusal:
            self.present = self.configured
        return self.refusal


def test_a_limit_that_somebody_set_is_taken_back_once() -> None:
    broker = Control(1 * MB)
    result = restore_limit(broker, check_mode=False).to_result("mq", diff=True)
    assert (result["changed"], result["before"], result["after"]) == (True, 1 * MB, 256 * MB)
    assert result["actions"] == [{"what": "memory limit", "id": "mq", "status": "restored"}]
    assert result["diff"] == {"before": "1000000\n", "after": "256000000\n"}
    assert broker.given == ["absolute 256MB"]
    assert restore_limit(broker, check_mode=False).to_result("mq") == {
        "changed": False, "actions": [], "before": 256 * MB, "after": 256 * MB,
    }  # fmt: skip


def test_check_mode_tells_it_and_sets_nothing() -> None:
    broker = Control(1 * MB)
    outcome = restore_limit(broker, check_mode=True)
    assert (outcome.changed, outcome.after, broker.given) == (True, 256 * MB, [])


@pytest.mark.parametrize("present", [256 * MB, 255 * MB, 257 * MB])
def test_what_is_as_good_as_the_same_is_left(present: int) -> None:
    broker = Control(present)
    assert not restore_limit(broker, check_mode=False).changed
    assert broker.given == []


@pytest.mark.parametrize("present, configured", [(None, 256 * MB), (1 * MB, None)])
def test_without_knowing_both_limits_nothing_is_set(present: int | None, configured: int | None) -> None:
    broker = Control(present, configured)
    with pytest.raises(CommandFailedError, match="does not tell its memory limit"):
        restore_limit(broker, check_mode=False)
    assert broker.given == []


def test_a_refusal_is_told() -> None:
    with pytest.raises(CommandFailedError, match="nodedown"):
        restore_limit(Control(1 * MB, refusal="Error: nodedown"), check_mode=False)
