# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of PostgreSQL: no free connection, a lock that nobody gives back, a wrong password, or no server at all."""

from __future__ import annotations

from labtool.commands import wait_until
from labtool.fault import Fault, Memo
from labtool.platform import Platform
from labtool.recovery import make_well, recreate

USERS = ("user-service", "compliance-monitor", "reporting-service")
LEAKING = "reporting-service"
SLOTS = 40
RESERVED_FOR_SUPERUSERS = 3
LEAKED_IN_ALL = 1000
BLOCKER = "nightly-report"
BATCH = "nightly-batch"
FORGETFUL = "report-tool"
READER = "dashboard"
READERS = 2
LEAKED_SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'reporting-service-leak'"
HELD_SLOTS = (
    "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND state LIKE 'idle in transaction%'"
)
"""Slots that do not come free by themselves: those of the leak, and those of sessions that were there before it."""


def _inject_slots_full(platform: Platform) -> None:
    free_for_app = SLOTS - RESERVED_FOR_SUPERUSERS
    platform.fault_point(LEAKING, "leak-connections", count=free_for_app)
    wait_until("every slot leaked", lambda: int(platform.psql(LEAKED_SESSIONS)) == free_for_app)


def _inject_leak(platform: Platform) -> None:
    """Connections that are taken away from it are taken again: 27 times, so that only a restart ends it."""
    platform.fault_point(LEAKING, "leak-connections", count=LEAKED_IN_ALL)
    wait_until("every free slot leaked", lambda: int(platform.psql(HELD_SLOTS)) >= SLOTS - RESERVED_FOR_SUPERUSERS)


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
    _read_behind_the_lock(platform)


def _inject_lock_by_turns(platform: Platform) -> None:
    """It works for a moment and idles for a moment, so that it is never idle for long, and never at work for long."""
    _psql_in_background(
        platform, BATCH, "BEGIN;", "LOCK TABLE events IN ACCESS EXCLUSIVE MODE;", r"SELECT 1 \watch 0.2"
    )
    at_work = f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{BATCH}' AND query = 'SELECT 1 '"
    wait_until("the transaction", lambda: platform.psql(at_work) == "1")
    _read_behind_the_lock(platform)


def _inject_blocking_statement(platform: Platform) -> None:
    lock = "BEGIN; LOCK TABLE events IN ACCESS EXCLUSIVE MODE;"
    _psql_in_background(platform, BLOCKER, lock, "SELECT pg_sleep(3600);")
    wait_until("the blocking statement", lambda: platform.psql(
        f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{BLOCKER}' AND query LIKE '%pg_sleep%'"
        " AND wait_event = 'PgSleep'") == "1")  # fmt: skip
    _read_behind_the_lock(platform)


def _inject_lock_behind_short_waits(platform: Platform) -> None:
    """Each reader ends after half a second and comes again, as those of an application with a time limit do."""
    lock = "LOCK TABLE events IN ACCESS EXCLUSIVE MODE;"
    _psql_in_background(platform, FORGETFUL, "BEGIN;", lock, r"\! sleep 600")
    wait_until("a session idle in its transaction", lambda: platform.psql(
        f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{FORGETFUL}'"
        " AND state = 'idle in transaction' AND query LIKE 'LOCK%'") == "1")  # fmt: skip
    _read_behind_the_lock(platform, "SET statement_timeout = 500;", times=400)


def _undo_blocking_statement(platform: Platform, memo: Memo) -> None:
    make_well(platform, "postgres")
    names = ", ".join(f"'{name}'" for name in (BATCH, BLOCKER, FORGETFUL, READER))
    platform.psql(f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name IN ({names})")


def _read_behind_the_lock(platform: Platform, *before: str, times: int = 1) -> None:
    read = ("SELECT count(*) FROM events WHERE account = 7;",) * times
    for _ in range(READERS):
        _psql_in_background(platform, READER, *before, *read)
    wait_until("readers behind the lock", lambda: platform.psql(
        f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{READER}' AND wait_event_type = 'Lock'"
    ) == str(READERS))  # fmt: skip


def _psql_in_background(platform: Platform, application: str, *statements: str) -> None:
    target = f"dbname=agentfoundry user=app application_name={application}"
    read_them = 'target=$1; shift; printf "%s\\n" "$@" | exec psql -Xq -d "$target"'
    platform.exec_in_background("postgres", "sh", "-c", read_them, "psql", target, *statements)


def _inject_wrong_password(platform: Platform) -> None:
    platform.psql("ALTER ROLE app PASSWORD 'nobody-knows-it'")
    # One rejection is somebody's typing error; three are services.
    wait_until("rejected services", lambda: all(platform.http(name, "/health")[0] == 503 for name in USERS))


def _undo_wrong_password(platform: Platform, memo: Memo) -> None:
    # By the service's own environment, so that the password is in no command line.
    platform.exec("postgres", "psql", "-XAtq", "-U", "agentfoundry", "-f", "-", stdin=(
        b"\\getenv app_password APP_DB_PASSWORD\nALTER ROLE app PASSWORD :'app_password';\n"))  # fmt: skip
    make_well(platform, LEAKING)


def _undo_leak(platform: Platform, memo: Memo) -> None:
    platform.docker("restart", "-t", "3", platform.container_id(LEAKING))
    make_well(platform, LEAKING)
    wait_until("the leaked sessions gone", lambda: platform.psql(LEAKED_SESSIONS) == "0")


def _inject_stopped(platform: Platform) -> None:
    platform.docker("stop", platform.container_id("postgres"))
    wait_until("a stopped container", lambda: platform.container("postgres").status == "exited")


def _inject_removed(platform: Platform) -> None:
    """As `docker system prune` leaves a database that was stopped; its data stays in the volume."""
    container = platform.container_id("postgres")
    platform.docker("stop", container)
    platform.docker("rm", container)
    wait_until("no container", lambda: "postgres" not in platform.containers())


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
        "db-leak", "database",
        "reporting-service leaks connections, and takes each one anew that is taken away from it.",
        _inject_leak, _undo_leak,
    ),
    Fault(
        "db-slots-full-superuser", "database",
        "reporting-service leaks connections as a superuser: not one slot is free, not even for operators.",
        _inject_slots_full_superuser, _undo_leak,
    ),
    Fault(
        "db-lock", "database",
        "A session of reporting-service locks the table `events` and goes idle in its transaction: readers wait.",
        _inject_lock, _undo_leak,
    ),
    Fault(
        "db-lock-by-turns", "database",
        "A transaction that works and idles by turns holds the table `events` locked: readers wait.",
        _inject_lock_by_turns, _undo_blocking_statement,
    ),
    Fault(
        "db-lock-short-waits", "database",
        "A session locks the table `events` and goes idle in its transaction: readers give up soon and come again.",
        _inject_lock_behind_short_waits, _undo_blocking_statement,
    ),
    Fault(
        "db-blocking-statement", "database",
        "A statement that runs for an hour holds the table `events` locked: readers wait.",
        _inject_blocking_statement, _undo_blocking_statement,
    ),
    Fault(
        "db-wrong-password", "database",
        "The password of the role `app` was changed in the database alone: every service is rejected.",
        _inject_wrong_password, _undo_wrong_password,
    ),
    Fault(
        "db-stopped", "database",
        "PostgreSQL is stopped: its name cannot be resolved any more.",
        _inject_stopped, _undo_postgres,
    ),
    Fault(
        "db-removed", "database",
        "The container of PostgreSQL was removed, as a prune does with a stopped one; its data is still there.",
        _inject_removed, _undo_postgres,
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
