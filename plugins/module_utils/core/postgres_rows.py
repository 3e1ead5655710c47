# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the lines that psql printed to facts. All of it is somebody else's word: cleaned, cut, never trusted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import (
    Configuration,
    Listening,
    Role,
    Server,
    Session,
    Volume,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_protection import (
    Protection,
    reason_to_spare,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_queries_facts import (
    Statement,
    Table,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_statement import (
    WHOLE,
    normalise_statement,
)

Clean = Callable[[str], str]
"""Takes secrets and control characters out of a text, in one line."""


def read_rows(lines: Iterable[str]) -> dict[str, Any]:
    """Answers by their first word. A line of another shape is left out."""
    found: dict[str, Any] = {}
    for line in lines:
        word, _separator, text = line.partition(" ")
        if text[:1] in ("{", "["):
            try:
                found[word] = json.loads(text)
            except ValueError:
                continue
    return found


def read_server(data: Mapping[str, Any]) -> Server:
    """What the server says about itself.

    :raises KeyError, TypeError or ValueError: the answer is of another shape.
    """
    return Server(
        version=int(data["version"]),
        user=str(data["user"]),
        database=str(data["database"]),
        data_directory=str(data["data_directory"]),
        max_connections=int(data["max_connections"]),
        superuser_reserved=int(data["superuser_reserved"]),
        reserved=int(data["reserved"]),
        in_recovery=bool(data["in_recovery"]),
        sees_all=bool(data["sees_all"]),
        uptime=float(data["uptime"]),
        prepared_transactions=int(data["prepared_transactions"]),
        checksum_failures=None if data.get("checksum_failures") is None else int(data["checksum_failures"]),
    )


def read_configuration(data: object, clean: Clean) -> Configuration | None:
    """Settings and roles, None when the server did not tell them."""
    if not isinstance(data, Mapping) or not isinstance(data.get("settings"), Mapping):
        return None
    roles = data.get("roles")
    return Configuration(
        {str(name): str(value) for name, value in data["settings"].items()},
        tuple(
            Role(
                clean(str(role["name"])),
                role.get("superuser") is True,
                str(role.get("idle_in_transaction_session_timeout") or ""),
            )
            for role in (roles if isinstance(roles, list) else ())
            if isinstance(role, Mapping) and role.get("name")
        ),
        _listening(data.get("listening"), clean),
    )


def _listening(data: object, clean: Clean) -> Listening | None:
    """An empty text is told as well: the server then listens on its own socket alone."""
    if not isinstance(data, Mapping) or not isinstance(data.get("addresses"), str):
        return None
    source, file = (clean(str(data.get(name) or "")) for name in ("source", "file"))
    return Listening(clean(data["addresses"]), source, file, data.get("changed") is True)


def read_sessions(
    rows: Sequence[Mapping[str, Any]], services: Mapping[str, str], protection: Protection, clean: Clean
) -> tuple[Session, ...]:
    """The sessions, oldest first.

    :param services: client address -> Compose service.
    :param protection: whose sessions are never touched.
    """
    return tuple(_session(row, services, protection, clean) for row in rows)


def _session(row: Mapping[str, Any], services: Mapping[str, str], protection: Protection, clean: Clean) -> Session:
    address = str(row["address"])
    raw = Session(
        pid=int(row["pid"]),
        database=str(row["database"]),
        user=str(row["user"]),
        application=str(row["application"]),
        address=address,
        service=services.get(address, ""),
        kind=str(row["kind"]),
        state=str(row["state"]),
        session_age=_seconds(row["session_age"]),
        state_age=_seconds(row["state_age"]),
        transaction_age=_seconds(row["transaction_age"]),
        wait=str(row["wait"]),
        blocked_by=tuple(int(pid) for pid in row["blocked_by"]),
        statement=clean(normalise_statement(str(row["statement"]))),
        started=str(row["started"]),
        changed=str(row.get("changed", "")),
        opened=str(row.get("opened", "")),
    )
    return _with(raw, clean, reason_to_spare(raw, str(row["statement"]), protection))


def _with(session: Session, clean: Clean, protected: str) -> Session:
    """The session fit to be shown."""
    return replace(
        session,
        database=clean(session.database),
        user=clean(session.user),
        application=clean(session.application),
        protected=clean(protected),
    )


def read_statements(rows: Sequence[Mapping[str, Any]], source: str, clean: Clean, code: Clean) -> tuple[Statement, ...]:
    """Statements of pg_stat_statements.

    :param code: takes known secrets out of a statement without values, and nothing else.
    """
    return tuple(
        Statement(
            source=source,
            text=clean(normalise_statement(str(row["text"]))),
            calls=int(row["calls"]),
            mean_ms=float(row["mean_ms"]),
            total_ms=float(row["total_ms"]),
            rows=int(row["rows"]),
            user=clean(str(row["user"])),
            whole=code(normalise_statement(str(row["text"]), WHOLE)),
        )
        for row in rows
    )


def running_statements(sessions: Iterable[Session], raw: Mapping[int, str], code: Clean) -> tuple[Statement, ...]:
    """What runs now, the longest first.

    :param raw: process -> its statement as the server told it.
    :param code: see :func:`read_statements`.
    """
    running = [
        Statement(
            "running",
            session.statement,
            1,
            1000 * age,
            1000 * age,
            pid=session.pid,
            user=session.user,
            whole=code(normalise_statement(raw.get(session.pid, ""), WHOLE)),
        )
        for session in sessions
        for age in [session.state_age or 0.0]
        if session.state == "active" and session.kind == "client backend" and session.statement
    ]
    return tuple(sorted(running, key=lambda statement: -statement.mean_ms))


def read_tables(rows: Sequence[Mapping[str, Any]]) -> tuple[Table, ...]:
    """Tables with their counters. Names stay as they are: an index is made by them."""
    return tuple(
        Table(
            schema=str(row["schema"]),
            name=str(row["name"]),
            size=int(row["size"]),
            rows=int(row["rows"]),
            dead_rows=int(row["dead_rows"]),
            sequential_scans=int(row["sequential_scans"]),
            sequential_rows=int(row["sequential_rows"]),
            index_scans=int(row["index_scans"]),
            vacuumed_age=_seconds(row["vacuumed_age"]),
            indexed=tuple(str(column) for column in row["indexed"]),
            distinct={str(column): float(value) for column, value in (row["distinct"] or {}).items()},
        )
        for row in rows
    )


def read_volumes(blocks: Sequence[str], inodes: Sequence[str]) -> tuple[Volume, ...]:
    """File systems from the output of ``df -Pk`` and ``df -Pi`` (POSIX columns), each mount point once."""
    by_mount: dict[str, tuple[int | None, int | None]] = {}
    for fields in _df_lines(inodes):
        by_mount[fields[5]] = (int(fields[1]), int(fields[2])) if fields[1].isdigit() else (None, None)
    volumes: dict[str, Volume] = {}
    for fields in _df_lines(blocks):
        if all(value.isdigit() for value in fields[1:4]):
            total, used = by_mount.get(fields[5], (None, None))
            size, taken, free = (1024 * int(value) for value in fields[1:4])
            volumes[fields[5]] = Volume(fields[5], size, taken, free, total or None, used)
    return tuple(volumes.values())


def _df_lines(lines: Sequence[str]) -> list[list[str]]:
    """Six columns each; the mount point may hold spaces."""
    rows = [line.split(None, 5) for line in lines[1:]]
    return [row for row in rows if len(row) == 6]


def _seconds(value: Any) -> float | None:
    return None if value is None else round(max(0.0, float(value)), 3)
