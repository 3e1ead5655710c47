# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SC-1 to SC-5: each crash is told apart, and healed or escalated by the ladder; who only suffers is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from five_dependants import BASE, DEPENDANTS, Stranger
from lab_record import LabRecord, attempts, kinds
from pictures import picture, touched
from playbook_run import Play, PlaybookRun

from labtool.lab import Lab
from labtool.platform import COMPOSE_FILE, OVERRIDES
from labtool.recovery import kill_on_host

PLAYBOOK = "remediate_service_crash.yml"
AT_ONCE = {"service_crash_thresholds": {"known_good_age_s": 0.1}}
"""What runs well is kept as good without waiting for a minute."""


@dataclass(frozen=True)
class Case:
    """A fault, the service it breaks, the findings and the words that tell it, and the rung that heals it."""

    fault: str
    service: str
    findings: frozenset[str]
    cause: str
    action: str

    def __str__(self) -> str:
        return self.fault


CASES = (
    Case(
        "crash-stopped", "user-service", frozenset({"container.state", "container.exit_code"}),
        "exit code 137: SIGKILL", "start",
    ),
    Case(
        "crash-oom-stopped", "reporting-service", frozenset({"container.state", "container.oom"}),
        "out of memory", "start",
    ),
    Case("crash-loop", "user-service", frozenset({"crash.loop"}), "does not bear the configuration", "recreate"),
)  # fmt: skip


def end_of(run: PlaybookRun) -> tuple[int, str, list[str]]:
    """Return exit code, ending and the rungs that were climbed."""
    return (run.rc, run.ending, run.actions)


def critical(run: PlaybookRun, service: str) -> set[str]:
    """Return the ids of the critical findings about a service."""
    return {one["id"] for one in run.artifact["findings"] if (one["status"], one["service"]) == ("critical", service)}


def finding(run: PlaybookRun, name: str, service: str) -> dict[str, Any]:
    """Return the finding of this id about a service."""
    found = [one for one in run.artifact["findings"] if (one["id"], one["service"]) == (name, service)]
    assert len(found) == 1, run.output
    return dict(found[0])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_crash_is_told_apart_then_healed_and_a_second_run_changes_nothing(
    lab: Lab, play: Play, record: LabRecord, case: Case
) -> None:
    lab.inject(case.fault)
    broken = picture(lab)
    others = {name: seen for name, seen in broken.items() if name != case.service}

    rehearsed = play(PLAYBOOK, "--check", "--diff")

    assert (rehearsed.rc, rehearsed.ending, rehearsed.changed) == (2, "diagnosed", 0), rehearsed.output
    assert not record.was_written
    assert case.findings <= critical(rehearsed, case.service)
    assert case.cause in rehearsed.artifact["root_cause"]
    assert [step["services"] for step in rehearsed.artifact["plan"]["steps"]] == [[case.service]]
    assert touched(others, {name: seen for name, seen in picture(lab).items() if name in others}) == set()

    first = play(PLAYBOOK)

    assert end_of(first) == (0, "healed", [case.action]), first.output
    assert touched(broken, picture(lab)) == {case.service}
    incident = record.only
    assert (incident["state"], incident["services"]) == ("resolved", [case.service])
    assert kinds(incident) == ["opened", "intent", "outcome", "resolved"]

    healed = picture(lab)
    second = play(PLAYBOOK)

    assert (*end_of(second), second.changed) == (0, "healthy", [], 0), second.output
    assert touched(healed, picture(lab)) == set()
    assert record.only == incident


def test_of_two_services_in_trouble_each_step_is_judged_by_its_own(lab: Lab, play: Play, record: LabRecord) -> None:
    lab.compose("pause", "notification-service")
    lab.inject("crash-stopped")
    broken = picture(lab)

    run = play(PLAYBOOK)

    assert end_of(run) == (0, "healed", ["unpause", "start"]), run.output
    assert touched(broken, picture(lab)) == {"notification-service", "user-service"}
    told = [(attempt["action"], attempt["outcome"], attempt["healed"]) for attempt in record.only["attempts"]]
    assert told == [("unpause", "done", True), ("start", "done", True)]
    assert "Next: user-service " in run.output
    assert record.only["state"] == "resolved"


def rehearse(play: Play, **variables: Any) -> PlaybookRun:
    """Run under check mode, which tells the plan and changes nothing."""
    rehearsed = play(PLAYBOOK, "--check", "--diff", **variables)
    assert (rehearsed.rc, rehearsed.ending, rehearsed.changed) == (2, "diagnosed", 0), rehearsed.output
    return rehearsed


def test_a_service_that_runs_and_does_not_answer_is_restarted(lab: Lab, play: Play, record: LabRecord) -> None:
    before = picture(lab)
    kill_on_host(lab, "STOP", lab.container("reporting-service").pid)

    rehearse(play, service_crash_services=["reporting-service"])

    assert touched(before, picture(lab)) == set()
    assert not record.was_written

    run = play(PLAYBOOK, service_crash_services=["reporting-service"])

    assert end_of(run) == (0, "healed", ["restart"]), run.output
    assert "http.health" in critical(run, "reporting-service")
    assert touched(before, picture(lab)) == {"reporting-service"}
    assert attempts(record.only) == [("restart", "done")]


def crashes(run: PlaybookRun, service: str) -> int:
    """Return how many recent crashes of a service the run knew of."""
    return int(run.calls("platform_info")[0]["services"][service]["crashes"]["recent"])


def test_what_docker_has_restarted_by_itself_is_well_and_our_ledger_keeps_what_docker_forgets(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    assert crashes(play(PLAYBOOK), "reporting-service") == 0
    lab.inject("crash-kill")
    lab.wait_healthy(["reporting-service"])

    run = play(PLAYBOOK)

    assert (*end_of(run), run.changed) == (0, "healthy", [], 0), run.output
    assert crashes(run, "reporting-service") == 1
    assert record.incidents() == []

    lab.docker("restart", "-t", "3", lab.container_id("reporting-service"))
    lab.wait_healthy(["reporting-service"])
    assert lab.container("reporting-service").restart_count == 0
    assert crashes(play(PLAYBOOK), "reporting-service") == 1


# A deployment that does not run


@pytest.fixture
def deployed(lab: Lab, play: Play) -> dict[str, Any]:
    """A bad release: the Compose files name it, and it crashes; before that the platform was seen healthy.

    Return the variables of a platform with these files.
    """
    healthy = play(PLAYBOOK, **AT_ONCE)
    assert end_of(healthy) == (0, "healthy", []), healthy.output
    lab.inject("crash-bad-release")
    files = [str(COMPOSE_FILE), str(OVERRIDES / "crash-bad-release.yaml")]
    return {**AT_ONCE, "platform_compose_files": files, "platform_env_files": [str(lab.env_file)]}


def test_a_bad_release_is_rolled_back_by_approval_only_and_stays_so(
    lab: Lab, deployed: dict[str, Any], play: Play, record: LabRecord
) -> None:
    others = {name: seen for name, seen in picture(lab).items() if name != "reporting-service"}
    bad = lab.container_id("reporting-service")

    refused = play(PLAYBOOK, **deployed)

    assert end_of(refused) == (2, "refused", []), refused.output
    assert "python-service:bad; it was last seen healthy with agentfoundry-lab/python-service:1" in refused.output
    assert "No module named services.next_release" in finding(refused, "crash.loop", "reporting-service")["message"]
    assert "approve rollback by the module approval, with digest: " in refused.failures[-1]
    assert kinds(record.only) == ["opened", "refused", "escalated"]
    assert lab.container_id("reporting-service") == bad

    known = record.only
    rehearse(play, remediation_approved_actions=["rollback"], **deployed)

    assert (record.only, lab.container_id("reporting-service")) == (known, bad)

    healed = play(PLAYBOOK, remediation_approved_actions=["rollback"], **deployed)

    assert end_of(healed) == (0, "healed", ["rollback"]), healed.output
    assert (record.only["state"], attempts(record.only)) == ("resolved", [("rollback", "done")])
    assert lab.docker("inspect", "--format", "{{.Config.Image}}", lab.container_id("reporting-service")).strip() == (
        "agentfoundry-lab/python-service:1"
    )

    well = picture(lab)
    second = play(PLAYBOOK, **deployed)

    assert (*end_of(second), second.changed) == (0, "healthy", [], 0), second.output
    assert (
        "the Compose files still name the other one"
        in finding(second, "crash.rolled_back", "reporting-service")["message"]
    )
    assert touched(well, picture(lab)) == set()
    assert touched(others, {name: seen for name, seen in picture(lab).items() if name in others}) == set()


def test_a_release_that_only_one_container_bears_is_replaced_by_what_the_files_say(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    lab.inject("crash-bad-release")
    bad = lab.container_id("reporting-service")

    rehearse(play)

    assert lab.container_id("reporting-service") == bad
    assert not record.was_written

    run = play(PLAYBOOK)

    assert end_of(run) == (0, "healed", ["recreate"]), run.output
    assert lab.drifted() == []
    assert attempts(record.only) == [("recreate", "done")]

    well = picture(lab)
    second = play(PLAYBOOK)

    assert (*end_of(second), second.changed) == (0, "healthy", [], 0), second.output
    assert touched(well, picture(lab)) == set()


# Who only suffers


@pytest.fixture
def stranger(lab: Lab, tmp_path: Path) -> Iterator[Stranger]:
    """A stranger's project of six services, up and healthy."""
    project = Stranger(f"{lab.project}-stranger", tmp_path)
    try:
        project.up()
        yield project
    finally:
        project.down()


def test_of_a_dead_dependency_and_five_services_that_suffer_exactly_one_is_restarted(
    stranger: Stranger, play: Play, record: LabRecord
) -> None:
    unknown = {"platform_project": stranger.project, "platform_services": {}}
    stranger.kill_base()
    before = picture(stranger)

    rehearse(play, **unknown)

    assert touched(before, picture(stranger)) == set()
    assert not record.was_written

    run = play(PLAYBOOK, **unknown)

    assert end_of(run) == (0, "healed", ["start"]), run.output
    assert run.artifact["plan"]["suffering"] == {name: [BASE] for name in DEPENDANTS}
    assert touched(before, picture(stranger)) == {BASE}
    assert (record.only["services"], record.only["state"]) == ([BASE], "resolved")
    assert play(PLAYBOOK, **unknown).changed == 0


def test_a_named_service_that_only_suffers_is_left_alone_and_its_cause_is_named(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    lab.inject("crash-stopped")
    before = picture(lab)

    run = play(PLAYBOOK, service_crash_services=["api-gateway"])

    assert end_of(run) == (2, "escalated", []), run.output
    assert "api-gateway suffers from user-service" in record.only["root_cause"]
    assert touched(before, picture(lab)) == set()


# Which services


@pytest.mark.parametrize("given", [[], "[]", ""], ids=["a list", "text", "nothing as text"])
def test_an_empty_selection_means_none(lab: Lab, play: Play, record: LabRecord, given: Any) -> None:
    run = play(PLAYBOOK, service_crash_services=given)

    assert (*end_of(run), run.changed) == (0, "nothing_in_scope", [], 0), run.output


def test_services_can_be_named_as_text_on_the_command_line(lab: Lab, play: Play) -> None:
    run = play(PLAYBOOK, "-e service_crash_services=[redis,user-service]")

    assert end_of(run) == (0, "healthy", []), run.output
    assert run.calls("remediation_plan")[0]["scope"] == ["redis", "user-service"]


def test_a_service_that_is_not_there_is_refused_by_the_name_of_the_option(lab: Lab, play: Play) -> None:
    run = play(PLAYBOOK, service_crash_services=["user-servise"])

    assert run.rc == 2
    assert "service_crash_services has the value 'user-servise'" in run.failures[-1]
