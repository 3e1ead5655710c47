# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from service_facts import container, service

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.graph import DependencyGraph
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.latency_facts import (
    LatencyFacts,
    percentile,
    told_waits,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Resources,
    ServiceFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.latency import (
    Latencies,
    judge_latency,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.latency_load import judge_pressure

NEEDS = {
    "gateway": ("users", "reports", "redis"),
    "users": ("postgres", "redis"),
    "reports": ("postgres",),
    "events": ("rabbitmq",),
    "postgres": (),
    "redis": (),
    "rabbitmq": (),
}
KINDS = {"postgres": "postgres", "redis": "redis", "rabbitmq": "rabbitmq"}
QUICK, SLOW = (5.0,) * 5, (900.0,) * 5
CRITICAL, WARNING = Status.CRITICAL, Status.WARNING


def warning(name: str, of: str, status: Status = Status.WARNING) -> Finding:
    return Finding(name, of, status, f"{of} has {name}.")


def facts(**changed: ServiceFacts) -> dict[str, ServiceFacts]:
    plain = {
        name: service(container(name), service=name, kind=KINDS.get(name, "http"), depends_on=needs)
        for name, needs in NEEDS.items()
    }
    return {**plain, **changed}


def judged(
    slow: Mapping[str, Sequence[float]],
    findings: Sequence[Finding] = (),
    waits: Mapping[str, Mapping[str, float]] | None = None,
    graph: Mapping[str, Sequence[str]] = NEEDS,
    **changed: ServiceFacts,
) -> dict[tuple[str, str], Finding]:
    timed = {
        name: LatencyFacts(tuple(slow.get(name, QUICK)), 5, f"http://{name}/health", (waits or {}).get(name, {}))
        for name in NEEDS
        if name not in KINDS
    }
    seen = Latencies(timed, facts(**changed), findings, DependencyGraph.of(graph))
    return {finding.key: finding for finding in judge_latency(seen, Thresholds())}


def bad(*arguments: Any, **changed: Any) -> dict[tuple[str, str], Status]:
    return {key: finding.status for key, finding in judged(*arguments, **changed).items() if finding.is_bad}


def test_a_quick_platform_has_nothing_bad_and_each_service_is_told() -> None:
    assert bad({}) == {}
    assert {key[1] for key in judged({}) if key[0] == "latency.p95"} == {"gateway", "users", "reports", "events"}


def test_the_deepest_slow_service_is_the_bottleneck_and_the_others_only_suffer() -> None:
    found = judged({"gateway": SLOW, "users": SLOW})
    assert found["latency.p95", "users"].status is CRITICAL
    assert found["latency.p95", "gateway"].status is WARNING
    assert "only suffers from users" in found["latency.p95", "gateway"].message


@pytest.mark.parametrize(
    "store, name, status",
    [
        ("postgres", "postgres.missing_index", WARNING),
        ("postgres", "postgres.runaway_statement", WARNING),
        ("postgres", "postgres.dead_rows", WARNING),
        ("postgres", "postgres.blocked", CRITICAL),
        ("postgres", "postgres.idle_in_transaction", CRITICAL),
        ("redis", "redis.slow_commands", WARNING),
        ("redis", "redis.memory", CRITICAL),
    ],
)
def test_a_store_with_a_finding_that_explains_it_is_the_bottleneck(store: str, name: str, status: Status) -> None:
    found = bad({"gateway": SLOW, "users": SLOW}, [warning(name, store, status)])
    assert found == {
        ("latency.bottleneck", store): CRITICAL,
        ("latency.p95", "users"): WARNING,
        ("latency.p95", "gateway"): WARNING,
    }


NEARLY_FULL = warning("redis.memory", "redis")


@pytest.mark.parametrize("finding", [NEARLY_FULL, warning("postgres.idle_in_transaction", "postgres")])
def test_a_store_that_takes_its_work_is_not_blamed_for_what_may_come(finding: Finding) -> None:
    assert bad({"gateway": SLOW, "users": SLOW}, [finding]) == {
        ("latency.p95", "users"): CRITICAL,
        ("latency.p95", "gateway"): WARNING,
    }


def test_a_database_that_is_locked_is_the_bottleneck_and_not_a_redis_that_is_nearly_full() -> None:
    blocked = [warning(f"postgres.{name}", "postgres", CRITICAL) for name in ("idle_in_transaction", "blocked")]
    found = judged({"users": SLOW}, [NEARLY_FULL, *blocked, warning("postgres.missing_index", "postgres")])
    assert found["latency.bottleneck", "redis"].status is Status.OK
    assert found["latency.bottleneck", "postgres"].message == (
        "postgres is the bottleneck, and users suffers from it: postgres has postgres.blocked."
    )


def test_a_store_that_nobody_waits_for_is_no_bottleneck() -> None:
    assert bad({"events": SLOW}, [warning("postgres.dead_rows", "postgres")]) == {("latency.p95", "events"): CRITICAL}


def test_whoever_needs_a_failing_service_suffers_from_it() -> None:
    found = judged({"reports": SLOW}, [warning("postgres.answers", "postgres", CRITICAL)])
    assert found["latency.p95", "reports"].status is WARNING
    assert found["latency.bottleneck", "postgres"].status is Status.OK


def test_what_a_service_tells_of_its_own_waits_weighs_more_than_the_graph() -> None:
    found = judged(
        {"gateway": SLOW, "users": SLOW},
        [warning("postgres.dead_rows", "postgres")],
        {"gateway": {"redis": 880.0, "users": 3.0}},
    )
    gateway = found["latency.p95", "gateway"]
    assert gateway.status is CRITICAL
    assert "it waits 880 ms of that for redis, which itself is well: the way between them is slow" in gateway.message
    assert found["latency.p95", "users"].status is WARNING


FAR = {"gateway": {"redis": 880.0, "users": 3.0}, "users": {"redis": 890.0, "postgres": 2.0}}


def test_a_dependency_for_which_everybody_waits_is_the_bottleneck_and_all_of_them_only_suffer() -> None:
    found = judged({"gateway": SLOW, "users": SLOW}, (), FAR)
    assert {key: one.status for key, one in found.items() if one.is_bad} == {
        ("latency.bottleneck", "redis"): CRITICAL,
        ("latency.p95", "gateway"): WARNING,
        ("latency.p95", "users"): WARNING,
    }
    redis = found["latency.bottleneck", "redis"]
    assert redis.message == (
        "redis is the bottleneck, and gateway, users suffer from it: everyone who tells of it waits at least 880 ms "
        "for it."
    )
    assert redis.evidence == ("users waits 890 ms for it", "gateway waits 880 ms for it")
    assert "only suffers from redis" in found["latency.p95", "gateway"].message


def test_it_need_not_be_a_store() -> None:
    waits = {"gateway": {"events": 880.0}, "users": {"events": 890.0}}
    needs = {name: service(container(name), service=name, depends_on=("events",)) for name in waits}
    found = judged({"gateway": SLOW, "users": SLOW}, (), waits, {**NEEDS, **dict.fromkeys(waits, ("events",))}, **needs)
    assert found["latency.bottleneck", "events"].status is CRITICAL


@pytest.mark.parametrize(
    "waits, blamed",
    [
        ({**FAR, "reports": {"redis": 1.0}}, {"gateway", "users"}),
        ({"gateway": FAR["gateway"]}, {"gateway", "users"}),
        ({"gateway": {"redis": 260.0}, "users": {"redis": 270.0}}, {"users"}),
    ],
    ids=["another one does not wait", "only one tells of it", "it is a small part of the time"],
)
def test_where_not_everybody_waits_long_it_is_not_blamed(
    waits: Mapping[str, Mapping[str, float]], blamed: set[str]
) -> None:
    found = judged({"gateway": SLOW, "users": SLOW}, (), waits)
    assert found["latency.bottleneck", "redis"].status is Status.OK
    assert {key[1] for key, one in found.items() if one.status is CRITICAL} == blamed


def test_a_dependency_that_fails_itself_is_told_by_its_own_finding() -> None:
    found = judged({"gateway": SLOW, "users": SLOW}, [warning("redis.answers", "redis", CRITICAL)], FAR)
    assert found["latency.bottleneck", "redis"].status is Status.OK
    assert "only suffers from redis" in found["latency.p95", "users"].message


@pytest.mark.parametrize("samples", [(5.0, 5.0, 900.0, 5.0, 5.0), (480.0,) * 5, ()])
def test_one_hiccup_or_no_answer_is_no_latency(samples: Sequence[float]) -> None:
    assert bad({"gateway": samples}) == {}


@pytest.mark.parametrize("explained", ["postgres.slow_statement", "postgres.slow_log"])
def test_a_missing_index_whose_statement_is_slow_needs_no_timed_probe_to_be_the_bottleneck(explained: str) -> None:
    index = warning("postgres.missing_index", "postgres")
    assert bad({}, [index]) == {}
    found = judged({}, [index, warning(explained, "postgres")])["latency.bottleneck", "postgres"]
    assert found.status is CRITICAL
    assert "has postgres.missing_index" in found.message


def test_a_queue_that_holds_work_back_is_told() -> None:
    found = judged({}, [warning("rabbitmq.no_consumer", "rabbitmq", CRITICAL)])["latency.queues", "rabbitmq"]
    assert (found.status, found.step) == (WARNING, "HL-4")
    assert bad({}, [warning("rabbitmq.guest", "rabbitmq")]) == {}


def saturated(used: Resources, **fields: Any) -> dict[tuple[str, str], Finding]:
    one = container("users", **fields)
    return judged({"users": SLOW}, users=service(one, service="users", resources={one.id: used}))


@pytest.mark.parametrize(
    "used, limit",
    [
        (Resources(available=True, recent_periods=10, recent_throttled_periods=6), None),
        (Resources(available=True, cpu_cores=0.97), 1.0),
        (Resources(available=True, memory_bytes=95, memory_limit=100), None),
        (Resources(available=True, pressure={"cpu": 80.0}), None),
    ],
)
def test_a_slow_service_that_is_short_of_something_is_saturated(used: Resources, limit: float | None) -> None:
    found = saturated(used, cpu_limit=limit)["latency.saturated", "users"]
    assert (found.status, found.step) == (CRITICAL, "HL-5")


@pytest.mark.parametrize(
    "used",
    [
        Resources(available=True, cpu_cores=0.1),
        Resources(available=True, periods=100, throttled_periods=90, recent_periods=10, recent_throttled_periods=0),
        Resources(available=False, reason="the engine runs on another host"),
    ],
    ids=["idle", "throttled long ago", "it cannot be told"],
)
def test_one_that_is_short_of_nothing_is_not(used: Resources) -> None:
    assert saturated(used)["latency.saturated", "users"].status is Status.OK


def test_a_quick_one_is_not_called_saturated() -> None:
    one = container("users")
    used = Resources(available=True, memory_bytes=95, memory_limit=100)
    assert bad({}, users=service(one, service="users", resources={one.id: used})) == {}


def test_a_bottleneck_that_differs_from_the_compose_files_says_so() -> None:
    drifted = service(container("users"), service="users", drift=True, drift_reason="other files")
    assert bad({"users": SLOW}, users=drifted)["latency.config_drift", "users"] is CRITICAL
    assert bad({}, users=drifted) == {}


def test_a_model_server_with_state_elsewhere_counts_as_stateless_and_a_store_does_not() -> None:
    one = container("users")
    kept = service(one, service="users", kind="other", resources={one.id: Resources(pressure={"cpu": 99.0})})
    assert ("latency.saturated", "users") not in judged({"users": SLOW}, users=kept)
    assert ("latency.saturated", "users") in judged({"users": SLOW}, users=replace(kept, kind="model_server"))


@pytest.mark.parametrize(
    "pressure, status",
    [
        ({}, Status.NOT_CONFIGURED),
        ({"cpu": 5.0, "io": 0.0, "memory": 0.0}, Status.OK),
        ({"cpu": 5.0, "io": 75.0, "memory": 0.0}, WARNING),
    ],
)
def test_the_host_tells_how_long_work_waits(pressure: dict[str, float], status: Status) -> None:
    (found,) = judge_pressure(pressure, Thresholds())
    assert (found.status, found.service, found.step) == (status, "", "HL-5")


@pytest.mark.parametrize(
    "values, percent, result",
    [((), 95, None), ((3.0,), 95, 3.0), ((3.0, 1.0, 2.0), 50, 2.0), ((1.0,) * 19 + (9.0,), 95, 1.0)],
)
def test_percentiles_by_nearest_rank(values: tuple[float, ...], percent: float, result: float | None) -> None:
    assert percentile(values, percent) == result


@pytest.mark.parametrize(
    "body, waits",
    [
        ({"checks": {"redis": {"ok": True, "ms": 301.5}, "disk": {"ms": 4}}}, {"redis": 301.5}),
        ({"components": {"redis": {"status": "UP", "responseTimeMs": 7}}}, {"redis": 7.0}),
        ({"checks": {"redis": {"ms": "301"}}}, {}),
        ({"checks": {"redis": {"ms": True}}}, {}),
        ({"checks": {"redis": {"ms": -1}}}, {}),
        ({"checks": ["redis"]}, {}),
        ({"checks": {"redis": "ok"}}, {}),
        (None, {}),
        ("ok", {}),
    ],
)
def test_waits_are_read_where_a_health_answer_tells_them(body: Any, waits: dict[str, float]) -> None:
    assert told_waits(body, ["redis", "postgres"]) == waits
