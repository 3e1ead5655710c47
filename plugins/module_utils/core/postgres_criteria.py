# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which sessions may be cancelled or terminated: only those that criteria name, never the protected ones, capped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_blocking import root_blockers
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import (
    IDLE_IN_TRANSACTION,
    Session,
)


class Verb(str, Enum):
    """What is done to a session. Nothing here kills a process of the server."""

    CANCEL = "cancel"
    TERMINATE = "terminate"

    @property
    def done(self) -> str:
        """The word for it afterwards."""
        return "cancelled" if self is Verb.CANCEL else "terminated"


STATES = {Verb.CANCEL: ("active",), Verb.TERMINATE: (*IDLE_IN_TRANSACTION, "idle", "active")}
"""A cancel reaches only a running statement."""


@dataclass(frozen=True)
class Named:
    """One session that somebody saw, as a result shows it.

    :param started: when it began: with ``pid`` its identity.
    :param changed: when its state changed: it must have done nothing since.
    :param opened: when its transaction began, instead of ``changed``: it may have worked since, in that transaction.
    """

    pid: int
    started: str
    changed: str = ""
    opened: str = ""

    def is_seen_in(self, session: Session) -> bool:
        """True when it is that session, as it was or in that transaction."""
        if (self.pid, self.started) != (session.pid, session.started):
            return False
        return self.opened == session.opened if self.opened else self.changed == session.changed


@dataclass(frozen=True)
class Criteria:
    """All of them must hold.

    :param states: states of ``pg_stat_activity``.
    :param older_than: seconds since the state changed; for root blockers, how long the longest waiter has waited.
    :param application: the whole application name, or empty for any.
    :param service: the Compose service behind the client's address, or empty for any.
    :param user: the role, or empty for any.
    :param root_blockers: only sessions at the root of a blocking tree.
    :param named: only these sessions; None for any.
    :param at_most: sessions that one call may touch, those oldest in their state first.
    """

    verb: Verb
    states: tuple[str, ...]
    older_than: float
    application: str = ""
    service: str = ""
    user: str = ""
    root_blockers: bool = False
    at_most: int = 50
    named: tuple[Named, ...] | None = None

    def transaction_of(self, session: Session) -> str:
        """The transaction that somebody named with the session: it holds, whatever the session has done in it since."""
        return next((one.opened for one in self.named or () if one.opened and one.is_seen_in(session)), "")


@dataclass(frozen=True)
class Choice:
    """Who is touched, who is spared although the criteria fit, and how many were left by the cap."""

    chosen: tuple[Session, ...]
    spared: tuple[Session, ...]
    left: int = 0


def read_criteria(options: Mapping[str, Any]) -> Criteria:
    """From a module's options.

    :raises InvalidInputError: names the option. Criteria that would fit every session are refused.
    """
    verb = Verb(options["action"])
    states = tuple(options["states"] or (("active",) if verb is Verb.CANCEL else IDLE_IN_TRANSACTION))
    for state in states:
        if state not in STATES[verb]:
            remedy = f"For {verb.value} use some of: {', '.join(STATES[verb])}."
            raise InvalidInputError("states", state, remedy=remedy)
    named = _named(options["sessions"], same_transaction=options["same_transaction"])
    narrow = options["root_blockers"] or options["application"] or options["service"] or named is not None
    if not narrow and not set(states) <= set(IDLE_IN_TRANSACTION):
        remedy = "Name an application, a service or sessions, or root_blockers: such states fit every session."
        raise InvalidInputError("states", list(states), remedy=remedy)
    if not 0 <= options["older_than"] < float("inf"):
        raise InvalidInputError("older_than", options["older_than"], remedy="Give seconds, 0 or more.")
    if options["at_most"] < 1:
        raise InvalidInputError("at_most", options["at_most"], remedy="Give a number of sessions, 1 or more.")
    return Criteria(
        verb=verb,
        states=states,
        older_than=float(options["older_than"]),
        application=options["application"],
        service=options["service"],
        user=options["user"],
        root_blockers=options["root_blockers"],
        at_most=options["at_most"],
        named=named,
    )


def _named(given: Sequence[Mapping[str, Any]] | None, *, same_transaction: bool) -> tuple[Named, ...] | None:
    """An empty list names nobody."""
    if given is None:
        if same_transaction:
            raise InvalidInputError("same_transaction", True, remedy="Name the sessions that were seen: sessions.")
        return None
    return tuple(_name(one, f"sessions[{number}]", same_transaction) for number, one in enumerate(given))


def _name(one: Mapping[str, Any], option: str, same_transaction: bool) -> Named:
    """A process id alone names nobody: the server uses it again."""
    pid = one.get("pid")
    if isinstance(pid, bool) or not str(pid).isascii() or not str(pid).isdigit():
        raise InvalidInputError(f"{option}.pid", pid, remedy="Give the process id that postgres_activity_info shows.")
    moments = {key: one.get(key) for key in ("started", "opened" if same_transaction else "changed")}
    for key, value in moments.items():
        if not isinstance(value, str) or not value:
            raise InvalidInputError(f"{option}.{key}", value, remedy="Give it as postgres_activity_info shows it.")
    return Named(int(str(pid)), **{key: str(value) for key, value in moments.items()})


def choose_sessions(sessions: Sequence[Session], criteria: Criteria) -> Choice:
    """Apply the criteria to what is true now."""
    fitting = [session for session in _candidates(sessions, criteria) if _fits(session, criteria)]
    fitting.sort(key=lambda session: (-(session.state_age or 0.0), session.pid))
    free = [session for session in fitting if not session.protected]
    spared = tuple(session for session in fitting if session.protected)
    return Choice(tuple(free[: criteria.at_most]), spared, max(0, len(free) - criteria.at_most))


def _candidates(sessions: Sequence[Session], criteria: Criteria) -> list[Session]:
    if not criteria.root_blockers:
        return [session for session in sessions if (session.state_age or 0.0) >= criteria.older_than]
    return [root.session for root in root_blockers(sessions) if (root.longest_wait or 0.0) >= criteria.older_than]


def _fits(session: Session, criteria: Criteria) -> bool:
    return (
        session.state in criteria.states
        and criteria.application in ("", session.application)
        and criteria.service in ("", session.service)
        and criteria.user in ("", session.user)
        and (criteria.named is None or any(one.is_seen_in(session) for one in criteria.named))
    )
