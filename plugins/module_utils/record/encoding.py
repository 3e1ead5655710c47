# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How values are put into the tables: bounded, redacted once more, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor

_SENTENCE = 1000
_LINE = 300
_LINES = 50
_REDACTOR = Redactor()
"""By pattern only: the second line of defence. Values of secrets are taken out where the evidence is gathered."""


def sentence(text: str) -> str:
    """One line of at most 1000 characters."""
    return _REDACTOR.line(text, _SENTENCE)


def lines(evidence: Iterable[str]) -> str:
    """JSON list of at most 50 lines of 300 characters each."""
    return json.dumps([line for text in evidence for line in _REDACTOR.lines(text, _LINE)][:_LINES])


def plain(data: Any) -> str:
    """JSON of any plain data, its strings redacted."""
    return json.dumps(_REDACTOR.data(data), sort_keys=True)


def names(services: Iterable[str]) -> str:
    """JSON list of names, sorted and without repetition."""
    return json.dumps(sorted(set(services)))


def paragraphs(text: str) -> str:
    """A person's text with its lines as they are, redacted."""
    return _REDACTOR.text(text)
