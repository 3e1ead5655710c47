# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed since the last run, and the trend; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Runs = Sequence[Mapping[str, Any]]
"""The oldest first, each with ``at`` and ``results``: control -> status."""

STATUSES = ("fail", "unknown", "waived", "pass", "not_applicable")
"""The worst first."""


def changes(now: Mapping[str, str], earlier: Runs) -> dict[str, Any]:
    """What is new.

    A control that could not be told is compared by what was last known of it, so that one look without an answer makes
    nothing new.

    :param now: control -> status.
    :returns: ``since`` (None at the first run), ``newly_failing``, ``fixed`` (failed, and passes now) and
        ``newly_unknown``.
    """
    before = _last_known(earlier)
    last = earlier[-1]["results"] if earlier else {}
    return {
        "since": earlier[-1]["at"] if earlier else None,
        "newly_failing": [
            control for control, status in now.items() if status == "fail" and earlier and before.get(control) != "fail"
        ],
        "fixed": [control for control, status in now.items() if status == "pass" and before.get(control) == "fail"],
        "newly_unknown": [
            control
            for control, status in now.items()
            if status == "unknown" and earlier and last.get(control) != "unknown"
        ],
    }


def trend(now: Mapping[str, str], at: str, earlier: Runs) -> list[dict[str, Any]]:
    """How many controls had which status at each run, this one as the last."""
    return [_counted(run["results"], run["at"]) for run in (*earlier, {"results": now, "at": at})]


def _counted(results: Mapping[str, str], at: str) -> dict[str, Any]:
    told = list(results.values())
    return {"at": at, **{status: told.count(status) for status in STATUSES}}


def _last_known(runs: Runs) -> dict[str, str]:
    known: dict[str, str] = {}
    for run in runs:
        known.update({control: status for control, status in run["results"].items() if status != "unknown"})
    return known
