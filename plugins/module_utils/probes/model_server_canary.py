# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MS-1: one small inference with a known answer, from this host. Health alone is not enough."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import (
    Failure,
    HttpAnswer,
    HttpClient,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import (
    Attempt,
    Outcome,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_settings import Canary
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor

ANSWER_LIMIT = 64 << 10
"""Bytes of an answer that are read."""

_TEXT_LIMIT = 300
_JSON = {"Content-Type": "application/json"}

_OUTCOMES = {
    Failure.NONE: Outcome.ANSWERED,
    Failure.REFUSED: Outcome.REFUSED,
    Failure.UNREACHABLE: Outcome.UNREACHABLE,
    Failure.CLOSED: Outcome.BROKEN,
    Failure.NOT_HTTP: Outcome.BROKEN,
    Failure.REDIRECT: Outcome.BROKEN,
}


def canary_from_host(http: HttpClient, base_url: str, via: str, canary: Canary, redactor: Redactor) -> Attempt:
    """Try the inference over the published port or the container's address.

    :param base_url: for example ``http://127.0.0.1:8000``.
    """
    answer = http.request(
        canary.method,
        base_url + canary.path,
        deadline=canary.deadline,
        body=canary.body,
        headers=canary_headers(canary),
        limit=ANSWER_LIMIT,
    )
    return attempt_of(answer, via, redactor)


def canary_headers(canary: Canary) -> dict[str, str]:
    """The configured headers, and that the body is JSON unless they say otherwise."""
    named = {name.lower() for name in canary.headers}
    return {**({} if "content-type" in named or not canary.body else _JSON), **canary.headers}


def attempt_of(answer: HttpAnswer, via: str, redactor: Redactor) -> Attempt:
    """The attempt as a fact: nothing unredacted is left in it."""
    outcome = _OUTCOMES.get(answer.failure)
    if outcome is None:
        outcome = Outcome.ANSWER_TIMED_OUT if answer.connected else Outcome.CONNECT_TIMED_OUT
    error = redactor.line(answer.error)
    if answer.truncated:
        outcome, error = Outcome.BROKEN, f"Its answer is larger than {ANSWER_LIMIT} bytes."
    data, text = read_answer(answer.body, redactor)
    return Attempt(
        "host",
        via,
        redactor.line(answer.url),
        outcome,
        answer.status,
        answer.latency * 1000,
        None if answer.truncated else data,
        text,
        error,
    )


def read_answer(body: bytes, redactor: Redactor) -> tuple[Any, str]:
    """(redacted JSON, "") or (None, redacted beginning of the text)."""
    try:
        return redactor.data(json.loads(body, parse_constant=_refuse)), ""
    except (ValueError, RecursionError):
        return None, redactor.line(body[: 8 * _TEXT_LIMIT].decode("utf-8", "replace"), _TEXT_LIMIT)


def _refuse(constant: str) -> None:
    # NaN and Infinity are no JSON: they would make the module's own result unreadable.
    raise ValueError(constant)
