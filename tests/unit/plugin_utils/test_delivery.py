# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent: short enough for an SMS, with nothing in it that steers a reader, and for the right people."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_fakes import NOON, an_incident

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.notice import Kind
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.notification_text import word
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.delivery import (
    deliver,
    not_reached,
    readable_error,
)

CONTACTS = {
    "on_call": {"email": "jane@example.com", "phone": "+15550100", "slack": "U0JANE"},
    "lead": {"email": ["lea@example.com", "lea@example.org"]},
    "odd": {"slack": "!channel"},
}
MAIL = {"type": "mail", "host": "localhost", "from": "ops@example.com"}
SMS = {"type": "twilio", "account_sid": "AC1", "auth_token": "s3cret", "from_number": "+15550199"}
SLACK = {"type": "slack", "token": "T0/B0/s3cret"}
GITHUB = {"type": "github", "repository": "acme/ops", "token": "s3cret"}
JIRA = {"type": "jira", "uri": "https://jira.example.com", "project": "OPS"}
SERVICENOW = {"type": "servicenow", "url": "https://x.example.com", "username": "robot", "password": "s3cret"}
PAGER = {"type": "pagerduty", "integration_key": "k"}


def a_message(notice: str = "it hangs", *, contacts: Any = ("on_call",), **changes: Any) -> dict[str, Any]:
    own: tuple[str, ...] = ("kind", "possible_repeat", "channel", "reference")
    fields = {key: changes.pop(key) for key in own if key in changes}
    incident = an_incident(id="INC-2026-02-27-001", issue_type="model_server_failure", **changes)
    return {
        "key": "shop/INC-2026-02-27-001/1/ops",
        "kind": "opened",
        "covers": ["opened"],
        "notice": notice,
        "channel": "ops",
        "contacts": list(contacts),
        "level": 0,
        "tries": 1,
        "possible_repeat": False,
        "reference": "",
        "incident": {**incident.to_data(), "response": incident.response(NOON).value},
        **fields,
    }


@pytest.mark.parametrize("kind", [kind.value for kind in Kind])
def test_every_kind_of_change_is_put_into_words(kind: str) -> None:
    words = word(a_message(kind=kind))
    assert words.subject.startswith("[P2] INC-2026-02-27-001 ")
    assert words.subject.endswith(": shop: model-server")
    assert words.sms.startswith("P2 INC-2026-02-27-001 ")


def test_an_outage_of_many_services_cuts_off_neither_the_id_nor_the_reason() -> None:
    services = tuple(f"recommendation-service-of-region-{number}" for number in range(10))
    words = word(a_message("database does not answer", kind="severity", possible_repeat=True, services=services))
    assert words.sms.startswith("REPEAT? P2 INC-2026-02-27-001 changed its severity: shop: recommendation-")
    assert " and 8 more. database" in words.sms
    assert words.subject.endswith(" and 8 more")
    assert f"affected: {', '.join(services)[:250]}" in words.text


@pytest.mark.parametrize(
    "services, shown",
    [((), "model_server"), (("a",), "a"), (("a", "b"), "a, b"), (("a", "b", "c"), "a, b and 1 more")],
)
def test_at_most_two_services_are_named(services: tuple[str, ...], shown: str) -> None:
    words = word(a_message(services=services, scenario="model_server"))
    assert words.subject.endswith(f" opened: shop: {shown}")
    assert f" opened: shop: {shown}. it hangs" in words.sms


def test_a_possible_repeat_is_marked_where_it_is_read_first() -> None:
    words = word(a_message(possible_repeat=True))
    assert words.subject.startswith("REPEAT? ")
    assert words.sms.startswith("REPEAT? ")
    assert "may be a repeat" in words.text


def test_who_has_to_respond_reads_until_when_and_how() -> None:
    text = word(a_message()).text
    assert "response due: 2026-02-27T13:00:00Z (pending)" in text
    assert "acknowledge: ansible-playbook playbooks/acknowledge.yml -e incident_id=INC-2026-02-27-001" in text
    assert "issue: Model server failure" in text


def test_what_is_resolved_asks_for_no_response() -> None:
    text = word(a_message(kind="resolved", resolved_at=NOON)).text
    assert "resolved: 2026-02-27T12:00:00Z" in text
    assert "response due" not in text


@given(st.text(), st.lists(st.text(min_size=1), max_size=4))
def test_whatever_a_service_says_an_sms_is_one_short_line_and_no_line_can_be_forged(
    notice: str, services: list[str]
) -> None:
    words = word(a_message(notice, services=tuple(services)))
    assert len(words.sms) <= 160
    assert words.sms.isascii()
    assert words.sms.isprintable()
    assert not set("^{}[]~|\\`") & set(words.sms)
    assert len(words.subject) <= 150
    assert words.subject.splitlines() == [words.subject]
    assert not any(unicodedata.category(char)[0] == "C" for char in words.subject)
    assert len(words.text.splitlines()) == len(word(a_message()).text.splitlines())


def test_marks_of_slack_in_what_a_service_says_are_only_text() -> None:
    text = deliver(a_message("<!channel> & <@U0EVIL>"), SLACK, CONTACTS)["slack_text"]
    assert "&lt;!channel&gt; &amp; &lt;@U0EVIL&gt;" in text
    assert text.startswith("<@U0JANE> *")


HOSTILE = "@acme/ops #7 ![x](https://evil.example/x.png) ``` {noformat} h1. [~cto] {NoFormat:title=x} <img src=x>"


def test_on_github_what_a_service_says_is_code_that_it_cannot_end() -> None:
    lines = deliver(a_message(HOSTILE), GITHUB, CONTACTS)["markdown_text"].split("\n")
    assert (lines[0], lines[-1]) == ("````text", "````")
    assert [line for line in lines if HOSTILE in line] == [f"told: {HOSTILE}"]
    assert not any(line.startswith("````") for line in lines[1:-1])


def test_in_jira_what_a_service_says_stands_in_a_block_that_it_cannot_end_and_mentions_nobody() -> None:
    text = deliver(a_message(HOSTILE), JIRA, CONTACTS)["wiki_text"]
    assert text.startswith("{noformat}\n")
    assert text.endswith("\n{noformat}")
    assert text.lower().count("{noformat") == 2
    assert "[~" not in text
    assert "{ noformat} h1. [ ~cto] { NoFormat:title=x}" in text


def test_in_a_note_of_servicenow_what_a_service_says_is_no_html() -> None:
    text = deliver(a_message("[code]<img src=x>[/CODE] [1]"), SERVICENOW, CONTACTS)["journal_text"]
    assert "told: [ code]<img src=x>[ /CODE] [1]" in text


def test_only_the_id_of_a_member_is_mentioned() -> None:
    assert "!channel" not in deliver(a_message(contacts=["odd"]), SLACK, CONTACTS)["slack_text"]


@pytest.mark.parametrize(
    "contacts, channel, key, expected",
    [
        (["on_call"], MAIL, "emails", ["jane@example.com"]),
        (["on_call", "lead"], MAIL, "emails", ["jane@example.com", "lea@example.com", "lea@example.org"]),
        (["nobody"], {**MAIL, "to": "ops@example.com"}, "emails", ["ops@example.com"]),
        (["on_call"], {**MAIL, "to": ["jane@example.com"]}, "emails", ["jane@example.com"]),
        (["on_call"], SMS, "phones", ["+15550100"]),
    ],
)
def test_a_message_goes_to_its_contacts_and_to_the_channels_own_recipients(
    contacts: list[str], channel: dict[str, Any], key: str, expected: list[str]
) -> None:
    assert deliver(a_message(contacts=contacts), channel, CONTACTS)[key] == expected


@pytest.mark.parametrize(
    "channel, unreached",
    [(MAIL, ["odd", "nobody"]), ({**SMS, "to": "+15550111"}, ["lead", "odd", "nobody"]), (SLACK, [])],
)
def test_who_has_no_address_for_the_channel_is_told(channel: dict[str, Any], unreached: list[str]) -> None:
    delivery = deliver(a_message(contacts=["on_call", "lead", "odd", "nobody"]), channel, CONTACTS)
    assert delivery["unreached"] == unreached


@pytest.mark.parametrize(
    "channel, refused, expected",
    [
        (MAIL, {}, ["odd"]),
        (MAIL, {"jane@example.com": [550, "no such user"]}, ["odd", "on_call", "jane@example.com (550 no such user)"]),
        pytest.param(
            MAIL, {"lea@example.org": [550, "full\nof mail"]}, ["odd", "lea@example.org (550 full of mail)"],
            id="another address of the contact was taken",
        ),
        pytest.param(
            {**MAIL, "to": "Ops <ops@example.com>"}, {"ops@example.com": [450, "later"]},
            ["odd", "Ops <ops@example.com> (450 later)"], id="an address with a name",
        ),
        ({**SMS, "to": "+15550111"}, {"+15550100": "bad number for s3cret"},
         ["lead", "odd", "on_call", "+15550100 (bad number for [redacted])"]),
        pytest.param(SLACK, {"jane@example.com": "of an earlier mail"}, [], id="a channel without addresses"),
    ],
)  # fmt: skip
def test_who_was_refused_while_others_were_not_is_named_with_the_reason(
    channel: dict[str, Any], refused: dict[str, Any], expected: list[str]
) -> None:
    delivery = deliver(a_message(contacts=["on_call", "lead", "odd"]), channel, CONTACTS)
    assert not_reached(delivery, refused, channel) == expected


@pytest.mark.parametrize(
    "kind, reference, states",
    [
        ("opened", "", ["triggered"]),
        ("unanswered", "shop/1", ["triggered"]),
        ("acknowledged", "shop/1", ["acknowledged"]),
        ("resolved", "shop/1", ["resolved"]),
        pytest.param("resolved", "", ["triggered", "resolved"], id="it never heard of the beginning"),
        pytest.param("acknowledged", "", ["triggered", "acknowledged"], id="nor of this one's"),
    ],
)
def test_a_pager_is_given_one_key_for_all_that_concerns_an_incident_and_the_beginning_before_the_end(
    kind: str, reference: str, states: list[str]
) -> None:
    delivery = deliver(a_message(kind=kind, reference=reference), PAGER, CONTACTS)
    assert (delivery["pager_states"], delivery["dedup_key"]) == (states, "shop/INC-2026-02-27-001")


@pytest.mark.parametrize(
    "channel, contacts, words",
    [
        ({"type": "slack"}, CONTACTS, "notification_channels.ops.token has the value None"),
        ({**SLACK, "chanel": "s3cret"}, CONTACTS, "notification_channels.ops.chanel"),
        ({}, CONTACTS, "It is not configured any more"),
        (SMS, {"on_call": {}}, "Give on_call the key phone in incident_contacts, or the channel the key to"),
        (MAIL, {"on_call": "jane"}, "incident_contacts.on_call"),
        (MAIL, {"on_call": {"email": "a@example.com\nBcc: all@example.com"}}, "incident_contacts.on_call.email"),
        (
            SMS,
            {"on_call": {"name": "Jane", "phone": 15550100}},
            "incident_contacts.on_call.phone has the value 15550100",
        ),
        ({**SMS, "to": [15550100]}, {}, "notification_channels.ops.to has the value 15550100"),
        (SMS, {"on_call": {"name": "Jane"}}, "Give on_call the key phone"),
        (MAIL, ["jane"], "incident_contacts has the value"),
    ],
)
def test_what_is_missing_is_named_and_no_secret_is_shown(channel: Any, contacts: Any, words: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        deliver(a_message(), channel, contacts)
    assert words in str(raised.value)
    assert "s3cret" not in str(raised.value)


def test_a_delivery_bears_no_secret() -> None:
    assert "s3cret" not in str(deliver(a_message(), SLACK, CONTACTS)) + str(deliver(a_message(), SMS, CONTACTS))


@pytest.mark.parametrize(
    "text, channel, expected",
    [
        ("Task failed: Module failed: HTTP 503", SLACK, "HTTP 503"),
        ("no route to https://hooks.example.com/T0/B0/s3cret", SLACK, "no route to https://hooks.example.com/[redacted]"),
        ("for 'x' failed: The filter plugin 'a.b.delivery' failed: channels.ops.to is missing", SLACK,
         "channels.ops.to is missing"),
        (' failed to send {"text": "a {b} to c: d' + "x" * 500 + '"} to https://hooks.slack.com/services/[obscured]: '
         "HTTP Error 403: Forbidden", SLACK, "HTTP Error 403: Forbidden"),
        ("failed to send a mail to https://x: no", SLACK, "failed to send a mail to https://x: no"),
        (None, SLACK, "The channel gave no reason."),
        ("broken", None, "broken"),
    ],
)  # fmt: skip
def test_why_a_channel_failed_is_one_line_without_its_secrets(text: Any, channel: Any, expected: str) -> None:
    assert readable_error(text, channel) == expected
