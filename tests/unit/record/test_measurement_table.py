# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measured values before, during and after an incident, and the moments that a review needs."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from findings import fine
from guard_runs import NEW, Host
from healed_runs import CANARY, OTHER, heal

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.measurement import measured
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import measurement_table
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Writer


def baseline(host: Host, *findings: Finding, platform: str = "shop") -> None:
    measurements = measured(finding.to_data() for finding in findings)
    keep = partial(measurement_table.keep_baseline, platform=platform, wall=host.clock.now().wall)
    Writer(host.state_dir).run(partial(keep, measurements=measurements))


def test_the_values_of_what_was_bad_are_kept_when_it_opens_and_at_each_look_after_an_act(host: Host) -> None:
    incident = heal(host)

    assert [(one["at"][-9:], one["phase"], one["status"], one["value"]) for one in incident["measurements"]] == [
        ("12:00:00Z", "opened", "critical", 5000.0),
        ("12:00:20Z", "restart of model-server", "critical", 5000.0),
        ("12:00:22Z", "restart of model-server", "ok", 12.0),
        ("12:00:30Z", "restart of model-server", "ok", 12.0),
    ]
    assert {one["finding"] for one in incident["measurements"]} == {CANARY}
    assert {(one["limit"], one["unit"]) for one in incident["measurements"]} == {(1000.0, "ms")}


def test_the_end_of_the_action_and_the_return_of_the_service_are_told_from_the_end_of_the_verification(
    host: Host,
) -> None:
    (attempt,) = heal(host)["attempts"]

    assert (attempt["started_at"][-9:], attempt["acted_at"][-9:], attempt["restored_at"][-9:]) == (
        "12:00:00Z", "12:00:20Z", "12:00:22Z",
    )  # fmt: skip
    assert attempt["finished_at"][-9:] == "12:00:30Z"


def test_a_killed_run_leaves_no_moment_that_nobody_saw(host: Host) -> None:
    run = host.run("first")
    run.begin()
    run.permit()
    host.processes.gone.add("first")
    second = host.run("second")
    second.begin(containers=NEW)

    (attempt,) = host.incident(run.incident)["attempts"]
    assert (attempt["acted_at"], attempt["restored_at"]) == (None, None)


def test_the_value_before_is_the_last_good_one_of_the_same_finding_and_platform(host: Host) -> None:
    baseline(host, fine(CANARY, value=9.0, limit=1000.0, unit="ms"), platform="blog")
    baseline(host, fine(CANARY, value=10.0, limit=1000.0, unit="ms"), OTHER)
    host.clock.move(60)
    first = heal(host)
    host.clock.move(60)
    second = heal(host, "second")

    assert [(one["measurements"][0]["phase"], one["measurements"][0]["value"]) for one in (first, second)] == [
        ("before", 10.0), ("before", 12.0),
    ]  # fmt: skip


def test_a_finding_that_is_bad_now_keeps_its_last_good_value(host: Host) -> None:
    baseline(host, fine(CANARY, value=10.0, limit=1000.0, unit="ms"))
    host.clock.move(60)
    baseline(host, OTHER)
    host.clock.move(60)

    assert heal(host)["measurements"][0]["value"] == 10.0


def test_the_value_before_stays_when_a_healthy_moment_after_the_incident_is_kept(host: Host) -> None:
    baseline(host, fine(CANARY, value=10.0, limit=1000.0, unit="ms"))
    host.clock.move(60)
    number = heal(host)["id"]
    host.clock.move(60)
    baseline(host, fine(CANARY, value=99.0, limit=1000.0, unit="ms"))

    assert [one["value"] for one in host.incident(number)["measurements"] if one["phase"] == "before"] == [10.0]


def test_since_when_the_cause_is_known_changes_only_with_the_cause(host: Host) -> None:
    run = host.run("first")
    told = [run.begin()["incident"]["root_cause_at"]]
    for cause in ("it hangs", "its file is corrupt"):
        run.end("escalated")
        host.clock.move(60)
        told.append(run.begin(root_cause=cause)["incident"]["root_cause_at"])

    assert [at[-9:] for at in told] == ["12:00:00Z", "12:00:00Z", "12:02:00Z"]


def test_an_id_of_a_pruned_day_is_not_given_again(host: Host, state_dir: Path) -> None:
    Writer(str(state_dir)).run(lambda con: con.execute("INSERT INTO pruned_day VALUES ('2026-02-27', 41)"))

    assert host.run("first").begin()["incident"]["id"] == "INC-2026-02-27-042"
