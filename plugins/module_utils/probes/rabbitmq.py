# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at one RabbitMQ broker: by its management API when that can be reached, else by rabbitmqctl; same facts.

A second exact count is taken only when a queue is behind, so that a healthy run does not wait for it.
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
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.queue_class import classify
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.queue_consumers import Consumers
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_facts import (
    API,
    CTL,
    Queue,
    QueueConsumer,
    RabbitmqFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.rabbitmq import judge_rabbitmq
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.context import (
    KindReport,
    ServiceContext,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.rabbitmq_way import (
    GUEST,
    Credentials,
    api_ways,
    find_credentials,
)

SAMPLE_SECONDS = 1.0
"""Between the two exact counts."""

_CTL_SECONDS = 15.0
_Totals = Callable[[], Sequence[Queue]]


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
        """The most that the probe may take: the API, rabbitmqctl in its place, the second count."""
        return 3 * context.deadline + 2 * _CTL_SECONDS + SAMPLE_SECONDS

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
                    break
        bypassed = " ".join(why) or "Its port is neither published nor has the container an address."
        return self._by_ctl(context, container, replace(facts, bypassed=bypassed))

    def _by_api(
        self, context: ServiceContext, facts: RabbitmqFacts, api: RabbitmqApi, credentials: Credentials
    ) -> RabbitmqFacts:
        nodes = answers.read_nodes(api.get(answers.NODES))
        begin = self._clock()
        first = answers.read_totals(api.get(answers.TOTALS))
        consumers = answers.read_consumers(api.get(answers.CONSUMERS))
        statistics = answers.read_statistics(api.get(answers.STATISTICS))
        queues = []
        for queue in first:
            capacity, rates, window = statistics.get((queue.vhost, queue.name), (None, None, None))
            queues.append(replace(queue, capacity=capacity, rates=rates, window=window))
        facts = replace(
            facts,
            alive=True,
            via=f"{API}, {api.via}",
            nodes=nodes,
            guest=_guest(context, api, credentials),
            configured_limit=_configured_limit(context, nodes[0].memory_alarm if nodes else False),
        )
        found = self._with_slope(
            queues, begin, lambda: answers.read_totals(api.get(answers.TOTALS)), context, consumers
        )
        return replace(facts, queues=found)

    def _by_ctl(self, context: ServiceContext, container: Container, facts: RabbitmqFacts) -> RabbitmqFacts:
        ctl = RabbitmqCtl(context.docker, container.id, seconds=_CTL_SECONDS / 3)
        begin = self._clock()
        answer = ctl.look(deadline=_CTL_SECONDS)
        if not answer.nodes:
            return replace(facts, alive=answer.alive, error=context.redactor.line(answer.error))
        alarm = answer.nodes[0].memory_alarm
        facts = replace(
            facts,
            alive=True,
            via=f"{CTL}, exec",
            version=answer.version,
            nodes=answer.nodes,
            configured_limit=_configured_limit(context, alarm),
        )
        vhosts = sorted({queue.vhost for queue in answer.queues})

        def again() -> list[Queue]:
            return [queue for vhost in vhosts for queue in ctl.totals(vhost, deadline=_CTL_SECONDS / 3)]

        return replace(facts, queues=self._with_slope(answer.queues, begin, again, context, answer.consumers))

    def _with_slope(
        self,
        queues: Sequence[Queue],
        begin: float,
        again: _Totals,
        context: ServiceContext,
        connected: Sequence[QueueConsumer],
    ) -> tuple[Queue, ...]:
        """The queues with their consumers, the second count where one is behind, and their class."""
        joined = _joined(context, queues, connected)
        later: Mapping[str, int] = {}
        passed = 1.0
        if any(queue.is_behind and queue.consumers for queue in joined):
            self._pause(max(0.0, SAMPLE_SECONDS - (self._clock() - begin)))
            later = {queue.key: queue.messages for queue in again()}
            passed = max(0.001, self._clock() - begin)
        limits = context.thresholds
        found = []
        for queue in joined:
            if queue.key in later:
                queue = replace(queue, slope=(later[queue.key] - queue.messages) / passed)
            found.append(
                classify(
                    queue,
                    drain_limit=limits.rabbitmq_drain_s,
                    redelivered_percent=limits.rabbitmq_redelivered_percent,
                )
            )
        return tuple(found)


def _joined(context: ServiceContext, queues: Sequence[Queue], connected: Sequence[QueueConsumer]) -> list[Queue]:
    settings, limits = context.settings.rabbitmq, context.thresholds
    dependants = [name for name, needed in context.needs.items() if context.service in needed]
    consumers = Consumers(
        context.platform,
        dependants,
        settings,
        _recorded(context),
        window=limits.crash_loop_window_s,
        now=context.now,
    )
    found = []
    for queue in queues:
        mine = [item for item in connected if (item.vhost, item.queue) == (queue.vhost, queue.name)]
        found.append(
            replace(
                queue,
                name=context.redactor.line(queue.name),
                consumers=len(mine) or queue.consumers,
                prefetch=answers.total_prefetch(mine),
                services=consumers.services_of(queue, connected),
                limit=settings.limits.get(queue.name, int(limits.rabbitmq_queue_count)),
                ignored=settings.ignores(queue.name),
            )
        )
    return found


def _guest(context: ServiceContext, api: RabbitmqApi, credentials: Credentials) -> bool | None:
    """Whether the default credentials are good here: we are not on the broker's own loopback."""
    if credentials.are_default:
        return True
    container = context.container
    if container is None or not context.writing:
        return None  # a log-in that fails stands in the broker's log
    for other in api_ways(
        context.http, container, context.settings.rabbitmq, Credentials(GUEST, GUEST), context.deadline
    ):
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
