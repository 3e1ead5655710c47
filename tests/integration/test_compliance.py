# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compliance on the real platform: what is known of the lab, several faults at once, what is healed and what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lab_record import LabRecord
from pictures import picture, touched
from playbook_run import Play, PlaybookRun

from labtool.lab import Lab

PLAYBOOK = "compliance.yml"
# A development set-up: without backups, with guest/guest, with a cache that refuses writes when it is full.
KNOWN = {"backup.policy", "broker.dead_letters", "broker.guest", "cache.policy", "database.idle_timeout"}
WAIVERS = [
    {"control": control, "owner": "the lab", "reason": "a development set-up", "expires": "2999-12-31"}
    for control in ("backup.policy", "broker.guest")
]
# Each turns its control red, and is healed by the role that the control names.
HEALED = {"queue-no-consumer": "broker.consumers", "auth-secret-verifier": "secret.equal"}
# This one is healed by nobody without an approval.
DAMAGED = ("model-corrupt", "model.files")
# Depends on the machine: whether NTP runs, how full its disk is.
OF_THE_MACHINE = {"clock.host", "disk.headroom", "database.disk"}


def statuses(run: PlaybookRun) -> dict[str, str]:
    """Return control -> status."""
    return {one["id"]: one["status"] for one in report(run)["results"]}


def report(run: PlaybookRun) -> dict[str, Any]:
    """Return what the run handed on."""
    assert run.artifacts, run.output
    (about,) = run.artifacts.values()
    return dict(about["compliance"])


def test_what_the_healthy_lab_fails_is_known_and_waived_and_runs_change_nothing(
    lab: Lab, play: Play, record: LabRecord, tmp_path: Path
) -> None:
    before = picture(lab)
    files = {name: str(tmp_path / f"compliance.{name}") for name in ("json", "junit", "sarif", "prometheus", "html")}

    first = play(PLAYBOOK, compliance_waivers=WAIVERS, compliance_files=files)

    assert (first.rc, first.changed) == (0, 0), first.output
    assert len(first.calls("platform_info")) == 1
    seen = {control: status for control, status in statuses(first).items() if control not in OF_THE_MACHINE}
    assert {control for control, status in seen.items() if status in ("fail", "waived")} == KNOWN, first.output
    assert {control for control, status in seen.items() if status == "unknown"} == set(), first.output
    assert all(Path(path).stat().st_size > 0 for path in files.values())
    assert json.loads(Path(files["sarif"]).read_text())["runs"][0]["results"]

    rehearsed = play(PLAYBOOK, "--check", compliance_waivers=WAIVERS)
    second = play(PLAYBOOK)

    assert (rehearsed.rc, rehearsed.changed) == (0, 0), rehearsed.output
    # Without the waivers it is what it always was: not compliant, and nothing of it is new.
    assert second.rc == 2, second.output
    assert report(second)["changes"]["since"] == report(first)["at"]
    assert len(report(second)["trend"]) == 2
    assert touched(before, picture(lab)) == set()
    assert record.incidents() == []


def test_faults_turn_their_controls_red_and_remediation_heals_what_needs_no_approval(lab: Lab, play: Play) -> None:
    healthy = play(PLAYBOOK, compliance_fail_on="never")
    for fault in (*HEALED, DAMAGED[0]):
        lab.inject(fault)

    broken = play(PLAYBOOK, compliance_fail_on="never")

    assert (broken.rc, broken.changed) == (0, 0), broken.output
    wanted = {*HEALED.values(), DAMAGED[1]}
    assert wanted <= set(report(broken)["changes"]["newly_failing"]), broken.output
    assert {"queue_backlog", "authentication", "model_server"} <= set(report(broken)["roles"])
    assert report(broken)["changes"]["since"] == report(healthy)["at"]

    remedied = play(PLAYBOOK, compliance_fail_on="never", compliance_remediate=True, compliance_waivers=WAIVERS)

    assert remedied.rc == 2, remedied.output
    assert any("model_server" in message for message in remedied.failures), remedied.output
    after = statuses(remedied)
    assert {control: after[control] for control in HEALED.values()} == dict.fromkeys(HEALED.values(), "pass")
    assert set(HEALED.values()) <= set(report(remedied)["changes"]["fixed"])
    assert after[DAMAGED[1]] == "fail"
