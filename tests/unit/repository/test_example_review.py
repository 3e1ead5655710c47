# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The committed example of a review is what the templates of today make of a healed hang (`make example` renews it)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from guard_runs import Host
from healed_runs import heal
from html_check import faults_of
from record_fakes import FakeClock, FakeProcesses

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

EXAMPLE = ROOT / "docs" / "examples" / "review-of-a-model-server-hang.md"
TEMPLATES = ROOT / "roles" / "review" / "templates"
MOMENTS = [
    "Issue detected",
    "First responder engaged",
    "Root cause identified",
    "Fix applied",
    "Service restored",
    "All-clear confirmed",
]


@pytest.fixture
def rendered(tmp_path: Path) -> dict[str, str]:
    """What the templates make of an incident of the same kind."""
    host = Host(tmp_path / "state", FakeClock(), FakeProcesses())
    facts = change_review(host.run("review").platform, heal(host)["id"], ReviewChange(), "jane")["review"]
    return {
        ".md": review_markdown(facts, (TEMPLATES / "review.md.j2").read_text(encoding="utf-8")),
        ".html": review_html(facts, (TEMPLATES / "review.html.j2").read_text(encoding="utf-8")),
    }


def example(kind: str) -> str:
    return EXAMPLE.with_suffix(kind).read_text(encoding="utf-8")


def skeleton(content: str, pattern: str) -> list[str]:
    """Headings, heads of tables and marked places, in their order; without the id of the incident."""
    return [re.sub(r"INC-[\d-]+", "INC", found).strip() for found in re.findall(pattern, content, re.MULTILINE)]


@pytest.mark.parametrize(
    "kind, pattern",
    [
        (".md", r"^(#+ .*|\| \*\*.*?\*\*|\| (?:finding|time) \|.*|<!-- (?:write|end): .*)$"),
        (".html", r"(<h[1-4]>.*?</h|<dt>.*?<|<th scope=\"\w+\"[^>]*>[^<(]*|<summary>.*?<|class=\"todo\")"),
    ],
)
def test_the_example_has_the_structure_that_the_templates_give(
    rendered: dict[str, str], kind: str, pattern: str
) -> None:
    assert skeleton(example(kind), pattern) == skeleton(rendered[kind], pattern)


def test_the_example_tells_all_six_moments_and_lacks_nothing_but_what_people_write() -> None:
    content = example(".md")

    assert re.findall(r"^- \d\d:\d\d:\d\d — \*\*(.*?)\*\*", content, re.MULTILINE) == MOMENTS
    assert "HH:MM — **" not in content
    assert {key for key, text in read_written(content).texts.items() if text} == set()
    for told in ("before the incident", "when it was detected", "after restart of model-server", "healed it"):
        assert told in content


def test_the_example_page_is_valid_loads_nothing_and_has_plots() -> None:
    page = example(".html")

    assert faults_of(page) == []
    assert page.count("<svg") >= 3
