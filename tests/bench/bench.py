#!/usr/bin/env python3
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure what the collection costs on the lab, beside a floor measured in the same run: bench.py [--rounds N].

Each figure is the median of N rounds; what is compared is measured in turn, so that a busy machine slows both alike.
A figure over its budget is marked and changes no exit code: a busy machine is no error. A run that fails is one.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from figures import Row, table
from labtool.lab import Lab
from plays import ROOT, fleet_inventory, observe_play, ping_play, run_playbook, seconds_until_healed

REMEDIATE = ROOT / "playbooks" / "remediate_model_server.yml"
FLEET_SIZES = (1, 5, 10)
FORKS = 5


@dataclass(frozen=True)
class Bench:
    """What each measurement needs: the lab, a folder to write to, how often to measure."""

    lab: Lab
    folder: Path
    rounds: int

    def medians(self, *measured: Callable[[], float]) -> list[float]:
        """Return the median of each, in seconds, measured in turn."""
        rounds = [[measure() for measure in measured] for _ in range(self.rounds)]
        return [statistics.median(column) for column in zip(*rounds, strict=True)]


def a_healthy_run(bench: Bench) -> Iterator[Row]:
    """Compare a remediation that finds nothing wrong with a run of one ping task."""
    ping = ping_play(bench.folder)
    floor, healthy = bench.medians(lambda: run_playbook(ping), lambda: run_playbook(REMEDIATE))
    yield Row("a run of one ping task", floor)
    yield Row("a healthy run of remediate_model_server", healthy, budget=1.5 * floor, rule="1.5 x ping")


def an_observation(bench: Bench) -> Iterator[Row]:
    """Compare the observation of the whole platform with its slowest single probe."""
    output = bench.folder / "observed.json"
    play = observe_play(bench.folder, output)
    whole, slowest = [], []
    for _ in range(bench.rounds):
        run_playbook(play)
        observed = json.loads(output.read_text(encoding="utf-8"))
        whole.append(observed["duration_ms"] / 1000)
        slowest.append(max(probe["duration_ms"] for probe in observed["probes"]) / 1000)
    probe = statistics.median(slowest)
    yield Row("the slowest single probe", probe)
    yield Row("platform_info, ten services", statistics.median(whole), budget=3 * probe, rule="3 x slowest probe")


def a_restart(bench: Bench) -> Iterator[Row]:
    """Compare how soon a hung model server serves again: by hand, and by the playbook."""
    ping = ping_play(bench.folder)
    floor, by_hand, healed = bench.medians(
        lambda: run_playbook(ping),
        lambda: seconds_until_healed(bench.lab, bench.lab.compose_argv("restart", "model-server")),
        lambda: seconds_until_healed(bench.lab, ["ansible-playbook", str(REMEDIATE)]),
    )
    yield Row("docker compose restart, until it serves", by_hand)
    budget = floor + by_hand + 2
    yield Row("the playbook, until it serves", healed, budget=budget, rule="ping + restart + 2 s")


def a_fleet(bench: Bench) -> Iterator[Row]:
    """Show the cost per host of a diagnosis; the hosts of the fleet are the lab under many names."""
    for size in FLEET_SIZES:
        options = [
            *fleet_inventory(bench.folder, size),
            "--forks",
            str(FORKS),
            "--tags",
            "diagnose",
            "-e",
            "remediation_serial=100%",
        ]
        (seconds,) = bench.medians(partial(run_playbook, REMEDIATE, *options))
        yield Row(f"a diagnosis, {size} hosts, {FORKS} forks", seconds, per_host=seconds / size)


@contextmanager
def healthy_lab(project: str, port_offset: int) -> Iterator[Lab]:
    """Hand out the lab with all ten services healthy, and leave it so."""
    lab = Lab(project, port_offset)
    lab.reset()
    os.environ["COMPOSE_PROJECT_NAME"] = project  # the inventory reads it
    try:
        yield lab
    finally:
        lab.reset()


def main(arguments: list[str]) -> int:
    """Print one table per measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured (default: 5)")
    parser.add_argument("--project", default="agentfoundry", help="the lab's Compose project")
    parser.add_argument("--port-offset", type=int, default=0, help="the lab's port offset")
    options = parser.parse_args(arguments)
    with healthy_lab(options.project, options.port_offset) as lab, tempfile.TemporaryDirectory() as folder:
        bench = Bench(lab, Path(folder), options.rounds)
        for measure in (a_healthy_run, an_observation, a_restart, a_fleet):
            print(table(measure.__doc__ or "", measure(bench)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
