# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as AWX runs them, over SSH to an sshd on loopback, as root and as a plain user of the group docker."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from awx_job import run_job
from lab_record import LabRecord, attempts
from playbook_run import PlaybookRun
from quick import QUICK
from ssh_host import SSHD, SshHost, ssh_host

from checkout import ROOT, load_yaml
from labtool.lab import Lab
from labtool.model import KNOWN_GOOD

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not SSHD.exists(), reason="sshd runs as root, on Debian: scripts/setup/ssh.sh"
)
_SSH = 2222
SERVICES = load_yaml(ROOT / "inventory" / "group_vars" / "platforms.yml")["platform_services"]
Job = Callable[..., PlaybookRun]


@pytest.fixture(scope="session")
def host(running_lab: Lab) -> Iterator[SshHost]:
    with ssh_host(_SSH + running_lab.port_offset, f"{running_lab.project}-plain") as found:
        yield found


@pytest.fixture(params=["root", "plain"])
def user(request: pytest.FixtureRequest, host: SshHost) -> str:
    return "root" if request.param == "root" else host.plain_user


@pytest.fixture
def state_dir(host: SshHost, request: pytest.FixtureRequest) -> Path:
    """Prepared for root and the group docker, so that both use the same locks."""
    return host.shared_folder(f"state-{abs(hash(request.node.nodeid))}")


@pytest.fixture
def job(lab: Lab, host: SshHost, state_dir: Path, user: str, tmp_path: Path) -> Job:
    """Run a job template on the lab, which is healthy at first."""
    number = itertools.count()
    log_in = f"-o UserKnownHostsFile={host.known_hosts} -o StrictHostKeyChecking=yes"
    hosts = {
        "docker-1": {
            "ansible_host": "127.0.0.1",
            "ansible_port": host.port,
            "ansible_ssh_common_args": log_in,
            "ansible_python_interpreter": "/usr/bin/python3",
        }
    }
    variables = {
        **QUICK,
        # A template in the inventory of AWX: here it reads what a credential brings.
        "platform_project": "{{ lookup('ansible.builtin.env', 'PROJECT_OF_A_CREDENTIAL') }}",
        "platform_state_dir": str(state_dir),
        "platform_services": SERVICES,
        "model_server_known_good": str(KNOWN_GOOD),
        "remediation_controller_state_dir": str(tmp_path / "controller"),
    }

    def run(template: str, **options: Any) -> PlaybookRun:
        return run_job(
            tmp_path / f"job{next(number)}",
            template,
            user=user,
            key=host.key,
            hosts=hosts,
            platform_variables=variables,
            secrets={"PROJECT_OF_A_CREDENTIAL": lab.project},
            **options,
        )

    return run


@pytest.mark.slow
def test_the_health_check_looks_at_the_platform_over_ssh(job: Job, lab: Lab, record: LabRecord) -> None:
    run = job("health check")

    assert (run.rc, run.changed) == (0, 0), run.output[-3000:]
    assert set(run.artifacts) == {f"docker-1/{lab.project}"}
    assert record.incidents() == []


@pytest.mark.slow
def test_a_hung_model_server_is_healed_over_ssh(job: Job, lab: Lab, record: LabRecord) -> None:
    lab.inject("model-hang")
    before = lab.started_at("model-server")

    first = job("remediate model server")
    second = job("remediate model server")

    assert first.rc == 0, first.output[-3000:]
    assert (first.ending, first.actions) == ("healed", ["restart"])
    assert lab.started_at("model-server") > before
    assert (second.rc, second.changed) == (0, 0), second.output[-3000:]
    incident = record.only
    assert (incident["state"], attempts(incident)) == ("resolved", [("restart", "done")])
    assert incident["source"] == "awx"


@pytest.mark.slow
def test_what_people_do_with_an_incident_reaches_its_record_on_the_host(job: Job, lab: Lab, record: LabRecord) -> None:
    opened = job(
        "open an incident",
        survey={
            "incident_scenario": "data_breach",
            "incident_severity": "P1",
            "incident_reason": "data left the platform",
            "incident_summary": "the users table is on a public site",
        },
    )
    assert opened.rc == 0, opened.output[-3000:]
    number = record.only["id"]

    acknowledged = job("acknowledge", survey={"incident_id": number, "incident_note": "looking"})

    assert (acknowledged.rc, acknowledged.changed) == (0, 1), acknowledged.output[-3000:]
    assert record.only["state"] == "acknowledged"
    said = [(entry["source"], entry["kind"], entry["message"]) for entry in record.only["timeline"]]
    assert ("jo", "note", "looking") in said


@pytest.mark.slow
@pytest.mark.parametrize("user", ["root"], indirect=True)
def test_the_workflow_heals_what_its_triage_showed_and_a_person_approved(job: Job, lab: Lab, record: LabRecord) -> None:
    platform = f"docker-1/{lab.project}"
    lab.inject("model-corrupt")

    triage = job("triage", survey={"triage_fail_on": "call"})
    (step,) = triage.statistics["incident_response_approvable"][platform]["triage"]
    assert (triage.rc, step["action"]) == (2, "restore_model")

    # From job to job the artifacts of the same name are replaced, as AWX does it.
    artifacts = dict(triage.statistics)
    approve = job("approve", artifacts=artifacts)
    assert (approve.rc, approve.changed) == (0, 1), approve.output[-3000:]
    respond = job("respond", artifacts=artifacts)
    assert respond.rc == 0, respond.output[-3000:]
    artifacts |= respond.statistics
    verify = job("health check", artifacts=artifacts)
    assert verify.rc == 0, verify.output[-3000:]
    artifacts |= verify.statistics
    review = job("review", artifacts=artifacts)
    assert review.rc == 0, review.output[-3000:]

    incident = record.only
    assert artifacts["incident_response_incidents"] == {platform: {"model_server": incident["id"]}}
    assert (incident["state"], attempts(incident)) == ("resolved", [("restore_model", "done")])
    assert [call["review"]["id"] for call in review.calls("incident_review")] == [incident["id"]]
