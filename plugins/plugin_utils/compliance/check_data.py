# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of PostgreSQL, Redis and RabbitMQ, from what their probes saw."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.model import Subject
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.seen import Seen
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.subjects import (
    judged,
    not_applicable,
    unknown,
)

_DEAD_LETTERS = re.compile(r"(?:^|[._-])(?:dlq|dlx|dead[._-]?letters?|parked|parking|quarantine)", re.IGNORECASE)
_OFF = re.compile(r"^0+(?:us|ms|s|min|h|d)?$")
Facts = Mapping[str, Any]


def application_role(seen: Seen) -> Iterator[Subject]:
    """Nobody but an administrator is a superuser: of the roles that services use, told by their environment and by the
    sessions that come from them."""
    for name, facts in seen.kind_facts("postgres", "configuration"):
        if isinstance(facts, Subject):
            yield facts
            continue
        users = _application_users(facts)
        superusers = {role["name"] for role in facts["configuration"]["roles"] if role["superuser"]}
        if not users:
            yield unknown(name, f"No service tells which role of {name} it uses, and none has a session.")
        for service, user in users:
            fine = f"{service} uses {user}, a plain role of {name}."
            yield judged(service, user not in superusers, fine, f"{service} uses {user}, a superuser of {name}.")


def _application_users(facts: Facts) -> list[tuple[str, str]]:
    """(service, role)."""
    by_session = {
        (session["service"], session["user"])
        for session in facts.get("sessions") or []
        if session.get("service") and session.get("user") and session.get("kind") == "client backend"
    }
    return sorted({*facts.get("users", {}).items(), *by_session})


def idle_timeout(seen: Seen) -> Iterator[Subject]:
    """A session that forgot its transaction is ended by the server: for every role that services use."""
    for name, facts in seen.kind_facts("postgres", "configuration"):
        if isinstance(facts, Subject):
            yield facts
            continue
        setting = "idle_in_transaction_session_timeout"
        server = str(facts["configuration"]["settings"].get(setting, "0"))
        own = {role["name"]: role["idle_in_transaction"] for role in facts["configuration"]["roles"]}
        users = sorted({user for _service, user in _application_users(facts)})
        without = [user for user in users if _OFF.match(own.get(user) or server)]
        good = not without if users else not _OFF.match(server)
        bad = f"{name} has no {setting}{' for ' + ', '.join(without) if without else ''}."
        yield judged(name, good, f"{name} ends sessions that idle in a transaction.", bad)


def slow_query_log(seen: Seen) -> Iterator[Subject]:
    """Slow statements are written down, from a sensible duration on."""
    limit = seen.limit("slow_log_ms")
    for name, facts in seen.kind_facts("postgres", "configuration"):
        if isinstance(facts, Subject):
            yield facts
            continue
        told = str(facts["configuration"]["settings"].get("log_min_duration_statement", ""))
        if not re.fullmatch(r"-?\d+", told):
            yield unknown(name, f"{name} does not tell its log_min_duration_statement.")
        elif int(told) < 0:
            yield judged(name, False, "", f"{name} does not log slow statements (log_min_duration_statement is off).")
        else:
            bad = f"{name} logs only statements above {told} ms; {limit:g} ms is the limit."
            yield judged(name, int(told) <= limit, f"{name} logs statements above {told} ms.", bad)


def statement_statistics(seen: Seen) -> Iterator[Subject]:
    """``pg_stat_statements`` tells which statements cost most, and so which index is missing."""
    for name, facts in seen.kind_facts("postgres", "queries"):
        if isinstance(facts, Subject):
            yield facts
        elif facts.get("server") is None:
            yield unknown(name, f"{name} did not tell: {seen.why(name, facts)}.")
        else:
            good = facts["queries"].get("source") == "pg_stat_statements"
            yield judged(name, good, f"{name} has pg_stat_statements.", f"{name} has no pg_stat_statements.")


def password_encryption(seen: Seen) -> Iterator[Subject]:
    """Passwords are kept as SCRAM-SHA-256, not as MD5."""
    for name, facts in seen.kind_facts("postgres", "configuration"):
        if isinstance(facts, Subject):
            yield facts
            continue
        told = str(facts["configuration"]["settings"].get("password_encryption", ""))
        good = told == "scram-sha-256" if told else None
        bad = f"{name} keeps passwords as {told}." if told else f"{name} does not tell how it keeps passwords."
        yield judged(name, good, f"{name} keeps passwords as SCRAM.", bad)


def maxmemory(seen: Seen) -> Iterator[Subject]:
    """Redis is bounded by itself, before the kernel ends it."""
    for name, facts in seen.kind_facts("redis", "server"):
        if isinstance(facts, Subject):
            yield facts
            continue
        limit = facts["server"]["memory"]["limit"]
        bad = f"{name} has no maxmemory: it grows until the kernel ends it."
        yield judged(name, bool(limit), f"{name} may take {(limit or 0) / 1e6:,.0f} MB.", bad)


def eviction_policy(seen: Seen) -> Iterator[Subject]:
    """A cache has to throw keys out, anything else must not."""
    for name, facts in seen.kind_facts("redis", "server"):
        if isinstance(facts, Subject):
            yield facts
            continue
        policy = str(facts["server"]["memory"]["policy"])
        if not policy:
            yield unknown(name, f"{name} does not tell its maxmemory-policy.")
        elif facts["cache"]:
            bad = f"{name} is a cache with the policy noeviction: when it is full it refuses writes."
            yield judged(name, policy != "noeviction", f"{name} is a cache and evicts ({policy}).", bad)
        else:
            bad = f"{name} is no cache, and its policy {policy} throws keys out when it is full."
            yield judged(name, policy == "noeviction", f"{name} keeps what it was given (noeviction).", bad)


def persistence(seen: Seen) -> Iterator[Subject]:
    """What is no cache outlives a restart."""
    for name, facts in seen.kind_facts("redis", "server"):
        if isinstance(facts, Subject):
            yield facts
        elif facts["cache"]:
            yield not_applicable(name, f"{name} is a cache: everything in it can be made anew.")
        elif facts["persistence"] == "unknown":
            yield unknown(name, f"Whether {name} outlives a restart cannot be told.")
        else:
            kept, bad = facts["persistence"], f"A restart of {name} loses every key, and it is no cache."
            yield judged(name, kept != "none", f"{name} outlives a restart ({kept}).", bad)


def guest_refused(seen: Seen) -> Iterator[Subject]:
    """The default user with the default password is good for nobody outside the broker's own loopback."""
    for name, facts in seen.kind_facts("rabbitmq", "queues"):
        found = [finding for finding in seen.findings.get(name, ()) if finding["id"] == "rabbitmq.guest"]
        if isinstance(facts, Subject):
            yield facts
        elif found and found[0]["status"] != "not_configured":
            yield judged(name, found[0]["status"] == "ok", found[0]["message"], found[0]["message"])
        else:
            words = "nobody tried to log in (compliance_writing_probes)" if facts["via"] else seen.why(name, facts)
            yield unknown(name, f"Whether {name} takes guest/guest is not known: {words}.")


def consumers(seen: Seen) -> Iterator[Subject]:
    """Each queue has somebody who empties it, those for dead letters apart."""
    for name, queue in _queues(seen):
        if isinstance(queue, Subject):
            yield queue
        else:
            title = queue["name"]
            bad = f"The queue {title} of {name} has no consumer."
            yield judged(name, queue["consumers"] > 0, f"The queue {title} of {name} is consumed.", bad)


def dead_letters(seen: Seen) -> Iterator[Subject]:
    """What a consumer refuses is kept somewhere, and does not come back for ever or vanish."""
    for name, queue in _queues(seen):
        if isinstance(queue, Subject):
            yield queue
        elif queue.get("dead_letter") is None:
            yield unknown(name, f"Whether {queue['name']} of {name} has a dead-letter exchange was not told.")
        else:
            title = queue["name"]
            bad = f"The queue {title} of {name} has no dead-letter exchange: what is refused is lost or comes back."
            yield judged(name, queue["dead_letter"], f"What {title} of {name} refuses is kept.", bad)


def _queues(seen: Seen) -> Iterator[tuple[str, Facts | Subject]]:
    """Queues for work: not for dead letters, not temporary, not ignored by the inventory."""
    for name, facts in seen.kind_facts("rabbitmq", "queues"):
        if isinstance(facts, Subject):
            yield name, facts
        elif not facts.get("via"):
            yield name, unknown(name, f"{name} did not tell: {seen.why(name, facts)}.")
        else:
            for queue in facts["queues"]:
                if not (queue["ignored"] or queue.get("temporary") or _DEAD_LETTERS.search(queue["name"])):
                    yield name, queue
