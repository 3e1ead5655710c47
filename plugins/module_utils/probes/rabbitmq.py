# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at one RabbitMQ broker: by its management API when that can be reached, else by rabbitmqctl; same facts.

More than one look is taken only when a queue is behind, so that a healthy run does not wait for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.rabbitmq_api import (
    ApiError,
    RabbitmqApi,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.rabbitmq_ctl import RabbitmqCtl
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core import rabbitmq_answer as answers
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Container
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_facts import (
    API,
    CTL,
    Queue,
    RabbitmqFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.rabbitmq import judge_rabbitmq
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.context import (
    KindReport,
    ServiceContext,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.rabbitmq_sampling import (
    LOOK_SECONDS,
    Look,
    Sampler,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.rabbitmq_way import (
    GUEST,
    Credentials,
    api_ways,
    find_credentials,
)

_CTL_SECONDS = 20.0


class RabbitmqProbe:
    """The kind ``rabbitmq``: a ``KindProbe``. It only reads.

    :param clock: monotonic seconds.
    :param pause: waits for so many seconds.
    """

    name = "rabbitmq"
    writes = False
    judges_health = False

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._pause = pause

    def seconds(self, context: ServiceContext) -> float:
        """The most that the probe may take: the API, rabbitmqctl in its place, the looks that follow."""
        return 3 * context.deadline + (1 + len(LOOK_SECONDS)) * _CTL_SECONDS + LOOK_SECONDS[-1]

    def probe(self, context: ServiceContext) -> RabbitmqFacts:
        """Look. Never fails because of what the broker does."""
        container = context.container
        facts = RabbitmqFacts(context.service, container.state if container else "", recorded=_recorded(context))
        facts = replace(facts, starting=container is not None and container.health == "starting")
        if container is None or not container.running:
            return replace(facts, alive=False)
        try:
            credentials = find_credentials(context.docker, container, context.settings.rabbitmq)
            return self._ask(context, container, facts, credentials)
        except IncidentResponseError as error:
            return replace(facts, error=context.redactor.line(str(error)))

    def judge(self, context: ServiceContext, report: KindReport) -> tuple[Finding, ...]:
        """Judge what :meth:`probe` brought."""
        if not isinstance(report, RabbitmqFacts):
            raise TypeError("the report of another probe")
        published = container.ports if (container := context.container) else ()
        exposed = any(port.host_port and port.host_ip not in ("127.0.0.1", "::1") for port in published)
        return judge_rabbitmq(report, exposed=exposed)

    def _ask(
        self, context: ServiceContext, container: Container, facts: RabbitmqFacts, credentials: Credentials
    ) -> RabbitmqFacts:
        why: list[str] = []
        for api in api_ways(context.http, container, context.settings.rabbitmq, credentials, context.deadline):
            try:
                return self._by_api(context, facts, api, credentials)
            except ApiError as error:
                why.append(f"{api.via}: {context.redactor.line(str(error))}")
                if error.refused:
                    facts = replace(facts, guest=_guest(context, api, credentials, good=False))
                    break
        bypassed = " ".join(why) or "Its port is neither published nor has the container an address."
        return self._by_ctl(context, container, replace(facts, bypassed=bypassed), credentials)

    def _by_api(
        self, context: ServiceContext, facts: RabbitmqFacts, api: RabbitmqApi, credentials: Credentials
    ) -> RabbitmqFacts:
        nodes = answers.read_nodes(api.get_list(answers.NODES))
        if not nodes:
            raise ApiError("The management API knows no node.")
        first = _look(api, self._clock)
        queues = _with_statistics(api, first.queues)
        facts = replace(
            facts,
            alive=True,
            via=f"{API}, {api.via}",
            version=context.redactor.line(answers.read_version(api.get(answers.VERSION))),
            nodes=nodes,
            guest=_guest(context, api, credentials, good=True),
            configured_limit=_configured_limit(context, nodes[0].memory_alarm),
        )
        found = self._sampler(context).sample(replace(first, queues=queues), lambda: _look(api, self._clock))
        return replace(facts, queues=found)

    def _by_ctl(
        self, context: ServiceContext, container: Container, facts: RabbitmqFacts, credentials: Credentials
    ) -> RabbitmqFacts:
        ctl = RabbitmqCtl(context.docker, container.id, seconds=_CTL_SECONDS / 3)
        answer = ctl.look(deadline=_CTL_SECONDS, guest=context.writing or credentials.are_default)
        told_at = self._clock()
        error = context.redactor.line(answer.error)
        if not answer.nodes:
            return replace(facts, alive=answer.alive, error=error)
        facts = replace(
            facts,
            alive=True,
            via=f"{CTL}, exec",
            error=error,
            version=context.redactor.line(answer.version),
            nodes=answer.nodes,
            guest=answer.guest if facts.guest is None else facts.guest,
            configured_limit=_configured_limit(context, answer.nodes[0].memory_alarm),
        )
        vhosts = sorted({queue.vhost for queue in answer.queues})

        def again() -> Look:
            queues = ctl.again(vhosts, deadline=_CTL_SECONDS)
            return Look(self._clock(), queues)

        found = self._sampler(context).sample(Look(told_at, answer.queues, answer.consumers), again)
        return replace(facts, queues=found)

    def _sampler(self, context: ServiceContext) -> Sampler:
        return Sampler(context, _recorded(context), self._clock, self._pause)


def _with_statistics(api: RabbitmqApi, queues: Sequence[Queue]) -> tuple[Queue, ...]:
    told = api.get(answers.RATES)
    rates, capacities = answers.read_rates(told), answers.read_capacities(told)
    windows, dead_letters = answers.read_windows(api.get(answers.STATISTICS)), answers.read_dead_letters(told)
    return tuple(
        replace(
            queue,
            capacity=capacities.get(queue.key),
            rates=rates.get(queue.key),
            window=windows.get(queue.key),
            dead_letter=dead_letters.get((queue.vhost, queue.name)),
        )
        for queue in queues
    )


def _look(api: RabbitmqApi, clock: Callable[[], float]) -> Look:
    at = clock()
    totals = api.get_list(answers.TOTALS)
    if not answers.tells_counts(totals):
        raise ApiError("The management API does not tell how many messages wait; RabbitMQ 3.8.10 and later do.")
    return Look(at, answers.read_totals(totals), answers.read_consumers(api.get_list(answers.CONSUMERS)))


def _guest(context: ServiceContext, api: RabbitmqApi, credentials: Credentials, *, good: bool) -> bool | None:
    """Whether the default credentials are good here: we are not on the broker's own loopback.

    :param good: whether ``credentials`` were taken.
    """
    if credentials.are_default:
        return good
    container = context.container
    if container is None or not context.writing:
        return None  # a log-in that fails stands in the broker's log
    settings = context.settings.rabbitmq
    for other in api_ways(context.http, container, settings, Credentials(GUEST, GUEST), context.deadline):
        if other.via == api.via:
            try:
                other.get("whoami")
            except ApiError as error:
                return False if error.refused else None
            return True
    return None


def _configured_limit(context: ServiceContext, alarm: bool) -> int | None:
    container = context.container
    if not alarm or container is None:
        return None
    ctl = RabbitmqCtl(context.docker, container.id, seconds=context.deadline)
    return ctl.configured_limit(deadline=_CTL_SECONDS / 3)[1]


def _recorded(context: ServiceContext) -> dict[str, tuple[str, ...]]:
    told = context.sample.get("consumers")
    if not isinstance(told, Mapping):
        return {}
    return {str(key): tuple(str(name) for name in names) for key, names in told.items() if isinstance(names, list)}
