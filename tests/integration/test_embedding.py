# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/examples/embed.py as a program of its own: it heals and hands on, and what is cut off leaves a true record."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from artifact_schema import faults_of
from lab_record import LabRecord, attempts, kinds
from pictures import picture, touched
from playbook_run import Play
from quick import QUICK

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.summary import read_summary
from checkout import ROOT
from labtool.commands import wait_until
from labtool.lab import Lab

PROGRAM = ROOT / "docs" / "examples" / "embed.py"
PLAYBOOK = "agentfoundry.incident_response.remediate_model_server"
VERIFY = "Verify until it is healed and stays so"
LONG = {**QUICK, "remediation_stability_window": 600.0}


class Embedding:
    """The program while it runs; what it tells is read line by line."""

    def __init__(self, environment: Mapping[str, str], variables: Mapping[str, Any], *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), PLAYBOOK, "--variables", json.dumps(dict(variables)), *options],
            cwd=ROOT,
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **environment},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.told: list[dict[str, Any]] = []

    def until(self, task: str) -> None:
        """Read until the task has begun."""
        for event in self._events():
            if event == {"task": task}:
                return
        pytest.fail(f"{task} was never begun: {self.told}")

    def end(self) -> tuple[int, dict[str, Any]]:
        """The exit code and the result."""
        self.told += self._events()
        return self.process.wait(60), self.told[-1]["result"]

    def _events(self) -> Iterator[dict[str, Any]]:
        assert self.process.stdout
        for line in self.process.stdout:
            self.told.append(json.loads(line))
            yield self.told[-1]


@contextmanager
def embedding(environment: Mapping[str, str], variables: Mapping[str, Any], *options: str) -> Iterator[Embedding]:
    started = Embedding(environment, variables, *options)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            os.killpg(started.process.pid, signal.SIGINT)
            started.process.wait(60)
        assert started.process.stdout
        started.process.stdout.close()


def processes_below(folder: Path) -> list[str]:
    """Command lines that name the folder."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            lines.append(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
    return [line for line in lines if str(folder) in line]


def test_a_hang_is_healed_with_progress_and_its_artifacts_keep_to_the_schema(
    lab: Lab, environment: dict[str, str], record: LabRecord
) -> None:
    lab.inject("model-hang")

    with embedding(environment, QUICK) as run:
        code, result = run.end()

    assert (code, result["rc"], result["status"]) == (0, 0, "successful"), run.told
    assert faults_of(result["artifacts"]) == []
    (told,) = result["artifacts"].values()
    assert told["model_server"]["outcome"]["ending"] == "healed"
    assert told["model_server"]["incident"]["id"] == record.only["id"]
    assert {"task": VERIFY, "host": "agentfoundry", "ended": "ok"} in run.told


@pytest.mark.parametrize("cut", ["canceled", "timeout"])
def test_a_run_that_is_cut_off_after_its_act_leaves_a_true_record_and_no_lease_and_the_next_one_does_not_act_again(
    lab: Lab, environment: dict[str, str], record: LabRecord, state_dir: Path, tmp_path: Path, play: Play, cut: str
) -> None:
    lab.inject("model-hang")
    with embedding(
        {**environment, "TMPDIR": str(tmp_path)}, LONG, *(["--timeout", "60"] if cut == "timeout" else [])
    ) as run:
        run.until(VERIFY)
        if cut == "canceled":
            run.process.send_signal(signal.SIGINT)
        code, result = run.end()

    assert (code, result) == (254, {"status": cut, "rc": 254, "artifacts": {}, "said": ""}), run.told
    cut_off = record.only
    assert (cut_off["state"], kinds(cut_off)) == ("open", ["opened", "intent"])
    assert attempts(cut_off) == [("restart", None)]
    wait_until("the task that was cut off has ended too", lambda: processes_below(tmp_path) == [])
    assert read_summary(str(state_dir), lab.project)["lease"] is None
    before = picture(lab)

    after = play("remediate_model_server.yml")

    assert (after.rc, after.actions) == (0, []), after.output
    assert touched(before, picture(lab)) == set()
    assert record.only["state"] == "resolved"
    assert attempts(record.only) == [("restart", "interrupted: done")]
