# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_answer import (
    RATES,
    read_dead_letters,
)


@pytest.mark.parametrize(
    "arguments, policy, kept",
    [
        ({"x-dead-letter-exchange": ""}, [], True),
        ([], {"dead-letter-exchange": "dlx"}, True),
        ({"x-max-length": 5}, {"max-length": 5}, False),
        ([], [], False),
    ],
)
def test_arguments_or_a_policy_name_the_exchange(arguments: object, policy: object, kept: bool) -> None:
    answer = [{"vhost": "/", "name": "mails", "arguments": arguments, "effective_policy_definition": policy}]

    assert read_dead_letters(answer) == {("/", "mails"): kept}


def test_a_queue_that_tells_neither_is_not_known() -> None:
    assert read_dead_letters([{"vhost": "/", "name": "mails"}]) == {}


def test_both_are_asked_for_with_the_rates() -> None:
    assert "arguments,effective_policy_definition" in RATES
