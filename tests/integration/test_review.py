# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hang of the model server yields, with nothing typed after it, all that people need: the right severity and
contacts, one message per channel, a complete record, and a review that lacks only what people write."""

from __future__ import annotations

import re
from pathlib import Path

import vendors
from html_check import faults_of
from lab_record import LabRecord, kinds
from notified_people import CONTACTS, World
from playbook_run import Play

from labtool.lab import Lab

PLAYBOOK = "remediate_model_server.yml"
CANARY = "model_server.canary"


ONE_EACH = {vendors.TWILIO: 1, "mail": 1, vendors.SLACK: 1, vendors.JIRA: 1}


def test_a_hang_yields_severity_contacts_one_message_per_channel_a_complete_timeline_and_a_review(
    lab: Lab, play: Play, record: LabRecord, told: World, tmp_path: Path
) -> None:
    inventory = {
        "remediation_review_directory": str(tmp_path / "reviews"),
        "incident_contacts": CONTACTS,
        "incident_channels": told.channels("twilio", "mail", "slack", "jira"),
        "notification_routes": {"P2": ["sms", "email", "slack", "ticket"]},
    }
    healthy = play(PLAYBOOK, **inventory)
    assert (healthy.rc, healthy.changed, record.incidents()) == (0, 0, []), healthy.output
    assert told.counts() == {}
    lab.inject("model-hang")

    healed = play(PLAYBOOK, **inventory)

    assert (healed.rc, healed.ending) == (0, "healed"), healed.output
    incident = record.only
    rule = "a service fails: a major feature is unavailable"
    assert (incident["severity"], incident["severity_rule"]) == ("P2", rule)
    assert (incident["issue_type"], incident["response"]) == ("model_server_failure", "met")

    # The on-call engineer hears of beginning and end as one message, everywhere.
    jane = CONTACTS["on_call_engineer"]
    assert told.counts() == ONE_EACH
    (mail,), (sms,), (chat,) = (
        told.smtp.mails,
        told.receivers.taken(vendors.TWILIO),
        told.receivers.taken(vendors.SLACK),
    )
    assert (mail.recipients, sms.form["To"]) == ((jane["email"],), jane["phone"])
    assert chat.json["text"].startswith(f"<@{jane['slack']}> *")
    assert f"[P2] {incident['id']} resolved: {incident['platform']}: model-server" in mail.subject
    assert [one["covers"] for one in incident["notifications"]] == [["opened", "resolved"]] * 4

    told_of = ["opened", "intent", "outcome", "resolved", "review", *["notified"] * 4]
    assert kinds(incident) == told_of
    (attempt,) = incident["attempts"]
    moments = [attempt[name] for name in ("started_at", "acted_at", "restored_at", "finished_at")]
    assert None not in moments
    assert moments == sorted(moments)
    measured = [one for one in incident["measurements"] if one["finding"] == CANARY]
    assert [one["phase"] for one in measured][:2] == ["before", "opened"]
    assert [one["status"] for one in measured if one["phase"] in ("before", "opened")] == ["ok", "critical"]
    assert (measured[-1]["phase"], measured[-1]["status"]) == ("restart of model-server", "ok")

    (markdown,) = (tmp_path / "reviews").glob("*/*.md")
    content, page = markdown.read_text(encoding="utf-8"), markdown.with_suffix(".html").read_text(encoding="utf-8")
    assert len(re.findall(r"^- \d\d:\d\d:\d\d — \*\*", content, re.MULTILINE)) == 6
    assert "is stopped (state T)" in content
    assert faults_of(page) == []
    assert page.count("<svg") >= 2

    # The next run finds nothing wrong: neither the incident nor its review is touched.
    again = play(PLAYBOOK, **inventory)
    assert (again.rc, again.changed) == (0, 0), again.output
    assert (record.only, markdown.read_text(encoding="utf-8"), told.counts()) == (incident, content, ONE_EACH)


def test_a_review_that_cannot_be_written_does_not_fail_the_remediation(
    lab: Lab, play: Play, record: LabRecord, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    lab.inject("model-hang")

    run = play(PLAYBOOK, remediation_review_directory=str(tmp_path / "file"))

    assert (run.rc, run.ending, record.only["state"]) == (0, "healed", "resolved"), run.output
    assert "could not be written" in run.output
