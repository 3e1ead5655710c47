# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An incident as a few lines of text for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.issue_type import TITLES
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.text import single_line

_SHOWN_EVIDENCE = 5


def incident_text(incident: Mapping[str, Any]) -> list[str]:
    """The lines: what and how bad, why, what falls due, the timeline.

    :param incident: an incident as ``incident_info`` returns it; the timeline is shown when it has one.
    """
    return [single_line(line) for line in _lines(incident)]


def _lines(incident: Mapping[str, Any]) -> Iterator[str]:
    services = ", ".join(incident["services"]) or "the whole platform"
    yield f"{incident['id']}  {incident['severity']}  {incident['state']}  {incident['scenario']}: {services}"
    yield f"  severity    {incident['severity']}, {incident['severity_rule']}"
    yield f"  root cause  {incident['root_cause'] or 'not known yet'}"
    if incident.get("issue_type"):
        yield f"  issue       {TITLES.get(incident['issue_type'], incident['issue_type'])}"
    # What an alert or a schedule said of itself; a person who ran it by hand knows.
    if incident.get("source_detail"):
        yield f"  started by  {incident['source']}: {incident['source_detail']}"
    response = f" ({incident['response']})" if incident.get("response") else ""
    yield f"  opened      {incident['opened_at']}, response due {incident['response_due']}{response}"
    if incident["resolved_at"]:
        review = f", review due {incident['review_due']}" if incident["review_due"] else ""
        yield f"  resolved    {incident['resolved_at']}{review}"
    if incident["escalation"]:
        escalation = incident["escalation"]
        yield f"  escalated   {escalation['at']}: {escalation['reason']}"
        yield f"  go on       {escalation['remedy'] or 'a person has to look'}"
    for message in incident.get("notifications", ()):
        if message["state"] in ("waiting", "claimed", "given up"):
            yield f"  not told    {message['channel']}, {message['state']}: {message['error'] or 'not tried yet'}"
    for entry in incident.get("timeline", ()):
        repeated = f" (and {entry['repeated']} times more)" if entry.get("repeated") else ""
        yield f"  {_time_of_day(entry['at'])}  {entry['kind']:<11} {entry['message']}{repeated}"
        for line in entry["evidence"][:_SHOWN_EVIDENCE]:
            yield f"                        | {line}"


def _time_of_day(moment: str) -> str:
    """HH:MM:SS of an ISO 8601 moment."""
    return moment.partition("T")[2][:8]
