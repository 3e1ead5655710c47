# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions of PostgreSQL that a test plants: those that nobody may touch, and pools that services hold."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from labtool.commands import wait_until
from labtool.platform import Platform

MINE = "agentfoundry"
_STAY = r"\! sleep 600"
_POOL = (
    "import os, sys, time, psycopg2\n"
    "held = [psycopg2.connect(os.environ['DATABASE_URL'], application_name='pool') for _ in range(int(sys.argv[1]))]\n"
    "time.sleep(3600)\n"
)


@dataclass(frozen=True)
class Bystander:
    """A session that fits every criterion but one: it is idle in a transaction, and is not ours to end.

    :param database: its database.
    :param replication: it speaks the replication protocol, as a standby does, and runs no transaction.
    """

    application: str
    database: str = MINE
    replication: bool = False


BYSTANDERS = (
    Bystander("pg_dump"),
    Bystander("vacuumdb"),
    Bystander("somebody-else", database="postgres"),
    Bystander("standby", replication=True),
    Bystander("ledger-export"),
)
"""A backup, maintenance, another database, replication, and one that the inventory protects."""

PROTECTED = {"protected_applications": ["ledger-export"]}


@contextlib.contextmanager
def planted(platform: Platform) -> Iterator[dict[str, str]]:
    """Plant the bystanders and give what :func:`identities` tells of them; they are ended afterwards."""
    for one in BYSTANDERS:
        kind = " replication=database" if one.replication else ""
        target = f"dbname={one.database} user={MINE} application_name={one.application}{kind}"
        statements = ("IDENTIFY_SYSTEM",) if one.replication else ("BEGIN", "SELECT 1")
        commands = [part for text in (*statements, _STAY) for part in ("-c", text)]
        platform.exec_in_background("postgres", "psql", "-Xq", "-d", target, *commands)
    try:
        wait_until("the bystanders", lambda: len(identities(platform)) == len(BYSTANDERS))
        yield identities(platform)
    finally:
        for identity in identities(platform).values():
            platform.psql(f"SELECT pg_terminate_backend({int(identity.split()[0])})")


def identities(platform: Platform) -> dict[str, str]:
    """Return application -> process, start of the session and its last change of state, of the bystanders there are."""
    rows = platform.psql("SELECT application_name, pid, backend_start, state_change, state FROM pg_stat_activity")
    names = {one.application for one in BYSTANDERS}
    waiting = [row.split("|") for row in rows.splitlines() if row.endswith(("|idle", "|idle in transaction"))]
    return {name: " ".join(identity) for name, *identity in waiting if name in names}


@contextlib.contextmanager
def idle_transaction(platform: Platform, application: str) -> Iterator[str]:
    """Let somebody be idle in a transaction that nobody waits for, and give the process; it is ended afterwards."""
    target = f"dbname={MINE} user={MINE} application_name={application}"
    platform.exec_in_background("postgres", "psql", "-Xq", "-d", target, "-c", "BEGIN", "-c", "SELECT 1", "-c", _STAY)
    mine = f"FROM pg_stat_activity WHERE application_name = '{application}'"
    idle = f"SELECT pid {mine} AND state LIKE 'idle in%'"
    try:
        wait_until(f"the transaction of {application}", lambda: platform.psql(idle) != "")
        yield platform.psql(idle)
    finally:
        platform.psql(f"SELECT pg_terminate_backend(pid) {mine}")


def hold_pool(platform: Platform, service: str, connections: int) -> None:
    """Let a service hold idle connections, as one does whose pool is too large; a restart gives them back."""
    before = pools(platform)
    platform.exec_in_background(service, "python3", "-c", _POOL, str(connections))
    wait_until(f"the pool of {service}", lambda: pools(platform) == before + connections)


def pools(platform: Platform) -> int:
    """Return how many connections all pools hold."""
    return int(platform.psql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pool'"))
