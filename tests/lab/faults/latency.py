# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults that make answers slow: a Redis that stalls, a query without its index, a dependency far away."""

from __future__ import annotations

import json
from functools import partial

from labtool.commands import LabError, wait_until
from labtool.fault import Fault, Memo
from labtool.platform import PYTHON_IMAGE, Platform
from labtool.recovery import make_well, recreate

AN_HOUR_MS = "3600000"
FILLER_KEYS = 700  # of 100 kB each: more than Redis may hold (64 MB)
MANY_ROWS = (
    "INSERT INTO events (account, kind, body) "
    "SELECT number % 5000, 'bulk', 'bulk' FROM generate_series(1, 700000) AS number"
)
DELAY_MS = "1200"
CALLERS_OF_REDIS = ("ai-recommendation", "api-gateway", "user-service")
SATURATED = "reporting-service"
MEMORY_LIMIT_MB = 128
MUCH_MEMORY_PERCENT, MOST_MEMORY_PERCENT = 92, 95
WRONG_LOG_IN = {"username": "nobody", "password": "wrong"}


def _gateway_refuses_quickly(platform: Platform) -> bool:
    """Whether a wrong log-in gets its 401: that takes a write to Redis."""
    return platform.http("api-gateway", "/login", WRONG_LOG_IN, timeout=4)[0] == 401


# Redis


def _inject_writes_paused(platform: Platform) -> None:
    platform.redis("CLIENT", "PAUSE", AN_HOUR_MS, "WRITE")
    wait_until("writes that hang", lambda: not _gateway_refuses_quickly(platform))


def _undo_writes_paused(platform: Platform, memo: Memo) -> None:
    if platform.container("redis").status == "running":
        platform.redis("CLIENT", "UNPAUSE")
    make_well(platform, "redis")


def _redis_answers(platform: Platform) -> bool:
    try:
        return platform.exec("redis", "timeout", "1", "redis-cli", "PING").strip() == "PONG"
    except LabError:
        return False


def _inject_paused(platform: Platform) -> None:
    platform.redis("CLIENT", "PAUSE", AN_HOUR_MS, "ALL")
    wait_until("a PING without an answer", lambda: not _redis_answers(platform))


def let_redis_save(platform: Platform) -> None:
    """No fault: a Redis that writes down each change, as one does that is more than a cache. `reset` takes it back."""
    recreate(platform, "redis", "redis-saves")
    platform.wait_healthy(["redis"])


def _inject_busy(platform: Platform) -> None:
    platform.exec_in_background("redis", "redis-cli", "EVAL", "while true do end", "0")
    wait_until("a PING without an answer", lambda: not _redis_answers(platform))


def _undo_by_restart(platform: Platform, memo: Memo) -> None:
    # It answers nobody, so it cannot be asked to go on; the cache keeps nothing over a restart anyhow.
    platform.docker("restart", "-t", "1", platform.container_id("redis"))
    make_well(platform, "redis")


def _inject_full(platform: Platform) -> None:
    lines = "".join(f"SETRANGE filler:{number} 99999 x\n" for number in range(FILLER_KEYS))

    def refuses_writes() -> bool:
        # Once, on a busy machine, one pass was not enough; what is there already stays as it is.
        platform.exec("redis", "redis-cli", stdin=lines.encode())
        return "OOM" in platform.redis("SET", "filler:last", "x")

    wait_until("a refused write", refuses_writes)


# PostgreSQL


def _inject_index_missing(platform: Platform) -> None:
    platform.psql(MANY_ROWS)
    platform.psql("DROP INDEX IF EXISTS events_account; ANALYZE events")
    plan = "EXPLAIN SELECT count(*) FROM events WHERE account = 1"
    wait_until("a plan without the index", lambda: "Seq Scan" in platform.psql(plan))


def _undo_index_missing(platform: Platform, memo: Memo) -> None:
    platform.psql("DELETE FROM events WHERE kind = 'bulk'")
    platform.psql("SET ROLE app; CREATE INDEX IF NOT EXISTS events_account ON events (account)")
    platform.psql("VACUUM FULL ANALYZE events")
    # The counts of statements outlive the fault: PostgreSQL would be blamed for its slow writes from now on.
    platform.psql("SELECT pg_stat_statements_reset()")


# The way to Redis


def _proxy(platform: Platform) -> str:
    return f"{platform.project}-slow-redis"


def _network(platform: Platform) -> str:
    return f"{platform.project}_default"


def _start_proxy(platform: Platform, alias: str, target: str) -> None:
    # Beside the project, not in it: a slow network shows nowhere in Compose either.
    platform.docker(
        "run", "-d", "--name", _proxy(platform), "--label", platform.beside_label,
        "--network", _network(platform), "--network-alias", alias,
        PYTHON_IMAGE, "python3", "-m", "services.delay_proxy", "6379", f"{target}:6379", DELAY_MS,
    )  # fmt: skip


def _remove_proxy(platform: Platform) -> None:
    platform.docker("rm", "-f", *platform.docker("ps", "-aq", "--filter", f"name=^{_proxy(platform)}$").split())


def _inject_slow_redis(platform: Platform) -> None:
    _start_proxy(platform, "slow-redis", "redis")
    recreate(platform, "api-gateway", override="slow-redis")
    wait_until("the gateway through the slow way", lambda: _gateway_refuses_quickly(platform))


def _undo_slow_redis(platform: Platform, memo: Memo) -> None:
    make_well(platform, "api-gateway")
    _remove_proxy(platform)


def _call_redis(platform: Platform, alias: str) -> None:
    """Give the container of Redis another name in the network."""
    container = platform.container_id("redis")
    platform.docker("network", "disconnect", _network(platform), container)
    platform.docker("network", "connect", "--alias", alias, _network(platform), container)


def _waits_for_redis(platform: Platform, service: str) -> bool:
    _status, body = platform.http(service, "/health", timeout=4)
    told = body.get("checks", {}).get("redis", {}) if isinstance(body, dict) else {}
    return bool(told.get("ok") and told["ms"] >= int(DELAY_MS))


def _inject_far_redis(platform: Platform) -> None:
    # By its name in the network: no container and no configuration of the platform differs.
    _call_redis(platform, "near-redis")
    _start_proxy(platform, "redis", "near-redis")
    platform.redis("CLIENT", "KILL", "TYPE", "normal")  # who is connected has to look for it anew
    for service in CALLERS_OF_REDIS:
        wait_until(f"a long wait of {service}", partial(_waits_for_redis, platform, service))


def _undo_far_redis(platform: Platform, memo: Memo) -> None:
    _remove_proxy(platform)
    form = "{{json .NetworkSettings.Networks}}"
    networks = json.loads(platform.docker("inspect", "--format", form, platform.container_id("redis")))
    if "redis" not in (networks.get(_network(platform), {}).get("Aliases") or ()):
        _call_redis(platform, "redis")


# A service by itself


def _memory_percent(platform: Platform, service: str) -> float:
    told = platform.docker("stats", "--no-stream", "--format", "{{.MemPerc}}", platform.container_id(service))
    return float(told.strip().rstrip("%"))


def _inject_saturated(platform: Platform) -> None:
    recreate(platform, SATURATED, "service-saturated")
    wait_until("the service", lambda: platform.http(SATURATED, "/live")[0] == 200)
    share = MOST_MEMORY_PERCENT - _memory_percent(platform, SATURATED)
    platform.fault_point(SATURATED, "allocate", megabytes=int(share * MEMORY_LIMIT_MB / 100))
    wait_until("little memory left", lambda: _memory_percent(platform, SATURATED) > MUCH_MEMORY_PERCENT)
    platform.exec(SATURATED, "touch", "/dev/shm/dragged")


def _undo_saturated(platform: Platform, memo: Memo) -> None:
    make_well(platform, SATURATED)


FAULTS = (
    Fault(
        "service-saturated", "latency",
        "reporting-service has taken nearly all the memory that it may have, and answers 1200 ms late until a restart.",
        _inject_saturated, _undo_saturated,
    ),
    Fault(
        "redis-writes-paused", "latency",
        "Redis holds every write back (CLIENT PAUSE WRITE): PING is fine, writes time out.",
        _inject_writes_paused, _undo_writes_paused,
    ),
    Fault(
        "redis-paused", "latency",
        "Redis holds every command back (CLIENT PAUSE ALL).",
        _inject_paused, _undo_by_restart,
    ),
    Fault(
        "redis-busy", "latency",
        "A Lua script in an endless loop keeps Redis busy.",
        _inject_busy, _undo_by_restart,
    ),
    Fault(
        "redis-full", "latency",
        "Redis has reached maxmemory and refuses writes: PING is fine.",
        _inject_full, _undo_by_restart,
    ),
    Fault(
        "redis-slow", "latency",
        f"Each answer of Redis reaches the gateway {DELAY_MS} ms late.",
        _inject_slow_redis, _undo_slow_redis,
    ),
    Fault(
        "redis-far", "latency",
        f"Each answer of Redis reaches everybody {DELAY_MS} ms late.",
        _inject_far_redis, _undo_far_redis,
    ),
    Fault(
        "index-missing", "latency",
        "The table `events` has 700,000 rows more and no index: each report reads all of them.",
        _inject_index_missing, _undo_index_missing,
    ),
)  # fmt: skip
