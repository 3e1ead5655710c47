# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""note.yml for an alert, in a real play: the incident is in the record of the host or in the controller's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import Platform
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.host import (
    LocalProcesses,
    SystemClock,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.lifecycle import (
    Change,
    Opening,
    open_or_join,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import Query, find_incidents
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Writer
from checkout import ROOT

HOST = "shop"
ALERT = {"scenario": "service_crash", "starts_at": "2026-02-27T10:15:00Z", "ends_at": "2099-01-01T00:00:00Z"}


@dataclass(frozen=True)
class Records:
    """The record of the host and the controller's, each a folder of its own."""

    host: Path
    controller: Path

    def notes(self) -> dict[str, list[str]]:
        """Return the notes by the scenario of their incident; a record that is not there has none."""
        found = [
            one
            for folder in (self.host, self.controller)
            if folder.exists()
            for one in find_incidents(str(folder), Query(full=True))
        ]
        return {
            one["scenario"]: [entry["message"] for entry in one["timeline"] if entry["kind"] == "note"] for one in found
        }

    def run(self, connection: str, **variables: object) -> subprocess.CompletedProcess[str]:
        """Run note.yml for the alert."""
        given = {
            "incidents_hosts": "all",
            "platform_state_dir": str(self.host),
            "remediation_controller_state_dir": str(self.controller),
            "incident_alert": ALERT,
            "incident_note": "resolved",
            **variables,
        }
        playbook = str(ROOT / "playbooks" / "note.yml")
        return subprocess.run(
            [str(Path(sys.executable).with_name("ansible-playbook")), "-i", f"{HOST},", "-c", connection, playbook,
             "--extra-vars", json.dumps(given)],
            cwd=ROOT,
            env={
                **os.environ,
                "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
                "ANSIBLE_CONNECTION_PLUGINS": str(Path(__file__).parent / "connection_plugins"),
                "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
                "ANSIBLE_REMOTE_TMP": str(self.host.with_name("remote")),
                "ANSIBLE_NOCOLOR": "true",
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )  # fmt: skip


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path / "host", tmp_path / "controller")


def opened(folder: Path, scenario: str, host: str = HOST) -> None:
    platform = Platform(host, Writer(str(folder)), SystemClock(), LocalProcesses())
    open_or_join(platform, Opening(scenario, (), "P1", "complete outage", "It is down."), Change(), "a run")


def test_while_the_host_is_down_the_note_goes_into_the_record_of_the_controller(records: Records) -> None:
    opened(records.controller, "host_unreachable")

    ran = records.run("cut_off")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert records.notes() == {"host_unreachable": ["resolved"]}
    assert not records.host.exists()


def test_while_the_host_is_down_and_no_record_tells_of_it_the_run_fails_and_says_what_was_not_looked_at(
    records: Records,
) -> None:
    ran = records.run("cut_off")

    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert "shop cannot be reached, so that its own record was not looked through" in ran.stdout + ran.stderr
    assert not records.controller.exists()


@pytest.mark.parametrize(
    "variables, noted",
    [
        ({}, "service_crash"),
        ({"incident_record": "controller"}, "host_unreachable"),
        ({"incident_alert": {**ALERT, "scenario": "host_unreachable"}}, "host_unreachable"),
        # As -e incident_alert='...' hands it on.
        ({"incident_alert": json.dumps({**ALERT, "scenario": "host_unreachable"})}, "host_unreachable"),
        # It is of another scenario and has no services: only the controller tells of something then.
        ({"incident_alert": {**ALERT, "scenario": "disk_space"}}, "host_unreachable"),
    ],
    ids=[
        "the better reason",
        "the record that is named",
        "the alert says it",
        "it is given as text",
        "the only reason",
    ],
)
def test_of_two_records_the_one_with_the_reason_of_the_alert_gets_the_note(
    records: Records, variables: dict[str, object], noted: str
) -> None:
    opened(records.host, "service_crash")
    opened(records.controller, "host_unreachable")

    ran = records.run("local", **variables)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert {scenario for scenario, notes in records.notes().items() if notes} == {noted}


def test_nothing_is_noted_on_the_controller_when_the_host_is_meant(records: Records) -> None:
    opened(records.controller, "host_unreachable")

    ran = records.run("local", incident_record="host")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "There was no incident of service_crash on shop" in ran.stdout
    assert records.notes() == {"host_unreachable": []}


def test_that_another_host_is_down_is_no_reason_where_both_records_are_one(records: Records) -> None:
    opened(records.controller, "host_unreachable", "another-host")

    ran = records.run("local", platform_state_dir=str(records.controller))

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "There was no incident of service_crash on shop" in ran.stdout
    assert records.notes() == {"host_unreachable": []}
