# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at one Redis server: one connection for everything; when it answers nobody, its process tells why."""

from __future__ import annotations

import secrets
from dataclasses import replace

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_facts import (
    MANAGED,
    Answer,
    Persistence,
    RedisFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_info import (
    read_info,
    read_persistence,
    read_slow_log,
    read_spikes,
    read_write,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_reply import (
    Command,
    Conversation,
    End,
    RedisError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.redis import judge_redis
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.context import (
    KindReport,
    ServiceContext,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.redis_way import way_to_redis

_READS: tuple[Command, ...] = (
    ("PING",),
    ("INFO", "all"),
    ("CONFIG", "GET", "save"),
    ("SLOWLOG", "GET", "20"),
    ("LATENCY", "LATEST"),
)
_PING, _INFO, _SAVE, _SLOW, _SPIKES, _WRITE = range(6)
_KEY_PREFIX = "incident_response:probe:"
_KEY_LIFE_MS = "10000"
_LOOKS = 3
_MOST_SECONDS = 2.0
"""A healthy server answers everything in some milliseconds."""


class RedisProbe:
    """The kind ``redis``: a ``KindProbe``.

    It writes one key of its own, which expires and is deleted at once, and leaves that out when it must not write.
    Everything else only reads, so that it runs under check mode as well.
    """

    name = "redis"
    writes = False
    judges_health = False

    def seconds(self, context: ServiceContext) -> float:
        """The most that the probe may take: the conversation, then a look at the processes."""
        return _MOST_SECONDS + 3.0 + context.deadline

    def probe(self, context: ServiceContext) -> RedisFacts:
        """Look. Never fails because of what the server does."""
        settings, container = context.settings.redis, context.container
        managed = bool(settings.host) or container is None
        facts = RedisFacts(
            service=context.service,
            state=MANAGED if managed or container is None else container.state,
            answer=Answer.FAILED,
            database=settings.database,
            cache=settings.cache,
            disposable_prefixes=settings.disposable_prefixes,
            recorded=_recorded(context),
        )
        if not managed and container is not None and not container.running:
            return replace(facts, answer=Answer.NOT_RUNNING)
        try:
            way = way_to_redis(context.docker, settings, container)
            key = _KEY_PREFIX + secrets.token_hex(8)
            writes: tuple[Command, ...] = (("SET", key, "1", "PX", _KEY_LIFE_MS), ("DEL", key))
            commands = (*_READS, *(writes if context.writing else ()))
            told = way.ask(commands, seconds=min(_MOST_SECONDS, context.deadline))
        except IncidentResponseError as error:
            return replace(facts, error=context.redactor.line(str(error)))
        return _read(context, replace(facts, via=way.via), told)

    def judge(self, context: ServiceContext, report: KindReport) -> tuple[Finding, ...]:
        """Judge what :meth:`probe` brought."""
        if not isinstance(report, RedisFacts):
            raise TypeError("the report of another probe")
        return judge_redis(report, context.thresholds)


def _read(context: ServiceContext, facts: RedisFacts, told: Conversation) -> RedisFacts:
    line = context.redactor.line
    ping = told.reply(_PING)
    error = ping.message if isinstance(ping, RedisError) else told.error
    answer = _answer(told)
    if answer is Answer.TIMED_OUT and facts.state != MANAGED and context.container is not None:
        answer = _by_process(context.docker, context.container.id, context.deadline)
    facts = replace(facts, answer=answer, error=line(error) if answer is not Answer.OK else "")
    if answer is not Answer.OK:
        return facts
    written = told.reply(_WRITE)
    services = {
        address: item.service
        for item in (*context.callers, *context.peers)
        for address in item.addresses.values()
        if address
    }
    return replace(
        facts,
        server=read_info(told.reply(_INFO)),
        persistence=read_persistence(told.reply(_INFO), told.reply(_SAVE)),
        slow=read_slow_log(told.reply(_SLOW), context.now, services, line),
        spikes=read_spikes(told.reply(_SPIKES), context.now),
        write=read_write(
            written, wanted=context.writing, answered=len(told.replies) > _WRITE or told.end is not End.TIMED_OUT
        ),
        write_error=line(written.message) if isinstance(written, RedisError) else "",
    )


_BY_CODE = {
    "BUSY": Answer.BUSY,
    "LOADING": Answer.LOADING,
    "NOAUTH": Answer.AUTHENTICATION,
    "NOPERM": Answer.AUTHENTICATION,
    "WRONGPASS": Answer.AUTHENTICATION,
    "DENIED": Answer.AUTHENTICATION,
}
_BY_END = {End.TIMED_OUT: Answer.TIMED_OUT, End.REFUSED: Answer.REFUSED, End.NO_CLIENT: Answer.NO_CLIENT}


def _answer(told: Conversation) -> Answer:
    ping = told.reply(_PING)
    if isinstance(ping, RedisError):
        return _BY_CODE.get(ping.code, Answer.FAILED)
    return Answer.OK if ping == "PONG" else _BY_END.get(told.end, Answer.FAILED)


def _by_process(docker: DockerCli, container: str, deadline: float) -> Answer:
    """Why nobody is answered: the state of the server's process (``R`` computes, ``S`` sleeps, ``T`` is stopped).

    An idle server computes for some moments as well, and may wait for a CPU then: it is busy when it is so each time.
    """
    answer = Answer.TIMED_OUT
    for _look in range(_LOOKS):
        answer = _state_of_process(docker, container, deadline)
        if answer is not Answer.BUSY:
            break
    return answer


def _state_of_process(docker: DockerCli, container: str, deadline: float) -> Answer:
    try:
        result = docker.top(container, "-o", "pid,stat,comm", deadline=deadline)
    except IncidentResponseError:
        return Answer.TIMED_OUT
    rows = [line.split(None, 2) for line in result.stdout.decode("utf-8", "replace").splitlines()[1:]]
    states = [row[1] for row in rows if len(row) == 3 and row[2].startswith(("redis-server", "valkey-server", "keydb"))]
    if not states:
        return Answer.TIMED_OUT
    return {"R": Answer.BUSY, "S": Answer.HELD, "T": Answer.STOPPED}.get(states[0][0], Answer.TIMED_OUT)


def _recorded(context: ServiceContext) -> Persistence:
    try:
        return Persistence(str(context.sample.get("persistence", "")))
    except ValueError:
        return Persistence.UNKNOWN
