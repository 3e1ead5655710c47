# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics in the text format of Prometheus, for the textfile collector of node_exporter; pure.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

PREFIX = "incident_response"
Sample = tuple[Mapping[str, str], float]
"""Labels, and the value."""
Metric = tuple[str, str, Iterable[Sample]]
"""Name without :data:`PREFIX`, what it means in one sentence, samples. One without samples is left out."""


def exposition(metrics: Iterable[Metric]) -> str:
    """All of them as gauges."""
    lines = (line for name, meaning, samples in metrics for line in _metric(f"{PREFIX}_{name}", meaning, samples))
    return "".join(f"{line}\n" for line in lines)


def _metric(name: str, meaning: str, samples: Iterable[Sample]) -> Iterator[str]:
    given = list(samples)
    if not given:
        return
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} gauge"
    for labels, value in given:
        inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in sorted(labels.items()))
        yield f"{name}{{{inside}}} {value:.15g}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
