# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of a log that tell why a program crashed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.crash_signature import (
    LastWords,
    last_words,
)


@pytest.mark.parametrize(
    "line",
    [
        "ModuleNotFoundError: No module named 'services.next_release'",
        "/usr/bin/python3: No module named services.next_release",
        "panic: runtime error: index out of range [5] with length 3",
        "Error: Cannot find module '/app/server.js'",
        "java.lang.OutOfMemoryError: Java heap space",
        "FATAL:  data directory has wrong ownership",
        '{"level": "fatal", "msg": "JWT_SECRET is empty"}',
        'level=error msg="no config"',
        "Segmentation fault (core dumped)",
        "exec /docker-entrypoint.sh: exec format error",
        "python3: error while loading shared libraries: libx.so: cannot open shared object file: No such file",
    ],
)
def test_the_line_that_names_the_error_is_found_among_others(line: str) -> None:
    words = last_words(["listening on port 80", line, "", "  bye  "])
    assert words.line == line
    assert words.lines == ("listening on port 80", line, "bye")


def test_without_an_error_the_last_line_speaks_unless_it_was_killed_from_outside() -> None:
    lines = ["listening", "served /health"]
    assert last_words(lines).line == "served /health"
    assert last_words(lines, killed=True).line == ""
    assert last_words([*lines, "MemoryError"], killed=True).line == "MemoryError"


def test_of_several_errors_the_newest_counts() -> None:
    assert last_words(["ValueError: a", "KeyError: b"]).line == "KeyError: b"


def test_one_cause_has_one_signature_whatever_differs_between_two_crashes() -> None:
    first, second = (
        last_words([f"2026-02-27T13:4{n}:00 panic: goroutine {n}7 [running] at 0xc0000{n}a000 in deadbeef{n}"])
        for n in (1, 2)
    )
    assert first.signature == second.signature
    assert first.line != second.line


@pytest.mark.parametrize("lines", [[], ["", "  "]])
def test_a_log_without_words_has_no_last_ones(lines: list[str]) -> None:
    assert last_words(lines) == LastWords()


@given(st.lists(st.text()))
def test_any_log_gives_short_words_of_its_own(lines: list[str]) -> None:
    words = last_words(lines)
    assert len(words.line) <= 300
    assert len(words.lines) <= 5
    assert not words.line or any(words.line in line for line in lines)
