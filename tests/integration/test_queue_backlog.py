# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""QB-1 to QB-5: why messages wait is told apart, and healed or escalated by the ladder; no message is ever lost."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from lab_record import LabRecord, attempts, kinds
from pictures import picture, touched
from planted_secret import PlantedSecret, hits
from playbook_run import Play, PlaybookRun, playbook_of

from checkout import ROOT, load_yaml
from labtool import broker
from labtool.commands import wait_until
from labtool.lab import Lab
from labtool.platform import COMPOSE_FILE, OVERRIDES

PLAYBOOK = "remediate_queue_backlog.yml"
# How fast the lab's consumers work is a matter of the machine, and of what else it does.
PATIENT = {"queue_backlog_drain_limit": 3600}
LADDER = load_yaml(ROOT / "roles" / "queue_backlog" / "defaults" / "main.yml")["queue_backlog_ladder"]
QUEUE, CONSUMER = "notifications", "notification-service"
PARKING = f"{QUEUE}.quarantine"


def end_of(run: PlaybookRun) -> tuple[int, str, list[str]]:
    """Return exit code, ending and the rungs that were climbed."""
    return (run.rc, run.ending, run.actions)


def critical(run: PlaybookRun) -> set[str]:
    """Return the ids of the critical findings about the broker."""
    return {
        one["id"] for one in run.artifact["findings"] if (one["status"], one["service"]) == ("critical", "rabbitmq")
    }


def warnings(run: PlaybookRun) -> set[str]:
    """Return the ids of the warnings about the broker."""
    return {one["id"] for one in run.artifact["findings"] if (one["status"], one["service"]) == ("warning", "rabbitmq")}


def waiting(lab: Lab, queue: str = QUEUE) -> int:
    """Return how many messages are in a queue; one that does not exist has none."""
    return int(broker.queues(lab).get(queue, {}).get("messages", 0))


def delivered(lab: Lab) -> int:
    """Return how many notifications the present process of notification-service has worked off."""
    _status, answer = lab.http("user-service", "/login", {"username": "alice", "password": "wonderland"})
    headers = {"Authorization": f"Bearer {answer['token']}"}
    return int(lab.http(CONSUMER, "/notifications", headers=headers)[1]["delivered"])


def assert_check_only_tells(lab: Lab, play: Play, record: LabRecord, **variables: Any) -> list[str]:
    """Rehearse, see that nothing was touched and nothing written, and return the rungs of the plan."""
    before = picture(lab)
    run = play(PLAYBOOK, "--check", "--diff", **variables)
    assert (*end_of(run), run.changed) == (2, "diagnosed", [], 0), run.output
    assert touched(before, picture(lab)) == set()
    assert not record.was_written
    return [str(step["action"]) for step in run.artifact["plan"]["steps"]]


@dataclass(frozen=True)
class Case:
    """A fault, the finding and the words that tell it, the rung that heals it, and the service that this touches."""

    fault: str
    finding: str
    cause: str
    action: str
    service: str = ""

    def __str__(self) -> str:
        return self.fault


CASES = (
    Case(
        "queue-no-consumer", "rabbitmq.no_consumer",
        "notifications has no consumer while 5,000 messages wait: notification-service does not consume it",
        "restart", "notification-service",
    ),
    Case(
        "queue-checks-no-consumer", "rabbitmq.no_consumer",
        "compliance-checks has no consumer while 5,000 messages wait: compliance-monitor does not consume it",
        "restart", "compliance-monitor",
    ),
    Case(
        "queue-checks-dependency", "rabbitmq.dependency_paused",
        "compliance-monitor cannot work off its queue: it depends on postgres. postgres is paused",
        "unpause", "postgres",
    ),
    Case(
        "queue-memory-alarm", "rabbitmq.memory_limit",
        "The memory limit of rabbitmq was set to 1 MB while it ran; its configuration says 256 MB",
        "restore_memory_limit",
    ),
    Case(
        "queue-broker-stopped", "rabbitmq.running",
        "rabbitmq is down: its runtime answers, but the broker does not run",
        "restart", "rabbitmq",
    ),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_backlog_is_told_apart_then_healed_and_a_second_run_changes_nothing(
    lab: Lab, play: Play, record: LabRecord, case: Case
) -> None:
    lab.inject(case.fault)
    broken = picture(lab)

    rehearsed = play(PLAYBOOK, "--check", "--diff", **PATIENT)

    assert (*end_of(rehearsed), rehearsed.changed) == (2, "diagnosed", [], 0), rehearsed.output
    assert not record.was_written
    assert touched(broken, picture(lab)) == set()
    assert case.finding in critical(rehearsed)
    assert case.cause in rehearsed.artifact["root_cause"]
    assert rehearsed.artifact["plan"]["steps"][0]["action"] == case.action

    first = play(PLAYBOOK, **PATIENT)

    assert end_of(first) == (0, "healed", [case.action]), first.output
    assert touched(broken, picture(lab)) == {case.service} - {""}
    assert record.only["state"] == "resolved"
    assert kinds(record.only) == ["opened", "intent", "outcome", "resolved"]
    # How long the drain takes, or that it is over.
    (outlook,) = first.artifact["history"][-1]["outlook"]
    assert "will take about" in outlook or "The queues of rabbitmq are worked off" in outlook
    assert outlook in first.output

    if case.fault.startswith("queue-checks"):
        # The rest of them would keep database and machine busy for minutes.
        broker.drain(lab)
    healed = picture(lab)
    second = play(PLAYBOOK, **PATIENT)

    assert (*end_of(second), second.changed) == (0, "healthy", [], 0), second.output
    assert touched(healed, picture(lab)) == set()
    # The lab's broker has RabbitMQ's default user, and takes it from other hosts than its own.
    assert "rabbitmq.guest" in warnings(second)
    if case.fault == "queue-no-consumer":
        wait_until("the backlog to be worked off", lambda: not waiting(lab))
        assert delivered(lab) == 5000


def test_a_consumer_that_holds_its_messages_is_restarted_and_then_given_the_configuration_of_the_files(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    lab.inject("queue-stuck-consumer")
    broken = picture(lab)

    assert assert_check_only_tells(lab, play, record, **PATIENT) == ["restart", "recreate"]
    assert waiting(lab) == 5000

    run = play(PLAYBOOK, queue_backlog_ladder=[{**rung, "deadline": 8} for rung in LADDER], **PATIENT)

    assert end_of(run) == (0, "healed", ["restart", "recreate"]), run.output
    assert "notifications is stuck: notification-service does not acknowledge any of 5,000 messages" in run.output
    assert touched(broken, picture(lab)) == {CONSUMER}
    assert attempts(record.only) == [("restart", "done"), ("recreate", "done")]
    wait_until("the backlog to be worked off", lambda: not waiting(lab))
    assert delivered(lab) == 5000


# Poison


def test_poison_messages_are_parked_by_approval_only_and_neither_they_nor_those_behind_them_are_lost(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    lab.inject("queue-poison")
    lab.fault_point("compliance-monitor", "publish", queue=QUEUE, text='{"kind": "good"}', count=20)
    wait_until("all messages", lambda: waiting(lab) == 23)
    others = {name: seen for name, seen in picture(lab).items() if name != CONSUMER}

    # The consumer crashes on and on: its container is another one each time.
    rehearsed = play(PLAYBOOK, "--check", "--diff", remediation_approved_actions=["quarantine_messages"], **PATIENT)

    assert (*end_of(rehearsed), rehearsed.changed) == (2, "diagnosed", [], 0), rehearsed.output
    assert [step["action"] for step in rehearsed.artifact["plan"]["steps"]] == ["quarantine_messages"]
    assert (waiting(lab), waiting(lab, PARKING), record.was_written) == (23, 0, False)
    assert PARKING not in broker.queues(lab)

    refused = play(PLAYBOOK, **PATIENT)

    assert end_of(refused) == (2, "refused", []), refused.output
    assert "rabbitmq.poison" in critical(refused)
    assert "A message of notifications brings notification-service down again and again" in record.only["root_cause"]
    assert "quarantine_messages" in refused.failures[-1]
    assert (waiting(lab), waiting(lab, PARKING)) == (23, 0)

    healed = play(PLAYBOOK, remediation_approved_actions=["quarantine_messages"], **PATIENT)

    assert end_of(healed) == (0, "healed", ["quarantine_messages"]), healed.output
    assert f"Parked 3 messages of notifications in {PARKING} (before: 23 and 0, after: " in healed.output
    assert (waiting(lab), waiting(lab, PARKING), delivered(lab)) == (0, 3, 20)
    for message in broker.messages(lab, PARKING):
        assert base64.b64decode(message["payload"]) == b"this is not JSON"
        assert message["properties"]["headers"]["x-incident-response-queue"] == QUEUE
    assert touched(others, {name: seen for name, seen in picture(lab).items() if name in others}) == set()
    assert record.only["state"] == "resolved"
    assert attempts(record.only) == [("quarantine_messages", "done")]

    well = picture(lab)
    second = play(PLAYBOOK, remediation_approved_actions=["quarantine_messages"], **PATIENT)

    assert (*end_of(second), second.changed) == (0, "healthy", [], 0), second.output
    assert "rabbitmq.parked" in warnings(second)
    assert touched(well, picture(lab)) == set()


def test_a_consumer_that_was_stopped_in_the_midst_of_its_crash_loop_is_freed_of_its_poison(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    lab.inject("queue-poison")
    wait_until("a crash loop", lambda: lab.container(CONSUMER).restart_count >= 3)
    lab.compose("stop", CONSUMER)

    run = play(PLAYBOOK, remediation_approved_actions=["quarantine_messages"], **PATIENT)

    assert end_of(run) == (0, "healed", ["quarantine_messages"]), run.output
    assert (waiting(lab), waiting(lab, PARKING)) == (0, 3)
    assert record.only["state"] == "resolved"
    assert waiting(lab, PARKING) == 3


# More consumers


def files_with(lab: Lab, override: str) -> dict[str, Any]:
    """Return the variables of a platform whose Compose files have this override."""
    files = [str(COMPOSE_FILE), str(OVERRIDES / f"{override}.yaml")]
    return {"platform_compose_files": files, "platform_env_files": [str(lab.env_file)]}


def test_a_slow_consumer_with_a_fixed_port_is_not_scaled_and_the_report_says_why(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    lab.inject("queue-slow-consumer")
    before = picture(lab)
    port = lab.variables()["LAB_PORT_NOTIFICATION_SERVICE"]
    why = f"notification-service publishes its port on the fixed port {port} of the host"

    rehearsed = play(PLAYBOOK, "--check", "--diff", **files_with(lab, "queue-slow-consumer"))

    assert (*end_of(rehearsed), rehearsed.changed) == (2, "diagnosed", [], 0), rehearsed.output
    assert "rabbitmq.slow_consumer" in critical(rehearsed)
    skipped = {rung["action"]: rung["reason"] for rung in rehearsed.artifact["plan"]["skipped"]}
    assert why in skipped["scale_consumers"]
    assert not record.was_written

    run = play(PLAYBOOK, **files_with(lab, "queue-slow-consumer"))

    assert end_of(run) == (2, "escalated", []), run.output
    assert why in run.output
    assert touched(before, picture(lab)) == set()
    assert (record.only["escalated"], attempts(record.only)) == (True, [])


def test_a_slow_consumer_of_which_there_may_be_several_gets_more_containers(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    lab.inject("queue-slow-scalable")
    # One takes 500 s or more for the backlog, four of them a quarter of that.
    more = [{**rung, "parameters": {"by": 3, "at_most": 4}} for rung in LADDER if rung["action"] == "scale_consumers"]
    variables = {
        "queue_backlog_ladder": more,
        "queue_backlog_drain_limit": 300,
        **files_with(lab, "queue-slow-scalable"),
    }
    first_of_them = lab.docker("ps", "-q", "--filter", f"name={lab.project}-{CONSUMER}-1").split()
    others = {name: seen for name, seen in picture(lab).items() if name != CONSUMER}

    assert assert_check_only_tells(lab, play, record, **variables) == ["scale_consumers"]
    assert broker.consumers(lab, QUEUE) == 1

    run = play(PLAYBOOK, **variables)

    assert end_of(run) == (0, "healed", ["scale_consumers"]), run.output
    assert broker.consumers(lab, QUEUE) == 4
    assert "notification-service has 4 containers now" in run.output
    assert "will take about" in run.artifact["history"][-1]["outlook"][0]
    assert lab.docker("ps", "-q", "--filter", f"name={lab.project}-{CONSUMER}-1").split() == first_of_them
    assert touched(others, {name: seen for name, seen in picture(lab).items() if name in others}) == set()
    assert record.only["state"] == "resolved"

    second = play(PLAYBOOK, **variables)

    assert (*end_of(second), second.changed) == (0, "healthy", [], 0), second.output
    assert broker.consumers(lab, QUEUE) == 4


# The ways to the broker

USER = "incident-response"


@pytest.fixture
def account(lab: Lab) -> Iterator[PlantedSecret]:
    """An account of the broker that may look, with a password that nobody may see."""
    secret = PlantedSecret.random()
    lab.exec("rabbitmq", "rabbitmqctl", "-q", "add_user", USER, secret.value)
    try:
        lab.exec("rabbitmq", "rabbitmqctl", "-q", "set_user_tags", USER, "monitoring")
        lab.exec("rabbitmq", "rabbitmqctl", "-q", "set_permissions", USER, "^$", "^$", ".*")
        yield secret
    finally:
        lab.exec("rabbitmq", "rabbitmqctl", "-q", "delete_user", USER)


def alike(looked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what both ways must tell alike: rates lag by the one, memory and disk move between two looks."""
    broker_data = looked["rabbitmq"]
    moving = ("memory_used", "disk_free")
    without = ("rates", "window", "capacity")
    return {
        "state": [broker_data[name] for name in ("state", "alive", "running", "version", "error")],
        "nodes": [{k: v for k, v in node.items() if k not in moving} for node in broker_data["nodes"]],
        "queues": [{k: v for k, v in queue.items() if k not in without} for queue in broker_data["queues"]],
        "findings": {
            one["id"]: (one["status"], one["message"])
            for one in looked["findings"]
            if one["id"].startswith("rabbitmq.") and one["id"] not in ("rabbitmq.management", "rabbitmq.running")
        },
    }


def test_management_api_and_rabbitmqctl_tell_the_same_and_no_credential_is_shown(
    lab: Lab, play: Play, account: PlantedSecret, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lab.inject("queue-no-consumer")
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "password").write_text(f"{account.value}\n", encoding="utf-8")
    (folder / "wrong").write_text("not the password\n", encoding="utf-8")

    def look(**settings: Any) -> dict[str, Any]:
        options = {"project": lab.project, "services": {"rabbitmq": {"rabbitmq": settings}}}
        return {"name": "Look", "agentfoundry.incident_response.rabbitmq_queue_info": options}

    run = play(
        playbook_of(
            tmp_path,
            look(user=USER, password_file=str(folder / "password")),
            look(user=USER, password_file=str(folder / "wrong")),
            look(management_port=15999),
        ),
        "-vvv",
    )

    assert run.rc == 0, run.output
    api, refused, unreachable = run.calls("rabbitmq_queue_info")
    assert api["rabbitmq"]["via"] == "management API, published port"
    assert {refused["rabbitmq"]["via"], unreachable["rabbitmq"]["via"]} == {"rabbitmqctl, exec"}
    assert "does not take these credentials" in refused["rabbitmq"]["bypassed"]
    assert "refuses connections" in unreachable["rabbitmq"]["bypassed"]
    backlog = {queue["name"]: queue for queue in api["rabbitmq"]["queues"]}[QUEUE]
    assert (backlog["ready"], backlog["class"], backlog["services"]) == (5000, "no_consumer", [CONSUMER])
    assert alike(refused) == alike(api)
    assert alike(unreachable) == alike(api)
    assert api["rabbitmq"]["guest"] is unreachable["rabbitmq"]["guest"] is True
    assert {queue["dead_letter"] for queue in unreachable["rabbitmq"]["queues"]} == {False}
    for name in ("password", "wrong"):
        (folder / name).unlink()
    assert hits(tmp_path_factory.getbasetemp(), {"the broker's password": account.shapes}) == []
