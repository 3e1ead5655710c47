# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any text in Markdown shows exactly that text; what people write becomes HTML that holds nothing else."""

from __future__ import annotations

import html
import re

import pytest
from html_check import checked
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.markdown import (
    escape_markdown,
    fenced,
    people_html,
)

GFM = MarkdownIt("gfm-like", {"linkify": False})
PRINTABLE = st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Zs", "Co", "Cn"])
LINE = st.text(PRINTABLE, min_size=1) | st.text("ab1 -+*_#`~[]()<>!|\\&@$.:=/w", min_size=1)


def shown(markdown: str) -> str:
    """What a reader sees, when it is one paragraph and nothing else."""
    rendered = GFM.render(markdown).strip()
    match = re.fullmatch(r"<p>([^<>]*)</p>", rendered, re.DOTALL)
    assert match, rendered
    return html.unescape(match.group(1))


@given(LINE.filter(lambda line: line.strip()))
def test_an_escaped_line_is_read_as_it_was(line: str) -> None:
    assert " ".join(shown(escape_markdown(line)).split()) == " ".join(line.split())


@pytest.mark.parametrize(
    "text",
    ["# a", "- a", "+ a", "12. a", "1) a", "==", "---", "> a", "    code", "a\nb", "| a |", "a_b", "_a_", "&amp;"],
)
def test_nothing_at_the_beginning_of_a_line_makes_it_more_than_a_line(text: str) -> None:
    assert shown(escape_markdown(text)) == " ".join(text.split())


@pytest.mark.parametrize("text", ["http://evil.example", "www.evil.example", "WWW.evil.example", "@all", "x://y"])
def test_no_address_and_no_mention_is_left_to_be_recognized(text: str) -> None:
    assert not re.search(r"://|www\.|@", escape_markdown(text), re.IGNORECASE)
    assert shown(escape_markdown(text)) == text


@pytest.mark.parametrize(
    "text, escaped",
    [("ops@desk: x", "ops@desk: x"), ("a@b.example", "a&#64;b.example"), ("@a", "&#64;a"), ("a @b", "a &#64;b")],
)
def test_a_user_on_a_host_stays_readable_and_a_mail_address_is_none(text: str, escaped: str) -> None:
    assert escape_markdown(text) == escaped


@given(st.lists(LINE, max_size=5))
def test_lines_in_a_block_stay_in_it(lines: list[str]) -> None:
    (token,) = MarkdownIt("commonmark").parse(fenced(lines))

    assert token.type == "fence"
    assert token.content == "".join(f"{line}\n" for line in lines)


@given(st.text())
def test_whatever_people_write_no_tag_comes_out_of_it_that_is_not_closed_or_not_meant(text: str) -> None:
    page = checked(people_html(text))

    assert (page.faults, page.open) == ([], [])
    assert set(page.names) <= {"p", "ul", "ol", "li", "span", "code", "strong", "em", "br", "h4"}


@pytest.mark.parametrize(
    "text, expected",
    [
        ("one\ntwo\n\nthree", "<p>one<br>two</p>\n<p>three</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("- a\n  more", "<ul>\n<li>a more</li>\n</ul>"),
        ("a\n- b", "<p>a</p>\n<ul>\n<li>b</li>\n</ul>"),
        ("## Why\nso", "<h4>Why</h4>\n<p>so</p>"),
        ("`a<b` **c** *d* e_f", "<p><code>a&lt;b</code> <strong>c</strong> <em>d</em> e_f</p>"),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>"),
        ("", ""),
    ],
)
def test_the_little_markdown_that_people_write_is_shown(text: str, expected: str) -> None:
    assert people_html(text) == expected


def test_boxes_are_told_in_words_as_well() -> None:
    page = people_html("- [ ] open one\n- [x] done one")

    assert re.findall(r'aria-label="(\w+)">(.)', page) == [("open", "☐"), ("done", "☑")]
