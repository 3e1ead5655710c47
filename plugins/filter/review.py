# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of post-incident reviews: what people wrote into one, and the two ways to render one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ansible.errors import AnsibleFilterError

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_file import read_written
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_view import review_lines
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils import review_template

Rendered = TypeVar("Rendered")


def review_written(content: str) -> dict[str, Any]:
    """``revision`` and ``texts`` of a review's Markdown file."""
    if not isinstance(content, str):
        raise AnsibleFilterError("review_written needs the content of a review's Markdown file, as text.")
    written = read_written(content)
    return {"revision": written.revision, "texts": dict(written.texts)}


def review_markdown(facts: Mapping[str, Any], template: str) -> str:
    """The Markdown file of a review."""
    return _render(review_template.review_markdown, facts, template)


def review_html(facts: Mapping[str, Any], template: str) -> str:
    """The page of a review."""
    return _render(review_template.review_html, facts, template)


def review_text(facts: Mapping[str, Any], path: str) -> list[str]:
    """Where a review is and what it lacks, for a person."""
    return _render(review_lines, facts, path)


def _render(render: Callable[[Mapping[str, Any], str], Rendered], facts: Mapping[str, Any], text: str) -> Rendered:
    try:
        return render(facts, text)
    except IncidentResponseError as error:
        raise AnsibleFilterError(str(error)) from error
    except (KeyError, TypeError) as error:
        message = f"A review is rendered from what incident_review returns as 'review'; {error} is missing."
        raise AnsibleFilterError(message) from error


class FilterModule:
    """Called by Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        return {
            "review_written": review_written,
            "review_markdown": review_markdown,
            "review_html": review_html,
            "review_text": review_text,
        }
