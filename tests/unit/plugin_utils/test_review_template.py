# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A review as Markdown and as a page: the playbook's template, from the record alone, with nothing hostile in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from guard_runs import Host
from healed_runs import heal
from html_check import faults_of, text_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from record_fakes import FakeClock, FakeProcesses

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_file import read_written
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.review import (
    ReviewChange,
    change_review,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.review_template import (
    review_html,
    review_markdown,
)
from checkout import ROOT

TEMPLATES = ROOT / "roles" / "review" / "templates"
MARKDOWN = (TEMPLATES / "review.md.j2").read_text(encoding="utf-8")
HTML = (TEMPLATES / "review.html.j2").read_text(encoding="utf-8")
HOSTILE = (
    "<script>alert(1)</script> [a](javascript:x) ![i](http://evil/p.png) @all www.evil.example `x` | **b** {{ 7*7 }}"
)
SAID = {"message", "evidence", "root_cause", "summary", "severity_rule", "reason", "source", "how", "approved_by"}


@pytest.fixture
def facts(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """The facts of a healed hang, written by the record itself; each call with texts of its own."""
    host = Host(tmp_path / "state", FakeClock(), FakeProcesses())

    def build(texts: dict[str, str] | None = None, **trouble: Any) -> dict[str, Any]:
        incident = heal(host, **trouble)
        host.clock.move(60)
        change = ReviewChange(texts=texts or {})
        review: dict[str, Any] = change_review(host.run("review").platform, incident["id"], change, "jane")["review"]
        return review

    return build


@pytest.fixture
def known(facts: Facts) -> dict[str, Any]:
    """The facts of an incident of which nobody has written yet."""
    return facts()


Facts = Callable[..., dict[str, Any]]


def prose(content: str) -> str:
    """What a reader of the Markdown sees: no markers, single spaces, no escapes."""
    return " ".join(re.sub(r"<!--.*?-->", "", content, flags=re.DOTALL).split()).replace("\\", "")


def test_the_markdown_follows_the_playbooks_template(facts: Facts) -> None:
    content = review_markdown(facts(), MARKDOWN)

    assert re.findall(r"^#+ (.*)$", content, re.MULTILINE) == [
        "Post-incident review: INC-2026-02-27-001",
        "Impact",
        "Timeline",
        "What was measured",
        "Everything that was recorded",
        "Root Cause",
        "Resolution",
        "Corrective Actions",
        "Lessons Learned",
        "What went well",
        "What could be improved",
        "Changes to monitoring and alerting needed",
        "Notes",
    ]
    moments = re.findall(r"^- ([\d:]{8}) — \*\*(.*?)\*\*", content, re.MULTILINE)
    assert moments == [
        ("12:00:00", "Issue detected"),
        ("12:00:00", "First responder engaged"),
        ("12:00:00", "Root cause identified"),
        ("12:00:20", "Fix applied"),
        ("12:00:22", "Service restored"),
        ("12:00:30", "All-clear confirmed"),
    ]
    text = prose(content)
    for told in (
        "| **Severity** | P2 (a service fails) |",
        "2026-02-27 12:00:00 UTC — 2026-02-27 12:00:30 UTC (30 s)",
        "draft, due 2026-03-01 12:00:30 UTC",
        "critical, model-server: model-server never answers.",
        "504 after 5 s",
        "restart of model-server (disruptive) | it hangs | done, healed it. it answers again | 30 s",
        "| when it was detected | 12:00:00 | 5,000 ms | 1,000 ms | critical |",
        "| after restart of model-server | 12:00:30 | 12 ms | 1,000 ms | ok |",
    ):
        assert told in text


@pytest.mark.parametrize(
    "attempted, missing", [(True, []), (False, ["First responder engaged", "Fix applied", "Service restored"])]
)
def test_what_no_record_tells_is_marked_to_be_filled_in(facts: Facts, attempted: bool, missing: list[str]) -> None:
    known = facts() if attempted else {**facts(), "attempts": []}
    content, shown = review_markdown(known, MARKDOWN), text_of(review_html(known, HTML))

    assert re.findall(r"^- HH:MM — \*\*(.*?)\*\*.*— to be filled in$", content, re.MULTILINE) == missing
    assert ("What people did" in shown) is not attempted
    assert "number of users affected" in shown
    assert "_To be filled in: number of users affected" in content


def test_a_review_that_is_rendered_again_is_the_same_to_the_letter(facts: Facts) -> None:
    known = facts({"impact": "40 users."})

    assert review_markdown(known, MARKDOWN) == review_markdown(known, MARKDOWN)
    assert review_html(known, HTML) == review_html(known, HTML)


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cf"]), min_size=1, max_size=60)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=40, deadline=None
)
@given(texts=st.dictionaries(st.sampled_from(["impact", "corrective_actions", "notes"]), TEXT.map(str.strip)))
def test_what_people_wrote_is_read_back_from_the_rendered_file(known: dict[str, Any], texts: dict[str, str]) -> None:
    known["review"]["texts"] = {key: text for key, text in texts.items() if text and "<!--" not in text}

    written = read_written(review_markdown(known, MARKDOWN))

    assert {key: text for key, text in written.texts.items() if text} == known["review"]["texts"]


def test_the_page_is_valid_and_loads_and_runs_nothing(facts: Facts) -> None:
    page = review_html(facts({"corrective_actions": "- [ ] one — jane — 2026-03-05\n- [x] two"}), HTML)

    assert faults_of(page) == []
    assert page.count("<svg") == 2
    assert 'aria-label="open"' in page
    assert "when detected: 5,000 ms; at the end, after 30 s: 12 ms; limit: 1,000 ms" in page
    assert "restart of model-server" in text_of(page)
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page


def hostile(known: Any, text: str = HOSTILE) -> Any:
    """The same facts, where everything that somebody could have said is hostile."""
    if isinstance(known, dict):
        return {
            key: value if isinstance(value, str) and key not in SAID else hostile(value, text)
            for key, value in known.items()
        }
    if isinstance(known, list):
        return [hostile(value, text) for value in known]
    return text if isinstance(known, str) else known


def test_nothing_that_a_log_says_becomes_a_link_an_image_or_a_script_in_the_page(facts: Facts) -> None:
    page = review_html(hostile(facts({"notes": HOSTILE})), HTML)

    assert faults_of(page) == []
    assert "<script" not in page
    assert text_of(page).count("<script>alert(1)</script>") > 5
    assert "{{ 7*7 }}" in page
    assert "49" not in text_of(page).replace("{{ 7*7 }}", "")


def test_nothing_that_a_log_says_becomes_a_link_an_image_or_html_in_the_markdown(facts: Facts) -> None:
    content = review_markdown(hostile(facts()), MARKDOWN)

    # As GitHub does: tables, and addresses made links.
    parser = MarkdownIt("gfm-like", {"linkify": False})
    rendered = parser.render(re.sub(r"<!--.*?-->", "", content, flags=re.DOTALL))
    assert not re.search(r"<(script|a|img|iframe)\b", rendered)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; [a](javascript:x)" in rendered
    outside_of_code = re.sub(r"^(`{3,})text$.*?^\1$", "", content, flags=re.DOTALL | re.MULTILINE)
    assert not re.search(r"://|www\.|@all", outside_of_code)
    assert "{{ 7*7 }}" in content
    assert rendered.count("<h2>") == review_markdown(facts(), MARKDOWN).count("\n## ")


FENCES = ["```", "````\n# heading", "~~~", "    code"]


@pytest.mark.parametrize("line", FENCES)
def test_evidence_cannot_end_the_block_that_shows_it(facts: Facts, line: str) -> None:
    known = facts()
    known["findings"][0]["evidence"] = [line, "after it"]

    tokens = MarkdownIt("commonmark").parse(review_markdown(known, MARKDOWN))

    (shown,) = [token.content for token in tokens if token.type == "fence"]
    assert shown == f"{line.replace(chr(10), ' ')}\nafter it\n"


@pytest.mark.parametrize("template", ["{{ review.nothing }}", "{% if %}", "{{ ''.__class__.__mro__ }}"])
def test_a_template_of_ones_own_that_is_broken_is_named(facts: Facts, template: str) -> None:
    with pytest.raises(InvalidInputError, match="template"):
        review_markdown(facts(), template)
