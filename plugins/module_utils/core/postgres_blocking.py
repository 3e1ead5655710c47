# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who waits for whom: the sessions at the root of a pile-up of locks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import Session


@dataclass(frozen=True)
class RootBlocker:
    """A session that waits for nobody and that others wait for.

    :param waiting: how many sessions wait for it, directly or through others.
    :param longest_wait: seconds that the oldest of them has waited; None when not told.
    """

    session: Session
    waiting: int
    longest_wait: float | None

    def harms(self, limit: float) -> bool:
        """True when others wait for it for too long, one of them or one after the other (limit in seconds)."""
        return (self.longest_wait or 0.0) > limit or self.is_idle_for(limit)

    def is_idle_for(self, limit: float) -> bool:
        """True when it has held its locks for longer than that while nothing happens in its transaction.

        How long one waiter has waited does not tell: where a statement may take 3 s, each gives up after that and comes
        again. A session that idles takes no lock, so it has held them for as long as it has been idle; one that is at
        work, or was a moment ago, may have taken them just now.
        """
        return self.session.idle_in_transaction and (self.session.state_age or 0.0) > limit


def root_blockers(sessions: Sequence[Session]) -> list[RootBlocker]:
    """The roots of all blocking trees, those with most waiters first.

    Sessions that wait in a circle have no root: the server's deadlock detector ends that by itself. A prepared
    transaction (process id 0) is a root that no session stands for; see :func:`waits_for_prepared`.
    """
    by_pid = {session.pid: session for session in sessions}
    waiters: dict[int, set[int]] = {}
    for session in sessions:
        for root in _roots(session, by_pid):
            waiters.setdefault(root, set()).add(session.pid)
    found = [
        RootBlocker(by_pid[root], len(pids), max((by_pid[pid].state_age or 0.0 for pid in pids), default=None))
        for root, pids in waiters.items()
    ]
    return sorted(found, key=lambda blocker: (-blocker.waiting, blocker.session.pid))


def waiting_sessions(sessions: Sequence[Session]) -> list[Session]:
    """Those that wait for a lock, the longest waiting first. Process titles tell no more than that they wait."""
    waiting = [session for session in sessions if session.blocked_by or session.wait == "Lock:unknown"]
    return sorted(waiting, key=lambda session: -(session.state_age or 0.0))


def waits_for_prepared(sessions: Sequence[Session]) -> bool:
    """True when a session waits for a prepared transaction, which only ROLLBACK PREPARED or COMMIT PREPARED ends."""
    return any(0 in session.blocked_by for session in sessions)


def _roots(session: Session, by_pid: dict[int, Session]) -> set[int]:
    """Process ids at the end of every chain that begins at the session, without itself."""
    roots: set[int] = set()
    seen = {session.pid}
    todo = list(session.blocked_by)
    while todo:
        pid = todo.pop()
        if pid in seen or pid not in by_pid:
            continue
        seen.add(pid)
        if by_pid[pid].blocked_by:
            todo += by_pid[pid].blocked_by
        else:
            roots.add(pid)
    return roots
