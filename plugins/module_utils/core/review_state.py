# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a post-incident review stands, and what has to be true before it moves on. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import Incident, State
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.markdown import unticked
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_section import BY_KEY


class ReviewState(str, Enum):
    """Draft, in review, reviewed, closed. The last two are states of the incident itself."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    REVIEWED = "reviewed"
    CLOSED = "closed"


_MOVES: Mapping[ReviewState, tuple[ReviewState, ...]] = {
    ReviewState.DRAFT: (ReviewState.IN_REVIEW, ReviewState.REVIEWED),
    # A reviewer may send it back.
    ReviewState.IN_REVIEW: (ReviewState.DRAFT, ReviewState.REVIEWED),
    ReviewState.REVIEWED: (ReviewState.CLOSED,),
    ReviewState.CLOSED: (),
}


class ReviewNotReadyError(IncidentResponseError):
    """The review cannot move on: says what is missing."""


def review_state(incident: Incident, *, drafted: bool, in_review: bool) -> ReviewState | None:
    """Where the review of an incident stands; None when there is none yet."""
    if incident.state is State.CLOSED:
        return ReviewState.CLOSED
    if incident.state is State.REVIEWED:
        return ReviewState.REVIEWED
    if not drafted:
        return None
    return ReviewState.IN_REVIEW if in_review else ReviewState.DRAFT


def check_resolved(incident: Incident) -> None:
    """:raises ReviewNotReadyError: the incident is not over yet."""
    if incident.is_active:
        raise ReviewNotReadyError(
            f"{incident.id} is {incident.state.value}: an incident is reviewed when it is resolved.",
            remedy="Heal it, or resolve it by hand, and write the review then.",
        )


def check_move(
    number: str, before: ReviewState, wanted: ReviewState, texts: Mapping[str, str], required: Sequence[str]
) -> None:
    """:raises ReviewNotReadyError: the wanted state cannot follow, or something is not written yet.

    :param number: id of the incident.
    :param texts: section -> what people wrote.
    :param required: sections that have to be written before it is called reviewed.
    """
    if wanted is before:
        return
    if wanted not in _MOVES[before]:
        possible = ", ".join(state.value for state in _MOVES[before]) or "nothing else"
        raise ReviewNotReadyError(
            f"The review of {number} is {before.value} and cannot become {wanted.value}.",
            remedy=f"From {before.value} it can become: {possible}.",
        )
    if wanted is ReviewState.REVIEWED:
        missing = [BY_KEY[key].title for key in required if not texts.get(key)]
        if missing:
            raise ReviewNotReadyError(
                f"The review of {number} is not complete: {', '.join(missing)}.",
                remedy="Write these parts in its Markdown file (the word none is an answer) and run it again.",
            )
    if wanted is ReviewState.CLOSED:
        check_closing(number, texts)


def open_actions(texts: Mapping[str, str]) -> list[str]:
    """The corrective actions that are not ticked."""
    return unticked(texts.get("corrective_actions", ""))


def check_closing(number: str, texts: Mapping[str, str]) -> None:
    """:raises ReviewNotReadyError: a corrective action is open."""
    undone = open_actions(texts)
    if undone:
        raise ReviewNotReadyError(
            f"The review of {number} cannot be closed: {len(undone)} corrective action(s) are open: {undone[0]}",
            remedy="Tick what is done in its Markdown file, [x], and run it again.",
        )
