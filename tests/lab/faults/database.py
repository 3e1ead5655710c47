# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of PostgreSQL: no free connection, a lock that nobody gives back, or no server at all."""

from __future__ import annotations

from labtool.commands import wait_until
from labtool.fault import Fault, Memo
from labtool.platform import Platform
from labtool.recovery import make_well, recreate

LEAKING = "reporting-service"
SLOTS = 40
RESERVED_FOR_SUPERUSERS = 3
LEAKED_SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'reporting-service-leak'"


def _inject_slots_full(platform: Platform) -> None:
    free_for_app = SLOTS - RESERVED_FOR_SUPERUSERS
    platform.fault_point(LEAKING, "leak-connections", count=free_for_app)
    wait_until("every slot leaked", lambda: int(platform.psql(LEAKED_SESSIONS)) == free_for_app)


def _inject_slots_full_superuser(platform: Platform) -> None:
    recreate(platform, LEAKING, "db-superuser")
    wait_until("the leaking service", lambda: platform.http(LEAKING, "/live")[0] == 200)
    platform.fault_point(LEAKING, "leak-connections", count=SLOTS)
    # No connection is left to ask with, so the process titles have to tell.
    wait_until("every slot leaked", lambda: _process_titles(platform).count("idle in transaction") == SLOTS)


def _process_titles(platform: Platform) -> str:
    return platform.docker("top", platform.container_id("postgres"), "-eo", "pid,args")


def _inject_lock(platform: Platform) -> None:
    platform.fault_point(LEAKING, "lock-table")
    wait_until("a session idle in its transaction", lambda: platform.psql(LEAKED_SESSIONS) == "1")


def _undo_leak(platform: Platform, memo: Memo) -> None:
    platform.docker("restart", "-t", "3", platform.container_id(LEAKING))
    make_well(platform, LEAKING)
    wait_until("the leaked sessions gone", lambda: platform.psql(LEAKED_SESSIONS) == "0")


def _inject_stopped(platform: Platform) -> None:
    platform.docker("stop", platform.container_id("postgres"))
    wait_until("a stopped container", lambda: platform.container("postgres").status == "exited")


def _inject_paused(platform: Platform) -> None:
    platform.docker("pause", platform.container_id("postgres"))
    wait_until("a paused container", lambda: platform.container("postgres").paused)


def _inject_refused(platform: Platform) -> None:
    recreate(platform, "postgres", "db-other-port")
    wait_until("PostgreSQL on another port", lambda: "5433" in platform.exec(
        "postgres", "psql", "-XAtq", "-p", "5433", "-U", "agentfoundry", "-c", "SHOW port"))  # fmt: skip


def _undo_postgres(platform: Platform, memo: Memo) -> None:
    make_well(platform, "postgres")


FAULTS = (
    Fault(
        "db-slots-full", "database",
        "reporting-service leaks connections of the plain role `app`: only the slots reserved for superusers are free.",
        _inject_slots_full, _undo_leak,
    ),
    Fault(
        "db-slots-full-superuser", "database",
        "reporting-service leaks connections as a superuser: not one slot is free, not even for operators.",
        _inject_slots_full_superuser, _undo_leak,
    ),
    Fault(
        "db-lock", "database",
        "A session of reporting-service locks the table `events` and goes idle in its transaction.",
        _inject_lock, _undo_leak,
    ),
    Fault(
        "db-stopped", "database",
        "PostgreSQL is stopped: its name cannot be resolved any more.",
        _inject_stopped, _undo_postgres,
    ),
    Fault(
        "db-paused", "database",
        "PostgreSQL is paused: connections time out.",
        _inject_paused, _undo_postgres,
    ),
    Fault(
        "db-refused", "database",
        "PostgreSQL listens on port 5433: connections are refused (ECONNREFUSED).",
        _inject_refused, _undo_postgres,
    ),
)  # fmt: skip
