# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole playbook against a client of Docker that answers from records: exit code, history, check mode, remedies."""

from __future__ import annotations

from typing import Any

import pytest
from compliance import controls
from playbook_run import PlaybookRun
from recorded_platform import RecordedPlatform

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.reading import EXPIRED_WAIVERS

CERTAIN = {"container.privileged", "container.engine_socket", "image.pinned"}
"""Judged from the recorded containers alone."""


class Platform(RecordedPlatform):
    """The recorded project, looked at by compliance.yml."""

    def comply(self, *options: str, **variables: Any) -> PlaybookRun:
        """Run the playbook."""
        return self.play("compliance.yml", *options, **variables)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    return Platform(tmp_path_factory.mktemp("shop"))


def test_a_run_fails_by_severity_is_kept_and_changes_nothing_and_check_mode_keeps_nothing(platform: Platform) -> None:
    first = platform.comply(compliance_fail_on="low")

    assert first.rc == 2, first.output
    assert first.changed == 0
    report = first.artifact
    assert {one["id"] for one in report["results"] if one["status"] in ("pass", "fail")} >= CERTAIN
    assert report["changes"]["since"] is None
    assert any("shop is not compliant" in message for message in first.failures), first.output
    assert "compliance_waivers" in first.output
    assert len(first.calls("platform_info")) == 1

    rehearsed = platform.comply("--check", compliance_fail_on="never")
    second = platform.comply(compliance_fail_on="never")

    assert (rehearsed.rc, second.rc) == (0, 0), rehearsed.output + second.output
    # The rehearsal compares with the first run, and so does the one after it: it was not kept.
    assert rehearsed.artifact["changes"]["since"] == report["at"]
    assert second.artifact["changes"]["since"] == report["at"]
    assert second.artifact["changes"]["newly_failing"] == []
    assert len(second.artifact["trend"]) == 2


def test_remediation_runs_the_role_that_a_failing_control_names_once_and_judges_again(platform: Platform) -> None:
    own = {
        "id": "acme.model", "title": "There is a model server", "severity": "low", "step": "MS-1",
        "rationale": "We sell it.", "fix": "Add one.", "playbook": "remediate_model_server", "check": "memory_limit",
    }  # fmt: skip
    waivers = [
        {"control": control.id, "owner": "ada", "reason": "a recorded platform", "expires": "2999-01-01"}
        for control in controls()
        if control.id != EXPIRED_WAIVERS
    ]

    run = platform.comply(
        compliance_fail_on="never",
        compliance_remediate=True,
        compliance_extra_controls=[own, {**own, "id": "acme.more"}],
        compliance_waivers=waivers,
    )

    assert run.rc == 0, run.output
    (about,) = run.artifacts.values()
    assert about["compliance"]["roles"] == ["model_server"]
    assert about["model_server"]["outcome"]["ending"] == "nothing_in_scope"
    assert len(run.calls("compliance_report")) == 2
    assert len(run.calls("remediation_plan")) == 1
