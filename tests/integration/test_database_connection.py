# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DB-1 to DB-6: the database is healed from the least harmful end, or escalated; nobody else's session is touched."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from lab_record import LabRecord, attempts, kinds
from pictures import picture, touched
from planted_sessions import BYSTANDERS, MINE, PROTECTED, hold_pool, identities, idle_transaction, planted, pools
from playbook_run import Play, PlaybookRun, playbook_of
from rehearsal import assert_check_only_tells

from checkout import ROOT, load_yaml
from labtool.lab import Lab

PLAYBOOK = "remediate_database_connection.yml"
ACTIONS = ROOT / "roles" / "database_connection" / "tasks" / "actions"
AT_ONCE = {"database_connection_idle_limit": 0.1, "database_connection_lock_limit": 0.1}
"""What is idle in a transaction, or waits for a lock, has been so for long enough."""


LONGER_THAN_ANY_WAIT = {"database_connection_idle_limit": 2, "database_connection_lock_limit": 2}
"""Statements that end after half a second never wait for that long."""


@pytest.fixture
def bystanders(lab: Lab) -> Iterator[dict[str, str]]:
    """Sessions that nobody may touch: application -> process, start and last change of state."""
    with planted(lab) as found:
        yield found


def ladder(**deadlines: float) -> dict[str, Any]:
    """The role's ladder with other deadlines (s) of some actions."""
    rungs = load_yaml(ROOT / "roles" / "database_connection" / "defaults" / "main.yml")["database_connection_ladder"]
    return {
        "database_connection_ladder": [
            {**rung, "deadline": deadlines.get(rung["action"], rung["deadline"])} for rung in rungs
        ]
    }


def end_of(run: PlaybookRun) -> tuple[int, str, list[str]]:
    """Return exit code, ending and the rungs that were climbed."""
    return (run.rc, run.ending, run.actions)


def planned(run: PlaybookRun) -> list[tuple[str, tuple[str, ...]]]:
    """Return the rungs of the plan: action and services."""
    return [(step["action"], tuple(step["services"])) for step in run.artifact["plan"]["steps"]]


def critical(run: PlaybookRun) -> set[str]:
    """Return the ids of the critical findings about PostgreSQL."""
    found = run.artifact["findings"]
    return {one["id"] for one in found if (one["status"], one["service"]) == ("critical", "postgres")}


@dataclass(frozen=True)
class Case:
    """A fault, the findings and words that tell it, the rungs that heal it, and whose containers they touch."""

    fault: str
    findings: frozenset[str]
    cause: str
    actions: tuple[str, ...]
    touched: frozenset[str] = frozenset()
    variables: Mapping[str, Any] = field(default_factory=lambda: AT_ONCE)

    def __str__(self) -> str:
        return self.fault


HEALED = (
    Case(
        "db-slots-full-superuser", frozenset({"postgres.leak", "postgres.locked_out", "postgres.slots"}),
        "reporting-service holds 40 of the 40 slots in use", ("restart",), frozenset({"reporting-service"}),
    ),
    Case(
        "db-lock", frozenset({"postgres.blocked", "postgres.idle_in_transaction"}),
        "(reporting-service)", ("terminate_idle_sessions",),
    ),
    Case(
        "db-lock-short-waits", frozenset({"postgres.blocked", "postgres.idle_in_transaction"}),
        "(report-tool)", ("terminate_idle_sessions",), variables=LONGER_THAN_ANY_WAIT,
    ),
    Case(
        "db-blocking-statement", frozenset({"postgres.blocked", "postgres.root_blocker"}),
        "A statement of nightly-report", ("cancel_root_blocker",),
    ),
    Case(
        "db-stopped", frozenset({"postgres.running", "container.state"}),
        "postgres has stopped", ("start",), frozenset({"postgres"}),
    ),
    Case(
        "db-paused", frozenset({"postgres.running", "container.paused"}),
        "postgres is paused", ("unpause",), frozenset({"postgres"}),
    ),
    Case(
        "db-refused", frozenset({"postgres.refused", "postgres.answers"}),
        "does not bear the configuration", ("recreate",), frozenset({"postgres"}),
    ),
)  # fmt: skip


@pytest.mark.parametrize("case", HEALED, ids=str)
def test_each_failure_is_told_apart_then_healed_and_a_second_run_changes_nothing(
    lab: Lab, play: Play, record: LabRecord, case: Case
) -> None:
    lab.inject(case.fault)
    broken = picture(lab)

    rehearsed = assert_check_only_tells(PLAYBOOK, lab, play, record, **case.variables)

    assert case.findings <= critical(rehearsed)
    assert case.cause in rehearsed.artifact["root_cause"]

    first = play(PLAYBOOK, **case.variables)

    assert end_of(first) == (0, "healed", list(case.actions)), first.output
    assert planned(first) == planned(rehearsed)
    assert touched(broken, picture(lab)) == case.touched
    assert kinds(record.only) == ["opened", "intent", "outcome", "resolved"]
    assert attempts(record.only) == [(action, "done") for action in case.actions]

    healed = picture(lab)
    second = play(PLAYBOOK, **case.variables)

    assert (*end_of(second), second.changed) == (0, "healthy", [], 0), second.output
    assert touched(healed, picture(lab)) == set()
    assert record.only["state"] == "resolved"


def test_a_leak_is_healed_by_its_sessions_then_by_its_service_alone_and_no_other_session_is_touched(
    lab: Lab, play: Play, record: LabRecord, bystanders: dict[str, str]
) -> None:
    lab.inject("db-leak")
    before = picture(lab)
    # The leak takes the slots again at once: there is nothing to wait for after its sessions are terminated.
    options = {
        **AT_ONCE,
        **ladder(terminate_idle_sessions=1),
        "platform_services": {"postgres": {"postgres": PROTECTED}},
    }

    rehearsed = assert_check_only_tells(PLAYBOOK, lab, play, record, **options)

    assert planned(rehearsed)[:2] == [
        ("terminate_idle_sessions", ("postgres",)), ("restart", ("reporting-service",)),
    ]  # fmt: skip
    assert identities(lab) == bystanders

    run = play(PLAYBOOK, **options)

    assert end_of(run) == (0, "healed", ["terminate_idle_sessions", "restart"]), run.output
    assert planned(run) == planned(rehearsed)
    assert touched(before, picture(lab)) == {"reporting-service"}
    (terminated,) = (call["results"][0] for call in run.calls("postgres_session") if "results" in call)
    assert {one["application"] for one in terminated["sessions"]} == {"reporting-service-leak"}
    assert {one["application"] for one in terminated["spared"]} == {
        "pg_dump", "vacuumdb", "somebody-else", "ledger-export",
    }  # fmt: skip
    assert identities(lab) == bystanders
    assert attempts(record.only) == [("terminate_idle_sessions", "done"), ("restart", "done")]
    assert record.only["state"] == "resolved"

    second = play(PLAYBOOK, **options)

    assert (*end_of(second), second.changed) == (0, "healthy", [], 0), second.output
    assert identities(lab) == bystanders


BY_TURNS = {"database_connection_idle_limit": 3, "database_connection_lock_limit": 0.1}


def test_a_transaction_that_works_and_idles_by_turns_is_ended_by_approval_only(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    lab.inject("db-lock-by-turns")
    before = picture(lab)

    rehearsed = assert_check_only_tells(PLAYBOOK, lab, play, record, **BY_TURNS)

    assert [action for action, _services in planned(rehearsed)] == ["wait", "terminate_blocking_transaction"]
    assert "works and idles by turns and blocks 2 sessions" in rehearsed.artifact["root_cause"]

    refused = play(PLAYBOOK, **BY_TURNS)

    assert end_of(refused) == (2, "refused", ["wait"]), refused.output
    assert "terminate_blocking_transaction" in refused.failures[-1]
    batch = "SELECT pid FROM pg_stat_activity WHERE application_name = 'nightly-batch'"
    pid = lab.psql(batch)
    assert pid

    healed = play(PLAYBOOK, remediation_approved_actions=["terminate_blocking_transaction"], **BY_TURNS)

    assert end_of(healed) == (0, "healed", ["wait", "terminate_blocking_transaction"]), healed.output
    (ended,) = (call["results"][0]["actions"] for call in healed.calls("postgres_session"))
    assert [(one["id"], one["application"]) for one in ended] == [(int(pid), "nightly-batch")]
    assert lab.psql(batch) == ""
    assert touched(before, picture(lab)) == set()
    assert record.only["state"] == "resolved"


def test_of_the_sessions_that_are_idle_in_transactions_only_those_that_others_wait_for_are_ended_while_slots_are_free(
    lab: Lab, quick_play: Play, tmp_path: Path
) -> None:
    lab.inject("db-lock")
    rung = {"services": ["postgres"], "parameters": {"older_than": 0.1}}
    action = {"remediation_step": rung, "remediation_services": {}, "remediation_docker_cli": "docker"}
    observe = {"agentfoundry.incident_response.platform_info": {"project": lab.project}}
    act = {"ansible.builtin.include_tasks": str(ACTIONS / "terminate_idle_sessions.yml"), "vars": action}

    with idle_transaction(lab, "careful-export") as careful:
        run = quick_play(playbook_of(tmp_path, {**observe, "register": "__remediation_observed"}, act))
        alive = lab.psql("SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction'")

    (done,) = run.calls("postgres_session")[0]["results"]
    assert [one["application"] for one in done["actions"]] == ["reporting-service-leak"], run.output
    assert alive == careful


def test_a_container_that_was_removed_is_made_anew_on_its_old_data(lab: Lab, play: Play, record: LabRecord) -> None:
    cluster = "SELECT system_identifier FROM pg_control_system()"
    data = lab.psql(cluster)
    lab.inject("db-removed")
    broken = picture(lab)

    assert planned(assert_check_only_tells(PLAYBOOK, lab, play, record)) == [("recreate", ("postgres",))]

    run = play(PLAYBOOK)

    assert end_of(run) == (0, "healed", ["recreate"]), run.output
    assert "postgres has no container" in record.only["root_cause"]
    assert touched(broken, picture(lab)) == {"postgres"}
    assert lab.psql(cluster) == data


def test_where_nobody_leaks_the_holders_of_slots_are_restarted_one_by_one_until_slots_are_free(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    for service in ("user-service", "compliance-monitor", "reporting-service"):
        hold_pool(lab, service, 12)
    before = picture(lab)

    rehearsed = assert_check_only_tells(PLAYBOOK, lab, play, record, **AT_ONCE)

    assert planned(rehearsed)[0][0] == "restart_dependants"
    assert pools(lab) == 36

    run = play(PLAYBOOK, **AT_ONCE)

    assert end_of(run) == (0, "healed", ["restart_dependants"]), run.output
    assert "postgres.leak" not in critical(run)
    assert len(touched(before, picture(lab))) == 1, run.output
    assert pools(lab) == 24
    assert record.only["state"] == "resolved"


ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="a file system of its own needs root")
ESCALATED = (
    Case("db-wrong-password", frozenset({"postgres.authentication"}), "a wrong password", ()),
    Case("disk-postgres-full", frozenset({"postgres.disk"}), "nothing of the database is deleted", ()),
)


@pytest.mark.parametrize(
    "case", [ESCALATED[0], pytest.param(ESCALATED[1], marks=ROOT_ONLY)], ids=[str(case) for case in ESCALATED]
)
def test_what_no_rung_can_heal_is_escalated_with_its_cause_and_nothing_is_touched(
    lab: Lab, play: Play, record: LabRecord, case: Case
) -> None:
    lab.inject(case.fault)
    before = picture(lab)

    assert planned(assert_check_only_tells(PLAYBOOK, lab, play, record)) == []

    run = play(PLAYBOOK)

    assert end_of(run) == (2, "escalated", []), run.output
    assert case.findings <= critical(run)
    assert case.cause in record.only["root_cause"]
    assert kinds(record.only) == ["opened", "escalated"]
    assert (record.only["state"], record.only["escalated"]) == ("open", True)
    assert touched(before, picture(lab)) == set()


# The modules, both ways to a server


@dataclass(frozen=True)
class Way:
    """A way to the lab's server: the options that lead there, and how the result calls it."""

    via: str
    options: Mapping[str, Any]


@pytest.fixture
def ways(lab: Lab, postgres_password_file: Path) -> tuple[Way, Way]:
    """By exec in its container, and as a managed server: an address, a role and a password file in the inventory."""
    address = lab.docker(
        "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", lab.container_id("postgres")
    ).strip()
    managed = {
        "host": address,
        "user": MINE,
        "database": MINE,
        "client": "postgres",
        "password_file": str(postgres_password_file),
        **PROTECTED,
    }
    return (
        Way("exec", {"project": lab.project, "services": {"postgres": {"postgres": PROTECTED}}}),
        Way(
            "tcp from postgres",
            {
                "project": lab.project,
                "name": "database",
                "services": {"database": {"kind": "postgres", "postgres": managed}},
            },
        ),
    )


def test_a_managed_server_by_its_address_shows_and_does_the_same_as_one_in_a_container(
    lab: Lab, quick_play: Play, ways: tuple[Way, Way], bystanders: dict[str, str], tmp_path: Path
) -> None:
    lab.inject("db-leak")

    look, end = (f"agentfoundry.incident_response.{name}" for name in ("postgres_activity_info", "postgres_session"))
    criteria = {"action": "terminate", "older_than": 0}
    run = quick_play(
        playbook_of(
            tmp_path,
            *({look: way.options} for way in ways),
            *({end: {**way.options, **criteria}, "check_mode": True} for way in ways),
            {end: {**ways[1].options, **criteria}},
        )
    )

    assert run.rc == 0, run.output
    by_exec, by_tcp = looks = run.calls("postgres_activity_info")
    for way, looked in zip(ways, looks, strict=True):
        assert (looked["postgres"]["answer"], looked["postgres"]["via"]) == ("ok", way.via)
    assert by_exec["postgres"]["by_service"]["reporting-service"] == 37 - len(BYSTANDERS) + 1, (
        "a WAL sender has no slot"
    )
    assert by_exec["postgres"]["slots"] == by_tcp["postgres"]["slots"]
    assert protected(by_exec) == protected(by_tcp)
    assert by_exec["postgres"]["write"] == by_tcp["postgres"]["write"] == {"tried": True, "error": "", "code": ""}
    # Only the log of a container tells of clients that were rejected a moment ago, in another test; and who reached a
    # server by its address does not ask where it listens.
    only_here = {"postgres.authentication", "postgres.listen_addresses"}
    assert {one: status for one, status in judged(by_exec).items() if one not in only_here} == judged(by_tcp)

    rehearsed_by_exec, rehearsed_by_tcp, ended = run.calls("postgres_session")
    for call in (rehearsed_by_exec, rehearsed_by_tcp, ended):
        assert {one["id"] for one in call["actions"]} == {one["id"] for one in ended["actions"]}
        assert {one["service"] for one in call["actions"]} == {"reporting-service"}
        assert len(call["spared"]) == len(BYSTANDERS) - 1, "a WAL sender is in no transaction"
    assert ended["remaining"] == []
    assert identities(lab) == bystanders


def protected(looked: Mapping[str, Any]) -> dict[int, str]:
    """Return process -> why it is never touched, of each session that lasts."""
    lasting = [one for one in looked["postgres"]["sessions"] if one["state"] != "active"]
    return {one["pid"]: one["protected"] for one in lasting}


def judged(looked: Mapping[str, Any]) -> dict[str, str]:
    """Return id -> status of the findings of PostgreSQL that do not depend on its container and its disk."""
    apart = ("postgres.running", "postgres.disk", "postgres.refused")
    return {
        one["id"]: one["status"]
        for one in looked["findings"]
        if one["id"].startswith("postgres.") and not one["id"].startswith(("postgres.log", *apart))
    }
