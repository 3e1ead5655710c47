# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Receivers that hang, drip or answer garbage, people without an address, and notes that would steer a terminal."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from typing import Any

import vendors
from bad_servers import Answer, drips, hangs, ok, server
from notified_people import Desk

ALL = {"P1": ["sms", "email", "slack", "pager", "ticket", "webhook"]}
GARBAGE = ok(b"<html>\xff\x00 it works", "201 Created", "Content-Type: application/json")
A_LIST = ok(b"[]", "201 Created", "Content-Type: application/json")
NULL = ok(b"null", "201 Created", "Content-Type: application/json")


def channels(stack: ExitStack) -> dict[str, dict[str, Any]]:
    """A channel for each server that misbehaves."""

    def url(answer: Answer) -> str:
        return f"http://127.0.0.1:{stack.enter_context(server(answer))}"

    silent = stack.enter_context(server(hangs, reads=False))
    login = {"username": "robot", "password": vendors.JIRA_PASSWORD}
    return {
        "hangs": {"type": "webhook", "url": url(hangs), "timeout": 1},
        "drips": {"type": "webhook", "url": url(drips), "timeout": 1},
        "silent": {"type": "mail", "host": "127.0.0.1", "port": silent, "from": "a@example.com", "timeout": 1},
        "garbage": {"type": "github", "api_url": url(GARBAGE), "repository": "acme/ops", "token": vendors.GITHUB_TOKEN},
        "list": {"type": "servicenow", "url": url(A_LIST), **login},
        "null": {"type": "jira", "uri": url(NULL), "project": "OPS", **login},
    }


def test_a_receiver_that_hangs_drips_or_answers_garbage_holds_up_neither_the_tick_nor_the_others(desk: Desk) -> None:
    number = desk.opened()
    with ExitStack() as stack:
        desk.variables["notification_routes"] = ALL
        desk.variables["incident_channels"] = {**channels(stack), **desk.world.channels("webhook")}

        tick = desk.run("escalate.yml")

    assert tick.code == 0, tick.output
    told = {one["channel"]: one for one in desk.incident(number)["notifications"]}
    assert {name: one["state"] for name, one in told.items()} == {
        "hangs": "waiting",
        "drips": "waiting",
        "silent": "waiting",
        # They said that they took it: told again, it would be a second ticket.
        "garbage": "sent",
        "list": "sent",
        "null": "sent",
        "webhook": "sent",
    }
    assert all(told[name]["error"] for name in ("hangs", "drips", "silent"))
    assert [secret for secret in vendors.SECRETS if secret in tick.output + str(told)] == []


def test_what_was_delivered_is_noted_before_the_next_message_is_sent_and_only_a_few_are_taken_at_once(
    desk: Desk,
) -> None:
    number = desk.opened()
    seen: list[dict[str, str]] = []

    def looks(connection: socket.socket) -> None:
        seen.append({one["channel"]: one["state"] for one in desk.incident(number)["notifications"]})
        ok(b"")(connection)

    with server(looks) as port:
        hook = {"type": "webhook", "url": f"http://127.0.0.1:{port}"}
        desk.variables["notification_routes"] = ALL
        desk.variables["incident_channels"] = {f"hook{place}": hook for place in range(6)}
        tick = desk.run("escalate.yml")

    assert tick.code == 0, tick.output
    names = list(seen[0])
    assert [[states[name] for name in names] for states in seen] == [
        ["claimed"] * 4 + ["waiting"] * 2,
        ["sent"] + ["claimed"] * 3 + ["waiting"] * 2,
        ["sent"] * 2 + ["claimed"] * 2 + ["waiting"] * 2,
        ["sent"] * 3 + ["claimed"] + ["waiting"] * 2,
        ["sent"] * 4 + ["claimed"] * 2,
        ["sent"] * 5 + ["claimed"],
    ]
    assert {one["state"] for one in desk.incident(number)["notifications"]} == {"sent"}


def test_a_contact_of_an_odd_shape_is_named_and_the_other_channels_go_on(desk: Desk) -> None:
    number = desk.opened()
    desk.variables["notification_routes"] = ALL
    desk.variables["incident_channels"] = desk.world.channels("mail", "twilio", "slack", "webhook")
    desk.variables["incident_contacts"] = {
        "on_call_engineer": {"name": "Jane", "email": "jane@example.com\nBcc: all@example.com", "slack": "U0JANE"},
    }

    tick = desk.run("escalate.yml")

    assert tick.code == 0, tick.output
    told = {one["channel"]: one for one in desk.incident(number)["notifications"]}
    assert {name: one["state"] for name, one in told.items()} == {
        "mail": "waiting",
        "twilio": "waiting",
        "slack": "sent",
        "webhook": "sent",
    }
    assert "incident_contacts.on_call_engineer.email" in told["mail"]["error"]
    assert "Give on_call_engineer the key phone in incident_contacts" in told["twilio"]["error"]
    assert desk.world.smtp.mails == []


STEERING = "all \x1b[2J\x1b]0;owned\x07clear \u202etxt.exe\r\nINC-1  P4  closed"


def test_a_note_cannot_steer_a_terminal_or_a_reader_nor_forge_a_line(desk: Desk) -> None:
    number = desk.opened()

    noted = desk.run("note.yml", incident_id=number, incident_note=STEERING, incident_author="eve\x1b[31m\nroot")
    shown = desk.run("incidents.yml", incident_id=number, incidents_full=True)
    desk.run("escalate.yml")

    assert (noted.code, shown.code) == (0, 0), noted.output + shown.output
    (note,) = [entry for entry in desk.incident(number)["timeline"] if entry["kind"] == "note"]
    assert (note["message"], note["source"]) == ("all clear txt.exe INC-1 P4 closed", "eve root")
    for said in (noted.output, shown.output, *(mail.text for mail in desk.world.smtp.mails)):
        assert not {"\x1b", "\x07", "\u202e"} & set(said)
        assert not any(line.lstrip().startswith("INC-1 ") for line in said.splitlines())
