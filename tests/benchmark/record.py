#!/usr/bin/env python3
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure what a record of ten thousand incidents costs, beside an empty one: record.py [--rounds N]. Needs no lab."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "collections"), str(ROOT / "tests" / "support"), str(ROOT / "tests" / "benchmark")]

# The collection is found through the paths above.
from many_incidents import COUNT, fill  # noqa: E402
from record_fakes import NOON, FakeClock, an_incident  # noqa: E402

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import incident_table  # noqa: E402
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import (  # noqa: E402
    Query,
    find_incidents,
    incident_statistics,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Writer  # noqa: E402
from figures import Row, Table, as_text  # noqa: E402

NOW = FakeClock(wall=NOON + 200 * 86_400).now()
WORK: dict[str, Callable[[str], object]] = {
    "the newest 20": lambda state_dir: find_incidents(state_dir, Query(limit=20), NOW),
    "20 of one scenario and month": lambda state_dir: find_incidents(
        state_dir, Query(scenario="disk_space", since=NOON + 30 * 86_400, before=NOON + 60 * 86_400, limit=20), NOW
    ),
    "reviews that are overdue": lambda state_dir: find_incidents(
        state_dir, Query(awaits_review=True, overdue_at=NOW.wall), NOW
    ),
    "the statistics of all": lambda state_dir: incident_statistics(state_dir, Query(), NOW),
    "a fault that may be there already": lambda state_dir: Writer(state_dir).run(
        partial(incident_table.find_active, fingerprint="fault 7")
    ),
}


def rows(full: str, empty: str, rounds: int) -> Iterator[Row]:
    """Each piece of work on both records, in turn."""
    for name, work in WORK.items():
        pairs = [(seconds(work, empty), seconds(work, full)) for _ in range(rounds)]
        floor, cost = zip(*pairs, strict=True)
        yield Row(f"{name}, one incident", floor)
        yield Row(f"{name}, {COUNT} incidents", cost)


def seconds(work: Callable[[str], object], state_dir: str) -> float:
    """Return how long it takes once."""
    started = time.perf_counter()
    work(state_dir)
    return time.perf_counter() - started


def main(arguments: list[str]) -> int:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="how often each is measured (default: 9)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        full, empty = f"{folder}/full", f"{folder}/empty"
        Writer(full).run(fill)
        Writer(empty).run(partial(incident_table.add, incident=an_incident()))
        print(as_text(Table("A record of ten thousand incidents", list(rows(full, empty, options.rounds)))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
