# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DB-3 and DB-4: who takes the slots, who holds transactions open, who waits for whom. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_blocking import (
    RootBlocker,
    root_blockers,
    waiting_sessions,
    waits_for_prepared,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import (
    Answer,
    PostgresFacts,
    Session,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds

LEAK_SHARE = 0.5
"""A service that holds at least this share of the slots in use, while slots are short, is called the leaking one."""

_EVIDENCE = 5
_NAMED_OWNERS = 3


def judge_sessions(facts: PostgresFacts, thresholds: Thresholds) -> list[Finding]:
    """Findings about slots, holders, idle transactions and locks; none when no session could be seen."""
    exhausted = facts.answer is Answer.SLOTS_EXHAUSTED
    if facts.answer is not Answer.OK and not exhausted:
        return []
    slots = _slots(facts, thresholds)
    short = slots.status is Status.CRITICAL
    limit = thresholds.postgres_lock_wait_s
    roots = [root for root in root_blockers(facts.sessions) if root.harms(limit)]
    return [
        slots,
        *(_locked_out(facts) if exhausted else []),
        *(_holders(facts) if short else []),
        _idle_in_transaction(facts, roots, thresholds, short=short),
        _blocked(facts, roots, limit),
        *_root_blocker(facts, roots),
        *_blocking_transaction(facts, roots, thresholds),
    ]


def _slots(facts: PostgresFacts, thresholds: Thresholds) -> Finding:
    name, service, server = "postgres.slots", facts.service, facts.server
    used = facts.slots_used
    if server is None:
        seen = (
            f"{used} sessions are seen in the titles of its processes" if used else "not even the titles tell by whom"
        )
        message = f"Every connection slot of {service} is taken, those reserved for superusers too: {seen}."
        return Finding(name, service, Status.CRITICAL, message, float(used), None, "1", _by_owner(facts), "DB-3")
    share = 100.0 * used / max(server.plain_slots, 1)
    critical, warning = thresholds.postgres_slots_critical_percent, thresholds.postgres_slots_percent
    status = Status.CRITICAL if share >= critical else Status.WARNING if share > warning else Status.OK
    reserved = server.superuser_reserved + server.reserved
    message = f"{used} of {server.plain_slots} connection slots of {service} are in use ({reserved} more are reserved)."
    limit = critical if status is Status.CRITICAL else warning
    return Finding(name, service, status, message, round(share, 1), limit, "%", _by_owner(facts), "DB-3")


def _locked_out(facts: PostgresFacts) -> list[Finding]:
    message = f"No slot of {facts.service} is left for an operator, so that no session can be ended by SQL."
    evidence = (facts.error,) if facts.error else ()
    return [Finding("postgres.locked_out", facts.service, Status.CRITICAL, message, evidence=evidence, step="DB-3")]


def _holders(facts: PostgresFacts) -> list[Finding]:
    """The service that leaks, and the others that hold slots and could be restarted to give them back (DB-4)."""
    counts = Counter(session.service for session in facts.sessions if session.takes_slot and session.service)
    holders = [(name, count) for name, count in counts.most_common() if name != facts.service]
    used = max(facts.slots_used, 1)
    findings = []
    leaking = ""
    if holders and holders[0][1] >= LEAK_SHARE * used:
        leaking, count = holders[0]
        own = [session for session in facts.sessions if session.service == leaking]
        states = ", ".join(f"{number} {state}" for state, number in Counter(_state(item) for item in own).most_common())
        message = f"{leaking} holds {count} of the {used} slots in use of {facts.service} ({states})."
        findings.append(_holder("postgres.leak", facts, message, float(count), (leaking,)))
    others = tuple(name for name, _count in holders if name != leaking)
    if others:
        told = ", ".join(f"{name} {count}" for name, count in holders if name != leaking)
        message = f"Other services hold slots of {facts.service} as well: {told}."
        findings.append(_holder("postgres.slot_holders", facts, message, float(len(others)), others))
    return findings


def _holder(name: str, facts: PostgresFacts, message: str, value: float, targets: tuple[str, ...]) -> Finding:
    return Finding(name, facts.service, Status.CRITICAL, message, value, None, "1", step="DB-4", targets=targets)


def _idle_in_transaction(
    facts: PostgresFacts, roots: Sequence[RootBlocker], thresholds: Thresholds, *, short: bool
) -> Finding:
    """A warning by themselves; critical when they take the last slots or others wait for them."""
    name, service, limit = "postgres.idle_in_transaction", facts.service, thresholds.postgres_idle_in_transaction_s
    idle = [session for session in facts.sessions if session.idle_in_transaction]
    old = sorted((item for item in idle if (item.state_age or 0.0) > limit), key=lambda item: -(item.state_age or 0.0))
    free = [session for session in old if not session.protected]
    oldest = max((session.state_age or 0.0 for session in idle), default=0.0)
    if not old:
        message = f"No session of {service} has been idle in its transaction for more than {limit:.0f} s."
        return Finding(name, service, Status.OK, message, round(oldest, 1), limit, "s", step="DB-3")
    blocking = {root.session.pid for root in roots}
    harmful = bool(free) and (short or any(session.pid in blocking for session in free))
    status = Status.CRITICAL if harmful else Status.WARNING
    spared = f", {len(old) - len(free)} of them never to be touched" if len(free) < len(old) else ""
    what = "1 session is idle in its transaction" if len(old) == 1 else f"{len(old)} sessions are idle in transactions"
    message = f"{what} on {service} for more than {limit:.0f} s ({_owners(old)}){spared}."
    evidence = tuple(_line(session) for session in old[:_EVIDENCE])
    return Finding(name, service, status, message, round(oldest, 1), limit, "s", evidence, "DB-3")


def _owners(sessions: Sequence[Session]) -> str:
    """Whose they are, those with most first."""
    counts = Counter(session.owner for session in sessions).most_common()
    told = ", ".join(owner if len(counts) == 1 else f"{owner} {count}" for owner, count in counts[:_NAMED_OWNERS])
    return f"{told} and others" if len(counts) > _NAMED_OWNERS else told


def _blocked(facts: PostgresFacts, roots: Sequence[RootBlocker], limit: float) -> Finding:
    """Someone waits for long, or waits at all for a transaction in which nothing happens."""
    name, service = "postgres.blocked", facts.service
    waiting = waiting_sessions(facts.sessions)
    longest = (waiting[0].state_age or 0.0) if waiting else 0.0
    idle = next((root for root in roots if root.is_idle_for(limit)), None)
    if longest > limit:
        value, message = longest, f"{_waits(len(waiting), service)}{_behind(facts, roots)}, {_long(waiting, longest)}."
    elif idle:
        value = idle.session.state_age or 0.0
        message = (
            f"{_waits(idle.waiting, service)} behind {idle.session.owner}, which has been idle in its transaction for "
            f"{value:.0f} s."
        )
    else:
        message = f"No session of {service} waits for a lock for more than {limit:.0f} s."
        return Finding(name, service, Status.OK, message, round(longest, 1), limit, "s", step="DB-3")
    evidence = tuple(_line(session) for session in [*(root.session for root in roots), *waiting][:_EVIDENCE])
    return Finding(name, service, Status.CRITICAL, message, round(value, 1), limit, "s", evidence, "DB-3")


def _waits(count: int, service: str) -> str:
    what = f"session of {service} waits for a lock" if count == 1 else f"sessions of {service} wait for locks"
    return f"{count} {what}"


def _behind(facts: PostgresFacts, roots: Sequence[RootBlocker]) -> str:
    if waits_for_prepared(facts.sessions):
        return " behind a prepared transaction, which a person must commit or roll back"
    return f" behind {roots[0].session.owner}" if roots else ""


def _long(waiting: Sequence[Session], longest: float) -> str:
    return f"one for {longest:.0f} s" if len(waiting) > 1 else f"for {longest:.0f} s"


def _root_blocker(facts: PostgresFacts, roots: Sequence[RootBlocker]) -> list[Finding]:
    """A statement at the root of the pile-up. It can be cancelled unless it is replication, backup or maintenance."""
    findings = []
    for root in roots:
        session = root.session
        if session.protected:
            message = f"{session.owner} blocks {_sessions(root.waiting)} and is left alone: {session.protected}."
            name = "postgres.protected_blocker"
        elif session.state == "active":
            message = f"A statement of {session.owner} (process {session.pid}) blocks {_sessions(root.waiting)}."
            name = "postgres.root_blocker"
        else:
            continue
        evidence = (_line(session),)
        findings.append(
            Finding(name, facts.service, Status.CRITICAL, message, float(root.waiting), None, "1", evidence, "DB-3")
        )
    return findings[:1]


def _blocking_transaction(facts: PostgresFacts, roots: Sequence[RootBlocker], thresholds: Thresholds) -> list[Finding]:
    """A transaction that works and idles by turns while others wait. Whether it may lose its work, a person says."""
    for root in roots:
        session, limit = root.session, thresholds.postgres_idle_in_transaction_s
        if session.protected or not session.idle_in_transaction or (session.state_age or 0.0) > limit:
            continue
        age = "" if session.transaction_age is None else f" for {session.transaction_age:.0f} s"
        message = (
            f"A transaction of {session.owner} (process {session.pid}), open{age}, works and idles by turns and blocks "
            f"{_sessions(root.waiting)}."
        )
        name, evidence = "postgres.blocking_transaction", (_line(session),)
        return [
            Finding(name, facts.service, Status.CRITICAL, message, float(root.waiting), None, "1", evidence, "DB-3")
        ]
    return []


def _by_owner(facts: PostgresFacts) -> tuple[str, ...]:
    """The largest groups of sessions, in words."""
    groups = Counter(
        (session.owner, session.user or "unknown", _state(session)) for session in facts.sessions if session.takes_slot
    )
    return tuple(f"{owner} as {user}: {count} {state}" for (owner, user, state), count in groups.most_common(_EVIDENCE))


def _sessions(count: int) -> str:
    return "1 session" if count == 1 else f"{count} sessions"


def _state(session: Session) -> str:
    return session.state or "in an unknown state"


def _line(session: Session) -> str:
    """One session for a person."""
    age = "" if session.state_age is None else f" for {session.state_age:.0f} s"
    who = f"process {session.pid} of {session.owner} as {session.user or 'unknown'}"
    return f"{who}: {_state(session)}{age}, {session.statement or 'statement not visible'}"
