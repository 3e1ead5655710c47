# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""note.yml for an alert, in a real play: the incident is in the record of the host or in the controller's."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from real_play import run_play

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

ALERT = {"scenario": "service_crash", "starts_at": "2026-02-27T10:15:00Z", "ends_at": "2099-01-01T00:00:00Z"}


def play(inventory: Path, connection: str) -> subprocess.CompletedProcess[str]:
    """Run note.yml for the alerts that the hosts of an inventory name."""
    return run_play(
        ROOT / "playbooks" / "note.yml",
        "-i", str(inventory), "-c", connection,
        ANSIBLE_CONNECTION_PLUGINS=str(Path(__file__).parent / "connection_plugins"),
        ANSIBLE_REMOTE_TMP=str(inventory.with_name("remote")),
    )  # fmt: skip


def inventory_of(folder: Path, hosts: Mapping[str, Mapping[str, Any]]) -> Path:
    """An inventory; the record of each host and the controller's are folders of its own, unless it says otherwise."""
    given = {
        name: {
            "platform_state_dir": str(folder / name / "host"),
            "remediation_controller_state_dir": str(folder / name / "controller"),
            "incident_alert": ALERT,
            "incident_note": "resolved",
            **variables,
        }
        for name, variables in hosts.items()
    }
    path = folder / "inventory.json"
    path.write_text(json.dumps({"platforms": {"hosts": given}}))
    return path


def notes(folder: Path) -> dict[str, list[str]]:
    """Return the notes by the scenario of their incident, of both records; one that is not there has none."""
    found = [
        one
        for name in ("host", "controller")
        if (folder / name).exists()
        for one in find_incidents(str(folder / name), Query(full=True))
    ]
    return {
        one["scenario"]: [entry["message"] for entry in one["timeline"] if entry["kind"] == "note"] for one in found
    }


def opened(folder: Path, scenario: str, host: str) -> None:
    folder.parent.mkdir(exist_ok=True)
    platform = Platform(host, Writer(str(folder)), SystemClock(), LocalProcesses())
    open_or_join(platform, Opening(scenario, (), "P1", "complete outage", "It is down."), Change(), "a run")


def test_while_the_host_is_down_the_note_goes_into_the_record_of_the_controller(tmp_path: Path) -> None:
    opened(tmp_path / "shop" / "controller", "host_unreachable", "shop")

    ran = play(inventory_of(tmp_path, {"shop": {}, "blog": {}}), "cut_off")

    assert notes(tmp_path / "shop") == {"host_unreachable": ["resolved"]}
    assert not (tmp_path / "shop" / "host").exists()
    # Of the other one no record tells: it fails and says what was not looked at.
    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert "blog cannot be reached, so that its own record was not looked through" in ran.stdout + ran.stderr
    assert "shop cannot be reached, so that" not in ran.stdout + ran.stderr
    assert not (tmp_path / "blog" / "controller").exists()


@dataclass(frozen=True)
class Case:
    """A host that answers: what is open in its record and in the controller's, and which incident gets the note."""

    host: str = ""
    controller: str = ""
    about: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    noted: str = ""


BOTH = Case("service_crash", "host_unreachable", noted="host_unreachable")
CASES = {
    "the-better-reason": replace(BOTH, noted="service_crash"),
    "the-record-that-is-named": replace(BOTH, variables={"incident_record": "controller"}),
    # As -e incident_alert='...' hands it on.
    "the-alert-says-it-as-text": replace(
        BOTH, variables={"incident_alert": json.dumps({**ALERT, "scenario": "host_unreachable"})}
    ),
    # It is of another scenario and has no services: only the controller tells of something then.
    "the-only-reason": replace(BOTH, variables={"incident_alert": {**ALERT, "scenario": "disk_space"}}),
    "the-host-is-meant": Case(controller="host_unreachable", variables={"incident_record": "host"}),
    # Both records are one, and another host is down.
    "another-host-is-down": Case(controller="host_unreachable", about="another-host"),
}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """All hosts in one run: the folder of their records, and what was printed."""
    folder = tmp_path_factory.mktemp("notes")
    hosts = {}
    for name, case in CASES.items():
        hosts[name] = dict(case.variables)
        (folder / name).mkdir()
        if case.host:
            opened(folder / name / "host", case.host, name)
        if case.controller:
            opened(folder / name / "controller", case.controller, case.about or name)
        if case.about:
            hosts[name]["platform_state_dir"] = str(folder / name / "controller")
    ran = play(inventory_of(folder, hosts), "local")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return folder, ran.stdout


@pytest.mark.parametrize("name", CASES)
def test_of_two_records_the_one_with_the_reason_of_the_alert_gets_the_note(played: tuple[Path, str], name: str) -> None:
    folder, told = played
    noted = CASES[name].noted

    assert {scenario: found for scenario, found in notes(folder / name).items() if found} == (
        {noted: ["resolved"]} if noted else {}
    )
    assert (f"There was no incident of service_crash on {name}" in " ".join(told.split())) is not bool(noted)
