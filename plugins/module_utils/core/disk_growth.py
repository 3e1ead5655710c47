# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a disk fills, from samples that earlier runs kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import FileSystem

Sample = tuple[float, int]
"""Epoch seconds, bytes used."""

INTERVAL_S = 600.0
"""Samples closer together than that are not kept."""

_MOST = 48
_SHORTEST_SPAN_S = 300.0


def read_history(recorded: object) -> tuple[Sample, ...]:
    """Samples as they stand in the record; what is of another shape is left out."""
    if not isinstance(recorded, (list, tuple)):
        return ()
    return tuple(sorted((float(entry[0]), int(entry[1])) for entry in recorded if _is_sample(entry)))


def with_sample(history: Sequence[Sample], now: float, used: int) -> list[list[float]] | None:
    """What to record, or None when the last sample is recent enough. A clock that was set back begins anew."""
    known = [sample for sample in history if sample[0] <= now]
    if known and now - known[-1][0] < INTERVAL_S:
        return None
    return [[at, size] for at, size in [*known[-(_MOST - 1) :], (round(now), used)]]


def growth(history: Sequence[Sample], now: float, used: int) -> float | None:
    """Bytes per second between the oldest sample since the last fall and now; None when nothing can be said.

    A fall means that somebody made room: what was before tells nothing of the growth since.
    """
    run: list[Sample] = [(now, used)]
    for sample in reversed([known for known in history if known[0] < now]):
        if sample[1] > run[-1][1]:
            break
        run.append(sample)
    span = now - run[-1][0]
    return (used - run[-1][1]) / span if span >= _SHORTEST_SPAN_S else None


def seconds_until_full(system: FileSystem, rate: float | None) -> float | None:
    """At this rate (bytes/s); None when it does not grow or nothing is known."""
    return system.available / rate if rate is not None and rate > 0 else None


def samples_to_keep(
    systems: Sequence[FileSystem], history: Mapping[str, Sequence[Sample]], now: float
) -> dict[str, Any]:
    """Name of the sample -> its new value, for those file systems whose last sample is old."""
    new = {item.mount: with_sample(history.get(item.mount, ()), now, item.used) for item in systems}
    return {sample_name(mount): samples for mount, samples in new.items() if samples is not None}


def sample_name(mount: str) -> str:
    """What the record calls the samples of a file system."""
    return f"disk {mount}"


def _is_sample(entry: object) -> bool:
    return isinstance(entry, (list, tuple)) and len(entry) == 2 and all(_is_number(value) for value in entry)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
