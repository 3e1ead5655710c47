#!/usr/bin/env python3
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure what the collection costs on the lab, beside floors and stock modules measured in the same run.

What is compared is measured in turn, so that a busy machine slows both alike. A figure over its budget is marked and
changes no exit code: a busy machine is no error. A run that fails is one.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import machine
from figures import Budget, Row, Table, as_text
from labtool.lab import Lab
from page import page
from plays import ROOT, fleet_inventory, observe, ping_play, run_playbook, seconds_until_healed, stock_play

REMEDIATE = ROOT / "playbooks" / "remediate_model_server.yml"
HEALTH_CHECK = ROOT / "playbooks" / "health_check.yml"
PAGE = ROOT / "docs" / "performance.md"
FLEET_SIZES = (1, 5, 10, 25, 50)
FLEET_ROUNDS = 2
FORKS = 10
FOUND = "without --tags diagnose to carry out the plan."
STOCK_FACTOR = 9
HEALTH_DEADLINE = 2.0
"""Seconds that a service has for its answer on its health path, when the inventory does not say otherwise."""


@dataclass(frozen=True)
class Bench:
    """What each measurement needs: the lab, a folder to write to, how often to measure."""

    lab: Lab
    folder: Path
    rounds: int

    def samples(self, *measured: Callable[[], float], rounds: int | None = None) -> Iterator[Sequence[float]]:
        """Return the seconds of each round for each of them, measured in turn."""
        taken = [[measure() for measure in measured] for _ in range(rounds or self.rounds)]
        return zip(*taken, strict=True)

    def record_of_a_first_run(self) -> Path:
        """Return a record that a run has written to: only the first run of all keeps what later ones compare with."""
        record = self.folder / "record"
        if not record.exists():
            run_playbook(REMEDIATE, record=record)
        return record


def healthy_runs(bench: Bench) -> Iterator[Row]:
    """Nothing is wrong: a remediation and a health check beside one ping task"""
    ping = ping_play(bench.folder)
    record = bench.record_of_a_first_run()
    runs = [partial(run_playbook, play, record=record) for play in (ping, REMEDIATE, HEALTH_CHECK)]
    floor, remediation, health_check = bench.samples(*runs)
    ping_row = Row("a run of one ping task", floor)
    budget = Budget(1.5 * ping_row.median, "1.5 x ping")
    yield ping_row
    yield Row("remediate_model_server, nothing wrong", remediation, budget)
    yield Row("health_check, ten services", health_check, budget)


def stock_modules(bench: Bench) -> Iterator[Row]:
    """The health check beside the same questions asked with stock modules"""
    stock = stock_play(bench.folder, bench.lab)
    tasks = len(json.loads(stock.read_text(encoding="utf-8"))[0]["tasks"])
    record = bench.record_of_a_first_run()
    by_hand, health_check = bench.samples(
        partial(run_playbook, stock), partial(run_playbook, HEALTH_CHECK, record=record)
    )
    stock_row = Row(f"stock modules, {tasks} tasks", by_hand)
    yield stock_row
    health_row = Row("health_check, ten services", health_check)
    factor = stock_row.median / health_row.median
    budget = Budget(stock_row.median / STOCK_FACTOR, f"stock modules / {STOCK_FACTOR}")
    yield Row(health_row.name, health_check, budget, f"{factor:.1f} times as fast")


def an_observation(bench: Bench) -> Iterator[Row]:
    """The observation of the whole platform beside its slowest probe"""
    whole, slowest = zip(*(observe(bench.folder) for _ in range(bench.rounds)), strict=True)
    probe = Row("the slowest single probe", slowest)
    yield probe
    yield Row("platform_info, ten services", whole, Budget(3 * probe.median, "3 x slowest probe"))


def a_hung_dependency(bench: Bench) -> Iterator[Row]:
    """The observation of the whole platform while Redis hangs, and three services with it"""

    def healthy() -> float:
        return observe(bench.folder)[0]

    def hung() -> float:
        bench.lab.inject("redis-paused")
        whole, _slowest = observe(bench.folder)
        bench.lab.undo("redis-paused")
        bench.lab.reset()
        return whole

    floor, cost = bench.samples(healthy, hung)
    healthy_row = Row("platform_info, all healthy", floor)
    yield healthy_row
    budget = Budget(healthy_row.median + HEALTH_DEADLINE, f"all healthy + one deadline of {HEALTH_DEADLINE:.0f} s")
    yield Row("platform_info, Redis hung", cost, budget, "who misses the deadline is asked once more, all side by side")


def a_restart(bench: Bench) -> Iterator[Row]:
    """A hung model server serves again: restarted by hand, and by the playbook"""
    ping = ping_play(bench.folder)
    floor, by_hand, healed = bench.samples(
        partial(run_playbook, ping),
        partial(seconds_until_healed, bench.lab, bench.lab.compose_argv("restart", "model-server")),
        partial(seconds_until_healed, bench.lab, ["ansible-playbook", str(REMEDIATE)]),
    )
    hand_row = Row("docker compose restart, until it serves", by_hand)
    yield hand_row
    budget = Budget(Row("", floor).median + hand_row.median + 2, "ping + restart + 2 s")
    yield Row("the playbook, until it serves", healed, budget, "the stability window comes on top")


def a_fleet(bench: Bench) -> Iterator[Row]:
    """A diagnosis of a fleet (the hosts are the lab under many names, so one engine answers for all of them)"""
    for size in FLEET_SIZES:
        inventory = fleet_inventory(bench.folder, size)
        options = [*inventory, "--forks", str(FORKS), "--tags", "diagnose", "-e", "remediation_serial=100%"]
        # Ten observations at once ask the same servers on the same cores: a host may well find one that answers late.
        look = partial(run_playbook, REMEDIATE, *options, finding=FOUND)
        (seconds,) = bench.samples(look, rounds=min(FLEET_ROUNDS, bench.rounds))
        row = Row(f"{size} hosts, {FORKS} forks", seconds)
        yield Row(row.name, seconds, note=f"{row.median / size:.2f} s per host")


MEASUREMENTS = (healthy_runs, stock_modules, an_observation, a_hung_dependency, a_restart, a_fleet)


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
    """Print one table per measurement; write them to docs/performance.md when asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured (default: 5)")
    parser.add_argument("--project", default="agentfoundry", help="the lab's Compose project")
    parser.add_argument("--port-offset", type=int, default=0, help="the lab's port offset")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    options = parser.parse_args(arguments)
    described = machine.describe()
    tables = []
    with healthy_lab(options.project, options.port_offset) as lab, tempfile.TemporaryDirectory() as folder:
        bench = Bench(lab, Path(folder), options.rounds)
        for measure in MEASUREMENTS:
            tables.append(Table(measure.__doc__ or "", list(measure(bench))))
            print(as_text(tables[-1]), flush=True)
    if options.write:
        PAGE.write_text(page(described, options.rounds, tables), encoding="utf-8")
        print(f"\nWritten to {PAGE.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
