# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""review.yml on a record: written, written in, rendered again without a loss, moved on; no platform is needed."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from guard_runs import Host
from healed_runs import heal
from playbook_run import PlaybookRun, run_playbook
from record_fakes import FakeClock, FakeProcesses


class Desk:
    """People who run review.yml for the record of one host."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = Host(folder / "state", FakeClock(), FakeProcesses())
        self.number = str(heal(self.host)["id"])
        self.runs = itertools.count()
        inventory = {"all": {"hosts": {"shop1": {"ansible_connection": "local"}}}}
        (folder / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")

    @property
    def markdown(self) -> Path:
        return self.folder / "reviews" / "shop1" / f"{self.number}.md"

    def play(self, *options: str, **variables: Any) -> PlaybookRun:
        fixed = {
            "incidents_hosts": "all",
            "platform_state_dir": self.host.state_dir,
            "review_directory": str(self.folder / "reviews"),
            "review_author": "jane",
            "ansible_python_interpreter": sys.executable,
        }
        return run_playbook(
            "review.yml",
            self.folder / f"run{next(self.runs)}",
            variables={**fixed, **variables},
            options=options,
            inventory=self.folder / "inventory.json",
        )

    def write(self, section: str, text: str) -> None:
        """Write into the marked place of the file, as a person does."""
        before, _, rest = self.markdown.read_text(encoding="utf-8").partition(f"<!-- write: {section} -->\n")
        after = rest[rest.index(f"<!-- end: {section} -->") :]
        self.markdown.write_text(f"{before}<!-- write: {section} -->\n{text}\n{after}", encoding="utf-8")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_review_is_written_kept_and_moved_on_and_a_second_run_changes_nothing(desk: Desk) -> None:
    rehearsed = desk.play("--check", "--diff")
    assert rehearsed.rc == 0, rehearsed.output
    assert not desk.markdown.exists()
    assert desk.host.timeline(desk.number)[-1] == "resolved"

    first, second = desk.play(), desk.play()
    assert (first.rc, first.changed > 0, second.rc, second.changed) == (0, True, 0, 0), first.output + second.output
    assert "to be filled in: Impact on users, Corrective actions" in first.output

    desk.write("impact", "40 users saw time-outs.")
    desk.markdown.write_text(desk.markdown.read_text("utf-8").replace("## Impact", "## Impact\n\nstray words"), "utf-8")
    handed_in = desk.markdown.read_text(encoding="utf-8")
    lacking = desk.play(incident_id=desk.number, review_state="reviewed")
    assert lacking.rc == 2
    assert "is not complete: Corrective actions" in lacking.failures[-1]
    assert desk.markdown.read_text(encoding="utf-8") == handed_in

    texts = {"corrective_actions": "none", "went_well": "the restart", "improve": "the alert", "monitoring": "none"}
    reviewed = desk.play(incident_id=desk.number, review_state="reviewed", review_reviewer="joe", review_texts=texts)
    assert reviewed.rc == 0, reviewed.output
    content = desk.markdown.read_text(encoding="utf-8")
    assert [text for text in ("40 users saw time-outs.", "stray words", *texts.values()) if text not in content] == []
    assert "40 users saw time-outs." in desk.markdown.with_suffix(".html").read_text(encoding="utf-8")
    assert desk.host.incident(desk.number)["state"] == "reviewed"

    desk.markdown.unlink()
    again = desk.play(incident_id=desk.number)
    assert again.rc == 0, again.output
    assert desk.markdown.read_text(encoding="utf-8") == content


def test_a_change_that_names_no_incident_fails_before_anything_is_written(desk: Desk) -> None:
    run = desk.play(review_state="reviewed")

    assert run.rc == 2
    assert "review_state needs review_incidents" in run.failures[-1]
    assert not desk.markdown.exists()


def test_in_a_workflow_only_the_incidents_of_the_run_before_are_reviewed(desk: Desk) -> None:
    other = desk.play(incident_response_incidents={"shop1/shop": {"model_server": "INC-2020-01-01-001"}})
    assert other.rc == 0, other.output
    assert not desk.markdown.exists()

    ours = desk.play(incident_response_incidents={"shop1/shop": {"model_server": desk.number}})
    assert ours.rc == 0, ours.output
    assert desk.markdown.exists()
