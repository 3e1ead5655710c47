# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a channel is handed: words, addresses and the vendor's own terms. On the controller, where the contacts are.

The channel's secrets do not pass through here; the task that sends takes them from the inventory.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from email.utils import parseaddr
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.markdown import fenced
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.notification_text import Words, word
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor

PAYLOAD_VERSION = 1

# Type of a channel -> its required and its optional keys.
_KEYS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "slack": (("token",), ("channel", "username", "domain", "validate_certs")),
    "mail": (("host", "from"), ("port", "to", "username", "password", "secure", "timeout", "ehlohost")),
    "twilio": (("account_sid", "auth_token", "from_number"), ("to",)),
    "jira": (("uri", "project"), ("issuetype", "username", "password", "token", "fields", "timeout", "validate_certs")),
    "github": (("repository", "token"), ("api_url", "labels", "timeout")),
    "servicenow": (("url", "username", "password"), ("table", "fields", "timeout", "validate_certs")),
    "pagerduty": (("integration_key",), ("client_url", "tell_healed")),
    "webhook": (("url",), ("method", "headers", "status_code", "timeout", "validate_certs")),
}
_SECRET_KEYS = ("token", "password", "auth_token", "account_sid", "integration_key", "url", "headers")
_PAGER_STATES = {"resolved": "resolved", "acknowledged": "acknowledged"}
_PAGER_SEVERITIES = {"P1": "critical", "P2": "error", "P3": "warning", "P4": "info"}
# ServiceNow: urgency and impact, 1 (high) to 3 (low).
_URGENCIES = {"P1": "1", "P2": "2", "P3": "3", "P4": "3"}
_WRAPPING = re.compile(r"^(?:.*delivery' failed: |Task failed: (?:Module failed: )?)", re.DOTALL)
# The end of a block without markup, and a mention.
_WIKI_MARKS = re.compile(r"\{(?=\s*noformat)|\[(?=~)", re.IGNORECASE)
# ServiceNow shows what stands between them in a note as HTML.
_CODE_TAGS = re.compile(r"\[(?=\s*/?\s*code\s*\])", re.IGNORECASE)
# Slack's module puts all that it sent, which may be long, before the reason.
_PAYLOAD = re.compile(r"^\s*failed to send \{.*\} to \S+: ", re.DOTALL)
_SMS_KEY, _EMAIL_KEY = "phone", "email"
_ADDRESS_KEYS = {"mail": _EMAIL_KEY, "twilio": _SMS_KEY}


def deliver(message: Mapping[str, Any], channel: object, contacts: object) -> dict[str, Any]:
    """All that the task which sends needs, except secrets.

    :param message: as the module ``outbox`` handed it out.
    :param channel: the channel of the inventory.
    :param contacts: name -> ``name``, ``email``, ``phone``, ``slack``.
    :raises InvalidInputError: a key is missing or unknown, or nobody has an address for the channel.
    """
    option = f"notification_channels.{message['channel']}"
    settings = _settings(channel, option)
    people = _people(message["contacts"], contacts)
    words = word(message)
    incident = message["incident"]
    kind = settings["type"]
    key = _ADDRESS_KEYS.get(kind)
    given = _addresses(key, people, settings, option) if key else []
    own = {one["contact"]: _several(one.get(key), str(key)) for one in people} if key else {}
    return {
        "type": kind,
        "key": message["key"],
        "subject": words.subject,
        "sms": words.sms,
        "text": words.text,
        "slack_text": _slack(words, people),
        "markdown_text": _markdown(words),
        "wiki_text": _wiki(words),
        "journal_text": _CODE_TAGS.sub("[ ", words.text),
        "emails": given if key == _EMAIL_KEY else [],
        "phones": given if key == _SMS_KEY else [],
        "addresses": own,
        "unreached": [name for name, addresses in own.items() if not addresses],
        # One dedup key for all that concerns the incident: a pager resolves what it triggered.
        "dedup_key": f"{incident['platform']}/{incident['id']}"[:255],
        "pager_states": _pager_states(message),
        "pager_severity": _PAGER_SEVERITIES[incident["severity"]],
        "urgency": _URGENCIES[incident["severity"]],
        "reference": message["reference"],
        "payload": _payload(message),
    }


def not_reached(delivery: Mapping[str, Any], refused: Mapping[str, Any], channel: object) -> list[str]:
    """Who a message that was sent has not reached: contacts without an address, and addresses that were refused.

    :param delivery: of :func:`deliver`.
    :param refused: address -> what the receiver said, of those that it did not take while it took others.
    :param channel: the channel of the inventory, whose secrets are left out.
    :returns: names of contacts, also those whose every address was refused, and each refused address with the reason.
    """
    lost = {_bare(address): address for address in delivery["emails"] + delivery["phones"] if _bare(address) in refused}
    contacts = [
        name
        for name, addresses in delivery["addresses"].items()
        if addresses and all(_bare(address) in lost for address in addresses)
    ]
    reasons = [f"{address} ({readable_error(_reply(refused[bare]), channel)})" for bare, address in lost.items()]
    return [*delivery["unreached"], *contacts, *reasons]


def _bare(address: str) -> str:
    """The address alone, as the module for mails names it: ``jane@example.com`` of ``Jane <jane@example.com>``."""
    return parseaddr(address)[1] if "@" in address else address


def _reply(said: object) -> str:
    """In one piece: SMTP gives a code and a text."""
    return " ".join(str(part) for part in said) if isinstance(said, (list, tuple)) else str(said)


def readable_error(text: object, channel: object) -> str:
    """Why a channel failed, in one line, without its secrets and without Ansible's own words around it."""
    reason = _PAYLOAD.sub("", _WRAPPING.sub("", str(text or "The channel gave no reason.")))
    return Redactor(_secrets(channel)).line(reason, 300)


def _settings(channel: object, option: str) -> Mapping[str, Any]:
    if not isinstance(channel, Mapping) or channel.get("type") not in _KEYS:
        raise InvalidInputError(option, type(channel).__name__, remedy="It is not configured any more.")
    required, optional = _KEYS[channel["type"]]
    for key in required:
        if channel.get(key) in (None, ""):
            raise InvalidInputError(f"{option}.{key}", channel.get(key), remedy="Give it: the channel needs it.")
    unknown = sorted(set(channel) - {"type", "events", *required, *optional})
    if unknown:
        # The value is not shown: it may be a secret under a mistyped key.
        known = ", ".join((*required, *optional, "events"))
        raise InvalidInputError(f"{option}.{unknown[0]}", "(not shown)", remedy=f"Known keys: {known}.")
    return channel


def _people(names: Collection[str], contacts: object) -> list[Mapping[str, Any]]:
    if not isinstance(contacts, Mapping):
        raise InvalidInputError("incident_contacts", contacts, remedy="Give a mapping of names to contacts.")
    found: list[Mapping[str, Any]] = []
    for name in names:
        contact = contacts.get(name, {})
        if not isinstance(contact, Mapping):
            raise InvalidInputError(f"incident_contacts.{name}", contact, remedy="Give name, email, phone or slack.")
        found.append({**contact, "contact": name})
    return found


def _addresses(key: str, people: Collection[Mapping[str, Any]], channel: Mapping[str, Any], option: str) -> list[str]:
    """Those of the contacts and of the channel itself, each once."""
    given = [(person.get(key), f"incident_contacts.{person['contact']}.{key}") for person in people]
    found = [
        address for value, where in (*given, (channel.get("to"), f"{option}.to")) for address in _several(value, where)
    ]
    if not found:
        names = ", ".join(str(person["contact"]) for person in people) or "nobody"
        remedy = f"Give {names} the key {key} in incident_contacts, or the channel the key to."
        raise InvalidInputError(f"{option}.to", None, remedy=remedy)
    return list(dict.fromkeys(found))


def _several(value: object, where: str) -> list[str]:
    """One address or a list of them. :raises InvalidInputError: one is no text, or could be more than an address."""
    if value in (None, ""):
        return []
    found = list(value) if isinstance(value, (list, tuple)) else [value]
    for address in found:
        if not isinstance(address, str):
            remedy = "Put it into quotes: YAML reads a phone number as a number and drops its plus."
            raise InvalidInputError(where, address, remedy=remedy)
        if not address.isprintable():
            raise InvalidInputError(where, address, remedy="Give one address in one line.")
    return [str(address) for address in found]


def _pager_states(message: Mapping[str, Any]) -> list[str]:
    """What a pager is told, in this order. One that never heard of the incident is told of its beginning first."""
    state = _PAGER_STATES.get(message["kind"], "triggered")
    return [state] if state == "triggered" or message["reference"] else ["triggered", state]


def _slack(words: Words, people: Collection[Mapping[str, Any]]) -> str:
    """Mentions, then the text with the three characters escaped that Slack reads as marks."""
    mentions = "".join(f"<@{person['slack']}> " for person in people if str(person.get("slack", "")).isalnum())
    text = words.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"{mentions}*{text.partition(chr(10))[0]}*\n{text.partition(chr(10))[2]}"


def _markdown(words: Words) -> str:
    """A block of code: GitHub makes mentions and references also of what is escaped, but not of code."""
    return fenced(words.text.split("\n"))


def _wiki(words: Words) -> str:
    """A block in which Jira's wiki markup does not act, and which the text cannot end; a mention is one anywhere."""
    text = _WIKI_MARKS.sub(lambda match: f"{match.group()} ", words.text)
    return f"{{noformat}}\n{text}\n{{noformat}}"


def _payload(message: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("key", "kind", "covers", "notice", "contacts", "level", "tries", "possible_repeat", "incident")
    return {"version": PAYLOAD_VERSION, **{name: message[name] for name in kept}}


def _secrets(value: object) -> list[str]:
    """Every text below a key that holds a secret."""
    if isinstance(value, Mapping):
        return [text for key, item in value.items() if key in _SECRET_KEYS for text in _texts(item)]
    return []


def _texts(value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in _texts(item)]
    return [str(value)] if value not in (None, "") else []
