# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers: ``good``, ``late``, ``bad`` (of the service, at once) and ``nobody`` (the way led nowhere)."""

from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.patience import ask_patiently


@pytest.mark.parametrize(
    "answers, counts, was_late",
    [
        (["good"], "good", False),
        (["bad"], "bad", False),
        (["nobody"], "nobody", False),
        (["late", "good", "good"], "good", True),
        (["late", "late"], "late", True),
        (["late", "bad"], "bad", True),
        (["late", "nobody"], "late", True),
        # Behind a balancer one of two workers hangs.
        (["late", "good", "late"], "late", True),
        (["late", "good", "bad"], "bad", True),
        (["late", "good", "nobody"], "late", True),
    ],
    ids=str,
)
def test_of_three_answers_two_good_ones_excuse_a_late_one(answers: list[str], counts: str, was_late: bool) -> None:
    left = list(answers)

    counted, late = ask_patiently(
        lambda: left.pop(0),
        is_late=lambda answer: answer == "late",
        tells=lambda answer: answer != "nobody",
        is_good=lambda answer: answer == "good",
    )

    assert (counted, late) == (counts, "late" if was_late else None)
    assert left == []
