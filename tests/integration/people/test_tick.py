# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tick escalate.yml against real receivers on loopback, which hold it to the vendors' documents (see vendors)."""

from __future__ import annotations

from collections import Counter

import vendors
from notified_people import Desk

EVERY_CHANNEL = {"P1": ["sms", "email", "slack", "pager", "ticket", "webhook"]}
ALL_ONCE = dict.fromkeys((*vendors.VENDORS, "mail"), 1)


def test_each_channel_takes_what_it_is_given_and_what_follows_belongs_to_what_came_first(desk: Desk) -> None:
    desk.variables["notification_routes"] = EVERY_CHANNEL
    number = desk.opened()

    opened = desk.run("escalate.yml")

    assert (opened.code, desk.world.counts()) == (0, ALL_ONCE), opened.output

    desk.time_passes(15 * 60)
    unanswered = desk.run("escalate.yml")
    desk.resolved(number)
    resolved = desk.run("escalate.yml")

    assert (unanswered.code, resolved.code) == (0, 0), resolved.output
    # The SMS of the end is one to each of the two who were told.
    assert desk.world.counts() == {**dict.fromkeys(ALL_ONCE, 3), vendors.TWILIO: 4}
    taken = desk.world.receivers.taken
    events = [request.json for request in taken(vendors.PAGERDUTY)]
    assert [event["event_action"] for event in events] == ["trigger", "trigger", "resolve"]
    assert {event["dedup_key"] for event in events} == {f"shop/{number}"}
    assert [request.path.rstrip("/") for request in taken(vendors.JIRA)] == [
        "/rest/api/2/issue",
        *["/rest/api/2/issue/OPS-7/comment"] * 2,
    ]
    assert [request.path for request in taken(vendors.GITHUB)] == [
        "/repos/acme/ops/issues",
        *["/repos/acme/ops/issues/17/comments"] * 2,
    ]
    assert [request.method for request in taken(vendors.SERVICENOW)] == ["POST", "PATCH", "PATCH"]
    # The on-call engineer first, then the ML engineer, since the model server fails; both hear of the end.
    assert [sorted(mail.recipients) for mail in desk.world.smtp.mails] == [
        ["jane@example.com"],
        ["max@example.com"],
        ["jane@example.com", "max@example.com"],
    ]
    assert [mail.subject for mail in desk.world.smtp.mails] == [
        f"[P1] {number} {word}: shop: model-server" for word in ("opened", "unanswered", "resolved")
    ]
    assert taken(vendors.SLACK)[0].json["text"].startswith("<@U0JANE> *")
    shown = desk.incident(number)
    assert (shown["response"], shown["escalation_level"]) == ("missed", 1)


def test_a_channel_that_is_down_or_wrong_stops_no_other_fails_no_run_shows_no_secret_and_is_tried_again(
    desk: Desk,
) -> None:
    down = [vendors.SLACK, vendors.GITHUB, vendors.PAGERDUTY, vendors.WEBHOOK]
    wrong = {
        "no-token": {"type": "slack"},
        "mistyped": {"type": "webhook", "url": "http://127.0.0.1:9/", "tokn": "s3cret-typo"},
        "refused": {"type": "webhook", "url": "http://127.0.0.1:9/s3cret-path"},
    }
    desk.variables["notification_routes"] = EVERY_CHANNEL
    desk.variables["incident_channels"] = {**desk.world.channels(), **wrong}
    desk.world.receivers.down.update(down)
    desk.world.smtp.refused.add("jane@example.com")
    number = desk.opened()

    first = desk.run("escalate.yml", "-vvv")

    assert first.code == 0, first.output
    assert desk.world.counts() == {name: 1 for name in ALL_ONCE if name not in (*down, "mail")}
    notes = {one["channel"]: one for one in desk.incident(number)["notifications"]}
    assert Counter(one["state"] for one in notes.values()) == {"sent": 3, "waiting": 8}
    assert "503" in notes["github"]["error"]
    # Not what was sent to it.
    assert notes["slack"]["error"].startswith("HTTP Error 503")
    assert "jane@example.com" in notes["mail"]["error"]
    assert notes["no-token"]["error"].startswith("notification_channels.no-token.token has the value None")
    assert notes["mistyped"]["error"].startswith("notification_channels.mistyped.tokn")
    assert "refused" in notes["refused"]["error"]
    # The pager is told in a loop, of which the record names the cause as well.
    assert "503" in notes["pagerduty"]["error"]
    planted = (*vendors.SECRETS, "s3cret")
    assert [secret for secret in planted if secret in first.output + str(desk.incident(number))] == []

    desk.world.receivers.down.clear()
    desk.world.smtp.refused.clear()
    desk.variables["incident_channels"] = desk.world.channels()
    desk.time_passes(60)
    second, idle = desk.run("escalate.yml"), desk.run("escalate.yml")

    assert second.code == 0, second.output
    assert desk.world.counts() == ALL_ONCE
    assert (idle.code, idle.changed) == (0, 0), idle.output


def test_a_recipient_who_is_refused_is_named_and_the_others_are_told_once(desk: Desk) -> None:
    desk.variables["notification_routes"] = {"P1": ["sms", "email"]}
    channels = desk.world.channels("mail", "twilio")
    channels["mail"]["to"] = ["gone@example.com", "ops@example.com"]
    channels["twilio"]["to"] = [vendors.NO_NUMBER, "+15550111"]
    desk.variables["incident_channels"] = channels
    desk.world.smtp.refused.add("gone@example.com")
    number = desk.opened()

    first = desk.run("escalate.yml")
    desk.time_passes(60)
    second = desk.run("escalate.yml")

    assert (first.code, second.code) == (0, 0), first.output
    (mail,) = desk.world.smtp.mails
    assert sorted(mail.recipients) == ["jane@example.com", "ops@example.com"]
    assert [request.form["To"] for request in desk.world.receivers.taken(vendors.TWILIO)] == ["+15550100", "+15550111"]
    shown = desk.incident(number)
    assert {one["channel"]: one["state"] for one in shown["notifications"]} == {"mail": "sent", "twilio": "sent"}
    told = [entry["message"] for entry in shown["timeline"] if entry["kind"] == "notified"]
    assert any("gone@example.com (550 no such user)" in line for line in told), told
    assert any(f"{vendors.NO_NUMBER} (" in line and "is not valid" in line for line in told), told


def test_a_pager_is_told_the_beginning_and_then_the_end_of_what_is_over_already(desk: Desk) -> None:
    desk.variables["notification_routes"] = {"P1": ["pager"]}
    number = desk.opened()
    desk.resolved(number)

    told, again = desk.run("escalate.yml"), desk.run("escalate.yml")

    assert (told.code, again.code) == (0, 0), told.output
    events = [request.json for request in desk.world.receivers.taken(vendors.PAGERDUTY)]
    assert [(event["event_action"], event["dedup_key"]) for event in events] == [
        ("trigger", f"shop/{number}"),
        ("resolve", f"shop/{number}"),
    ]
    assert [one["state"] for one in desk.incident(number)["notifications"]] == ["sent"]


def test_with_no_channel_nothing_is_sent_and_nothing_is_carried_on_and_check_mode_only_looks(desk: Desk) -> None:
    number = desk.opened()
    desk.time_passes(3600)
    before = desk.incident(number)

    checked = desk.run("escalate.yml", "--check")
    desk.variables["incident_channels"] = {}
    unconfigured = desk.run("escalate.yml")

    assert (checked.code, unconfigured.code, unconfigured.changed) == (0, 0, 0), checked.output + unconfigured.output
    assert desk.world.counts() == {}
    assert desk.incident(number) == before


def test_a_tick_that_is_configured_wrongly_fails_and_names_the_option(desk: Desk) -> None:
    desk.variables["incident_channels"] = {"ops": {"type": "slak", "token": "s3cret"}}
    desk.opened()

    ran = desk.run("escalate.yml")

    assert ran.code == 2
    assert "channels.ops.type has the value 'slak'" in ran.output
    assert "s3cret" not in ran.output
