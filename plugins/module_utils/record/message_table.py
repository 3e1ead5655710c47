# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of messages, the outbox: one row for each channel that a change is told through.

waiting > claimed > sent, or back to waiting after a failure. A newer message of the incident through the same channel
supersedes one that still waits, and one that would have to wait again: people hear the latest, once, and in order.

The column token holds those of all tries that have not ended, the newest last: a sender that outlived its claim may
still tell that it has sent the message, and is known by it.
"""

from __future__ import annotations

import hmac
import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.moment import Moment, elapsed, iso
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.encoding import sentence

WAITING = "waiting"
CLAIMED = "claimed"
SENT = "sent"
SUPERSEDED = "superseded"
POINTLESS = "pointless"
GIVEN_UP = "given up"

_BACKOFF = 60.0
_LONGEST_BACKOFF = 900.0


@dataclass(frozen=True)
class Message:
    """A message to be sent.

    :param key: unique; the same for every try, so that a receiver can tell a repeat.
    :param notice: the newest change that it tells, ``covers`` the kinds of all of them.
    :param contacts: names of the contacts that it is for.
    :param tries: how often sending it was begun.
    :param possible_repeat: a try was begun and never ended, so it may have been sent already.
    :param reference: what the channel called the first message of the incident, such as the key of a ticket.
    :param state: one of those that this module names.
    """

    key: str
    incident: str
    notice: int
    channel: str
    kind: str
    covers: tuple[str, ...]
    contacts: tuple[str, ...]
    created_at: float
    tries: int = 0
    possible_repeat: bool = False
    reference: str = ""
    state: str = WAITING

    def instead_of(self, earlier: Message) -> Message:
        """This message when it takes the place of an earlier one: it tells all that both tell, to all of both."""
        return replace(
            self,
            covers=tuple(dict.fromkeys((*earlier.covers, *self.covers))),
            contacts=tuple(dict.fromkeys((*earlier.contacts, *self.contacts))),
        )


def add(connection: sqlite3.Connection, message: Message) -> None:
    """Put it into the outbox."""
    connection.execute(
        """INSERT INTO message (key, incident, notice, channel, kind, covers, contacts, created_at, state)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            message.key,
            message.incident,
            message.notice,
            message.channel,
            message.kind,
            json.dumps(message.covers),
            json.dumps(message.contacts),
            message.created_at,
            message.state,
        ),
    )


def free_lapsed(connection: sqlite3.Connection, now: Moment) -> None:
    """A try whose claim has lapsed was killed in the middle: it waits again, marked as a possible repeat.

    With a later message it is not sent again, but that one is.
    """
    for row in _unsettled(connection):
        if row["state"] == CLAIMED and _held_for(row, now) <= 0:
            connection.execute("UPDATE message SET possible_repeat = 1, hold = 0 WHERE seq = ?", (row["seq"],))
            _hand_back(connection, row)


def waiting_of(connection: sqlite3.Connection, incident: str, channel: str) -> Message | None:
    """The message of the incident that waits for that channel."""
    statement = "SELECT * FROM message WHERE incident = ? AND channel = ? AND state = 'waiting'"
    row = connection.execute(statement, (incident, channel)).fetchone()
    return None if row is None else _from_row(row)


def was_told(connection: sqlite3.Connection, incident: str, channel: str) -> bool:
    """True when a message of the incident went through that channel, or may have."""
    statement = """SELECT 1 FROM message WHERE incident = ? AND channel = ?
        AND (state IN ('sent', 'claimed') OR possible_repeat = 1)"""
    return connection.execute(statement, (incident, channel)).fetchone() is not None


def knows(connection: sqlite3.Connection, incident: str, channel: str) -> bool:
    """True when that channel told of the incident, or may have, or will: a message waits for it."""
    return was_told(connection, incident, channel) or waiting_of(connection, incident, channel) is not None


def settle(connection: sqlite3.Connection, key: str, state: str) -> None:
    """Its state from now on; most often one in which it will not be sent."""
    connection.execute("UPDATE message SET state = ? WHERE key = ?", (state, key))


def overdue(connection: sqlite3.Connection, before: float, channels: Collection[str]) -> list[Message]:
    """Those that wait since before a reading of the wall clock (s), in vain: they were tried, or nobody can send them.

    :param channels: names of the channels that there are.
    """
    return [
        _from_row(row)
        for row in _unsettled(connection)
        if row["state"] == WAITING
        and row["created_at"] < before
        and (row["tries"] > 0 or row["channel"] not in channels)
    ]


def claim(
    connection: sqlite3.Connection,
    incidents: Collection[str],
    channels: Collection[str],
    now: Moment,
    *,
    token: str,
    lease: float,
    limit: int,
) -> list[Message]:
    """Take messages to be sent, the oldest first. Nobody else gets them until the lease (s) lapses.

    Of an incident and a channel only the oldest: what comes after it is not told before it, by no other sender either.
    """
    taken: list[Message] = []
    begun: set[tuple[str, str]] = set()
    for row in _unsettled(connection):
        if len(taken) == limit:
            break
        mine = row["incident"] in incidents and row["channel"] in channels
        order = (row["incident"], row["channel"])
        if not mine or order in begun:
            continue
        begun.add(order)
        if row["state"] != WAITING or _held_for(row, now) > 0:
            continue
        connection.execute(
            """UPDATE message SET state = 'claimed', tries = tries + 1, token = trim(token || ' ' || ?), wall = ?,
                boot = ?, boot_id = ?, hold = ? WHERE seq = ?""",
            (token, now.wall, now.boot, now.boot_id, lease, row["seq"]),
        )
        taken.append(_from_row(connection.execute("SELECT * FROM message WHERE seq = ?", (row["seq"],)).fetchone()))
    return taken


@dataclass(frozen=True)
class Result:
    """How a try ended.

    :param reference: what the channel calls the message, or the ticket that it is about.
    :param error: why it was not sent, without secrets.
    :param unreached: contacts that it was for and that were not reached (no address, or all refused), and each refused
        address with the reason.
    """

    key: str
    sent: bool
    reference: str = ""
    error: str = ""
    unreached: Sequence[str] = ()


def complete(connection: sqlite3.Connection, result: Result, token: str, now: Moment) -> Message | None:
    """Write how a try ended, once. None when it changes nothing; else the message as it is from now on.

    A try that ends after its claim has lapsed still counts: what was sent is sent, whatever became of the message
    meanwhile. That it failed counts only while nobody else has it and no other message took its place.
    """
    row = connection.execute("SELECT * FROM message WHERE key = ?", (result.key,)).fetchone()
    tries = [] if row is None else row["token"].split()
    if row is None or row["state"] == SENT or not any(hmac.compare_digest(one, token) for one in tries):
        return None
    if result.sent:
        connection.execute(
            "UPDATE message SET state = 'sent', sent_at = ?, reference = ?, error = '' WHERE seq = ?",
            (now.wall, sentence(result.reference), row["seq"]),
        )
    elif row["state"] in (WAITING, CLAIMED) and tries[-1] == token:
        hold = min(_BACKOFF * 2 ** (row["tries"] - 1), _LONGEST_BACKOFF)
        connection.execute(
            "UPDATE message SET error = ?, token = ?, wall = ?, boot = ?, boot_id = ?, hold = ? WHERE seq = ?",
            (sentence(result.error), " ".join(tries[:-1]), now.wall, now.boot, now.boot_id, hold, row["seq"]),
        )
        _hand_back(connection, row)
    else:
        return None
    return _from_row(connection.execute("SELECT * FROM message WHERE seq = ?", (row["seq"],)).fetchone())


def of_incident(connection: sqlite3.Connection, incident: str) -> list[dict[str, Any]]:
    """What was told of an incident, as plain data, in the order in which it was decided."""
    statement = "SELECT * FROM message WHERE incident = ? ORDER BY seq"
    return [
        {
            "key": row["key"],
            "channel": row["channel"],
            "kind": row["kind"],
            "covers": json.loads(row["covers"]),
            "contacts": json.loads(row["contacts"]),
            "state": row["state"],
            "tries": row["tries"],
            "possible_repeat": bool(row["possible_repeat"]),
            "sent_at": None if row["sent_at"] is None else iso(row["sent_at"]),
            "reference": row["reference"],
            "error": row["error"],
        }
        for row in connection.execute(statement, (incident,))
    ]


def _unsettled(connection: sqlite3.Connection) -> Sequence[sqlite3.Row]:
    statement = "SELECT * FROM message WHERE state IN ('waiting', 'claimed') ORDER BY seq"
    return list(connection.execute(statement))


def _hand_back(connection: sqlite3.Connection, row: sqlite3.Row) -> None:
    """What was claimed and not sent waits again, or gives its place to a later message: never is old news told last."""
    found = connection.execute(
        "SELECT * FROM message WHERE incident = ? AND channel = ? AND seq > ? ORDER BY seq DESC LIMIT 1",
        (row["incident"], row["channel"], row["seq"]),
    ).fetchone()
    settle(connection, row["key"], WAITING if found is None else SUPERSEDED)
    if found is not None and found["state"] == WAITING:
        later = _from_row(found).instead_of(_from_row(row))
        connection.execute(
            "UPDATE message SET covers = ?, contacts = ? WHERE seq = ?",
            (json.dumps(later.covers), json.dumps(later.contacts), found["seq"]),
        )


def _held_for(row: sqlite3.Row, now: Moment) -> float:
    """Seconds for which nobody may take it; none after a restart of the host, which no sender outlives."""
    if row["boot_id"] is None or row["boot_id"] != now.boot_id:
        return 0.0
    return float(row["hold"]) - elapsed(Moment(row["wall"], row["boot"], row["boot_id"]), now).at_least


def _from_row(row: sqlite3.Row) -> Message:
    return Message(
        key=row["key"],
        incident=row["incident"],
        notice=row["notice"],
        channel=row["channel"],
        kind=row["kind"],
        covers=tuple(json.loads(row["covers"])),
        contacts=tuple(json.loads(row["contacts"])),
        created_at=row["created_at"],
        tries=row["tries"],
        possible_repeat=bool(row["possible_repeat"]),
        reference=row["reference"],
        state=row["state"],
    )
