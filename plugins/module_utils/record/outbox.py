# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outbox: changes of incidents become messages, a sender claims them, and says how each try ended.

At least once, and in order. Whoever claims has a lease on the messages; a sender that is killed leaves claims that
lapse, and the next one sends those again, marked as possible repeats, or what is newer in their place. The senders
themselves run on the controller.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.attempt import WITHOUT_EFFECT
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.escalation import (
    Matrix,
    Rules,
    next_step,
    row_of,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import (
    ACTIVE,
    ENGINE_SCENARIO,
    REVIEW_SECONDS,
    UNNAMED_PLATFORM,
    Incident,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.informed import Informed, informed_of
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment, iso
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.notice import Kind
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.routing import Channel, Routing
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    attempt_table,
    escalation_table,
    incident_table,
    message_table,
    notice_table,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import Platform
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.message_table import (
    Message,
    Result,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.timeline_table import tell

ACTOR = "notification"
_ALL = -1


@dataclass(frozen=True)
class Sender:
    """What a sender can do, and how.

    :param informed: who hears of an incident at once, beside those whom the matrix names.
    :param rules: when incidents are carried on; None sends what there is and carries on nothing.
    :param lease: seconds for which claimed messages are its own; longer than sending them takes.
    :param limit: so many messages at once.
    :param give_up: seconds after which a message that cannot be sent is given up.
    :param newest: seconds; a change that is older when a sender first sees it is not told any more. It keeps a channel
        that was just configured from telling the whole past.
    """

    routing: Routing
    matrix: Matrix
    rules: Rules | None = None
    informed: tuple[Informed, ...] = ()
    lease: float = 120.0
    limit: int = 20
    give_up: float = 86_400.0
    newest: float = 86_400.0


def claim(platform: Platform, sender: Sender) -> dict[str, Any]:
    """Carry on what nobody answered, put changes into the outbox, and take what is to be sent now.

    :returns: ``changed`` (an incident was carried on), ``escalated`` (their ids), ``token`` and ``messages``: key,
        incident (its data), kind, covers, notice, channel, contacts, level, tries, possible_repeat and reference.
    """

    def write(connection: sqlite3.Connection) -> dict[str, Any]:
        now = platform.clock.now()
        message_table.free_lapsed(connection, now)
        escalated = []
        if sender.rules is not None:
            escalated = _carry_on(connection, platform.name, sender, sender.rules, now)
            _remind_of_reviews(connection, platform.name, now)
        mine = _route(connection, platform.name, sender, now)
        names = [channel.name for channel in sender.routing.channels]
        for lost in message_table.overdue(connection, now.wall - sender.give_up, names):
            message_table.settle(connection, lost.key, message_table.GIVEN_UP)
            tell(connection, lost.incident, now, ACTOR, "notified", f"{lost.channel}: {lost.kind} was given up")
        token = secrets.token_hex(16)
        taken = message_table.claim(connection, mine, names, now, token=token, lease=sender.lease, limit=sender.limit)
        return {
            "changed": bool(escalated),
            "escalated": escalated,
            "token": token,
            "messages": [_to_data(connection, message, now) for message in taken],
        }

    return platform.record.run(write)


def complete(platform: Platform, token: str, results: Sequence[Result]) -> dict[str, Any]:
    """Write how the tries ended. :returns: ``changed`` (False, it is bookkeeping), ``sent`` and ``unsent``, numbers."""

    def write(connection: sqlite3.Connection) -> dict[str, Any]:
        now = platform.clock.now()
        sent = unsent = 0
        for result in results:
            message = message_table.complete(connection, result, token, now)
            if message is None:
                continue
            sent, unsent = sent + result.sent, unsent + (not result.sent)
            reached = [name for name in message.contacts if name not in result.unreached]
            whom = f" to {', '.join(reached)}" if reached else ""
            what = f"{message.channel}{whom}: {', '.join(message.covers)}"
            if result.sent:
                repeat = ", possibly a repeat" if message.possible_repeat else ""
                missed = f"; not reached: {', '.join(result.unreached)}" if result.unreached else ""
                tell(connection, message.incident, now, ACTOR, "notified", f"{what}{repeat}{missed}")
            else:
                again = message.state == message_table.WAITING
                next_try = "will be tried again" if again else "gives its place to a newer message"
                text = f"{what} could not be sent and {next_try}: {result.error}"
                tell(connection, message.incident, now, ACTOR, "notified", text)
        return {"changed": False, "sent": sent, "unsent": unsent}

    return platform.record.run(write)


def _carry_on(connection: sqlite3.Connection, platform: str, sender: Sender, rules: Rules, now: Moment) -> list[str]:
    """Take the step that is due of each incident, one at a time."""
    taken = []
    # All of them: the newest come first, so that a limit would leave out the oldest, for newer ones of any platform.
    for incident in incident_table.select(connection, states=ACTIVE, limit=_ALL):
        if not _is_of(incident, platform):
            continue
        step = next_step(incident, escalation_table.progress_of(connection, incident.id, now), rules, now.wall)
        if step is None:
            continue
        escalation_table.put(connection, incident.id, step, now)
        group = row_of(sender.matrix, incident.issue_type).group(step.level)
        message = f"{step.reason} Told next: {', '.join(group)}."
        notice_table.add(connection, incident.id, Kind.UNANSWERED, message, now, level=step.level)
        tell(connection, incident.id, now, ACTOR, "unanswered", message)
        taken.append(incident.id)
    return taken


def _remind_of_reviews(connection: sqlite3.Connection, platform: str, now: Moment) -> None:
    """A review that is overdue is told once."""
    for number in notice_table.incidents_without(connection, Kind.REVIEW_OVERDUE, now.wall - REVIEW_SECONDS):
        incident = incident_table.get(connection, number)
        if _is_of(incident, platform):
            message = f"Its review was due {iso(incident.review_due or now.wall)} and is not complete."
            notice_table.add(connection, number, Kind.REVIEW_OVERDUE, message, now)
            tell(connection, number, now, ACTOR, "review_overdue", message)


def _route(connection: sqlite3.Connection, platform: str, sender: Sender, now: Moment) -> set[str]:
    """Put the changes into the outbox. :returns: the ids of this platform's incidents with something to tell."""
    waiting = connection.execute("SELECT DISTINCT incident FROM message WHERE state IN ('waiting', 'claimed')")
    known = {str(row[0]) for row in waiting}
    for number, group in groupby(notice_table.unrouted(connection), key=lambda notice: notice.incident):
        notices = list(group)
        incident = incident_table.get(connection, number)
        if not _is_of(incident, platform):
            continue
        notice_table.mark_routed(connection, notices)
        fresh = [notice for notice in notices if now.wall - notice.at <= sender.newest]
        for channel in sender.routing.channels:
            knows = message_table.knows(connection, number, channel.name)
            kinds = sender.routing.kinds(channel, incident.severity, told_before=knows)
            told = [notice for notice in fresh if notice.kind in kinds]
            if told:
                _enqueue(connection, incident, channel, told, sender, now)
        known.add(number)
    return {number for number in known if _is_of(incident_table.get(connection, number), platform)}


def _enqueue(
    connection: sqlite3.Connection,
    incident: Incident,
    channel: Channel,
    told: Sequence[notice_table.Stored],
    sender: Sender,
    now: Moment,
) -> None:
    """One message for all the changes that the channel has not told yet, also those of a message that still waits."""
    newest = told[-1]
    row = row_of(sender.matrix, incident.issue_type)
    reached = escalation_table.progress_of(connection, incident.id, now).level
    # Who did not answer is asked no more; everything else is told to all who know of the incident.
    unanswered = all(notice.kind == Kind.UNANSWERED.value for notice in told)
    contacts = row.group(newest.level) if unanswered else row.told(reached) + _informed(connection, incident, sender)
    message = Message(
        key=f"{incident.platform}/{incident.id}/{newest.seq}/{channel.name}",
        incident=incident.id,
        notice=newest.seq,
        channel=channel.name,
        kind=newest.kind,
        covers=tuple(dict.fromkeys(notice.kind for notice in told)),
        contacts=tuple(dict.fromkeys(contacts)),
        created_at=now.wall,
    )
    earlier = message_table.waiting_of(connection, incident.id, channel.name)
    if earlier is not None:
        message_table.settle(connection, earlier.key, message_table.SUPERSEDED)
        message = message.instead_of(earlier)
    told_before = message_table.was_told(connection, incident.id, channel.name)
    pointless = channel.is_pointless(message.kind, message.covers, told_before=told_before)
    message_table.add(connection, replace(message, state=message_table.POINTLESS) if pointless else message)


def _informed(connection: sqlite3.Connection, incident: Incident, sender: Sender) -> tuple[str, ...]:
    """Who hears of it beside those who respond. An action that failed may have had its effect all the same."""
    attempts = attempt_table.of_incident(connection, incident.id)
    done = {attempt.action for attempt in attempts if attempt.outcome not in WITHOUT_EFFECT}
    return informed_of(sender.informed, incident.issue_type, done)


def _is_of(incident: Incident, platform: str) -> bool:
    """An incident of the engine that was filed while no platform could be named is everybody's."""
    unnamed = incident.platform == UNNAMED_PLATFORM and incident.scenario == ENGINE_SCENARIO
    return not platform or unnamed or incident.platform == platform


def _to_data(connection: sqlite3.Connection, message: Message, now: Moment) -> dict[str, Any]:
    incident = incident_table.get(connection, message.incident)
    first = connection.execute(
        "SELECT reference FROM message WHERE incident = ? AND channel = ? AND reference != '' ORDER BY seq LIMIT 1",
        (message.incident, message.channel),
    ).fetchone()
    return {
        "key": message.key,
        "incident": {**incident.to_data(), "response": incident.response(now.wall).value},
        "kind": message.kind,
        "covers": list(message.covers),
        "notice": notice_table.message_of(connection, message.notice),
        "channel": message.channel,
        "contacts": list(message.contacts),
        "level": escalation_table.progress_of(connection, message.incident, now).level,
        "tries": message.tries,
        "possible_repeat": message.possible_repeat,
        "reference": "" if first is None else str(first["reference"]),
    }
