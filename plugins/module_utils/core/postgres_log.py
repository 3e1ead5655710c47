# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's log: classes of trouble (DB-6), and the statements that it found slow (HL-3)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_queries_facts import (
    Statement,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_statement import (
    WHOLE,
    normalise_statement,
)

# Texts of the server (English) with the SQLSTATE that log_line_prefix (%e) may bear:
# https://www.postgresql.org/docs/current/errcodes-appendix.html. The most telling class comes first.
_CLASSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("disk_full", ("no space left on device", r"\b53100\b")),
    ("slots_exhausted", ("too many clients already", "remaining connection slots are reserved", r"\b53300\b")),
    ("out_of_memory", (r"\bout of memory\b", r"\b53200\b", "was terminated by signal 9")),
    (
        "corruption",
        (
            "invalid page in block",
            "could not read block",
            "missing chunk number",
            "checksum verification failed",
            "could not locate a valid checkpoint",
            r"\bXX00[12]\b",
        ),
    ),
    ("panic", (r"\bPANIC:", "was terminated by signal", r"server process \(PID \d+\) exited with exit code")),
    (
        "authentication",
        (
            "authentication failed",
            r"no pg_hba\.conf entry",
            r'FATAL:\s+role ".*" does not exist',
            r"\b28P01\b",
            r"\b28000\b",
        ),
    ),
    ("no_database", (r'FATAL:\s+database ".*" does not exist',)),
    ("recovery", ("in recovery mode", "system was interrupted", "not properly shut down", "redo starts at")),
    ("starting", (r"FATAL:\s+the database system is (starting up|shutting down)",)),
    ("deadlock", ("deadlock detected", r"\b40P01\b")),
    ("lock_wait", (r"still waiting for \w+Lock", "due to lock timeout", r"\b55P03\b")),
    ("checkpoints", ("checkpoints are occurring too frequently",)),
    ("io", ("could not (write|fsync|open|read|extend) file", "Input/output error", r"\b58030\b")),
)
_COMPILED = tuple((name, re.compile("|".join(patterns), re.IGNORECASE)) for name, patterns in _CLASSES)
_OWN = "incident_response"
_DURATION = re.compile(
    r"duration: (?P<ms>\d+(?:\.\d+)?) ms\s+(?:statement|(?:execute|parse|bind) [^:]*): (?P<text>.*)$", re.DOTALL
)
_AT_WORK = re.compile(r"(?P<user>[^\s@]+)@(?P<database>[^\s@]+)")


def classify_log_line(line: str) -> str:
    """The class of trouble that a line tells of, or an empty string.

    A line of our own sessions, and one that only shows a client's statement, tell nothing about the server.
    """
    if _OWN in line or re.search(r"\b(STATEMENT|DETAIL|HINT|CONTEXT|QUERY|LOCATION):  ", line):
        return ""
    if re.search(r"\bLOG:  (duration:|statement:|execute )", line):
        return ""
    return next((name for name, pattern in _COMPILED if pattern.search(line)), "")


def slow_statements(lines: Iterable[str]) -> tuple[Statement, ...]:
    """The statements of ``duration:`` lines (log_min_duration_statement), without their values, slowest first.

    The same statement several times is told once, with the number of calls. A statement of several lines is shown by
    its first one.
    """
    found: dict[str, list[float]] = {}
    users: dict[str, str] = {}
    for line in lines:
        match = _DURATION.search(line)
        if not match or _OWN in line:
            continue
        text = normalise_statement(match["text"], WHOLE)
        found.setdefault(text, []).append(float(match["ms"]))
        who = _AT_WORK.search(line[: match.start()])
        users.setdefault(text, who["user"] if who else "")
    statements = [
        Statement("log", text, len(times), sum(times) / len(times), sum(times), user=users[text])
        for text, times in found.items()
    ]
    return tuple(sorted(statements, key=lambda item: (-item.mean_ms, item.text)))
