# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inferences of a model server m: from the host, and from the network of its caller web. They take 20 and 25 ms."""

from __future__ import annotations

from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import (
    Attempt,
    Outcome,
)


def attempt(outcome: Outcome = Outcome.ANSWERED, status: int | None = 200, ms: float = 20.0, **rest: Any) -> Attempt:
    return Attempt("host", "published port", "http://m/predict", outcome, status, ms, **rest)


def from_caller(outcome: Outcome = Outcome.ANSWERED, status: int | None = 200, ms: float = 25.0) -> Attempt:
    return Attempt("web", "exec", "http://m/predict", outcome, status, ms)
