# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits that facts are held against. The unit is the last part of each name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError


@dataclass(frozen=True)
class Thresholds:
    """The limits and their defaults.

    :param http_latency_ms: a health answer that takes longer is a warning.
    :param canary_latency_ms: a canary inference that takes longer is critical.
    :param restart_count: that many restarts by the engine since the last manual start are critical while the container
        is young (a crash loop), else a warning.
    :param crash_loop_window_s: a container younger than that, restarted often, is in a crash loop.
    :param memory_percent: memory in use as a share of the limit; more is a warning.
    :param throttled_percent: share of CPU quota periods that were throttled; more is a warning.
    :param crash_ledger_s: crashes are counted over that time by our own ledger; ``restart_count`` of them are a loop.
    :param known_good_age_s: what has run well for that long is kept as the last known good image.
    :param log_window_s: lines of a log older than that are no news.
    :param start_grace_s: how long a container without a start period may take until it answers.
    :param postgres_slots_percent: database slots in use as a share of those for plain roles; more is a warning.
    :param postgres_slots_critical_percent: the same; that many or more are critical.
    :param postgres_idle_in_transaction_s: a session idle in its transaction for longer is a warning, and critical while
        slots are short or others wait for it.
    :param postgres_lock_wait_s: a session that waits longer for a lock is critical, and so is one that waits at all for
        a transaction that has been idle for longer.
    :param postgres_disk_percent: use of the data directory's file system (bytes or inodes); more is a warning.
    :param postgres_disk_critical_percent: the same; that much or more is critical.
    :param postgres_statement_ms: a statement slower than that on average is a warning.
    :param postgres_index_statement_ms: an index is proposed for a statement slower than that on average.
    :param postgres_running_statement_s: a statement that runs longer than that is a warning.
    :param postgres_dead_percent: dead rows of a large table as a share of all; more is a warning.
    :param postgres_large_table_rows: from that many rows on a table is large.
    :param disk_percent: use of a file system (bytes or inodes); more is a warning.
    :param disk_critical_percent: the same; more is critical.
    :param disk_target_percent: what a remedy brings it down to.
    :param disk_full_s: a disk that is full in less than that, at its present rate, is a warning.
    :param disk_log_bytes: a log without rotation that is larger is critical.
    :param disk_litter_bytes: more than that of build cache, dangling images or stopped containers is critical.
    :param disk_wal_bytes: more than that of write-ahead log, or held back by an unused slot, is a warning.
    :param rabbitmq_queue_count: a queue with that many messages or more is behind.
    :param rabbitmq_drain_s: a queue that is behind may take that long until it is empty.
    :param rabbitmq_redelivered_percent: share of deliveries that are redeliveries from which on, when nothing is
        acknowledged, a message is taken for poison.
    :param redis_memory_percent: memory of Redis in use as a share of ``maxmemory``; more is a warning.
    :param redis_clients_percent: clients of Redis as a share of ``maxclients``; more is a warning.
    :param redis_command_ms: a recent command of Redis slower than that is a warning.
    :param latency_p95_ms: a service is slow when the 95th percentile of its timed probes is more and their median more
        than half of it; critical where it is slow by its own fault.
    :param pressure_percent: share of the last 10 s for which work waited for CPU, memory or disk; more is a warning.
    :param token_lifetime_s: a token that is good for a shorter time is critical.
    :param token_longest_lifetime_s: a token that is good for a longer time is a warning.
    :param clock_skew_s: a clock that is certainly further off than that is critical.
    """

    http_latency_ms: float = 1000.0
    canary_latency_ms: float = 2000.0
    restart_count: float = 3.0
    crash_loop_window_s: float = 120.0
    memory_percent: float = 90.0
    throttled_percent: float = 25.0
    crash_ledger_s: float = 3600.0
    known_good_age_s: float = 60.0
    log_window_s: float = 300.0
    start_grace_s: float = 10.0
    postgres_slots_percent: float = 80.0
    postgres_slots_critical_percent: float = 95.0
    postgres_idle_in_transaction_s: float = 30.0
    postgres_lock_wait_s: float = 30.0
    postgres_disk_percent: float = 85.0
    postgres_disk_critical_percent: float = 95.0
    postgres_statement_ms: float = 500.0
    postgres_index_statement_ms: float = 10.0
    postgres_running_statement_s: float = 30.0
    postgres_dead_percent: float = 20.0
    postgres_large_table_rows: float = 10000.0
    disk_percent: float = 80.0
    disk_critical_percent: float = 90.0
    disk_target_percent: float = 80.0
    disk_full_s: float = 86400.0
    disk_log_bytes: float = 1e9
    disk_litter_bytes: float = 1e11
    disk_wal_bytes: float = 1e10
    rabbitmq_queue_count: float = 1000.0
    rabbitmq_drain_s: float = 300.0
    rabbitmq_redelivered_percent: float = 50.0
    redis_memory_percent: float = 90.0
    redis_clients_percent: float = 90.0
    redis_command_ms: float = 100.0
    latency_p95_ms: float = 500.0
    pressure_percent: float = 60.0
    token_lifetime_s: float = 60.0
    token_longest_lifetime_s: float = 86400.0
    clock_skew_s: float = 30.0


def read_thresholds(data: object, option: str = "thresholds") -> Thresholds:
    """Limits from plain data, the defaults where none is given.

    :raises InvalidInputError: names the limit that is unknown or no positive number.
    """
    if data is None:
        return Thresholds()
    if not isinstance(data, Mapping):
        raise InvalidInputError(option, data, remedy="Give a mapping of limit names to numbers.")
    known = [field.name for field in fields(Thresholds)]
    given = {}
    for name, value in data.items():
        if name not in known:
            raise InvalidInputError(f"{option}.{name}", value, remedy=f"Known limits: {', '.join(known)}.")
        given[str(name)] = read_positive(value, f"{option}.{name}")
    return replace(Thresholds(), **given)


def read_positive(value: object, option: str) -> float:
    """A number, or its digits: Ansible hands on what a person gives as an extra variable as text.

    :raises InvalidInputError: it is not finite, not above 0, or no number; names the option.
    """
    try:
        number = float(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if math.isfinite(number) and number > 0:
        return number
    raise InvalidInputError(option, value, remedy="Give a positive number.")
