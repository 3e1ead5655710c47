# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What kind of trouble a line of a log tells of. Pure; texts of PostgreSQL, Redis, RabbitMQ, Python, Node.js, Go."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_LONGEST = 2000
"""Characters of a line that are looked at."""

Signature = tuple[str, "re.Pattern[str]"]


def _signature(name: str, *texts: str) -> Signature:
    return name, re.compile("|".join(texts), re.IGNORECASE)


SIGNATURES: tuple[Signature, ...] = (
    _signature("cuda_oom", r"CUDA(?: error:)? out of memory", r"OutOfMemoryError: CUDA", r"CUBLAS_STATUS_ALLOC_FAILED"),
    _signature(
        "out_of_memory",
        r"\bout of memory\b",
        r"\bMemoryError\b",
        r"cannot allocate memory",
        r"std::bad_alloc",
        r"heap out of memory",
        r"\boom[- ]?kill",
        r"OOM command not allowed",
    ),
    _signature(
        "too_many_connections",
        r"too many (?:clients|connections)",
        r"remaining connection slots are reserved",
        r"connection pool (?:is )?(?:exhausted|full)",
        r"QueuePool limit",
        r"max number of clients reached",
    ),
    _signature(
        "disk_full",
        r"no space left on device",
        r"\bENOSPC\b",
        r"disk quota exceeded",
        r"free_disk_space.{0,40}alarm",
        r"could not extend file",
        r"MISCONF Redis is configured to save",
    ),
    _signature(
        "integrity",
        r"checksum (?:mismatch|failed|does not match|error)",
        r"sha-?256.{0,60}(?:mismatch|differ|does not match|expected)",
        r"invalid page in block",
        r"\bcorrupt(?:ed|ion)?\b",
        r"git-lfs\.github\.com/spec",
    ),
    _signature(
        "auth_failure",
        r"(?:password|peer|ident) authentication failed",
        r"\bauthentication (?:failed|failure|required)\b",
        r"\b(?:WRONGPASS|NOAUTH)\b",
        r"ACCESS_REFUSED",
        r"invalid (?:jwt|token|signature|credentials)",
        r"signature (?:verification failed|has expired)",
        r"(?:jwt|token) (?:expired|has expired|is expired|malformed)",
    ),
    _signature(
        "name_resolution",
        r"could not translate host name",
        r"name or service not known",
        r"temporary failure in name resolution",
        r"\bE(?:NOTFOUND|AI_AGAIN)\b",
        r"no such host",
        r"getaddrinfo failed",
    ),
    _signature(
        "refused",
        r"\bECONNREFUSED\b",
        r"connection refused",
        r"actively refused",
        r"connect: no route to host",
        r"\bEHOSTUNREACH\b",
    ),
    _signature(
        "reset",
        r"\bECONNRESET\b",
        r"connection reset by peer",
        r"broken pipe",
        r"server closed the connection unexpectedly",
        r"terminating connection due to administrator command",
    ),
    _signature(
        "timeout",
        r"\bETIMEDOUT\b",
        r"\btimed[ -]?out\b",
        r"\b(?:read|connect|connection|request|gateway|statement|lock) ?time-?out\b",
        r"deadline exceeded",
        r"TimeoutError",
    ),
    _signature("deadlock", r"deadlock detected", r"could not obtain lock", r"database is locked"),
    _signature(
        "panic",
        r"\bpanic:",
        r"\bPANIC:",
        r"\bsegmentation fault\b",
        r"\bSIG(?:SEGV|ABRT|BUS)\b",
        r"\bfatal error:",
        r"unhandled ?promise ?rejection",
        r"uncaught exception",
    ),
    _signature(
        "traceback",
        r"Traceback \(most recent call last\)",
        r"^\s*(?:[\w.]+\.)?\w+(?:Error|Exception)\b(?::|$)",
        r"^\s+at [\w$.<>]+ ?\(.{1,200}:\d+(?::\d+)?\)",
    ),
    _signature("loading", r"\b(?:loading|warming up|initiali[sz]ing)\b.{0,80}\b(?:model|weights|checkpoint|shard)"),
)
"""Most telling first: the first that fits a line names it."""

NO_TROUBLE = frozenset({"loading"})
"""Classes that tell what goes on, not that something is wrong."""


def classify_line(line: str, signatures: Sequence[Signature] = SIGNATURES) -> str:
    """The class of one line, or an empty string."""
    head = line[:_LONGEST]
    return next((name for name, pattern in signatures if pattern.search(head)), "")


def classify(lines: Iterable[str], signatures: Sequence[Signature] = SIGNATURES) -> dict[str, list[str]]:
    """Class -> its lines, in their order. A class without any line is left out."""
    found: dict[str, list[str]] = {}
    for line in lines:
        name = classify_line(line, signatures)
        if name:
            found.setdefault(name, []).append(line)
    return found
