# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cancels or terminates sessions by criteria. The state is read anew, and once more by the statement that acts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_criteria import (
    Choice,
    Criteria,
    Verb,
    choose_sessions,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import Server, Session

# A session is touched only when it is still the very one that was chosen (process id and start) and has done nothing
# since (time of the last change of its state), or, where its transaction was named, is in that transaction still.
# pg_terminate_backend sends SIGTERM; nothing stronger exists here.
END = r"""
WITH chosen AS MATERIALIZED (
  SELECT session.pid FROM pg_stat_activity AS session
  JOIN jsonb_to_recordset(:'targets'::jsonb)
      AS wanted (pid int, started timestamptz, changed timestamptz, opened timestamptz)
    ON wanted.pid = session.pid AND wanted.started = session.backend_start
      AND (wanted.changed = session.state_change OR wanted.opened = session.xact_start)
  WHERE session.backend_type = 'client backend' AND session.datname = current_database()
    AND session.pid <> pg_backend_pid()
)
SELECT /* incident_response */ 'ended ' || coalesce(jsonb_agg(pid) FILTER (WHERE done), '[]'::jsonb)::text FROM (
  SELECT pid, CASE :'verb' WHEN 'terminate' THEN pg_terminate_backend(pid)
                           WHEN 'cancel' THEN pg_cancel_backend(pid) END AS done
  FROM chosen) AS ended;
"""
MOMENT = "SELECT pg_sleep(0.3) \\gset\n"
"""A signalled session needs a moment to go."""


class SessionServer(Protocol):
    """What is asked of the server; ``probes.postgres_server.PostgresServer`` is the real one."""

    def sessions(self, before: str = "") -> tuple[Server, tuple[Session, ...]]:
        """The sessions as they are now."""

    def ask(self, sql: str, variables: Mapping[str, str] | None = None, *, seconds: float = 5.0) -> dict[str, Any]:
        """Run constant SQL with variables that psql quotes."""


@dataclass(frozen=True)
class SessionOutcome:
    """What happened, or under check mode would happen.

    :param ended: the sessions that were signalled.
    :param remaining: those of them that are still there and as they were; empty under check mode.
    """

    verb: Verb
    choice: Choice
    ended: tuple[Session, ...]
    remaining: tuple[Session, ...] = ()

    def to_result(self) -> dict[str, Any]:
        """What the module returns."""
        gone = {session.pid for session in self.ended} - {session.pid for session in self.remaining}
        return {
            "changed": bool(self.ended),
            "actions": [_action(session, self.verb) for session in self.ended],
            "sessions": [session.to_data() for session in self.ended],
            "spared": [{**_action(session, self.verb), "status": session.protected} for session in self.choice.spared],
            "left": self.choice.left,
            "remaining": [session.pid for session in self.remaining],
            "diff": {
                "before": "".join(_line(session) for session in self.choice.chosen),
                "after": "".join(_line(session) for session in self.choice.chosen if session.pid not in gone),
            },
        }


def end_sessions(server: SessionServer, criteria: Criteria, *, check_mode: bool) -> SessionOutcome:
    """Cancel or terminate what fits the criteria now.

    :param check_mode: say whom it would touch, touch nobody.
    :raises CommandFailedError: the server does not answer or refuses.
    """
    _facts, sessions = server.sessions()
    choice = choose_sessions(sessions, criteria)
    if check_mode or not choice.chosen:
        return SessionOutcome(criteria.verb, choice, choice.chosen)
    targets = json.dumps([_identity(session, criteria) for session in choice.chosen], sort_keys=True)
    answer = server.ask(END, {"targets": targets, "verb": criteria.verb.value})
    signalled = {int(pid) for pid in answer.get("ended", ())}
    ended = tuple(session for session in choice.chosen if session.pid in signalled)
    _facts, after = server.sessions(MOMENT)
    still = [_identity(session, criteria) for session in after]
    remaining = tuple(session for session in ended if _identity(session, criteria) in still)
    return SessionOutcome(criteria.verb, choice, ended, remaining)


def _identity(session: Session, criteria: Criteria) -> dict[str, Any]:
    """What must still be true of a session when it is ended."""
    opened = criteria.transaction_of(session)
    moment = {"opened": opened} if opened else {"changed": session.changed}
    return {"pid": session.pid, "started": session.started, **moment}


def _action(session: Session, verb: Verb) -> dict[str, Any]:
    return {
        "what": "session",
        "id": session.pid,
        "status": verb.done,
        "service": session.service,
        "application": session.application,
        "user": session.user,
        "state": session.state,
        "state_age": session.state_age,
    }


def _line(session: Session) -> str:
    return f"{session.pid}: {session.state} of {session.owner} as {session.user}\n"
