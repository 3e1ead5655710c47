# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HL-7: EXPLAIN of one statement: read-only, rolled back, with a time limit, carried out only on demand."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_answer import failure_line
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_plan import (
    count_parameters,
    numbered_parameters,
    plan_in_words,
    shown_plan,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_statement import (
    normalise_statement,
    refusal_to_explain,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_server import (
    PostgresServer,
)

_BEGIN, _END = "--plan", "--end"
NAME = "incident_response_explained"
_COMPLAINT = re.compile(r"(?P<begin>.*?\b(?:ERROR|FATAL):\s+(?P<code>[0-9A-Z]{5}): )(?P<told>.*)", re.DOTALL)
_QUOTED = re.compile(r'"(?:[^"]|"")*(?:"|$)')
_ABOUT_NAMES = ("3F000", "42501", "42702", "42703", "42704", "42883", "42P01")
"""No such schema, privilege, ambiguous or no such column, object, function, table:
https://www.postgresql.org/docs/current/errcodes-appendix.html"""


@dataclass(frozen=True)
class Explained:
    """A plan without values.

    :param statement: the statement without its values.
    :param executed: True when EXPLAIN ANALYZE carried it out.
    :param plan: the top node; empty when there is none.
    :param error: why there is no plan, redacted; else empty.
    """

    statement: str
    executed: bool
    plan: Mapping[str, Any]
    error: str = ""

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        summary = plan_in_words(self.plan) if self.plan else ""
        return {**vars(self), "plan": dict(self.plan), "summary": summary}


def explain(server: PostgresServer, statement: str, *, execute: bool = False, seconds: float = 5.0) -> Explained:
    """The plan of a statement that a person gives.

    Plain EXPLAIN plans and carries nothing out. A statement with ``$1`` gets the plan that is made for any value.

    :param execute: EXPLAIN ANALYZE: carries the statement out, in a read-only transaction that is rolled back.
    :param seconds: the server ends it after that time.
    :raises InvalidInputError: the statement is none of those that may be explained.
    """
    reason = refusal_to_explain(statement, execute=execute)
    if not reason and execute and count_parameters(statement):
        reason = "it has parameters without values"
    if reason:
        remedy = f"The statement is refused: {reason}."
        raise InvalidInputError("explain", normalise_statement(statement, 80), remedy=remedy)
    return _run(server, statement, execute, seconds)


def explain_counted(server: PostgresServer, normalised: str, *, seconds: float = 5.0) -> Explained:
    """The plan of a statement as pg_stat_statements knows it: whatever its values are. Never carried out, so that one
    that writes can be planned as well.

    What cannot be planned that way is told in ``error``.
    """
    statement, _count = numbered_parameters(normalised)
    reason = refusal_to_explain(statement, execute=False)
    if reason:
        return Explained(normalised, False, {}, f"It is not explained: {reason}.")
    try:
        return _run(server, statement, False, seconds)
    except CommandFailedError as error:
        return Explained(normalised, False, {}, str(error))


def _run(server: PostgresServer, statement: str, execute: bool, seconds: float) -> Explained:
    body = statement.strip().rstrip(";")
    count = count_parameters(body)
    options = "ANALYZE, BUFFERS, FORMAT JSON" if execute else "FORMAT JSON"
    if count:
        nulls = ", ".join(["NULL"] * count)
        lines = [
            "SET LOCAL plan_cache_mode = force_generic_plan;",
            f"PREPARE {NAME} AS {body}\n;",
            f"\\echo {_BEGIN}",
            f"EXPLAIN ({options}) EXECUTE {NAME}({nulls});",
        ]
    else:
        lines = [f"\\echo {_BEGIN}", f"EXPLAIN ({options}) /* incident_response */ {body}\n;"]
    sql = "\n".join(["BEGIN READ ONLY;", *lines, f"\\echo {_END}", "ROLLBACK;"])
    result = server.psql.run(sql, deadline=server.deadline + seconds, statement_seconds=seconds)
    if not result.command.succeeded:
        told = server.redactor.line(normalise_error(failure_line(result.stderr)))
        raise CommandFailedError(f"{server.service} gave no plan: {told or 'no answer in time'}")
    return Explained(server.redactor.line(normalise_statement(statement)), execute, _plan(result.rows))


def normalise_error(text: str) -> str:
    """The server's complaint without the values that it may quote from the statement.

    Values stand in the same quotes there as names do: only the errors about names keep what is quoted.
    """
    found = _COMPLAINT.match(text)
    if found is None:
        return normalise_statement(text)
    told = found["told"] if found["code"] in _ABOUT_NAMES else _QUOTED.sub("?", found["told"])
    return found["begin"] + normalise_statement(told)


def _plan(rows: Sequence[str]) -> dict[str, Any]:
    """The top node from psql's lines."""
    if _BEGIN not in rows or _END not in rows:
        return {}
    text = "\n".join(rows[rows.index(_BEGIN) + 1 : rows.index(_END)])
    try:
        top = json.loads(text)[0]
        times = {key: top[key] for key in ("Execution Time", "Planning Time") if key in top}
        return {**shown_plan(top["Plan"]), **times}
    except (ValueError, LookupError, TypeError) as error:
        raise CommandFailedError("The plan is of another shape than expected.") from error
