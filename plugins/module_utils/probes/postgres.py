# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at one PostgreSQL server: one psql call for everything, process titles when no slot is left for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import LogLine
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.postgres_psql import (
    DISK,
    INODES,
    Psql,
    PsqlResult,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.tcp_port import (
    UNKNOWN,
    look_at_port,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Container
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_answer import (
    classify_failure,
    errors_by_part,
    failure_line,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import (
    Answer,
    LogClass,
    PostgresFacts,
    Rejection,
    WriteProbe,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_log import (
    classify_log_line,
    slow_statements,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_protection import Protection
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_rejections import (
    read_rejections,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_rows import (
    read_configuration,
    read_rows,
    read_server,
    read_sessions,
    read_volumes,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor, clean_text
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.timestamp import epoch_seconds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.postgres import judge_postgres
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.context import (
    KindReport,
    ServiceContext,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_queries import (
    queries_facts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_sql import (
    ACTIVITY,
    CONFIGURATION,
    QUERIES,
    WRITE,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_titles import (
    sessions_by_titles,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_users import (
    database_users,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_way import way_to_server

MANAGED = "managed"
_PORT_SECONDS = 0.5
_SOCKETS = re.compile(r"(/var)?/run/postgresql/?")


class PostgresProbe:
    """The kind ``postgres``: a ``KindProbe``.

    It writes only into a table of its own in a transaction that is rolled back, and leaves that out when it must not
    write; everything else only reads, so that it runs under check mode as well.
    """

    name = "postgres"
    writes = False
    judges_health = False

    def seconds(self, context: ServiceContext) -> float:
        """The most that the probe may take: psql's call, the titles, the port."""
        return 2 * context.deadline + 1.0

    def probe(self, context: ServiceContext) -> PostgresFacts:
        """Look. Never fails because of what the server does."""
        settings = context.settings.postgres
        container = context.container
        if container is not None and not container.running and not settings.host:
            return PostgresFacts(context.service, container.state, Answer.NOT_RUNNING, log=read_log(context))
        facts = PostgresFacts(
            service=context.service,
            state=MANAGED if settings.host or container is None else container.state,
            answer=Answer.FAILED,
            port=_port(context),
            log=read_log(context),
            standby=settings.standby,
            reached_from=_reached_from(context),
            rejections=_rejections(context),
        )
        try:
            others = [item for item in context.platform if item.running and item.service != context.service]
            way = way_to_server(context.docker, settings, container, others)
            return _ask(context, way, facts)
        except IncidentResponseError as error:
            return replace(facts, error=context.redactor.line(str(error)))

    def judge(self, context: ServiceContext, report: KindReport) -> tuple[Finding, ...]:
        """Judge what :meth:`probe` brought."""
        if not isinstance(report, PostgresFacts):
            raise TypeError("the report of another probe")
        return judge_postgres(report, context.thresholds)


def services_by_address(context: ServiceContext) -> dict[str, str]:
    """Client address -> Compose service, of every container of the platform: Docker gives an address only once."""
    return {address: item.service for item in context.platform for address in item.addresses.values() if address}


def protection_of(context: ServiceContext, database: str) -> Protection:
    """Whose sessions are never touched."""
    settings = context.settings.postgres
    return Protection(database, settings.protected_applications, settings.protected_users)


def _ask(context: ServiceContext, way: Psql, facts: PostgresFacts) -> PostgresFacts:
    writes = context.writing and not facts.standby
    result = way.run(
        ACTIVITY + CONFIGURATION + (WRITE if writes else "") + QUERIES,
        deadline=context.deadline,
        statement_seconds=max(1.0, context.deadline - 2.0),
        connect_seconds=max(2, int(context.deadline) - 2),
        stop_on_error=False,
    )
    facts = replace(
        facts,
        via=way.via,
        latency_ms=1000 * result.command.duration,
        volumes=read_volumes(result.sections.get(DISK, ()), result.sections.get(INODES, ())),
    )
    if not result.connected:
        return _without_answer(context, facts, result)
    return _with_answer(context, facts, result, writes)


def _without_answer(context: ServiceContext, facts: PostgresFacts, result: PsqlResult) -> PostgresFacts:
    answer = classify_failure(result.stderr, timed_out=result.command.timed_out or result.command.exit_code == 124)
    error = context.redactor.line(failure_line(result.stderr))
    facts = replace(facts, answer=answer, error=error)
    container = context.container
    if answer is not Answer.SLOTS_EXHAUSTED or container is None or facts.state == MANAGED:
        return facts
    sessions = sessions_by_titles(
        context.docker, container.id, services_by_address(context), deadline=context.deadline / 2
    )
    return replace(facts, sessions=sessions, by_titles=True)


def _with_answer(context: ServiceContext, facts: PostgresFacts, result: PsqlResult, writes: bool) -> PostgresFacts:
    clean = context.redactor.line
    rows = read_rows(result.rows)
    errors = {part: (code, clean(text)) for part, (code, text) in errors_by_part(result.stderr).items()}
    write_error = errors.get("write", ("", "" if "write" in rows else "it gave no answer"))
    write = WriteProbe(writes, write_error[1], write_error[0]) if writes else WriteProbe()
    try:
        server = read_server(rows["activity"])
        sessions = read_sessions(
            rows["activity"]["sessions"], services_by_address(context), protection_of(context, server.database), clean
        )
    except (KeyError, TypeError, ValueError):
        told = errors.get("activity", ("", "its answer is of another shape than expected"))[1]
        return replace(facts, error=told, write=write)
    logged = slow_statements(line.text for line in _recent(context))
    code = context.redactor.code
    logged = tuple(
        replace(item, text=clean(item.text), user=clean(item.user), whole=code(item.text)) for item in logged[:10]
    )
    error = errors.get("queries", ("", ""))[1]
    queries = queries_facts(rows, sessions, logged, error, context.thresholds, context.redactor)
    return replace(
        facts,
        answer=Answer.OK,
        server=replace(server, user=clean(server.user), database=clean(server.database)),
        sessions=sessions,
        write=write,
        queries=queries,
        configuration=read_configuration(rows.get("configuration"), clean),
        users={service: clean(user) for service, user in database_users(context).items()},
    )


def _port(context: ServiceContext) -> str:
    """The server's port as another container finds it; only where somebody comes to it over a network."""
    container, settings = context.container, context.settings.postgres
    if container is None or settings.host or not _over_a_network(container, context.callers):
        return UNKNOWN
    addresses = [address for address in container.addresses.values() if address]
    return look_at_port(addresses[0], settings.port, deadline=_PORT_SECONDS) if addresses else UNKNOWN


def _over_a_network(server: Container, callers: Sequence[Container]) -> list[Container]:
    """Who shares the server's network has none of its own, and who shares the folder of its socket needs none."""
    sockets = {source for path, source in server.mounts.items() if _SOCKETS.fullmatch(path) and source}
    return [item for item in callers if item.addresses and not sockets.intersection(item.mounts.values())]


def _reached_from(context: ServiceContext) -> tuple[str, ...]:
    """Services that come to the server's own network; the host has no address there."""
    if context.container is None or context.settings.postgres.host or not any(context.container.addresses.values()):
        return ()
    callers = _over_a_network(context.container, context.callers)
    return tuple(sorted({item.service for item in callers if any(item.addresses.values())}))


def _recent(context: ServiceContext) -> list[LogLine]:
    since = context.now - context.thresholds.log_window_s
    return [line for line in context.log if epoch_seconds(line.at) >= since]


def _rejections(context: ServiceContext) -> tuple[Rejection, ...]:
    """Whom it rejected, by the same lines that :func:`read_log` classifies."""
    lines = ((line.text, context.now - epoch_seconds(line.at)) for line in _recent(context))
    found = read_rejections(lines, services_by_address(context))
    return tuple(replace(one, user=context.redactor.line(one.user)) for one in found)


def read_log(context: ServiceContext) -> tuple[LogClass, ...]:
    """Classes of trouble in the recent lines of the log, most frequent first (DB-6)."""
    return classes_of_log(_recent(context), context.redactor, context.now)


def classes_of_log(lines: Sequence[LogLine], redactor: Redactor, now: float) -> tuple[LogClass, ...]:
    """:param now: seconds since the epoch."""
    found: dict[str, list[LogLine]] = {}
    for line in lines:
        name = classify_log_line(clean_text(line.text))
        if name:
            found.setdefault(name, []).append(line)
    classes = [
        LogClass(name, len(hits), redactor.line(hits[-1].text), max(0.0, now - epoch_seconds(hits[-1].at)))
        for name, hits in found.items()
    ]
    return tuple(sorted(classes, key=lambda item: (-item.count, item.name)))


def by_class(log: Sequence[LogClass]) -> Mapping[str, LogClass]:
    """The classes by their name."""
    return {item.name: item for item in log}
