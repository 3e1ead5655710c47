# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service says reaches a terminal as one harmless line."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.text import single_line


@pytest.mark.parametrize(
    "text, shown",
    [
        ("plain text stays as it is", "plain text stays as it is"),
        ("Größe, 模型, ✓", "Größe, 模型, ✓"),
        ("\x1b[2J\x1b[31mred", " [2J [31mred"),
        ("\x9b2Jone-byte escape", " 2Jone-byte escape"),
        ("\x1b]0;title\x07bell", " ]0;title bell"),
        ("two\nlines\r\nand\ttabs", "two lines  and tabs"),
        ("line\u2028paragraph\u2029next\x85end", "line paragraph next end"),
        ("user\u202egnp.exe", "user gnp.exe"),
        ("\u2066isolate\u2069 \u200fmark", " isolate   mark"),
        ("zero\u200bwidth\ufeff", "zero width "),
        ("lone \udcff surrogate", "lone   surrogate"),
        ("nul\x00byte", "nul byte"),
        ("", ""),
    ],
)
def test_what_could_steer_a_terminal_becomes_a_space(text: str, shown: str) -> None:
    assert single_line(text) == shown


@pytest.mark.parametrize(
    "length, width, shown",
    [(10, 10, "x" * 10), (11, 10, "xxxxxxx..."), (10_000_000, 20, "x" * 17 + "..."), (400, 300, "x" * 297 + "...")],
)
def test_a_long_line_is_cut_and_says_so(length: int, width: int, shown: str) -> None:
    assert single_line("x" * length, width) == shown


@given(st.text(st.characters()), st.integers(min_value=3, max_value=40))
def test_any_text_becomes_one_short_line_that_can_be_written_anywhere(text: str, width: int) -> None:
    line = single_line(text, width)

    assert len(line) <= width
    assert line.encode().decode() == line
    assert line.splitlines() in ([line], [])
    assert not [char for char in line if unicodedata.category(char) in ("Cc", "Cf", "Cs")]
