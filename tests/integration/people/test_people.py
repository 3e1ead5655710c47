# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks for people: what they change, whom they tell, and what they refuse."""

from __future__ import annotations

import json

import vendors
from notified_people import Desk


def test_who_acknowledges_is_named_and_the_steps_stop(desk: Desk) -> None:
    number = desk.opened()

    first = desk.run("acknowledge.yml", incident_id=number, incident_author="jane", incident_note="looking at its logs")
    again = desk.run("acknowledge.yml", incident_id=number, incident_author="jane", incident_note="looking at its logs")
    desk.time_passes(20 * 60)
    tick = desk.run("escalate.yml")

    assert (first.code, again.code, again.changed) == (0, 0, 0), first.output + again.output
    incident = desk.incident(number)
    assert (incident["state"], incident["response"], incident["escalation_level"]) == ("acknowledged", "met", 0)
    assert [entry["source"] for entry in incident["timeline"] if entry["kind"] in ("state", "note")] == ["jane"] * 2
    assert "looking at its logs" in first.output
    # Opening and acknowledging are told as one; by SMS nobody is woken for an acknowledgement.
    assert [request.json["text"].count("acknowledged") for request in desk.world.receivers.taken(vendors.SLACK)] == [1]
    assert tick.changed == 0


def test_a_severity_is_set_by_hand_with_a_reason_and_told_by_the_channels_of_the_new_one(desk: Desk) -> None:
    number = desk.opened(severity="P3", severity_rule="there is a way around it")
    desk.run("escalate.yml")

    refused = desk.run("set_severity.yml", incident_id=number, incident_severity="P1")
    raised = desk.run("set_severity.yml", incident_id=number, incident_severity="P1", incident_reason="all customers")

    assert (refused.code, raised.code) == (2, 0), refused.output + raised.output
    assert "Give the reason" in refused.output
    incident = desk.incident(number)
    assert (incident["severity"], incident["severity_rule"], incident["severity_by_hand"]) == (
        "P1",
        "all customers",
        True,
    )
    assert desk.world.counts() == {
        vendors.SLACK: 2, vendors.TWILIO: 1, vendors.PAGERDUTY: 1, vendors.WEBHOOK: 2, "mail": 1,
    }  # fmt: skip


def test_a_data_breach_is_opened_by_hand_and_the_security_lead_responds_first(desk: Desk) -> None:
    ran = desk.run(
        "open_incident.yml",
        incident_scenario="data_breach",
        incident_severity="P1",
        incident_reason="personal data left the platform",
        incident_summary="An export of the users table is on a public site.",
        incident_author="jane",
    )
    desk.time_passes(15 * 60)
    desk.run("escalate.yml")

    assert ran.code == 0, ran.output
    assert [sorted(mail.recipients) for mail in desk.world.smtp.mails] == [
        ["sam@example.com"],
        ["cleo@example.com", "lou@example.com"],
    ]
    assert "Data breach" in desk.world.smtp.mails[0].text


def test_what_is_resolved_by_a_person_is_told_and_a_p1_is_closed_only_after_its_review(desk: Desk) -> None:
    number = desk.opened()

    resolved = desk.run("resolve.yml", incident_id=number, incident_note="moved to another node")
    closed = desk.run("close.yml", incident_id=number)

    assert (resolved.code, closed.code) == (0, 2), resolved.output + closed.output
    assert "cannot be closed without a review" in closed.output
    assert desk.incident(number)["state"] == "resolved"
    assert "resolved" in desk.world.smtp.mails[0].subject


def test_an_id_that_two_hosts_know_is_changed_on_neither_until_one_is_named(desk: Desk) -> None:
    number = desk.opened()
    inventory = json.loads(desk.inventory().read_text())
    hosts = inventory["platforms"]["hosts"]
    hosts["docker-2"] = dict(hosts["docker-1"])
    second = desk.folder / "two.json"
    second.write_text(json.dumps(inventory))

    both = desk.run("note.yml", "-i", str(second), incident_id=number, incident_note="here")
    unknown = desk.run("note.yml", incident_id="INC-2020-01-01-001", incident_note="here")
    one = desk.run("note.yml", "-i", str(second), "--limit", "docker-2", incident_id=number, incident_note="here")

    assert (both.code, unknown.code, one.code) == (2, 2, 0), both.output + unknown.output + one.output
    assert "name one with --limit: docker-1, docker-2" in both.output
    assert "INC-2020-01-01-001 is in no record of these hosts" in unknown.output
    assert [entry["kind"] for entry in desk.incident(number)["timeline"]][:2] == ["opened", "note"]


def test_a_text_that_ansible_would_cut_at_its_first_blank_is_refused_and_one_in_quotes_is_kept_whole(
    desk: Desk,
) -> None:
    number = desk.opened()

    cut = desk.run("note.yml", "-e", "incident_note=declared it healed", incident_id=number)
    whole = desk.run("note.yml", "-e", "incident_note='declared it healed'", incident_id=number)

    assert (cut.code, whole.code) == (2, 0), cut.output + whole.output
    assert "here 'it healed'. Quote the value as well" in cut.output
    notes = [entry["message"] for entry in desk.incident(number)["timeline"] if entry["kind"] == "note"]
    assert notes == ["declared it healed"]


def test_what_became_of_an_alert_is_noted_once_in_the_incident_that_it_was_about(desk: Desk) -> None:
    number = desk.opened()
    desk.resolved(number)
    desk.opened(scenario="queue_backlog", services=("rabbitmq",))
    fired = {"scenario": "model_server", "starts_at": "2026-02-27T10:15:00Z", "ends_at": "2099-01-01T00:00:00Z"}

    first, again = (
        desk.run(
            "note.yml", incident_alert=fired, incident_note="The alert is resolved.", incident_author="Alertmanager"
        )
        for _ in range(2)
    )
    long_ago = desk.run("note.yml", incident_alert={**fired, "ends_at": "2026-02-27T10:20:00Z"}, incident_note="Late.")
    wrong = desk.run("note.yml", incident_alert={**fired, "ends_at": "soon"}, incident_note="When?")

    assert (first.code, first.changed > 0, again.code, again.changed) == (0, True, 0, 0), first.output + again.output
    notes = [entry for entry in desk.incident(number)["timeline"] if entry["kind"] == "note"]
    assert [(entry["source"], entry["message"]) for entry in notes] == [("Alertmanager", "The alert is resolved.")]
    assert (long_ago.code, long_ago.changed) == (0, 0), long_ago.output
    assert "There was no incident of model_server on docker-1" in long_ago.output
    assert wrong.code == 2
    assert "incident_alert.ends_at has the value 'soon'" in wrong.output
