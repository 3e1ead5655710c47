# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program's last words: the lines of its log that tell why it crashed. Pure; Python, Node.js, Java, Go, C."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_MOST = 5
_LONGEST = 300
_ERROR = re.compile(
    r"^(?:[\w.]+\.)?\w*(?:Error|Exception|Exit|Interrupt)\b(?::|$)"
    r"|\bpanic: |\bfatal error: |\bSegmentation fault\b|\bCaused by: |\bExecutable file not found\b"
    r"|\bNo module named\b|\bcannot open shared object file\b|\bexec format error\b|\bpermission denied$"
    r"|\b(?:FATAL|CRITICAL|PANIC)\b|[\"']?level[\"']?\s*[:=]\s*[\"']?(?:fatal|critical|panic|error)\b",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"0x[0-9a-f]+|\b[0-9a-f]{8,}\b|\d+", re.IGNORECASE)


@dataclass(frozen=True)
class LastWords:
    """Why a program crashed, by its own words.

    :param line: the line that tells it best, redacted; empty when none does.
    :param signature: the same without what differs from crash to crash (numbers, addresses): equal signatures, one
        cause.
    :param lines: the newest lines, redacted, at most 5, oldest first.
    """

    line: str = ""
    signature: str = ""
    lines: tuple[str, ...] = ()


def last_words(lines: Sequence[str], *, killed: bool = False) -> LastWords:
    """Read from the end: the newest line that names an error, else the newest line at all.

    :param lines: redacted lines of a log, oldest first.
    :param killed: a signal ended it: then only a line that names an error tells anything, it had no time for others.
    """
    spoken = [line.strip() for line in lines if line.strip()]
    if not spoken:
        return LastWords()
    line = (error_line(spoken) or ("" if killed else spoken[-1]))[:_LONGEST]
    return LastWords(line, _VARIABLE.sub("#", line), tuple(one[:_LONGEST] for one in spoken[-_MOST:]))


def error_line(lines: Sequence[str]) -> str:
    """The newest line that names an error; empty when none does."""
    return next((line for line in reversed(lines) if _ERROR.search(line)), "")
