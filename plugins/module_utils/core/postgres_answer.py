# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What psql's complaints mean, and which part of a script they belong to."""

from __future__ import annotations

import re

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import Answer

# The server's messages (src/backend: postmaster.c, postinit.c, auth.c, miscinit.c) and those of libpq and Docker,
# in English: the client runs with LC_ALL=C, the server may be set to another language, so the SQLSTATE counts, too.
_ANSWERS: tuple[tuple[Answer, tuple[str, ...]], ...] = (
    (
        Answer.SLOTS_EXHAUSTED,
        ("too many clients already", "remaining connection slots are reserved", "too many connections", r"\b53300\b"),
    ),
    (Answer.DISK_FULL, ("no space left on device", r"\b53100\b")),
    (Answer.RECOVERING, ("in recovery mode", "not yet accepting connections", "consistent recovery state")),
    (Answer.STARTING, ("is starting up",)),
    (Answer.SHUTTING_DOWN, ("is shutting down", "terminating connection due to administrator")),
    (
        Answer.AUTHENTICATION,
        (
            "authentication failed",
            r"no pg_hba\.conf entry",
            "no password supplied",
            'role ".*" does not exist',
            "is not permitted to log in",
            r"\b28(000|P01)\b",
        ),
    ),
    (Answer.NO_DATABASE, ('database ".*" does not exist', "permission denied for database", r"\b3D000\b")),
    (
        Answer.NOT_RUNNING,
        (r"container \S+ is (not running|paused|restarting)", "is not running", "no such container", "is paused"),
    ),
    (Answer.NO_CLIENT, ("psql: not found", "executable file not found", "no such file or directory: unknown")),
    (Answer.UNRESOLVED, ("could not translate host name", "name or service not known")),
    (
        Answer.REFUSED,
        ("connection refused", r"\.s\.PGSQL\.\d+\".* failed: No such file or directory", "is the server running"),
    ),
    (Answer.TIMED_OUT, ("timeout expired", "timed out", "no route to host", "due to statement timeout")),
)
_ERROR = re.compile(r"^(?:psql:[^\n]*?: )?(?:ERROR|FATAL|PANIC):\s+(?:(?P<code>[0-9A-Z]{5}): )?(?P<text>.*)$")
_MARK = re.compile(r"^--(\w+)$")


def classify_failure(stderr: str, *, timed_out: bool = False) -> Answer:
    """Why psql has no connection, from what it and Docker wrote.

    :param timed_out: True when the call was ended at its deadline.
    """
    for answer, patterns in _ANSWERS:
        if re.search("|".join(patterns), stderr, re.IGNORECASE):
            return answer
    return Answer.TIMED_OUT if timed_out else Answer.FAILED


def failure_line(stderr: str) -> str:
    """The line that tells most: the server's own word, else the last one. Not redacted."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip() and not _MARK.match(line)]
    told = [line for line in lines if "FATAL:" in line or "ERROR:" in line]
    begun = [line for line in lines if line.startswith("psql: error:")]
    return (told or begun or lines or [""])[-1]


def errors_by_part(stderr: str) -> dict[str, tuple[str, str]]:
    """Name of a part of the script -> SQLSTATE (may be empty) and text of its first error. Not redacted."""
    found: dict[str, tuple[str, str]] = {}
    part = ""
    for line in stderr.splitlines():
        mark = _MARK.match(line)
        if mark:
            part = mark.group(1)
            continue
        error = _ERROR.match(line)
        if error and part not in found:
            found[part] = (error.group("code") or "", error.group("text"))
    return found
