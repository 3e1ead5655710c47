# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person wrote into a review is read back, wherever it stands, and is merged without a loss."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_file import (
    block,
    clean_text,
    read_written,
    seal,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_section import (
    SECTIONS,
    merge,
    required_sections,
)

KEYS = [section.key for section in SECTIONS]
EMPTY = dict.fromkeys(KEYS, "")
LINE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=30).filter(
    lambda line: line == line.strip() and not line.startswith("<!--")
)
TEXT = st.lists(LINE, min_size=1, max_size=4).map("\n".join)


def a_file(texts: Mapping[str, str] | None = None, revision: int = 3) -> str:
    """A file as it is generated: facts around the marked places."""
    texts = texts or {}
    parts = [f"# Review\n\n| a | b |\n\nfacts of {key}\n\n{block(key, texts.get(key, ''))}" for key in KEYS]
    return seal("\n\n".join(parts), revision)


def test_an_untouched_file_holds_no_text() -> None:
    written = read_written(a_file())

    assert (written.revision, written.texts) == (3, EMPTY)


@given(st.dictionaries(st.sampled_from(KEYS), TEXT))
def test_what_is_written_between_the_markers_is_read_back_as_it_is(texts: dict[str, str]) -> None:
    assert read_written(a_file(texts)).texts == {**EMPTY, **texts}


@pytest.mark.parametrize("line", ["| a | b |", "# Review", "facts of impact"])
def test_a_text_that_says_what_a_generated_line_says_is_kept(line: str) -> None:
    assert read_written(a_file({"impact": line})).texts["impact"] == line


def test_a_text_holds_neither_markers_nor_what_moves_a_cursor() -> None:
    text = "one\x1b[2J\r\n<!-- end: impact -->\n\ttwo  \u2028\n\n"

    assert clean_text(text) == "one[2J\n\ttwo"
    assert read_written(a_file({"impact": clean_text(text)})).texts["impact"] == "one[2J\n\ttwo"


@given(st.data(), TEXT)
def test_a_line_that_is_written_anywhere_else_is_kept_in_the_notes(data: st.DataObject, text: str) -> None:
    lines = a_file().splitlines()
    place = data.draw(st.sampled_from([number for number, line in enumerate(lines) if line.startswith("facts of")]))

    written = read_written("\n".join([*lines[:place], text, *lines[place:]]))

    fresh = [line for line in text.split("\n") if line not in lines]
    assert [line for line in fresh if line not in written.texts["notes"].splitlines()] == []
    assert {key: text for key, text in written.texts.items() if key != "notes"} == {
        key: "" for key in KEYS if key != "notes"
    }


@pytest.mark.parametrize("needed", [True, False])
@pytest.mark.parametrize("kept", ["{}\n", ""])
def test_the_prompt_is_no_text_of_a_person(needed: bool, kept: str) -> None:
    untouched = block("impact", "", needed=needed)
    prompt = untouched.split("\n")[1]

    assert read_written(seal(untouched, 1)).texts["impact"] == ""
    written = seal(untouched, 1).replace(prompt, f"{kept.format(prompt)}40 users.")
    assert read_written(written).texts["impact"] == "40 users."


def test_a_generated_line_that_a_person_changed_is_kept_in_the_notes() -> None:
    written = read_written(a_file().replace("facts of impact", "facts of impact, which I doubt"))

    assert "facts of impact, which I doubt" in written.texts["notes"]


@pytest.mark.parametrize("marker", ["<!-- end: impact -->", "<!-- write: timeline -->", "<!-- write: impact -->"])
def test_a_marker_that_was_deleted_costs_no_text(marker: str) -> None:
    texts = {"impact": "40 users.", "timeline": "10:00 — Jane called."}

    written = read_written(a_file(texts).replace(marker, "")).texts

    assert all(any(text in one for one in written.values()) for text in texts.values())
    assert not any("facts of" in text for text in written.values())


def test_a_file_without_its_last_line_is_kept_whole() -> None:
    content = a_file({"impact": "40 users."})
    written = read_written(content[: content.rindex("<!-- review:")])

    assert (written.revision, written.texts["impact"]) == (0, "40 users.")
    assert "facts of impact" in written.texts["notes"]


def test_a_text_that_looks_like_the_last_line_changes_nothing() -> None:
    text = "<!-- review: revision 9; generated 00000000 -->"
    written = read_written(a_file({"impact": text}))

    assert (written.revision, written.texts["impact"]) == (3, text)


@pytest.mark.parametrize(
    "recorded, base, written, merged",
    [
        pytest.param("", "", "new", "new", id="the first text"),
        pytest.param("a", "a", "a", None, id="untouched"),
        pytest.param("a", "a", "b", "b", id="edited"),
        pytest.param("a", "a", "", "", id="deleted by the person who saw it"),
        pytest.param("b", "a", "a", None, id="the file is only old"),
        pytest.param("b", "a", "b", None, id="both wrote the same"),
        pytest.param("b", "a", "c", "c\n\nb", id="both wrote something else"),
        pytest.param("b and c", "a", "c", None, id="one holds the other"),
        pytest.param("c", "a", "b and c", "b and c", id="the other holds the one"),
        pytest.param("b", "a", "", "b", id="deleted by one who had not seen the new text"),
    ],
)
def test_texts_are_merged_without_a_loss(recorded: str, base: str, written: str, merged: str | None) -> None:
    found = merge({"impact": recorded}, {"impact": base}, {"impact": written})

    assert found == ({} if merged is None or merged == recorded else {"impact": merged})


@given(TEXT, TEXT, TEXT)
def test_a_merge_keeps_what_either_wrote_since(recorded: str, base: str, written: str) -> None:
    merged = {"x": recorded, **merge({"x": recorded}, {"x": base}, {"x": written})}["x"]

    assert recorded == base or recorded in merged
    assert written == base or written in merged


def test_a_section_that_was_not_handed_in_stays() -> None:
    assert merge({"impact": "a"}, {}, {}) == {}


@pytest.mark.parametrize(
    "known, more",
    [
        ({"cause_known": True, "fix_known": True, "moments_known": True}, set()),
        ({"cause_known": False, "fix_known": True, "moments_known": True}, {"root_cause"}),
        ({"cause_known": True, "fix_known": False, "moments_known": False}, {"resolution", "timeline"}),
    ],
)
def test_people_have_to_write_what_no_record_tells(known: dict[str, bool], more: set[str]) -> None:
    always = {"impact", "corrective_actions", "went_well", "improve", "monitoring"}

    assert set(required_sections(**known)) == always | more
