# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hang of the model server yields, with nothing typed after it, a review that lacks only what people write."""

from __future__ import annotations

import re
from pathlib import Path

from html_check import faults_of
from lab_record import LabRecord, kinds
from playbook_run import Play

from labtool.lab import Lab

PLAYBOOK = "remediate_model_server.yml"
CANARY = "model_server.canary"


def test_a_hang_yields_a_complete_timeline_measured_values_and_a_review(
    lab: Lab, play: Play, record: LabRecord, tmp_path: Path
) -> None:
    reviews = {"remediation_review_directory": str(tmp_path / "reviews")}
    healthy = play(PLAYBOOK, **reviews)
    assert (healthy.rc, healthy.changed, record.incidents()) == (0, 0, []), healthy.output
    lab.inject("model-hang")

    healed = play(PLAYBOOK, **reviews)

    assert (healed.rc, healed.ending) == (0, "healed"), healed.output
    incident = record.only
    assert kinds(incident) == ["opened", "intent", "outcome", "resolved", "review"]
    (attempt,) = incident["attempts"]
    moments = [attempt[name] for name in ("started_at", "acted_at", "restored_at", "finished_at")]
    assert None not in moments
    assert moments == sorted(moments)
    measured = [one for one in incident["measurements"] if one["finding"] == CANARY]
    assert [one["phase"] for one in measured][:2] == ["before", "opened"]
    assert [one["status"] for one in measured if one["phase"] in ("before", "opened")] == ["ok", "critical"]
    assert (measured[-1]["phase"], measured[-1]["status"]) == ("restart of model-server", "ok")

    (markdown,) = (tmp_path / "reviews").glob("*/*.md")
    content, page = markdown.read_text(encoding="utf-8"), markdown.with_suffix(".html").read_text(encoding="utf-8")
    assert len(re.findall(r"^- \d\d:\d\d:\d\d — \*\*", content, re.MULTILINE)) == 6
    assert "is stopped (state T)" in content
    assert faults_of(page) == []
    assert page.count("<svg") >= 2

    # The next run finds nothing wrong: neither the incident nor its review is touched.
    again = play(PLAYBOOK, **reviews)
    assert (again.rc, again.changed) == (0, 0), again.output
    assert (record.only, markdown.read_text(encoding="utf-8")) == (incident, content)


def test_a_review_that_cannot_be_written_does_not_fail_the_remediation(
    lab: Lab, play: Play, record: LabRecord, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    lab.inject("model-hang")

    run = play(PLAYBOOK, remediation_review_directory=str(tmp_path / "file"))

    assert (run.rc, run.ending, record.only["state"]) == (0, "healed", "resolved"), run.output
    assert "could not be written" in run.output
