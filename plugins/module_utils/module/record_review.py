# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the module incident_review."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_file import (
    Written,
    clean_text,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_section import BY_KEY
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_state import ReviewState
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_arguments import (
    SOURCE,
    STATE_DIR,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import Platform
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.review import (
    ReviewChange,
    change_review,
)

_MOST_CHARACTERS = 20_000
_LONGEST_LINE = 4000
"""Redaction looks at no longer ones, and a person's text is never cut."""

REVIEW_SPEC: dict[str, Any] = {
    **STATE_DIR,
    **SOURCE,
    "id": {"type": "str", "required": True},
    "state": {"type": "str", "choices": [state.value for state in ReviewState]},
    "written": {"type": "dict", "default": {}},
    "texts": {"type": "dict", "default": {}},
    "reviewer": {"type": "str", "default": ""},
    "author": {"type": "str", "default": ""},
}


def run_review(platform: Platform, params: Mapping[str, Any]) -> dict[str, Any]:
    """Begin or change a review. The result bears a ``diff``."""
    author = params["author"] or f"{params['source']} {params['source_detail']}".strip()
    change = ReviewChange(
        state=ReviewState(params["state"]) if params["state"] else None,
        written=_written(params["written"]),
        texts=_texts("texts", params["texts"]),
        reviewer=params["reviewer"],
    )
    result = change_review(platform, params["id"], change, author)
    return {
        "changed": result["changed"],
        "review": result["review"],
        "diff": {"before": result["before"], "after": result["after"]},
    }


def _written(data: Mapping[str, Any]) -> Written:
    revision = data.get("revision", 0)
    if isinstance(revision, bool) or not isinstance(revision, int):
        raise InvalidInputError("written.revision", revision, remedy="Give what the filter review_written returns.")
    return Written(revision, _texts("written.texts", data.get("texts", {})))


def _texts(option: str, data: object) -> dict[str, str]:
    """:raises InvalidInputError: a section is unknown, or its text is none or too long."""
    if not isinstance(data, Mapping):
        raise InvalidInputError(option, data, remedy="Give a mapping of sections to texts.")
    texts = {}
    for key, text in data.items():
        if key not in BY_KEY:
            raise InvalidInputError(f"{option}.{key}", text, remedy=f"The sections are: {', '.join(BY_KEY)}.")
        if not isinstance(text, str):
            raise InvalidInputError(f"{option}.{key}", text, remedy="Give a text.")
        longest = max(map(len, text.split("\n")))
        if len(text) > _MOST_CHARACTERS or longest > _LONGEST_LINE:
            told = f"{len(text)} characters, the longest line {longest}"
            remedy = f"At most {_MOST_CHARACTERS}, and {_LONGEST_LINE} in a line; put the rest where it can be linked."
            raise InvalidInputError(f"{option}.{key}", told, remedy=remedy)
        texts[str(key)] = clean_text(text)
    return texts
