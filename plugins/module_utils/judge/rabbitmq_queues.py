# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queues of a broker, judged: one finding for each class of backlog, over all the queues that are in it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.queue_class import Backlog
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_facts import (
    Queue,
    RabbitmqFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_settings import (
    QUARANTINE_SUFFIX,
)

_STEPS = {
    Backlog.NO_CONSUMER: "QB-3",
    Backlog.STUCK: "QB-3",
    Backlog.SLOW: "QB-3",
    Backlog.POISON: "QB-5",
    Backlog.CRASHING: "QB-5",
}
_MOST_LINES = 10


def judge_queues(facts: RabbitmqFacts) -> list[Finding]:
    """Depth, drain, what is parked, and what is wrong with whom."""
    if facts.error:
        message = f"How many messages wait in {facts.service} cannot be told."
        evidence = (facts.error,)
        return [Finding("rabbitmq.queue_depth", facts.service, Status.UNKNOWN, message, evidence=evidence, step="QB-3")]
    found = [_depth(facts), *_draining(facts), *_parked(facts)]
    for kind, step in _STEPS.items():
        mine = [queue for queue in facts.queues if queue.kind == kind.value]
        found += _of_class(facts.service, kind, step, mine)
    return [*found, *_single(facts)]


def _depth(facts: RabbitmqFacts) -> Finding:
    watched = [queue for queue in facts.queues if not queue.ignored]
    total = float(sum(queue.messages for queue in watched))
    behind = [queue for queue in watched if queue.is_behind]
    noun = "queue" if len(watched) == 1 else "queues"
    if not behind:
        message = f"No queue of {facts.service} is behind: {total:,.0f} messages in {len(watched)} {noun}."
        return Finding("rabbitmq.queue_depth", facts.service, Status.OK, message, total, unit="1", step="QB-3")
    deepest = max(behind, key=lambda queue: queue.messages)
    message = f"{deepest.title} is behind: {deepest.messages:,} messages wait, {deepest.limit:,} may."
    return Finding(
        "rabbitmq.queue_depth",
        facts.service,
        Status.WARNING,
        message,
        float(deepest.messages),
        float(deepest.limit),
        "1",
        tuple(queue.evidence[0] for queue in behind if queue.evidence)[:_MOST_LINES],
        "QB-3",
    )


def _draining(facts: RabbitmqFacts) -> list[Finding]:
    """How long it takes; nothing when a queue is behind that is not worked off: that is told by its class."""
    name = "rabbitmq.draining"
    draining = [queue for queue in facts.queues if queue.kind == Backlog.DRAINING.value]
    if not draining:
        if any(queue.is_behind for queue in facts.queues):
            return []
        waiting = sum(queue.messages for queue in facts.queues if not queue.ignored)
        message = f"The queues of {facts.service} are worked off: {_counted(waiting)} {_verb(waiting)}."
        return [Finding(name, facts.service, Status.OK, message, 0.0, None, "s", step="QB-3")]
    slowest = max(draining, key=lambda queue: queue.drain_seconds or 0.0)
    seconds = slowest.drain_seconds or 0.0
    message = f"{slowest.title} is being worked off: {slowest.messages:,} messages will take about {seconds:.0f} s."
    evidence = tuple(line for queue in draining for line in queue.evidence)[:_MOST_LINES]
    return [Finding(name, facts.service, Status.WARNING, message, seconds, None, "s", evidence, "QB-3")]


def _parked(facts: RabbitmqFacts) -> list[Finding]:
    """What we have parked is nobody's work any more: a person has to decide."""
    parked = [queue for queue in facts.queues if queue.name.endswith(QUARANTINE_SUFFIX) and queue.messages]
    if not parked:
        return []
    total = sum(queue.messages for queue in parked)
    names = " and ".join(queue.title for queue in parked[:_MOST_LINES])
    message = (
        f"{_counted(total)} {'is' if total == 1 else 'are'} parked in {names}: a person has to look at what is wrong."
    )
    return [Finding("rabbitmq.parked", facts.service, Status.WARNING, message, float(total), 0.0, "1", step="QB-5")]


def _single(facts: RabbitmqFacts) -> list[Finding]:
    """Too slow, and none of those that are can have a second container."""
    slow = [queue for queue in facts.queues if queue.is_behind and queue.kind == Backlog.SLOW.value]
    consumers = {item.name: item.alone for queue in slow for item in queue.services}
    if not consumers or not all(consumers.values()):
        return []
    message = " ".join(consumers[name] for name in sorted(consumers))
    name, targets = "rabbitmq.single_consumer", tuple(sorted(consumers))
    return [Finding(name, facts.service, Status.WARNING, message, step="QB-4", targets=targets)]


def _counted(messages: int) -> str:
    return f"{messages:,} messages" if messages != 1 else "1 message"


def _verb(messages: int) -> str:
    return "wait" if messages != 1 else "waits"


def _of_class(service: str, kind: Backlog, step: str, queues: Sequence[Queue]) -> list[Finding]:
    """Poison is critical however few the messages are: a service dies of it."""
    bad = [queue for queue in queues if queue.is_behind or kind is Backlog.POISON]
    name = f"rabbitmq.{kind.value}"
    nobody = [queue for queue in bad if kind is Backlog.NO_CONSUMER and not queue.services]
    named = [queue for queue in bad if queue not in nobody]
    found = []
    if named:
        found.append(_finding(name, service, Status.CRITICAL, step, named))
    elif any(queue.services for queue in queues):
        mild = [queue for queue in queues if queue.services]
        found.append(_finding(name, service, Status.WARNING, step, mild))
    if nobody:
        found.append(_finding("rabbitmq.consumer_unknown", service, Status.CRITICAL, step, nobody))
    return found


def _finding(name: str, service: str, status: Status, step: str, queues: Sequence[Queue]) -> Finding:
    worst = max(queues, key=lambda queue: queue.messages)
    services = {item.name: item for queue in queues for item in queue.services}
    consumers = tuple(sorted(services))
    evidence = tuple(line for queue in queues for line in queue.evidence)[:_MOST_LINES]
    # More containers are given only to those that can have them; when nobody can, that is a finding of its own.
    several = tuple(other for other in consumers if not services[other].alone)
    targets = several if name == "rabbitmq.slow_consumer" and several else consumers
    return Finding(
        name,
        service,
        status,
        _sentence(name, worst, consumers, len(queues) - 1),
        float(worst.messages),
        float(worst.limit),
        "1",
        evidence,
        step,
        targets,
    )


def _sentence(name: str, queue: Queue, consumers: Sequence[str], others: int) -> str:
    who = " and ".join(consumers) or "its consumer, which is no service of this platform,"
    verb = "do" if len(consumers) > 1 else "does"
    counted, wait = _counted(queue.messages), _verb(queue.messages)
    more = f" So it is with {others} more." if others else ""
    words = {
        "rabbitmq.no_consumer": f"{queue.title} has no consumer while {counted} {wait}: {who} {verb} not consume it.",
        "rabbitmq.consumer_unknown": (
            f"{queue.title} has no consumer while {counted} {wait}, and nobody knows which service should consume it. "
            "Name it in the inventory: rabbitmq.consumers."
        ),
        "rabbitmq.stuck_consumer": f"{queue.title} is stuck: {who} {verb} not acknowledge any of {counted}.",
        "rabbitmq.slow_consumer": f"{queue.title} is worked off too slowly by {who}: {counted} {wait}.",
        "rabbitmq.poison": f"A message of {queue.title} brings {who} down again and again: {counted} {wait}.",
        "rabbitmq.consumer_crash": f"The consumer of {queue.title} crashes: {who}, by another cause than a message.",
    }
    return words[name] + more
