# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a compliance run, written by the role's own tasks from a report with hostile words in it."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from compliance import Estate, control_data
from real_play import run_play

HOSTILE = "web:<script>alert(1)</script>&latest"
FORMATS = {"json": "r.json", "junit": "r.xml", "sarif": "r.sarif", "prometheus": "r.prom", "html": "r.html"}
RELATIVE = {"json": FORMATS["json"]}
VOID = {"meta", "br", "rect"}


class Page(HTMLParser):
    """Collects the elements of a page, and which of them are not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Judge a platform with faults twice, so that there is a history, and write every file."""
    folder = tmp_path_factory.mktemp("compliance")
    observed = Estate(web={"image": HOSTILE, "privileged": True}).observed()
    judge = {
        "name": "Judge",
        "agentfoundry.incident_response.compliance_report": {
            "observed": observed,
            "controls": control_data(),
            "state_dir": str(folder / "state"),
            "waivers": [
                {"control": "image.pinned", "owner": "<b>ada</b>", "reason": "no mirror", "expires": "2999-12-31"}
            ],
        },
        "register": "__compliance_shown",
    }
    write = {
        "name": "Write",
        "ansible.builtin.include_role": {
            "name": "agentfoundry.incident_response.compliance",
            "tasks_from": "files",
        },
        "vars": {"compliance_files": {kind: str(folder / name) for kind, name in FORMATS.items()} | RELATIVE},
    }
    # The controls hold no template, but what was observed is untrusted: it comes by a file, never by a template.
    play = [{"name": "Test", "hosts": "localhost", "gather_facts": False, "tasks": [judge, judge, write]}]
    playbook = folder / "playbooks" / "playbook.json"
    playbook.parent.mkdir()
    playbook.write_text(json.dumps(play))
    # The folder as a shell says it that started the run there.
    ran = run_play(playbook, "-i", "localhost,", "-c", "local", PWD=str(folder))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "changed=0" in ran.stdout
    return folder


def test_a_relative_path_begins_where_the_run_was_started(written: Path) -> None:
    assert not Path(RELATIVE["json"]).is_absolute()
    assert json.loads((written / RELATIVE["json"]).read_text())["results"]


def test_the_page_is_well_formed_and_asks_for_nothing(written: Path) -> None:
    page = Page((written / FORMATS["html"]).read_text(encoding="utf-8"))

    assert page.open == []
    assert not [tag for tag, _attributes in page.elements if tag in ("script", "link", "img", "iframe", "object")]
    assert not [value for _tag, attributes in page.elements for value in attributes.values() if "//" in (value or "")]
    assert "url(" not in (written / FORMATS["html"]).read_text(encoding="utf-8")


def test_the_page_shows_what_was_said_and_runs_none_of_it(written: Path) -> None:
    text = (written / FORMATS["html"]).read_text(encoding="utf-8")

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "&lt;b&gt;ada&lt;/b&gt;" in text
    assert "not compliant" in Page(text).text


def test_the_page_is_accessible_by_its_structure(written: Path) -> None:
    page = Page((written / FORMATS["html"]).read_text(encoding="utf-8"))
    tags = [tag for tag, _attributes in page.elements]
    ids = [attributes["id"] for _tag, attributes in page.elements if attributes.get("id")]

    assert dict(page.elements)["html"]["lang"] == "en"
    assert tags.count("h1") == 1
    assert len(ids) == len(set(ids))
    assert {"header", "main", "svg", "title", "desc"} <= set(tags)
    assert not [attributes for tag, attributes in page.elements if tag == "th" and "scope" not in attributes]
    for _tag, attributes in page.elements:
        assert set((attributes.get("aria-labelledby") or "").split()) <= set(ids)


def test_every_file_tells_the_same_run(written: Path) -> None:
    report = json.loads((written / FORMATS["json"]).read_text(encoding="utf-8"))
    sarif = json.loads((written / FORMATS["sarif"]).read_text(encoding="utf-8"))
    junit = ElementTree.fromstring((written / FORMATS["junit"]).read_text(encoding="utf-8"))  # noqa: S314
    metrics = (written / FORMATS["prometheus"]).read_text(encoding="utf-8")

    assert "container.privileged" in report["failing"]
    assert len(report["trend"]) == 2
    assert len(sarif["runs"][0]["tool"]["driver"]["rules"]) == len(report["results"]) == int(junit.get("tests", "0"))
    assert metrics.endswith("\n")
    assert 'control="container.privileged"' in metrics
