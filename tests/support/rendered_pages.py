# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML pages as the playbooks write them, from records: no lab is needed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from guard_runs import Host
from healed_runs import heal
from playbook_run import run_playbook
from record_fakes import FakeClock, FakeProcesses
from recorded_platform import RecordedPlatform


def rendered_pages(folder: Path) -> dict[str, Path]:
    """Let each playbook write its page. Return name -> file."""
    return {
        "health check": health_check_page(folder),
        "compliance": compliance_page(folder),
        **incident_pages(folder),
    }


def health_check_page(folder: Path) -> Path:
    page = folder / "health.html"
    run = RecordedPlatform(folder / "health").play(
        "health_check.yml", health_check_files={"html": str(page)}, health_check_probe_deadline=2.0
    )
    assert page.exists(), run.output
    return page


def compliance_page(folder: Path) -> Path:
    """Of a second run, so that there is a trend, with one control that is waived."""
    page = folder / "compliance.html"
    platform = RecordedPlatform(folder / "compliance")
    waiver = {"control": "image.pinned", "owner": "ada", "reason": "a recorded platform", "expires": "2999-01-01"}
    for waivers in ([], [waiver]):
        run = platform.play(
            "compliance.yml",
            compliance_fail_on="never",
            compliance_waivers=waivers,
            compliance_files={"html": str(page)},
        )
        assert run.rc == 0, run.output
    return page


def incident_pages(folder: Path) -> dict[str, Path]:
    """The list with its statistics, and the review, of an incident that was healed."""
    host = Host(folder / "record", FakeClock(), FakeProcesses())
    number = str(heal(host)["id"])
    inventory = folder / "inventory.json"
    inventory.write_text(json.dumps({"all": {"hosts": {"shop1": {"ansible_connection": "local"}}}}), encoding="utf-8")
    known: dict[str, Any] = {
        "incidents_hosts": "all",
        "platform_state_dir": host.state_dir,
        "ansible_python_interpreter": sys.executable,
    }
    found = {"incidents": folder / "incidents.html", "review": folder / "reviews" / "shop1" / f"{number}.html"}
    for playbook, wanted in (
        ("incidents.yml", {"incidents_format": "html", "incidents_file": str(found["incidents"])}),
        ("review.yml", {"review_directory": str(folder / "reviews"), "review_author": "jane"}),
    ):
        run = run_playbook(playbook, folder / f"runner-{playbook}", variables={**known, **wanted}, inventory=inventory)
        assert run.rc == 0, run.output
    return found
