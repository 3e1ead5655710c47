# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plays and inventories that are measured, and how long a run takes.

Plays are written as JSON, which Ansible reads as YAML: a playbook in the repository would be offered by AWX.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import stock_checks
from labtool.lab import Lab

ROOT = Path(__file__).resolve().parent.parent.parent
PREDICT_BODY = {"features": [1.0, 2.0, 3.0]}
GIVE_UP_SECONDS = 120.0


def run_playbook(playbook: Path, *options: str, record: Path | None = None, finding: str = "") -> float:
    """Run the playbook from the root of the checkout; return the seconds it took. Raise when it fails.

    :param finding: what a run says that has found something and not failed, though its exit code is not 0.
    :param record: a state directory that other runs have used or will use; None for a fresh one.
    """
    command = ["ansible-playbook", str(playbook), *options]
    kept = nullcontext({**os.environ, "INCIDENT_RESPONSE_STATE_DIR": str(record)}) if record else _fresh_record()
    with kept as environment:
        started = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        seconds = time.monotonic() - started
    failures = [line for line in done.stdout.splitlines() if line.startswith("fatal: [")]
    found = bool(finding and failures) and all(finding in line for line in failures)
    if done.returncode and not found:
        raise RuntimeError(
            f"{playbook.name} failed with {done.returncode}:\n{done.stdout[-4000:]}{done.stderr[-2000:]}"
        )
    return seconds


def ping_play(folder: Path) -> Path:
    """Write the floor: what Ansible takes to run one module on the platform's host."""
    return _write_play(folder / "ping.json", [{"ansible.builtin.ping": {}}])


def observe(folder: Path) -> tuple[float, float]:
    """Observe the platform once; return the seconds that the module took, and those of its slowest probe."""
    output = folder / "observed.json"
    run_playbook(_observe_play(folder, output))
    observed = json.loads(output.read_text(encoding="utf-8"))
    return observed["duration_ms"] / 1000, max(probe["duration_ms"] for probe in observed["probes"]) / 1000


def _observe_play(folder: Path, output: Path) -> Path:
    """Write a play that observes the platform once and keeps the answer as JSON."""
    observe = {
        "agentfoundry.incident_response.platform_info": {
            "project": "{{ platform_project }}",
            "services": "{{ platform_services }}",
            "state_dir": "{{ platform_state_dir }}",
        },
        "register": "observed",
    }
    keep = {"ansible.builtin.copy": {"content": "{{ observed | to_json }}", "dest": str(output), "mode": "0600"}}
    return _write_play(folder / "observe.json", [observe, keep])


def stock_play(folder: Path, lab: Lab) -> Path:
    """Write a play that asks with stock modules, one task each, what the health check asks."""
    return _write_play(folder / "stock.json", stock_checks.tasks(lab, PREDICT_BODY))


def fleet_inventory(folder: Path, size: int) -> list[str]:
    """Return the options for a fleet of that many hosts, each of them the lab under another name."""
    names = [f"bench{number:02}" for number in range(size)]
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    source = folder / f"fleet{size}.json"
    source.write_text(json.dumps({"platforms": {"hosts": dict.fromkeys(names, local)}}), encoding="utf-8")
    return ["-i", str(ROOT / "inventory"), "-i", str(source), "--limit", ",".join(names)]


def seconds_until_healed(lab: Lab, command: Sequence[str]) -> float:
    """Hang the model server, start the command; return the seconds until an inference succeeds, and let it end."""
    lab.inject("model-hang")
    started = time.monotonic()
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with _fresh_record() as environment, subprocess.Popen(command, cwd=ROOT, env=environment, **pipes) as running:
        while not _serves(lab) and time.monotonic() - started < GIVE_UP_SECONDS:
            time.sleep(0.05)
        seconds = time.monotonic() - started
        output, _ = running.communicate()
    lab.undo("model-hang")
    lab.reset()
    if running.returncode or seconds >= GIVE_UP_SECONDS:
        raise RuntimeError(f"not healed ({running.returncode}): {' '.join(command)}\n{output[-4000:]}")
    return seconds


@contextmanager
def _fresh_record() -> Iterator[dict[str, str]]:
    """Hand out an environment with an empty incident record: no round uses up the attempts of the next one."""
    with tempfile.TemporaryDirectory() as folder:
        yield {**os.environ, "INCIDENT_RESPONSE_STATE_DIR": folder}


def _serves(lab: Lab) -> bool:
    try:
        status, _ = lab.http("model-server", "/predict", PREDICT_BODY)
    except OSError:
        return False
    return status == 200


def _write_play(path: Path, tasks: list[dict[str, Any]]) -> Path:
    play = {"name": path.stem, "hosts": "platforms", "gather_facts": False, "tasks": tasks}
    path.write_text(json.dumps([play]), encoding="utf-8")
    return path
