# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HL-1: which service is the bottleneck, and which ones only suffer from it. Pure.

The graph is walked from each slow service to the deepest slow one. Where that one needs a store that bears a finding
which explains slowness, or a dependency for which everybody waits, that is the bottleneck.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import (
    Finding,
    Status,
    failing_services,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.graph import DependencyGraph
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.latency_facts import LatencyFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import ServiceFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.latency_load import (
    STATELESS,
    judge_saturation,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.latency_waits import (
    SHARE,
    by_length,
    shared_waits,
)

_EXPLAINS = {
    "postgres": (
        "postgres.blocked",
        "postgres.missing_index",
        "postgres.runaway_statement",
        "postgres.slow_statement",
        "postgres.slow_log",
        "postgres.dead_rows",
        "postgres.root_blocker",
        "postgres.blocking_transaction",
        "postgres.idle_in_transaction",
    ),
    "redis": ("redis.slow_commands", "redis.latency_spikes", "redis.memory", "redis.clients"),
    "rabbitmq": (
        "rabbitmq.memory_alarm",
        "rabbitmq.disk_alarm",
        "rabbitmq.no_consumer",
        "rabbitmq.stuck_consumer",
        "rabbitmq.poison",
        "rabbitmq.slow_consumer",
        "rabbitmq.queue_depth",
    ),
}
"""Kind of a store -> findings that explain a slow answer of whoever needs it, the most telling first."""
_ONLY_CRITICAL = frozenset({"postgres.idle_in_transaction", "redis.memory"})
"""As a warning they delay nobody: nobody waits for that transaction, and memory that is nearly full takes writes."""
_SLOW_STATEMENTS = ("postgres.slow_statement", "postgres.slow_log")
_MEDIAN_SHARE = 0.5
_FOLLOWED = 0.25
"""One that takes less than this share is not what a service waits for."""


@dataclass(frozen=True)
class Latencies:
    """What the judgement needs.

    :param timed: service -> its timed probes.
    :param facts: every service.
    :param findings: what was judged before.
    """

    timed: Mapping[str, LatencyFacts]
    facts: Mapping[str, ServiceFacts]
    findings: Sequence[Finding]
    graph: DependencyGraph

    def slow(self, limit: float) -> frozenset[str]:
        """Services whose 95th percentile is over the limit (ms), and whose median is over half of it.

        The 95th percentile of a few probes is the slowest of them: alone, one hiccup would be a bottleneck.
        """
        return frozenset(
            name
            for name, seen in self.timed.items()
            if seen.p95 is not None and seen.p95 > limit and (seen.p50 or 0.0) > _MEDIAN_SHARE * limit
        )

    def shared(self, limit: float) -> dict[str, tuple[tuple[str, float], ...]]:
        """Dependencies that answer well by their own look while all who tell of it wait for them long, see there."""
        slow = self.slow(limit)
        aside = slow | failing_services(self.findings)
        waits = shared_waits(self.timed, slow, limit)
        return {name: callers for name, callers in waits.items() if name in self.facts and name not in aside}

    def explaining(self, service: str) -> list[Finding]:
        """Findings about a store that explain why others wait for it, the most telling first."""
        facts = self.facts.get(service)
        patterns = _EXPLAINS.get(facts.kind, ()) if facts else ()
        bad = [finding for finding in self.findings if finding.service == service and finding.is_bad]
        told = [one for one in bad if one.status is Status.CRITICAL or one.id not in _ONLY_CRITICAL]
        return [finding for pattern in patterns for finding in told if fnmatchcase(finding.id, pattern)]


def judge_latency(seen: Latencies, thresholds: Thresholds) -> tuple[Finding, ...]:
    """One finding per timed service, one per store, and one per service that is saturated."""
    limit = thresholds.latency_p95_ms
    slow = seen.slow(limit)
    failing, shared = failing_services(seen.findings), seen.shared(limit)
    causes = {name: _causes(name, seen, slow, failing, shared) for name in slow}
    found = [_timed(name, seen, limit, causes.get(name)) for name in sorted(seen.timed)]
    roots = [name for name, roots in causes.items() if not roots]
    for name in sorted(roots):
        found += [*judge_saturation(seen.facts[name], thresholds), *_drift(seen.facts[name])]
    return (*found, *_stores(seen, causes, shared), *_queues(seen))


def _causes(
    service: str, seen: Latencies, slow: Collection[str], failing: Collection[str], shared: Collection[str]
) -> tuple[str, ...]:
    """The services because of which this one is slow; none when it is slow by itself."""
    needed = _waited_for(service, seen) - {service}
    deepest = seen.graph.root_causes(frozenset(slow)) - {service}
    slower = needed & deepest
    failed = needed & frozenset(failing)
    # A store below a slow service is looked for from the deepest slow one only.
    lowest = slower or {service}
    lower = {other for name in lowest for other in _waited_for(name, seen)}
    below = {store for store in lower if seen.explaining(store)}
    return tuple(sorted(failed or below or lower.intersection(shared) or slower))


def _waited_for(service: str, seen: Latencies) -> frozenset[str]:
    """Everything below the service that it may wait for.

    Where it tells which of its dependencies takes most of the time, only the ways through such are followed.
    """
    timed, direct = seen.timed.get(service, LatencyFacts()), seen.graph.needs.get(service, frozenset())
    p50, waits = timed.p50 or 0.0, timed.waits_ms
    if max(waits.values(), default=0.0) >= SHARE * p50 > 0.0:
        direct = frozenset(name for name in direct if waits.get(name, 0.0) >= _FOLLOWED * p50)
    return frozenset(direct.union(*(seen.graph.dependencies(name) for name in direct)))


def _timed(service: str, seen: Latencies, limit: float, causes: tuple[str, ...] | None) -> Finding:
    timed = seen.timed[service]
    name, p95 = "latency.p95", timed.p95
    if p95 is None:
        message = f"No timed probe of {service} was answered."
        return Finding(name, service, Status.NOT_CONFIGURED, message, None, limit, "ms", step="HL-1")
    value = round(p95, 1)
    measured = f"p95 {p95:,.0f} ms, p50 {timed.p50 or 0.0:,.0f} ms of {_probes(len(timed.samples_ms))}"
    if causes is None:
        message = f"{service} answers in time: {measured}."
        return Finding(name, service, Status.OK, message, value, limit, "ms", step="HL-1")
    evidence = (", ".join(f"{sample:,.0f}" for sample in timed.samples_ms) + f" ms: {timed.url}", *_waits(timed))
    if causes:
        message = f"{service} is slow ({measured}), and only suffers from {', '.join(causes)}."
        return Finding(name, service, Status.WARNING, message, value, limit, "ms", evidence, "HL-1")
    message = f"{service} is the bottleneck: {measured}{_waits_for(service, seen)}."
    return Finding(name, service, Status.CRITICAL, message, value, limit, "ms", evidence, "HL-1")


def _drift(facts: ServiceFacts) -> list[Finding]:
    """A stateless bottleneck whose configuration is not that of the Compose files may be slow for just that reason."""
    if facts.kind not in STATELESS or not facts.drift:
        return []
    message = f"{facts.service} is the bottleneck, and does not bear the configuration that the Compose files say."
    evidence = (facts.drift_reason,) if facts.drift_reason else ()
    return [Finding("latency.config_drift", facts.service, Status.CRITICAL, message, evidence=evidence, step="HL-5")]


def _waits(timed: LatencyFacts) -> tuple[str, ...]:
    return tuple(f"it waits {value:,.0f} ms for {name}" for name, value in by_length(timed.waits_ms))


def _waits_for(service: str, seen: Latencies) -> str:
    """The dependency that takes most of its time, by its own words, though that one is quick."""
    timed = seen.timed[service]
    for name, value in by_length(timed.waits_ms)[:1]:
        if value >= SHARE * (timed.p50 or 0.0):
            return f"; it waits {value:,.0f} ms of that for {name}, which itself is well: the way between them is slow"
    return ""


def _stores(
    seen: Latencies, causes: Mapping[str, tuple[str, ...]], shared: Mapping[str, tuple[tuple[str, float], ...]]
) -> list[Finding]:
    found = []
    for service, facts in sorted(seen.facts.items()):
        if (facts.kind in _EXPLAINS or service in shared) and not facts.declared:
            sufferers = sorted(name for name, roots in causes.items() if service in roots)
            found.append(_store(service, seen.explaining(service), sufferers, shared.get(service, ())))
    return found


def _store(
    service: str, reasons: Sequence[Finding], sufferers: Sequence[str], waits: Sequence[tuple[str, float]]
) -> Finding:
    """:param waits: caller and milliseconds, where all who tell of this service wait long for it."""
    name = "latency.bottleneck"
    told = tuple(f"{caller} waits {value:,.0f} ms for it" for caller, value in waits)
    evidence = (*(reason.message for reason in reasons), *told)
    if reasons and sufferers:
        message = f"{service} is the bottleneck, and {_who(sufferers)} from it: {reasons[0].message}"
        return Finding(name, service, Status.CRITICAL, message, evidence=evidence, step="HL-1")
    ids = {reason.id for reason in reasons}
    if "postgres.missing_index" in ids and ids & set(_SLOW_STATEMENTS):
        # The timed probes need not touch the table; whoever waits for the statement does.
        message = f"{service} is slow for whoever reads that table: {reasons[0].message}"
        return Finding(name, service, Status.CRITICAL, message, evidence=evidence, step="HL-3")
    if waits and sufferers:
        # Asked from close by, it is quick: what is slow is its network, or whatever stands before it.
        message = (
            f"{service} is the bottleneck, and {_who(sufferers)} from it: everyone who tells of it waits at least "
            f"{waits[-1][1]:,.0f} ms for it."
        )
        return Finding(name, service, Status.CRITICAL, message, waits[0][1], None, "ms", evidence, "HL-1")
    message = f"Nobody was seen to wait for {service}."
    return Finding(name, service, Status.OK, message, step="HL-1")


def _who(names: Sequence[str]) -> str:
    return f"{', '.join(names)} {'suffers' if len(names) == 1 else 'suffer'}"


def _queues(seen: Latencies) -> Iterable[Finding]:
    """HL-4: queues that grow delay what users wait for, while every service answers quickly."""
    for service, facts in sorted(seen.facts.items()):
        if facts.kind != "rabbitmq" or facts.declared:
            continue
        about = [finding for finding in seen.findings if finding.service == service and _is_queue(finding)]
        bad = [finding for finding in about if finding.is_bad]
        if bad:
            evidence = tuple(finding.message for finding in bad)
            message = f"Queues of {service} hold work back: {bad[0].message}"
            yield Finding("latency.queues", service, Status.WARNING, message, evidence=evidence, step="HL-4")
        else:
            status = Status.OK if about else Status.NOT_CONFIGURED
            message = f"No queue of {service} is known to hold work back."
            yield Finding("latency.queues", service, status, message, step="HL-4")


def _is_queue(finding: Finding) -> bool:
    return any(fnmatchcase(finding.id, pattern) for pattern in _EXPLAINS["rabbitmq"])


def _probes(count: int) -> str:
    return "1 probe" if count == 1 else f"{count} probes"
