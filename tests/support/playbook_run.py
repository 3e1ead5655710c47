# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a playbook as AWX does, through ansible-runner, and read what it did."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import ansible_runner
from artifact_schema import faults_of_statistics

ROOT = Path(__file__).resolve().parents[2]
_PORTS_OF_A_LAB = 10000
_NAMESPACE = "agentfoundry.incident_response."
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class PlaybookRun:
    """A finished run.

    :param events: the events of ansible-runner, in their order.
    :param output: what a person saw, without colours.
    """

    rc: int
    status: str
    output: str
    events: Sequence[Mapping[str, Any]]

    @property
    def changed(self) -> int:
        """Tasks that changed something, over all hosts."""
        return sum(self._stats("changed").values())

    @property
    def artifact(self) -> Mapping[str, Any]:
        """What the run handed on for its only scenario on the only platform it worked on."""
        found = [artifact for scenarios in self.artifacts.values() for artifact in scenarios.values()]
        assert len(found) == 1, f"{len(found)} artifacts\n{self.output}"
        return found[0]

    @property
    def artifacts(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        """``host/platform`` -> scenario -> what the run handed on (set_stats)."""
        return dict(self.statistics.get("incident_response", {}))

    @property
    def statistics(self) -> Mapping[str, Any]:
        """All that the run handed on, by the name of the statistic."""
        for event in self._of("playbook_on_stats"):
            return dict(event["artifact_data"])
        return {}

    @property
    def ending(self) -> str:
        """How the run ended, in one word."""
        return str(self.artifact["outcome"]["ending"])

    @property
    def actions(self) -> list[str]:
        """The rungs that were climbed, in their order."""
        return [str(entry["action"]) for entry in self.artifact["history"]]

    def calls(self, module: str) -> list[Mapping[str, Any]]:
        """Results of the tasks that ran a module of this collection, without skipped ones."""
        kinds = ("runner_on_ok", "runner_on_failed", "runner_on_unreachable")
        return [event["res"] for event in self._of(*kinds) if event["task_action"] == _NAMESPACE + module]

    def batches(self, module: str) -> list[list[str]]:
        """Return the hosts on which a module of this collection ran, one list for each batch of the play.

        :param module: one that a run calls once on each host.
        """
        found: list[list[str]] = []
        for event in self.events:
            about = event["event_data"]
            if event["event"] == "playbook_on_play_start":
                found.append([])
            elif event["event"] in {"runner_on_ok", "runner_on_failed"} and about["task_action"] == _NAMESPACE + module:
                found[-1].append(str(about["host"]))
        return [sorted(hosts) for hosts in found]

    @property
    def failures(self) -> list[str]:
        """Messages of the tasks that failed and were not ignored."""
        return [str(event["res"].get("msg", "")) for event in self._of("runner_on_failed", "runner_on_unreachable")]

    def _stats(self, what: str) -> Mapping[str, int]:
        for event in self._of("playbook_on_stats"):
            return dict(event[what])
        return {}

    def _of(self, *kinds: str) -> list[Mapping[str, Any]]:
        return [event["event_data"] for event in self.events if event["event"] in kinds]


class Play(Protocol):
    """Run a playbook on the lab, with windows small enough for a test."""

    def __call__(self, playbook: str, *options: str, **variables: Any) -> PlaybookRun:
        """:param options: command-line options. :param variables: extra variables."""


def playbook_of(folder: Path, *tasks: Mapping[str, Any]) -> str:
    """Write a playbook of these tasks for the platforms of the inventory and return its path."""
    path = folder / f"playbook-{len(list(folder.iterdir()))}.yml"
    content = [{"name": "Test", "hosts": "platforms", "gather_facts": False, "tasks": list(tasks)}]
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def run_playbook(
    playbook: str,
    folder: Path,
    *,
    variables: Mapping[str, Any],
    options: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    inventory: str | Path | None = None,
    timeout: int = 300,
) -> PlaybookRun:
    """Run a playbook of the checkout to its end; what it hands on is held against the published schema.

    :param playbook: file name below ``playbooks/``, or an absolute path.
    :param folder: an empty folder for the runner's files.
    :param options: further command-line options, for example ``["--check"]``.
    :param inventory: the checkout's own when left out.
    :param timeout: seconds after which the run is ended.
    """
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**_environment(), **(environment or {})}
    runner = ansible_runner.run(
        private_data_dir=str(folder),
        project_dir=str(ROOT),
        playbook=str(ROOT / "playbooks" / playbook),
        inventory=str(inventory or ROOT / "inventory"),
        extravars=dict(variables),
        envvars=environment,
        cmdline=" ".join(options),
        timeout=timeout,
        quiet=True,
        rotate_artifacts=1,
    )
    with runner.stdout as stream:
        output = _COLOUR.sub("", stream.read())
    run = PlaybookRun(
        rc=int(runner.rc),
        status=str(runner.status),
        output=output,
        events=list(runner.events),
    )
    assert faults_of_statistics(run.statistics) == [], output
    return run


def start_playbook(
    playbook: str | Path,
    *options: str,
    variables: Mapping[str, Any],
    environment: Mapping[str, str],
    folder: Path = ROOT,
) -> subprocess.Popen[str]:
    """Start a playbook as a person does, in a process group of its own; its whole output is one pipe.

    :param playbook: as typed in ``folder``: a path, or the full name of a playbook of the collection.
    """
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    return subprocess.Popen(
        [program, str(playbook), "-e", json.dumps(dict(variables)), *options],
        cwd=folder,
        env={**os.environ, "PATH": _environment()["PATH"], **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str], timeout: float = 300) -> tuple[int, str]:
    """Return exit code and output of a started run; when it does not end in time, its group is killed."""
    try:
        output, _nothing = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    return process.returncode, output


def _environment() -> dict[str, str]:
    return {
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        # Of the virtual environment that runs the tests, also when nobody has activated it.
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }


def lab_name() -> tuple[str, int]:
    """Project and port offset of the lab that the tests use, from ``LAB=project:offset``; the ordinary lab if unset.

    Of several workers of pytest-xdist each but the first has a lab of its own beside it.
    """
    project, _, offset = os.environ.get("LAB", "").partition(":")
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    name = project or "agentfoundry"
    return (f"{name}-{number + 1}" if number else name), int(offset or 0) + number * _PORTS_OF_A_LAB
