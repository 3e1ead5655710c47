# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The post-incident review: begun once, given texts, moved on; and all that the record tells for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import (
    Incident,
    State,
    move,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment, iso
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_facts import (
    what_people_have_to_write,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_file import Written
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_section import merge
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_state import (
    ReviewState,
    check_move,
    check_resolved,
    review_state,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    incident_table,
    review_table,
    timeline_table,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.encoding import paragraphs
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import Platform
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import in_full
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.review_table import Review

_EARLIER = 5


@dataclass(frozen=True)
class ReviewChange:
    """What is to become of a review. What is empty or None stays as it is.

    :param written: what people wrote into the file that was rendered last.
    :param texts: section -> text that is set whatever it was, for example from a form.
    :param reviewer: who reviews it.
    """

    state: ReviewState | None = None
    written: Written = field(default_factory=Written)
    texts: Mapping[str, str] = field(default_factory=dict)
    reviewer: str = ""


def change_review(platform: Platform, number: str, change: ReviewChange, author: str) -> dict[str, Any]:
    """Begin the review of a resolved incident, or change it. Repeating a change changes nothing.

    :returns: ``changed``, ``review`` (the incident in full, as :func:`_facts` says) and ``before`` (its state and texts
        before, empty when it is new).
    :raises ReviewNotReadyError: the incident is not resolved, the state cannot follow, or a text is missing.
    :raises NoSuchIncidentError: no incident has that id.
    """

    def write(connection: sqlite3.Connection) -> dict[str, Any]:
        now = platform.clock.now()
        incident = incident_table.get(connection, number)
        check_resolved(incident)
        known = review_table.find(connection, number)
        before = _short(connection, incident, known)
        review = _begin(connection, number, now, author) if known is None else known
        _take_texts(connection, number, change, now, author)
        if change.reviewer and change.reviewer != review.reviewer:
            review = _keep(connection, replace(review, reviewer=change.reviewer))
        incident, review = _move(connection, incident, review, change.state, now, author)
        after = _short(connection, incident, review)
        facts = _facts(connection, incident, review, now)
        return {"changed": after != before, "review": facts, "before": before, "after": after}

    return platform.record.run(write)


def _begin(connection: sqlite3.Connection, number: str, now: Moment, author: str) -> Review:
    timeline_table.tell(connection, number, now, author, "review", "the review was begun")
    return _keep(connection, Review(number, now.wall))


def _keep(connection: sqlite3.Connection, review: Review) -> Review:
    review_table.save(connection, review)
    return review


def _take_texts(connection: sqlite3.Connection, number: str, change: ReviewChange, now: Moment, author: str) -> None:
    """First what was written into the file, then what is set: the one is kept, though the other stands."""
    base = review_table.texts(connection, number, change.written.revision)
    written = {key: paragraphs(text) for key, text in change.written.texts.items()}
    merged = merge(review_table.texts(connection, number), base, written)
    review_table.add_texts(connection, number, merged, author, now)
    recorded = review_table.texts(connection, number)
    given = {key: paragraphs(text) for key, text in change.texts.items()}
    different = {key: text for key, text in given.items() if text != recorded.get(key, "")}
    review_table.add_texts(connection, number, different, author, now)


def _move(
    connection: sqlite3.Connection,
    incident: Incident,
    review: Review,
    wanted: ReviewState | None,
    now: Moment,
    author: str,
) -> tuple[Incident, Review]:
    before = _state(incident, review)
    if wanted is None or wanted is before:
        return incident, review
    texts = review_table.texts(connection, incident.id)
    facts = {**in_full(connection, incident, now), "review": {"texts": texts}}
    check_move(incident.id, before, wanted, texts, what_people_have_to_write(facts))
    if wanted in (ReviewState.DRAFT, ReviewState.IN_REVIEW):
        review = _keep(connection, replace(review, in_review_at=None if wanted is ReviewState.DRAFT else now.wall))
    else:
        incident = incident_table.save(connection, move(incident, State(wanted.value), now.wall))
    by = f", by {review.reviewer}" if review.reviewer and wanted is ReviewState.REVIEWED else ""
    message = f"the review: {_words(before)} to {_words(wanted)}{by}"
    timeline_table.tell(connection, incident.id, now, author, "review", message)
    return incident, review


def _words(state: ReviewState) -> str:
    return state.value.replace("_", " ")


def _state(incident: Incident, review: Review | None) -> ReviewState:
    state = review_state(
        incident, drafted=review is not None, in_review=review is not None and review.in_review_at is not None
    )
    return ReviewState.DRAFT if state is None else state


def _short(connection: sqlite3.Connection, incident: Incident, review: Review | None) -> dict[str, Any]:
    """What a difference is told by; empty when there is no review."""
    if review is None:
        return {}
    texts = review_table.texts(connection, incident.id)
    return {"state": _state(incident, review).value, "reviewer": review.reviewer, "texts": texts}


def _facts(connection: sqlite3.Connection, incident: Incident, review: Review, now: Moment) -> dict[str, Any]:
    """The incident in full, with ``review`` and ``recurrence``: how often the same fault was there before."""
    return {
        **in_full(connection, incident, now),
        "review": {
            "state": _state(incident, review).value,
            "due": None if incident.review_due is None else iso(incident.review_due),
            "drafted_at": iso(review.drafted_at),
            "in_review_at": None if review.in_review_at is None else iso(review.in_review_at),
            "reviewer": review.reviewer,
            "texts": review_table.texts(connection, incident.id),
            "revision": review_table.revision(connection, incident.id),
        },
        "recurrence": _recurrence(connection, incident),
    }


def _recurrence(connection: sqlite3.Connection, incident: Incident) -> dict[str, Any]:
    where = "fingerprint = ? AND opened_at <= ? AND id != ?"
    values = (incident.fingerprint, incident.opened_at, incident.id)
    # S608: nothing but this module's own words.
    count = connection.execute(f"SELECT count(*) FROM incident WHERE {where}", values).fetchone()[0]  # noqa: S608
    statement = f"SELECT id, opened_at FROM incident WHERE {where} ORDER BY opened_at DESC LIMIT ?"  # noqa: S608
    earlier = connection.execute(statement, (*values, _EARLIER))
    return {"count": count, "earlier": [{"id": row["id"], "opened_at": iso(row["opened_at"])} for row in earlier]}
