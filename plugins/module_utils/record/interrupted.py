# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What killed runs left behind: attempts without an outcome, settled by what the containers tell."""

from __future__ import annotations

import sqlite3
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.attempt import (
    INTERRUPTED_NOT_DONE,
    Identity,
    interrupted_outcome,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import attempt_table, policy_table
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.timeline_table import tell


def settle(
    connection: sqlite3.Connection, platform: str, containers: Identity, now: Moment, actor: str
) -> list[dict[str, Any]]:
    """Give an outcome to the attempts that killed runs left without one.

    Only for a caller that holds the platform's lease, or knows that nobody holds it: then none is under way.

    :param containers: the containers of every service as they are now.
    :returns: the data of each settled attempt.
    """
    settled = []
    for attempt in attempt_table.under_way(connection, platform):
        outcome = interrupted_outcome(attempt, containers)
        message = f"{attempt.action} of {', '.join(attempt.services)} by run {attempt.run_id} was {outcome}"
        attempt_table.finish(connection, attempt.number, now, outcome, message=message)
        if outcome == INTERRUPTED_NOT_DONE:
            policy_table.give_back(connection, attempt.number)
        tell(connection, attempt.incident, now, actor, "interrupted", message)
        settled.append({**attempt.to_data(), "outcome": outcome, "message": message})
    return settled
