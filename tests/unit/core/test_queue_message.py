# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.queue_message import (
    Message,
    parked_properties,
    read_message,
)

BODY = base64.b64encode(b"this is not JSON").decode()
ANSWER = {
    "payload": BODY,
    "payload_bytes": 16,
    "payload_encoding": "base64",
    "redelivered": True,
    "exchange": "events",
    "routing_key": "jobs",
    "message_count": 2,
    "properties": {"delivery_mode": 2, "headers": {"tenant": "a"}},
}


def test_a_message_is_read_from_the_answer_of_the_api() -> None:
    found = read_message([ANSWER])
    assert found == Message(BODY, {"delivery_mode": 2, "headers": {"tenant": "a"}}, "events", "jobs", redelivered=True)
    assert found.size == 16


@pytest.mark.parametrize("answer", [[], (), None, {}, "no"])
def test_an_empty_queue_has_no_message(answer: object) -> None:
    assert read_message(answer) is None


def test_an_answer_of_another_shape_is_an_error() -> None:
    with pytest.raises(KeyError):
        read_message([{"body": "x"}])


def test_neither_body_nor_properties_are_shown() -> None:
    shown = repr(read_message([ANSWER]))
    assert BODY not in shown
    assert "tenant" not in shown


@pytest.mark.parametrize("body, size", [(b"", 0), (b"a", 1), (b"ab", 2), (b"abc", 3), (b"\x00" * 1000, 1000)])
def test_the_size_is_that_of_the_body(body: bytes, size: int) -> None:
    assert Message(base64.b64encode(body).decode()).size == size


@pytest.mark.parametrize(
    "changes, same",
    [
        ({}, True),
        ({"redelivered": False}, True),
        ({"body": "eA=="}, False),
        ({"exchange": ""}, False),
        ({"routing_key": "mails"}, False),
        ({"properties": {"delivery_mode": 2}}, False),
    ],
)
def test_messages_are_told_apart_by_all_that_a_consumer_sees(changes: dict[str, Any], same: bool) -> None:
    found = read_message([ANSWER])
    assert found is not None
    assert found.is_same_as(replace(found, **changes)) is same


def test_the_copy_keeps_its_properties_and_bears_where_it_came_from() -> None:
    message = Message(BODY, {"headers": {"tenant": "a"}, "content_type": "application/json"}, "events", "jobs.new")
    assert parked_properties(message, "jobs") == {
        "content_type": "application/json",
        "delivery_mode": 2,
        "headers": {
            "tenant": "a",
            "x-incident-response-queue": "jobs",
            "x-incident-response-exchange": "events",
            "x-incident-response-routing-key": "jobs.new",
        },
    }


def test_what_would_let_the_copy_vanish_or_be_refused_is_only_noted() -> None:
    message = Message(BODY, {"expiration": "60000", "user_id": "shop", "delivery_mode": 1})
    found = parked_properties(message, "jobs")
    assert {"expiration", "user_id"} & set(found) == set()
    assert found["delivery_mode"] == 2
    assert found["headers"]["x-incident-response-expiration"] == "60000"
    assert found["headers"]["x-incident-response-user-id"] == "shop"


def test_headers_that_are_no_headers_do_no_harm() -> None:
    assert set(parked_properties(Message(BODY, {"headers": []}), "jobs")["headers"]) == {
        "x-incident-response-queue", "x-incident-response-exchange", "x-incident-response-routing-key",
    }  # fmt: skip
