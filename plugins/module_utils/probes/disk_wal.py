# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL's write-ahead log: how large it is, and which replication slot keeps it from being recycled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import WriteAheadLog
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_server import (
    PostgresServer,
)

WAL = r"""
SELECT /* incident_response */ 'wal ' || jsonb_build_object(
  'bytes', (SELECT coalesce(sum(size), 0) FROM pg_ls_waldir()),
  'slots', (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'name', slot_name, 'active', active, 'bytes', coalesce(pg_wal_lsn_diff(
        CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn), 0)
    ) ORDER BY slot_name), '[]'::jsonb) FROM pg_replication_slots)
)::text;
"""


def look_at_wal(server: PostgresServer) -> WriteAheadLog | None:
    """None when the server gave an answer of another shape.

    :raises CommandFailedError: it does not answer, or this role may not look (pg_monitor may).
    """
    return read_wal(server.service, server.ask(WAL).get("wal"), server.redactor.line)


def read_wal(service: str, row: Any, clean: Any = str) -> WriteAheadLog | None:
    """The facts from the answer's row."""
    if not isinstance(row, Mapping):
        return None
    try:
        slots = tuple((clean(str(item["name"])), item["active"] is True, int(item["bytes"])) for item in row["slots"])
        return WriteAheadLog(service, int(row["bytes"]), slots)
    except (KeyError, TypeError, ValueError):
        return None
