# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a PostgreSQL server rejected for a wrong password, by its log. Pure.

The user's name stands in the line itself, the client's address only where log_line_prefix has it (%h or %r). Both the
name and what the prefix shows of it (%u, %a) are whatever a client chose to send, so an address counts only when it is
the only one before the message and not in the name, and a line that holds the message twice tells of nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import Rejection
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_log import classify_log_line
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import clean_text

# The last one in the line: a name may look like the message. How a password was checked does not matter.
_REJECTED = re.compile(
    r"^(?P<head>.*)FATAL:\s+(?:28P01: )?(?:password|LDAP|PAM|BSD|RADIUS) authentication failed for user "
    r'"(?P<user>[^"]*)"$'
)
_MESSAGE = "authentication failed for user"
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,62}")
_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]*(?::[0-9A-Fa-f]*){2,7}(?![\w:.])")
_SOCKET = "[local]"


def read_rejections(lines: Iterable[tuple[str, float]], services: Mapping[str, str]) -> tuple[Rejection, ...]:
    """Lines of the class ``authentication``, the same user of the same service together; most frequent first.

    :param lines: text and age (s), neither cleaned nor redacted.
    :param services: client address -> Compose service.
    """
    found: dict[tuple[str, str, bool], list[float]] = {}
    for text, age in lines:
        line = clean_text(text)
        if classify_log_line(line) == "authentication":
            found.setdefault(_who(line.strip(), services), []).append(max(0.0, age))
    rejections = [
        Rejection(*who, count=len(ages), first_age=max(ages), last_age=min(ages)) for who, ages in found.items()
    ]
    return tuple(sorted(rejections, key=lambda one: (-one.count, one.service, one.user)))


def _who(line: str, services: Mapping[str, str]) -> tuple[str, str, bool]:
    """User, service, and whether it is a stranger: rejected for another reason, or from nowhere on this platform."""
    match = _REJECTED.match(line)
    if match is None or _MESSAGE in match["head"]:
        return ("", "", True)
    user = match["user"] if _PLAIN.fullmatch(match["user"]) else ""
    addresses = _addresses(match["head"])
    if not addresses:
        return (user, "", False)
    certain = len(addresses) == 1 and not addresses & _addresses(match["user"])
    service = services.get(addresses.pop(), "") if certain else ""
    return (user, service, not service)


def _addresses(head: str) -> set[str]:
    found = set(_IPV4.findall(head))
    # A time of day has two colons, an address of the long form seven.
    found.update(one for one in _IPV6.findall(head) if "::" in one or one.count(":") > 2)
    return found | ({_SOCKET} if _SOCKET in head else set())
