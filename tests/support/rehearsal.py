# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run under --check on the lab: it tells, and nothing is touched or written."""

from __future__ import annotations

from typing import Any

from lab_record import LabRecord
from pictures import picture, touched
from playbook_run import Play, PlaybookRun

from labtool.lab import Lab


def assert_check_only_tells(playbook: str, lab: Lab, play: Play, record: LabRecord, **variables: Any) -> PlaybookRun:
    """Rehearse, see that nothing was touched and nothing written, and return the run."""
    before = picture(lab)
    run = play(playbook, "--check", "--diff", **variables)
    assert (run.rc, run.ending, run.changed, run.actions) == (2, "diagnosed", 0, []), run.output
    assert touched(before, picture(lab)) == set()
    assert not record.was_written
    return run
