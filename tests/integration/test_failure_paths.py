# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong around a run: the project, the record, the answers and logs of services, the options."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from file_systems import read_only_directory, small_file_system
from lab_record import LabRecord
from pictures import picture, touched
from playbook_run import Play, playbook_of
from stranger import project, web

from labtool.lab import Lab

PLAYBOOK = "remediate_model_server.yml"
SECRETS = ("hunter2", "eyJhbGciOiJIUzI1NiJ9", "c2lnbmF0dXJlLW9mLXRoZS1sYWI")
NOT_PRINTABLE = ("\x1b", "\x07", "\u202e")
RUNG = {"action": "restart", "tier": "safe", "findings": ["x"]}
CANARY = {"path": "/predict", "body": {"features": [1.0, 2.0, 3.0]}}


# Which platform


def test_a_project_that_is_not_there_fails_at_once_and_names_those_that_are(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    run = play(PLAYBOOK, platform_project="no-such-platform")

    assert run.rc == 2
    assert "'no-such-platform' has no container" in run.failures[-1]
    assert lab.project in run.failures[-1]
    assert not record.was_written


def test_without_a_name_several_projects_are_an_error_that_lists_them(
    lab: Lab, play: Play, record: LabRecord, tmp_path: Path
) -> None:
    with project(f"{lab.project}-second", {"web": web()}, tmp_path) as second:
        run = play(PLAYBOOK, platform_project="")

    assert run.rc == 2
    assert "several Compose projects" in run.failures[-1]
    assert lab.project in run.failures[-1]
    assert second in run.failures[-1]
    assert not record.was_written


# Which services


def test_a_service_that_is_named_and_absent_is_an_error_that_lists_those_that_are_there(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    run = play(PLAYBOOK, model_server_services=["model-serfer"])

    assert run.rc == 2
    assert "model_server_services has the value 'model-serfer'" in run.failures[-1]
    assert "model-server" in run.failures[-1].partition("services of this platform are:")[2]
    assert not record.was_written


def test_a_service_whose_container_was_removed_is_missing_and_not_ignored(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    lab.docker("rm", "-f", lab.container_id("model-server"))

    run = play(PLAYBOOK, "--check")

    assert (run.rc, run.ending) == (2, "diagnosed"), run.output
    assert "service.missing" in {finding["id"] for finding in run.artifact["findings"]}
    assert not record.was_written


def test_a_service_that_is_declared_stopped_is_left_stopped_and_those_that_suffer_are_named(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    lab.inject("model-stopped")
    before = picture(lab)

    run = play(PLAYBOOK, platform_services={"model-server": {"kind": "model_server", "declared": "stopped"}})

    assert (run.rc, run.ending, run.changed) == (0, "nothing_in_scope", 0), run.output
    assert "left alone  model-server (declared stopped)" in run.output
    assert record.incidents() == []
    assert touched(before, picture(lab)) == set()


# What a service answers


def test_health_urls_that_misbehave_are_findings_and_neither_errors_nor_a_long_wait(
    running_lab: Lab, quick_play: Play, tmp_path: Path
) -> None:
    told = {
        "hang": "before the deadline",
        "garbage": "no HTTP",
        "flood": "",
        "redirect": "redirects",
    }
    settings = {name: {"health": {"path": f"/{name}", "deadline": 2.0}} for name in told}
    with project(f"{running_lab.project}-odd", {name: web() for name in told}, tmp_path) as odd:
        look = {"project": odd, "services": settings, "state_dir": str(tmp_path / "none")}
        # Nobody is given time to come up: all four answered already.
        look["thresholds"] = {"start_grace_s": 0.1}
        run = quick_play(playbook_of(tmp_path, {"agentfoundry.incident_response.platform_info": look}))

    assert run.rc == 0, run.output
    (seen,) = run.calls("platform_info")
    health = {one["service"]: one for one in seen["findings"] if one["id"] == "http.health"}
    assert {name for name, one in health.items() if one["status"] == "critical"} == {"hang", "garbage", "redirect"}
    for name, words in told.items():
        assert words in health[name]["message"]
    assert not any(mark in json.dumps(seen, ensure_ascii=False) for mark in NOT_PRINTABLE)
    # 10 MB of an answer are not kept.
    assert len(json.dumps(seen)) < 100_000


def test_secrets_escapes_and_foreign_bytes_of_a_log_are_neither_shown_nor_stored(
    lab: Lab, play: Play, state_dir: Path, record: LabRecord
) -> None:
    lab.inject("model-log-secrets")
    # Something has to be wrong, so that the log becomes evidence in the record.
    lab.inject("model-hang")

    run = play(PLAYBOOK, "-vvv")

    assert (run.rc, run.ending) == (0, "healed"), run.output
    stored = b"".join(path.read_bytes() for path in state_dir.rglob("*") if path.is_file())
    told = run.output + json.dumps(run.artifacts) + json.dumps([dict(event) for event in run.events], default=str)
    assert record.only["state"] == "resolved"
    for secret in SECRETS:
        assert secret not in told
        assert secret.encode() not in stored
    assert not any(mark in run.output for mark in NOT_PRINTABLE)


# The manifest


def test_an_absent_manifest_is_told_and_restored_only_with_approval(lab: Lab, play: Play, record: LabRecord) -> None:
    lab.inject("model-manifest-missing")

    run = play(PLAYBOOK)

    assert (run.rc, run.ending, run.actions) == (2, "refused", []), run.output
    assert "manifest" in run.artifact["root_cause"]
    assert (record.only["state"], record.only["escalated"]) == ("open", True)


def test_a_malformed_manifest_is_told_as_such(lab: Lab, play: Play, record: LabRecord) -> None:
    lab.exec("model-server", "sh", "-c", "cat > /app/models/manifest.json", stdin=b'{"files": [oops')

    run = play(PLAYBOOK, "--check")

    assert (run.rc, run.ending) == (2, "diagnosed"), run.output
    (about,) = (one for one in run.artifact["findings"] if one["id"] == "model_server.manifest")
    assert about["status"] == "critical"
    assert not record.was_written


# The record


@pytest.fixture(params=["read-only", "full"])
def unusable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A state directory in which nothing can be written."""
    if request.param == "read-only":
        with read_only_directory(tmp_path / "read-only") as path:
            yield "read-only", path
        return
    with small_file_system(tmp_path / "full", "64k") as path:
        (path / "filler").write_bytes(b"x" * 60 * 1024)
        yield "full", path


def test_a_state_directory_that_cannot_be_written_stops_the_run_before_anything_is_touched(
    lab: Lab, play: Play, unusable: tuple[str, Path]
) -> None:
    kind, path = unusable
    lab.inject("model-hang")
    before = picture(lab)

    run = play(PLAYBOOK, platform_state_dir=str(path))

    assert (run.rc, run.ending, run.actions) == (2, "escalated", []), run.output
    assert kind in run.failures[-1]
    assert str(path) in run.failures[-1]
    assert touched(before, picture(lab)) == set()


# Options


@pytest.mark.parametrize(
    "variables, option",
    [
        ({"remediation_stability_window": "soon"}, "remediation_stability_window"),
        ({"remediation_attempt_limit": "many"}, "remediation_attempt_limit"),
        ({"remediation_source": "owl"}, "remediation_source"),
        ({"remediation_approved_actions": {"a": 1}}, "remediation_approved_actions"),
        ({"model_server_thresholds": "low"}, "model_server_thresholds"),
        ({"model_server_ladder": "restart"}, "model_server_ladder"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_option_of_a_wrong_type_fails_before_the_platform_is_looked_at(
    running_lab: Lab, quick_play: Play, variables: dict[str, Any], option: str
) -> None:
    run = quick_play(PLAYBOOK, **variables)

    assert run.rc == 2
    assert option in run.failures[-1]
    assert run.calls("platform_info") == []


@pytest.mark.parametrize(
    "variables, option",
    [
        ({"model_server_thresholds": {"canary_latency": 5}}, "canary_latency"),
        ({"platform_services": {"model-server": {"helath": False}}}, "services.model-server.helath"),
        (
            {"platform_services": {"model-server": {"model_server": {"canary": {**CANARY, "expect": "a =="}}}}},
            "services.model-server.model_server.canary.expect",
        ),
        (
            {"platform_services": {"model-server": {"health": {"expect": "nope("}}}},
            "services.model-server.health.expect",
        ),
        ({"remediation_probe_deadline": -1}, "probe_deadline"),
        ({"remediation_log_lines": 0}, "log_lines"),
        (
            {"model_server_ladder": [{"action": "restart", "tier": "wild", "findings": ["x"]}]},
            "model_server_ladder[0].tier",
        ),
        (
            {"model_server_ladder": [{"action": "pray", "tier": "safe", "findings": ["x"]}]},
            "model_server_ladder[0].action",
        ),
        ({"model_server_ladder": [{"action": "restart", "tier": "safe"}]}, "model_server_ladder[0].findings"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_value_that_cannot_be_used_fails_before_anything_is_written_and_names_the_option(
    running_lab: Lab, quick_play: Play, record: LabRecord, variables: dict[str, Any], option: str
) -> None:
    run = quick_play(PLAYBOOK, **variables)

    assert run.rc == 2
    assert option in run.failures[-1]
    assert not record.was_written
