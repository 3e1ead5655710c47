# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_facts import (
    ConsumerService,
    Queue,
    RabbitmqFacts,
)

JOBS = Queue("/", "jobs", 0, 0, 0, consumers=1, services=(ConsumerService("worker"),))
FACTS = RabbitmqFacts("mq", "running", True, "management API, published port", queues=(JOBS,))
KNOWN = {"//jobs": ("worker",)}


def test_who_consumes_what_is_kept_for_a_run_in_which_nobody_is_connected() -> None:
    assert FACTS.sample == {"consumers": {"//jobs": ["worker"]}}


@pytest.mark.parametrize(
    "facts",
    [
        replace(FACTS, recorded=KNOWN),
        # nobody is connected: what was known stays
        replace(FACTS, recorded=KNOWN, queues=(replace(JOBS, consumers=0, services=()),)),
        # a consumer that is no service of the platform
        replace(FACTS, recorded=KNOWN, queues=(replace(JOBS, services=()),)),
        # queues that come and go with their consumers
        replace(FACTS, recorded=KNOWN, queues=(JOBS, replace(JOBS, name="amq.gen-1", temporary=True))),
        # a broker that did not answer has no queues that are gone
        replace(FACTS, recorded=KNOWN, via="", queues=()),
        replace(FACTS, recorded=KNOWN, error="it did not tell of all its queues", queues=()),
    ],
    ids=["the same", "away", "a stranger", "temporary", "no answer", "half an answer"],
)
def test_nothing_is_written_when_nothing_is_new(facts: RabbitmqFacts) -> None:
    assert facts.sample == {}


@pytest.mark.parametrize(
    "queues, kept",
    [
        ((replace(JOBS, services=(ConsumerService("other"),)),), {"//jobs": ["other"]}),
        ((JOBS, replace(JOBS, name="mails")), {"//jobs": ["worker"], "//mails": ["worker"]}),
        ((), {}),
    ],
)
def test_what_changes_is_written_and_queues_that_are_gone_are_forgotten(
    queues: tuple[Queue, ...], kept: dict[str, list[str]]
) -> None:
    assert replace(FACTS, recorded=KNOWN, queues=queues).sample == {"consumers": kept}
