# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""retention.yml: what is old and done leaves the record into a file, and nothing else ever does."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from file_systems import IS_ROOT, fill_bytes, read_only_directory, small_file_system
from guard_runs import Host
from healed_runs import heal
from playbook_run import PlaybookRun, run_playbook
from record_fakes import FakeClock, FakeProcesses

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import State
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.lifecycle import Change, alter
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import Query, find_incidents

ANCIENT = 30
"""Days; the incidents of these tests are of 27 February 2026."""


@dataclass
class Archive:
    """A host with one incident that may leave, one that waits for its review, and one that is open."""

    folder: Path
    done: str
    unreviewed: str
    open: str

    @property
    def state_dir(self) -> Path:
        return self.folder / "state"

    def run(self, name: str, *options: str, **variables: Any) -> PlaybookRun:
        host = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        inventory = self.folder / "inventory.json"
        inventory.write_text(json.dumps({"platforms": {"hosts": {"docker-1": host}}}), encoding="utf-8")
        return run_playbook(
            "retention.yml",
            self.folder / name,
            variables={"platform_state_dir": str(self.state_dir), "retention_days": ANCIENT, **variables},
            options=options,
            inventory=inventory,
        )

    @property
    def ids(self) -> set[str]:
        return {one["id"] for one in find_incidents(str(self.state_dir), Query(limit=100))}

    def exports(self, folder: Path | None = None) -> list[Path]:
        return sorted((folder or self.state_dir / "exports").glob("*.jsonl"))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    host = Host(tmp_path / "state", FakeClock(), FakeProcesses())
    done = heal(host, "first", severity="P3", severity_rule="there is a way around it")["id"]
    alter(host.run("jane").platform, done, Change(state=State.CLOSED, note="nothing is left to do"), "jane")
    unreviewed = heal(host, "second", services=("redis",))["id"]
    run = host.run("third")
    run.begin(services=("postgres",))
    run.end("escalated", "nobody knows")
    return Archive(tmp_path, done, unreviewed, run.incident)


def test_what_is_old_and_closed_is_exported_and_leaves_and_what_is_open_or_unreviewed_never_does(
    archive: Archive, tmp_path: Path
) -> None:
    everything = {archive.done, archive.unreviewed, archive.open}
    assert archive.ids == everything

    rehearsed = archive.run("check", "--check")

    assert rehearsed.rc == 0, rehearsed.output
    assert "1 incident(s) would leave the record" in rehearsed.output
    assert (archive.ids, archive.exports()) == (everything, [])

    first = archive.run("first", retention_fetch_dir=str(tmp_path / "fetched"))

    assert (first.rc, archive.ids) == (0, {archive.unreviewed, archive.open}), first.output
    (file,) = archive.exports()
    (line,) = [json.loads(text) for text in file.read_text(encoding="utf-8").splitlines()]
    assert (line["incident"]["id"], line["incident"]["state"]) == (archive.done, "closed")
    assert next(entry["kind"] for entry in line["incident"]["timeline"]) == "opened"
    assert line["incident"]["attempts"][0]["action"] == "restart"
    assert archive.exports(tmp_path / "fetched" / "docker-1")[0].read_bytes() == file.read_bytes()
    assert "1 incident(s) left the record, exported to" in first.output
    assert "old ones that stay" in first.output

    second = archive.run("second")

    assert (second.rc, second.changed, archive.ids) == (0, 0, {archive.unreviewed, archive.open}), second.output
    assert archive.exports() == [file]


def test_what_is_younger_than_was_asked_for_stays(archive: Archive) -> None:
    run = archive.run("run", retention_days=36_500)

    assert (run.rc, run.changed, len(archive.ids)) == (0, 0, 3), run.output


@contextlib.contextmanager
def disk_that_refuses(path: Path) -> Iterator[Path]:
    """A full disk, or, where only root could have one, a folder that cannot be written."""
    if not IS_ROOT:
        with read_only_directory(path):
            yield path
        return
    with small_file_system(path, "64k"):
        fill_bytes(path / "full")
        yield path


def test_a_disk_that_refuses_the_export_keeps_everything_in_the_record(archive: Archive, tmp_path: Path) -> None:
    before = archive.ids

    with disk_that_refuses(tmp_path / "disk") as disk:
        refused = archive.run("refused", retention_export_dir=str(disk))
        assert archive.exports(disk) == []

    assert refused.rc == 2, refused.output
    assert "nothing was pruned" in refused.failures[-1]
    assert archive.ids == before

    later = archive.run("later")

    assert (later.rc, archive.done in archive.ids, len(archive.exports())) == (0, False, 1), later.output
