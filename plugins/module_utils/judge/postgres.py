# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that is judged of a PostgreSQL server, DB-1 to DB-6 and HL-3. Pure."""

from __future__ import annotations

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import (
    Answer,
    PostgresFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.postgres_listening import (
    judge_listening,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.postgres_queries import judge_queries
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.postgres_sessions import (
    judge_sessions,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.postgres_storage import judge_storage

_ON_THE_WAY = (Answer.STARTING, Answer.RECOVERING, Answer.SHUTTING_DOWN)
_UNTOLD = (Answer.NO_CLIENT, Answer.FAILED)

_WORDS = {
    Answer.NOT_RUNNING: "its container does not run",
    Answer.REFUSED: "connections are refused: nothing listens there",
    Answer.UNRESOLVED: "its name cannot be resolved",
    Answer.AUTHENTICATION: "it rejects the role of this check",
    Answer.NO_DATABASE: "the database does not exist or may not be used",
    Answer.SLOTS_EXHAUSTED: "every connection slot is taken",
    Answer.STARTING: "it is starting up",
    Answer.RECOVERING: "it is recovering after a crash",
    Answer.SHUTTING_DOWN: "it is shutting down",
    Answer.DISK_FULL: "its disk is full",
    Answer.TIMED_OUT: "no answer came in time",
    Answer.NO_CLIENT: "there is no psql where it was looked for",
    Answer.FAILED: "the check failed",
}


def judge_postgres(facts: PostgresFacts, thresholds: Thresholds) -> tuple[Finding, ...]:
    """All findings about one server."""
    return (
        _running(facts),
        _answers(facts),
        *_refused(facts),
        *judge_listening(facts),
        *_on_the_way(facts),
        *_authentication(facts),
        *judge_sessions(facts, thresholds),
        *judge_storage(facts, thresholds),
        *_log(facts),
        *judge_queries(facts, thresholds),
    )


def _running(facts: PostgresFacts) -> Finding:
    name, service = "postgres.running", facts.service
    if facts.state == "managed":
        message = f"{service} is a managed server: it has no container here."
        return Finding(name, service, Status.NOT_CONFIGURED, message, facts.state, step="DB-1")
    if facts.state == "running":
        return Finding(name, service, Status.OK, f"{service} runs.", facts.state, step="DB-1")
    message = f"{service} does not run: its container is {facts.state or 'missing'}."
    return Finding(name, service, Status.CRITICAL, message, facts.state, step="DB-1")


def _answers(facts: PostgresFacts) -> Finding:
    """A real statement decides: pg_isready is content while every slot is taken."""
    name, service = "postgres.answers", facts.service
    if facts.answer is Answer.OK:
        latency = None if facts.latency_ms is None else round(facts.latency_ms, 1)
        message = f"{service} answers a real statement ({facts.via})."
        return Finding(name, service, Status.OK, message, latency, None, "ms", step="DB-2")
    status = (
        Status.UNKNOWN if facts.answer in (*_UNTOLD, Answer.AUTHENTICATION, Answer.NO_DATABASE) else Status.CRITICAL
    )
    message = f"{service} does not answer a statement: {_WORDS[facts.answer]}."
    evidence = (facts.error,) if facts.error else ()
    return Finding(name, service, status, message, facts.answer.value, evidence=evidence, step="DB-2")


def _refused(facts: PostgresFacts) -> list[Finding]:
    """The server runs, and still nobody can reach it: other port, other address, or it hangs before it listens."""
    if facts.state not in ("running", "managed"):
        return []
    name, service = "postgres.refused", facts.service
    if facts.answer in (Answer.REFUSED, Answer.UNRESOLVED) or facts.port == "refused":
        where = "its own socket" if facts.answer is Answer.REFUSED else "its port"
        message = f"{service} runs, but {where} refuses connections (ECONNREFUSED)."
        evidence = (facts.error,) if facts.error else ()
        return [Finding(name, service, Status.CRITICAL, message, facts.answer.value, evidence=evidence, step="DB-2")]
    if facts.port == "open":
        return [Finding(name, service, Status.OK, f"The port of {service} takes connections.", step="DB-2")]
    return []


def _on_the_way(facts: PostgresFacts) -> list[Finding]:
    name, service = "postgres.recovering", facts.service
    if facts.answer in _ON_THE_WAY:
        message = f"{service} cannot be used yet: {_WORDS[facts.answer]}. A restart would only make that longer."
        return [Finding(name, service, Status.CRITICAL, message, facts.answer.value, step="DB-2")]
    if facts.server is None:
        return []
    if facts.server.in_recovery and not facts.standby:
        message = f"{service} is a standby in recovery, though it is not declared one: nothing can be written."
        return [Finding(name, service, Status.CRITICAL, message, "standby", step="DB-2")]
    state = "is a standby, as declared" if facts.server.in_recovery else "is not in recovery"
    return [Finding(name, service, Status.OK, f"{service} {state}.", step="DB-2")]


def _authentication(facts: PostgresFacts) -> list[Finding]:
    """Rejected clients. One wrong password is somebody's typing error; several within a minute are a service."""
    name, service = "postgres.authentication", facts.service
    seen = next((item for item in facts.log if item.name == "authentication"), None)
    if seen is None:
        return []
    lasting = seen.count >= 3 and (seen.last_age or 0.0) <= 60.0
    status = Status.CRITICAL if lasting else Status.WARNING
    message = f"{service} rejected clients {seen.count} times: a wrong password, role or entry in pg_hba.conf."
    return [Finding(name, service, status, message, float(seen.count), 3.0, "1", (seen.last,), "DB-6")]


_LOG_WORDS = {
    "checkpoints": "checkpoints that come too often",
    "corruption": "damaged data",
    "deadlock": "deadlocks",
    "disk_full": "a full disk",
    "io": "failed reads or writes of files",
    "lock_wait": "long waits for locks",
    "no_database": "a database that does not exist",
    "out_of_memory": "lack of memory",
    "panic": "a crash of a server process",
    "recovery": "a recovery after a crash",
    "slots_exhausted": "refused clients, since no slot was free",
    "starting": "clients that came too early",
}


def _log(facts: PostgresFacts) -> list[Finding]:
    """What the log tells beyond what was seen directly: hints, never more than a warning."""
    told = [item for item in facts.log if item.name in _LOG_WORDS]
    if not told:
        message = f"The recent log of {facts.service} tells of no trouble."
        return [Finding("postgres.log", facts.service, Status.OK, message, step="DB-6")]
    return [
        Finding(
            f"postgres.log_{item.name}",
            facts.service,
            Status.WARNING,
            f"The log of {facts.service} tells of {_LOG_WORDS[item.name]} ({_lines(item.count)}).",
            float(item.count),
            None,
            "1",
            (item.last,),
            "DB-6",
        )
        for item in told
    ]


def _lines(count: int) -> str:
    return "1 recent line" if count == 1 else f"{count} recent lines"
