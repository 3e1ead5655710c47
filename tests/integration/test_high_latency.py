# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HL-1 to HL-7: the bottleneck is named, and healed or escalated as the ladder says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from faults.latency import let_redis_save
from lab_record import LabRecord, kinds
from pictures import picture, touched
from planted_sessions import MINE
from playbook_run import Play, PlaybookRun, playbook_of
from rehearsal import assert_check_only_tells

from checkout import ROOT, load_yaml
from labtool.commands import wait_until
from labtool.lab import Lab
from labtool.platform import COMPOSE_FILE, OVERRIDES

PLAYBOOK = "remediate_high_latency.yml"
# A machine that is busy with other things is slow as a whole; these limits leave that alone.
PATIENT = {"high_latency_limit": 1500, "high_latency_samples": 3}
REDIS = {"high_latency_services": ["redis"], **PATIENT}
GATEWAY = {"high_latency_services": ["api-gateway"], "high_latency_limit": 900, "high_latency_samples": 3}
POSTGRES = {
    "high_latency_services": ["postgres"],
    "high_latency_thresholds": {"postgres_statement_ms": 5, "postgres_index_statement_ms": 5},
    **PATIENT,
}
REPORTS = "SELECT count(*) FROM events WHERE account = {}"
ROLE = ROOT / "roles" / "high_latency"
LADDER = load_yaml(ROLE / "defaults" / "main.yml")["high_latency_ladder"]


def critical(run: PlaybookRun, service: str) -> set[str]:
    """Return the ids of the critical findings about a service."""
    return {one["id"] for one in run.artifact["findings"] if one["status"] == "critical" and one["service"] == service}


@dataclass(frozen=True)
class Case:
    """A fault of Redis that a safe rung heals, the finding that tells it from the others, and words of its cause."""

    fault: str
    finding: str
    cause: str
    action: str

    def __str__(self) -> str:
        return self.fault


SAFE = (
    Case("redis-writes-paused", "redis.writes_held", "holds every write back (CLIENT PAUSE WRITE)", "unpause_clients"),
    Case("redis-busy", "redis.busy", "kept busy by a script", "kill_script"),
)


@pytest.mark.parametrize("case", SAFE, ids=str)
def test_a_blocked_redis_goes_on_without_a_restart_and_a_second_run_changes_nothing(
    lab: Lab, play: Play, record: LabRecord, case: Case
) -> None:
    before = picture(lab)
    lab.inject(case.fault)

    rehearsed = play(PLAYBOOK, "--check", "--diff", **REDIS)

    # Check mode writes nothing, so a held write cannot be seen there; a server that answers nobody can.
    assert rehearsed.changed == 0
    assert not record.was_written
    if case.fault == "redis-busy":
        assert (rehearsed.rc, rehearsed.ending) == (2, "diagnosed"), rehearsed.output

    first = play(PLAYBOOK, **REDIS)

    assert (first.rc, first.ending, first.actions) == (0, "healed", [case.action]), first.output
    assert first.changed > 0
    assert case.cause in record.only["root_cause"]
    assert kinds(record.only) == ["opened", "intent", "outcome", "resolved"]
    assert touched(before, picture(lab)) == set()

    second = play(PLAYBOOK, **REDIS)

    assert (second.rc, second.ending, second.changed) == (0, "healthy", 0), second.output


def test_a_redis_that_answers_nobody_is_restarted_only_with_approval_since_its_keys_are_lost(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    before = picture(lab)
    lab.inject("redis-paused")

    rehearsed = assert_check_only_tells(PLAYBOOK, lab, play, record, **REDIS)

    assert {"redis.answers", "redis.commands_held"} <= critical(rehearsed, "redis")

    refused = play(PLAYBOOK, **REDIS)

    assert (refused.rc, refused.ending, refused.actions) == (2, "refused", []), refused.output
    assert {"redis.answers", "redis.commands_held"} <= critical(refused, "redis")
    assert "restart_redis" in refused.failures[-1]
    assert (record.only["state"], record.only["escalated"]) == ("open", True)
    assert touched(before, picture(lab)) == set()

    healed = play(PLAYBOOK, remediation_approved_actions=["restart_redis"], **REDIS)

    assert (healed.rc, healed.ending, healed.actions) == (0, "healed", ["restart_redis"]), healed.output
    assert touched(before, picture(lab)) == {"redis"}
    assert record.only["state"] == "resolved"


def files_with(lab: Lab, override: str) -> dict[str, Any]:
    """Return the variables of a platform whose Compose files have this override."""
    files = [str(COMPOSE_FILE), str(OVERRIDES / f"{override}.yaml")]
    return {"platform_compose_files": files, "platform_env_files": [str(lab.env_file)]}


def test_a_redis_that_saves_is_restarted_without_approval_and_keeps_its_keys(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    let_redis_save(lab)
    lab.redis("SET", "keep:this", "kept")
    options = {**REDIS, **files_with(lab, "redis-saves")}
    # What a restart loses can be asked only while it answers: a run before the trouble notes it.
    assert play(PLAYBOOK, **options).ending == "healthy"
    lab.inject("redis-paused")
    before = picture(lab)

    rehearsed = play(PLAYBOOK, "--check", "--diff", **options)

    assert (rehearsed.rc, rehearsed.ending, rehearsed.changed) == (2, "diagnosed", 0), rehearsed.output
    assert [(step["action"], step["tier"]) for step in rehearsed.artifact["plan"]["steps"]] == [
        ("restart", "disruptive")
    ]
    assert touched(before, picture(lab)) == set()

    healed = play(PLAYBOOK, **options)

    assert (healed.rc, healed.ending, healed.actions) == (0, "healed", ["restart"]), healed.output
    assert touched(before, picture(lab)) == {"redis"}
    assert lab.redis("GET", "keep:this") == "kept"
    assert record.only["state"] == "resolved"

    second = play(PLAYBOOK, **options)

    assert (second.rc, second.ending, second.changed) == (0, "healthy", 0), second.output


def test_a_saturated_service_that_keeps_no_state_is_restarted_and_no_other(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    lab.inject("service-saturated")
    options = {**GATEWAY, "high_latency_services": ["reporting-service"], **files_with(lab, "service-saturated")}
    before = picture(lab)

    rehearsed = assert_check_only_tells(PLAYBOOK, lab, play, record, **options)

    assert {"latency.p95", "latency.saturated"} <= critical(rehearsed, "reporting-service")
    assert [(step["action"], step["services"]) for step in rehearsed.artifact["plan"]["steps"]] == [
        ("restart", ["reporting-service"])
    ]

    healed = play(PLAYBOOK, **options)

    assert (healed.rc, healed.ending, healed.actions) == (0, "healed", ["restart"]), healed.output
    assert "of its memory limit is in use" in healed.output
    assert touched(before, picture(lab)) == {"reporting-service"}
    assert record.only["state"] == "resolved"

    second = play(PLAYBOOK, **options)

    assert (second.rc, second.ending, second.changed) == (0, "healthy", 0), second.output


@dataclass(frozen=True)
class Room:
    """How a full Redis gets room: what the inventory declares, and the rung that this allows."""

    settings: dict[str, Any]
    action: str
    left: str

    def __str__(self) -> str:
        return self.action


@pytest.mark.parametrize(
    "room",
    [
        Room({"disposable_prefixes": ["filler:"]}, "delete_keys", "kept"),
        Room({"cache": True}, "flush_cache", ""),
    ],
    ids=str,
)
def test_a_full_redis_gets_room_only_by_what_is_declared_and_approved(
    lab: Lab, play: Play, record: LabRecord, room: Room
) -> None:
    lab.exec("redis", "redis-cli", "SET", "keep:this", "kept")
    lab.inject("redis-full")
    before = picture(lab)
    declared = {"platform_services": {"redis": {"redis": room.settings}}, **REDIS}

    refused = play(PLAYBOOK, **declared)

    assert (refused.rc, refused.ending, refused.actions) == (2, "refused", []), refused.output
    assert "redis.memory" in critical(refused, "redis")
    assert room.action in refused.failures[-1]
    approved = {"remediation_approved_actions": [room.action], **declared}

    rehearsed = play(PLAYBOOK, "--check", **approved)

    assert (rehearsed.rc, rehearsed.ending, rehearsed.changed) == (2, "diagnosed", 0), rehearsed.output
    assert lab.exec("redis", "redis-cli", "EXISTS", "filler:1").strip() == "1"

    healed = play(PLAYBOOK, **approved)

    assert (healed.rc, healed.ending, healed.actions) == (0, "healed", [room.action]), healed.output
    assert lab.exec("redis", "redis-cli", "EXISTS", "filler:1").strip() == "0"
    assert lab.exec("redis", "redis-cli", "GET", "keep:this").strip() == room.left
    assert touched(before, picture(lab)) == set()

    second = play(PLAYBOOK, **declared)

    assert (second.rc, second.ending, second.changed) == (0, "healthy", 0), second.output
    assert record.only["state"] == "resolved"


def test_a_slow_way_to_a_dependency_is_named_then_healed_by_the_configuration_that_the_files_say(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    lab.inject("redis-slow")
    before = picture(lab)
    without = [rung for rung in LADDER if rung["action"] != "recreate"]

    rehearsed = assert_check_only_tells(PLAYBOOK, lab, play, record, **GATEWAY)

    assert [step["action"] for step in rehearsed.artifact["plan"]["steps"]] == ["recreate"]

    escalated = play(PLAYBOOK, high_latency_ladder=without, **GATEWAY)

    assert (escalated.rc, escalated.ending, escalated.actions) == (2, "escalated", []), escalated.output
    assert "latency.p95" in critical(escalated, "api-gateway")
    assert "for redis, which itself is well: the way between them is slow" in escalated.output
    assert critical(escalated, "redis") == set()
    assert touched(before, picture(lab)) == set()

    healed = play(PLAYBOOK, **GATEWAY)

    assert (healed.rc, healed.ending, healed.actions) == (0, "healed", ["recreate"]), healed.output
    assert touched(before, picture(lab)) == {"api-gateway"}
    assert record.only["state"] == "resolved"


def test_a_dependency_that_is_slow_for_everybody_is_named_with_those_who_only_suffer(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    lab.inject("redis-far")
    before = picture(lab)
    options = {**REDIS, "high_latency_limit": 900}

    rehearsed = assert_check_only_tells(PLAYBOOK, lab, play, record, **options)

    assert critical(rehearsed, "redis") == {"latency.bottleneck"}

    run = play(PLAYBOOK, **options)

    assert (run.rc, run.ending, run.actions) == (2, "escalated", []), run.output
    assert critical(run, "redis") == {"latency.bottleneck"}
    slow = {one["service"]: one for one in run.artifact["findings"] if one["id"] == "latency.p95"}
    for caller in ("ai-recommendation", "api-gateway", "user-service"):
        assert slow[caller]["status"] == "warning", run.output
        assert "only suffers from redis" in slow[caller]["message"]
    assert "redis is the bottleneck, and ai-recommendation, api-gateway, user-service suffer from it" in run.output
    assert touched(before, picture(lab)) == set()


@pytest.fixture
def statements(lab: Lab) -> Iterator[tuple[str, ...]]:
    """Statements that do not end, the oldest first, by the application of each: a backup's, two of services."""
    applications = ("pg_dump", "runaway-report", "slow-export")
    for application in applications:
        target = f"dbname={MINE} user={MINE} application_name={application}"
        lab.exec_in_background("postgres", "psql", "-Xq", "-d", target, "-c", "SELECT pg_sleep(600)")
        wait_until(f"the statement of {application}", lambda: application in running(lab))  # noqa: B023 - called here
    yield applications
    lab.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'")


def running(lab: Lab) -> list[str]:
    """Return the applications whose statements of these still run."""
    return lab.psql(
        "SELECT application_name FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(600)' "
        "ORDER BY query_start"
    ).splitlines()


def test_the_one_statement_that_runs_away_is_cancelled_and_no_other(
    lab: Lab, quick_play: Play, tmp_path: Path, statements: tuple[str, ...]
) -> None:
    backup, runaway, other = statements
    action = {
        "remediation_step": {"services": ["postgres"], "parameters": {"older_than": 0.1}},
        "remediation_services": {},
        "remediation_docker_cli": "docker",
    }
    observe = {"agentfoundry.incident_response.platform_info": {"project": lab.project}}
    act = {"ansible.builtin.include_tasks": str(ROLE / "tasks" / "actions" / "cancel_statement.yml"), "vars": action}

    run = quick_play(playbook_of(tmp_path, {**observe, "register": "__remediation_observed"}, act))

    (done,) = run.calls("postgres_session")[0]["results"]
    assert [one["application"] for one in done["actions"]] == [runaway], run.output
    assert running(lab) == [backup, other]


def test_a_missing_index_is_proposed_and_created_only_with_approval(lab: Lab, play: Play, record: LabRecord) -> None:
    lab.inject("index-missing")
    for account in range(3):
        lab.psql(REPORTS.format(account))
    before = picture(lab)

    refused = play(PLAYBOOK, **POSTGRES)

    assert (refused.rc, refused.ending, refused.actions) == (2, "refused", []), refused.output
    assert critical(refused, "postgres") == {"latency.bottleneck"}
    assert "lacks an index on account" in record.only["root_cause"]
    approved = {"remediation_approved_actions": ["create_index"], **POSTGRES}

    rehearsed = play(PLAYBOOK, "--check", **approved)

    assert (rehearsed.rc, rehearsed.ending, rehearsed.changed) == (2, "diagnosed", 0), rehearsed.output
    assert "Seq Scan" in lab.psql("EXPLAIN " + REPORTS.format(1))

    healed = play(PLAYBOOK, **approved)

    assert (healed.rc, healed.ending, healed.actions) == (0, "healed", ["create_index"]), healed.output
    assert "Seq Scan" not in lab.psql("EXPLAIN " + REPORTS.format(1))
    (created,) = healed.calls("postgres_index")
    assert "CONCURRENTLY" in str(created)
    assert touched(before, picture(lab)) == set()

    second = play(PLAYBOOK, **POSTGRES)

    assert (second.rc, second.ending, second.changed) == (0, "healthy", 0), second.output
