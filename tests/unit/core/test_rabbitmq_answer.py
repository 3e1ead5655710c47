# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core import rabbitmq_answer as answers
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_facts import (
    Node,
    Queue,
    QueueConsumer,
    Rates,
    Window,
)
from checkout import ROOT

RECORDED = ROOT / "tests" / "fixtures" / "rabbitmq"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["name", "vhost", "messages", "message_stats", "ack_details", "samples", "sample", "queue",
                         "channel_details", "peer_host", "rate", "mem_used"]), inner, max_size=4
    ),
)  # fmt: skip


def recorded(name: str) -> Any:
    return json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))


def test_the_recorded_answers_of_a_broker_are_read() -> None:
    (node,) = answers.read_nodes(recorded("nodes"))
    assert (node.name, node.running, node.memory_limit) == ("rabbit@rabbitmq", True, 256_000_000)
    assert not node.memory_alarm
    assert answers.read_totals(recorded("totals")) == (
        Queue("/", "compliance-checks", 0, 0, 0),
        Queue("/", "notifications", 5000, 4950, 50),
    )
    assert {(one.queue, one.prefetch) for one in answers.read_consumers(recorded("consumers"))} == {
        ("compliance-checks", 50), ("notifications", 50),
    }  # fmt: skip
    assert answers.read_rates(recorded("rates"))["//notifications"] == Rates()
    assert 0.0 < answers.read_capacities(recorded("rates"))["//notifications"] < 1.0
    window = answers.read_windows(recorded("statistics"))["//notifications"]
    assert window.publish >= 5000
    assert window.ack < window.deliver
    assert answers.read_version(recorded("version")) == "3.10.8"


@given(JSON)
def test_an_answer_of_any_other_shape_is_left_out_and_breaks_nothing(answer: object) -> None:
    assert all(isinstance(node.name, str) for node in answers.read_nodes(answer))
    assert {type(queue.name) for queue in answers.read_totals(answer)} <= {str}
    assert {type(queue.ready) for queue in answers.read_totals(answer)} <= {int}
    assert all(isinstance(consumer.queue, str) for consumer in answers.read_consumers(answer))
    assert all(isinstance(window, Window) for window in answers.read_windows(answer).values())
    assert all(isinstance(rates, Rates) for rates in answers.read_rates(answer).values())
    assert all(isinstance(capacity, float) for capacity in answers.read_capacities(answer).values())
    assert isinstance(answers.read_version(answer), str)
    assert answers.tells_counts(answer) in (True, False)


@pytest.mark.parametrize(
    "answer, tells",
    [
        ([], True),
        ([{"name": "jobs", "messages": 0}], True),
        # one queue is down, and the other tells
        ([{"name": "jobs"}, {"name": "mails", "messages": 3}], True),
        ([{"name": "jobs"}, {"name": "mails"}], False),
        ([{"name": "jobs", "messages": "many"}], False),
    ],
)
def test_a_broker_that_leaves_the_counts_out_is_told_from_one_with_empty_queues(answer: object, tells: bool) -> None:
    assert answers.tells_counts(answer) is tells


@pytest.mark.parametrize("fields, temporary", [({}, False), ({"exclusive": True}, True), ({"auto_delete": True}, True)])
def test_a_queue_that_goes_with_its_consumer_is_temporary(fields: dict[str, Any], temporary: bool) -> None:
    (queue,) = answers.read_totals([{"name": "amq.gen-1", "vhost": "/", **fields}])
    assert queue.temporary is temporary


@pytest.mark.parametrize(
    "address, plain", [("172.18.0.5", "172.18.0.5"), ("::ffff:172.18.0.5", "172.18.0.5"), ("fd00::5", "fd00::5")]
)
def test_an_address_is_written_as_docker_does(address: str, plain: str) -> None:
    told = [{"queue": {"name": "jobs", "vhost": "/"}, "channel_details": {"peer_host": address}, "prefetch_count": 5}]
    assert answers.read_consumers(told) == (QueueConsumer("/", "jobs", plain, 5),)


def samples(*newest_first: int) -> dict[str, Any]:
    return {"samples": [{"sample": value, "timestamp": 0} for value in newest_first]}


def test_a_window_counts_what_came_and_in_how_many_intervals_messages_came_back() -> None:
    stats = {"deliver_get_details": samples(9, 5, 1), "redeliver_details": samples(7, 7, 3, 0), "ack_details": {}}
    (window,) = answers.read_windows([{"name": "jobs", "vhost": "/", "message_stats": stats}]).values()
    assert window == Window(publish=0, deliver=8, ack=0, redeliver=7, redeliver_spells=2)


def test_nodes_without_numbers_have_none() -> None:
    assert answers.read_nodes([{"name": "a", "running": True, "mem_used": "much"}]) == (Node("a", running=True),)


@pytest.mark.parametrize("prefetches, total", [([], 0), ([5], 5), ([5, 7], 12), ([5, 0], 0)])
def test_one_consumer_without_a_limit_makes_all_of_them_unlimited(prefetches: list[int], total: int) -> None:
    assert answers.total_prefetch([QueueConsumer("/", "jobs", "", one) for one in prefetches]) == total
