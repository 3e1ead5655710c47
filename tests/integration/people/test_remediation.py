# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a remediation changed is told in the same run, to real receivers on loopback, with no further typing."""

from __future__ import annotations

import re
from pathlib import Path

import vendors
from lab_record import LabRecord, kinds
from notified_people import CONTACTS, Desk
from playbook_run import run_playbook
from quick import QUICK

from labtool.lab import Lab

PLAYBOOK = "remediate_model_server.yml"


def test_a_hang_is_healed_and_told_once_through_each_channel_of_its_severity(
    lab: Lab, desk: Desk, environment: dict[str, str], record: LabRecord, tmp_path: Path
) -> None:
    def run(number: int) -> tuple[int, int, str]:
        ran = run_playbook(
            PLAYBOOK,
            tmp_path / f"runner{number}",
            variables={
                **QUICK,
                "incident_channels": desk.world.channels(),
                "incident_contacts": CONTACTS,
            },
            environment={**environment, **desk.world.environment},
        )
        return ran.rc, ran.changed, ran.output

    lab.inject("model-hang")
    code, changed, output = run(1)

    assert code == 0, output
    assert changed > 0
    incident = record.only
    rule = "a service fails: a major feature is unavailable"
    assert (incident["severity"], incident["severity_rule"]) == ("P2", rule)
    assert (incident["issue_type"], incident["state"], incident["response"]) == (
        "model_server_failure", "resolved", "met",
    )  # fmt: skip
    # P2: e-mail and Slack, and the pager and webhook that are configured.
    once = {vendors.SLACK: 1, vendors.WEBHOOK: 1, vendors.PAGERDUTY: 2, "mail": 1}
    assert desk.world.counts() == once
    # A pager knows no end without a beginning, so it is told of both.
    events = [request.json for request in desk.world.receivers.taken(vendors.PAGERDUTY)]
    key = f"{incident['platform']}/{incident['id']}"
    assert [(event["event_action"], event["dedup_key"]) for event in events] == [("trigger", key), ("resolve", key)]
    (mail,) = desk.world.smtp.mails
    assert mail.recipients == (CONTACTS["on_call_engineer"]["email"],)
    assert f"[P2] {incident['id']} resolved: {incident['platform']}: model-server" in mail.subject
    assert incident["root_cause"] in mail.text
    assert [one["covers"] for one in incident["notifications"] if one["state"] == "sent"] == [
        ["opened", "resolved"]
    ] * 4
    assert kinds(incident)[:4] == ["opened", "intent", "outcome", "resolved"]
    assert set(kinds(incident)[4:]) == {"notified"}

    assert run(2)[:2] == (0, 0)
    assert desk.world.counts() == once


def test_a_host_that_cannot_be_reached_is_told_from_the_record_of_the_controller(desk: Desk) -> None:
    desk.variables.update(ansible_connection="ssh", ansible_host="127.0.0.1", ansible_port=9)

    first = desk.run(PLAYBOOK)
    desk.state_dir = desk.folder / "controller"
    desk.time_passes(15 * 60)
    tick = desk.run("escalate.yml")

    assert first.code in (2, 4), first.output
    assert [mail.recipients for mail in desk.world.smtp.mails] == [
        (CONTACTS["on_call_engineer"]["email"],),
        (CONTACTS["platform_lead"]["email"],),
    ], tick.output
    assert "host_unreachable" in desk.world.smtp.mails[0].subject


def test_an_engine_that_does_not_answer_is_told_in_the_same_run_and_by_the_next_run_not_again(desk: Desk) -> None:
    desk.variables["platform_docker_cli"] = "/nowhere/docker"
    once = {vendors.SLACK: 1, vendors.TWILIO: 1, vendors.PAGERDUTY: 1, vendors.WEBHOOK: 1, "mail": 1}

    first = desk.run(PLAYBOOK)
    counts = desk.world.counts()
    second = desk.run(PLAYBOOK)

    assert (first.code, second.code, second.changed) == (2, 2, 0), second.output
    assert counts == desk.world.counts() == once
    (mail,) = desk.world.smtp.mails
    assert re.fullmatch(r"\[P1\] INC-[-0-9]+ needs a person: shop: engine", mail.subject)
    assert "the Docker engine does not answer: complete outage" in mail.text
    assert mail.recipients == (CONTACTS["on_call_engineer"]["email"],)
