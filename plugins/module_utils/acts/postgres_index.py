# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creates one index without locking the table, and proves by the plan that it is used."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import Volume
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_indexes import (
    create_index,
    index_name,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_plan import (
    indexes_used,
    plan_in_words,
    whole_tables_read,
)

# No function here waits for a lock on the table. An expression among the columns is an empty name.
LOOK = r"""
SELECT /* incident_response */ 'index ' || jsonb_build_object(
  'table', class.oid IS NOT NULL,
  'size', coalesce(class.relpages::bigint * current_setting('block_size')::int, 0),
  'columns', (SELECT coalesce(jsonb_agg(attname), '[]'::jsonb) FROM pg_attribute
              WHERE attrelid = class.oid AND attnum > 0 AND NOT attisdropped),
  'indexes', (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'name', own.relname, 'leftover', NOT indisvalid,
      'valid', indisvalid AND indisready AND indpred IS NULL AND amname IN ('btree', 'hash'),
      'building', EXISTS (SELECT FROM pg_stat_progress_create_index WHERE index_relid = own.oid),
      'columns', (SELECT coalesce(jsonb_agg(coalesce(attname, '') ORDER BY place), '[]'::jsonb)
                  FROM unnest(indkey::int2[]) WITH ORDINALITY AS key (number, place)
                  LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = key.number AND attnum > 0
                  WHERE place <= indnkeyatts))), '[]'::jsonb)
    FROM pg_index JOIN pg_class AS own ON own.oid = indexrelid JOIN pg_am ON pg_am.oid = own.relam
    WHERE indrelid = class.oid)
)::text
FROM (SELECT 1) AS one LEFT JOIN pg_class AS class ON class.relkind IN ('r', 'm') AND class.oid =
  (SELECT pg_class.oid FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
   WHERE nspname = :'schema' AND relname = :'table');
"""

# lock_timeout is lifted: the command waits for older transactions without blocking anybody meanwhile.
CREATE = r"""
SET lock_timeout = 0;
SELECT format('CREATE INDEX CONCURRENTLY %I ON %I.%I (%s)', :'index', :'schema', :'table',
  (SELECT string_agg(format('%I', column_name), ', ' ORDER BY place)
   FROM jsonb_array_elements_text(:'columns'::jsonb) WITH ORDINALITY AS listed (column_name, place))) \gexec
"""
DROP = r"""
SET lock_timeout = 0;
SELECT format('DROP INDEX CONCURRENTLY IF EXISTS %I.%I', :'schema', :'index') \gexec
"""


@dataclass(frozen=True)
class IndexRequest:
    """What is wanted.

    :param name: empty for the name that PostgreSQL would choose.
    :param seconds: how long the build may take.
    """

    schema: str
    table: str
    columns: tuple[str, ...]
    name: str = ""
    seconds: float = 600.0

    @property
    def index(self) -> str:
        """The index's name."""
        return self.name or index_name(self.table, self.columns)

    @property
    def statement(self) -> str:
        """The command as a person would type it."""
        return create_index(self.schema, self.table, self.columns, self.index)


@dataclass(frozen=True)
class IndexOutcome:
    """What happened.

    :param existing: name of the index that serves the columns already, or empty.
    :param plan_before: of the statement that is to profit; None when there is none, or it cannot be planned.
    :param verified: True when the statement is planned by the new index; None when that cannot be told, or under check
        mode.
    """

    request: IndexRequest
    changed: bool
    existing: str = ""
    dropped_leftover: bool = False
    plan_before: Mapping[str, Any] | None = None
    plan_after: Mapping[str, Any] | None = None
    verified: bool | None = None

    def to_result(self) -> dict[str, Any]:
        """What the module returns."""
        actions = [{"what": "index", "id": self.request.index, "status": "created"}] if self.changed else []
        if self.dropped_leftover:
            actions.insert(0, {"what": "index", "id": self.request.index, "status": "dropped invalid leftover"})
        return {
            "changed": self.changed,
            "actions": actions,
            "statement": self.request.statement,
            "index": self.existing or self.request.index,
            "plan_before": _words(self.plan_before),
            "plan_after": _words(self.plan_after),
            "verified": self.verified,
            "diff": {"before": "", "after": f"{self.request.statement}\n" if self.changed else ""},
        }


class IndexServer(Protocol):
    """What is asked of the server."""

    def ask(self, sql: str, variables: Mapping[str, str] | None = None, *, seconds: float = 5.0) -> dict[str, Any]:
        """Run constant SQL with variables that psql quotes."""

    def volumes(self) -> tuple[Volume, ...]:
        """The file systems of its data; none when they cannot be seen."""


class Planner(Protocol):
    """Gives the plan of the statement that is to profit, or None when there is no such statement or no plan of it."""

    def __call__(self) -> Mapping[str, Any] | None:
        """The plan now."""


def ensure_index(server: IndexServer, request: IndexRequest, plan: Planner, *, check_mode: bool) -> IndexOutcome:
    """Create the index unless one begins with these columns already.

    :raises InvalidInputError: there is no such table or column, or the name is taken by another index.
    :raises CommandFailedError: the disk has no room for it, somebody builds it now, the build failed, or the statement
        is planned without it all the same (what was built has been dropped then).
    """
    found = _look(server, request)
    before = plan()
    existing = _serving(found, request)
    if existing:
        return IndexOutcome(request, False, existing, plan_before=before, plan_after=before)
    leftover = _leftover(found, request)
    _require_room(server, int(found["size"]))
    if check_mode:
        return IndexOutcome(request, True, dropped_leftover=leftover, plan_before=before)
    if leftover:
        _drop(server, request)
    _create(server, request)
    after = plan()
    if after is not None and request.index not in indexes_used(after):
        _drop(server, request)
        raise CommandFailedError(
            f"The statement is planned without the index {request.index} all the same ({plan_in_words(after)}), "
            "so that it was dropped again.",
            remedy="Look at the plan and the statistics of the table, or give the index without a query.",
        )
    return IndexOutcome(request, True, "", leftover, before, after, None if after is None else True)


def _look(server: IndexServer, request: IndexRequest) -> Mapping[str, Any]:
    found = server.ask(LOOK, _variables(request)).get("index")
    if not isinstance(found, Mapping):
        raise CommandFailedError("The server's answer about the table is of another shape than expected.")
    if not found["table"]:
        remedy = "Name a plain table of the platform's database."
        raise InvalidInputError("table", f"{request.schema}.{request.table}", remedy=remedy)
    for column in request.columns:
        if column not in found["columns"]:
            raise InvalidInputError("columns", column, remedy=f"The table's columns: {', '.join(found['columns'])}.")
    return found


def _serving(found: Mapping[str, Any], request: IndexRequest) -> str:
    wanted = list(request.columns)
    fits = [item["name"] for item in found["indexes"] if item["valid"] and item["columns"][: len(wanted)] == wanted]
    return str(min(fits)) if fits else ""


def _leftover(found: Mapping[str, Any], request: IndexRequest) -> bool:
    """True when an earlier build failed and left an index of this name that nobody can use."""
    for item in found["indexes"]:
        if item["name"] == request.index:
            if item["building"]:
                raise CommandFailedError(f"The index {request.index} is being built by somebody now.")
            if not item["leftover"]:
                remedy = "Give another name: an index of this name serves other columns."
                raise InvalidInputError("index_name", request.index, remedy=remedy)
            return True
    return False


def _require_room(server: IndexServer, size: int) -> None:
    """An index is rarely larger than its table; a full disk would stop the whole database."""
    for volume in server.volumes():
        if volume.available < 2 * size:
            free, needed = volume.available / (1 << 20), 2 * size / (1 << 20)
            raise CommandFailedError(
                f"{volume.path} has {free:,.0f} MiB available, and building the index may take {needed:,.0f} MiB.",
                remedy="Make room first.",
            )


def _create(server: IndexServer, request: IndexRequest) -> None:
    try:
        server.ask(CREATE, _variables(request), seconds=request.seconds)
        after = _look(server, request)
        if not _serving(after, request):
            raise CommandFailedError(f"The index {request.index} was built and is not valid.")
    except CommandFailedError as error:
        try:
            _clear_away(server, request)
        except CommandFailedError:
            remedy = f"What is left of {request.index} could not be dropped: the next run does that."
            raise CommandFailedError(str(error), remedy=remedy) from error
        raise


def _clear_away(server: IndexServer, request: IndexRequest) -> None:
    """Drop what a failed build left behind, and never an index that somebody else has made or makes now."""
    for item in _look(server, request)["indexes"]:
        if item["name"] == request.index and item["leftover"] and not item["building"]:
            _drop(server, request)


def _drop(server: IndexServer, request: IndexRequest) -> None:
    server.ask(DROP, _variables(request), seconds=request.seconds)


def _variables(request: IndexRequest) -> dict[str, str]:
    return {
        "schema": request.schema,
        "table": request.table,
        "index": request.index,
        "columns": json.dumps(list(request.columns)),
    }


def _words(plan: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    return {
        "summary": plan_in_words(plan),
        "indexes": list(indexes_used(plan)),
        "sequential_scans": list(whole_tables_read(plan)),
        "total_cost": plan.get("Total Cost"),
    }


def read_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """:raises InvalidInputError: none, or one twice."""
    if not columns or len(set(columns)) != len(columns):
        raise InvalidInputError("columns", list(columns), remedy="Give each column once, at least one.")
    return tuple(columns)
