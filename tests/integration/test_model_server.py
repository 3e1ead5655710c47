# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MS-1 to MS-5: each fault of the model server is told apart, and healed or escalated as the ladder says."""

from __future__ import annotations

from labtool.lab import Lab

from playbook_run import Play


def test_a_hung_model_server_is_healed_by_a_restart_and_a_second_run_changes_nothing(lab: Lab, play: Play) -> None:
    lab.inject("model-hang")

    first = play("remediate_model_server.yml")
    second = play("remediate_model_server.yml")

    assert (first.rc, first.ending, first.actions) == (0, "healed", ["restart"]), first.output
    assert first.changed > 0
    assert (second.rc, second.ending, second.changed) == (0, "healthy", 0), second.output
