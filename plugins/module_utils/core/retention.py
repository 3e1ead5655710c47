# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which incidents may leave the record, and why the others stay. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import Incident, State


class Keep(str, Enum):
    """Why an old incident stays. The words are shown to people."""

    OPEN = "not resolved"
    UNREVIEWED = "not reviewed"
    RECENT = "changed lately"
    UNSENT = "a message waits to be sent"
    LAST_ATTEMPT = "holds the last action"


@dataclass(frozen=True)
class Facts:
    """What beside the incident itself decides.

    :param review_begun: somebody began a review of it.
    :param unsent: messages about it wait to be sent.
    :param has_last_attempt: the newest of all actions belongs to it: numbers of actions must not be given twice.
    """

    review_begun: bool = False
    unsent: bool = False
    has_last_attempt: bool = False


def reason_to_keep(incident: Incident, cutoff: float, facts: Facts) -> Keep | None:
    """Why the incident stays, or None when it may leave.

    :param cutoff: wall clock (s): it has to be over, and unchanged, since before then.
    """
    if incident.is_active:
        return Keep.OPEN
    is_reviewed = incident.state in (State.REVIEWED, State.CLOSED)
    if not is_reviewed and (incident.needs_review or facts.review_begun):
        return Keep.UNREVIEWED
    ends = [at for at in (incident.resolved_at, incident.reviewed_at, incident.closed_at) if at is not None]
    # Without an end in the record nothing tells how old it is.
    if not ends or max(ends) >= cutoff:
        return Keep.RECENT
    if facts.unsent:
        return Keep.UNSENT
    return Keep.LAST_ATTEMPT if facts.has_last_attempt else None
