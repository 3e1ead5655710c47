# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import Rejection
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_rejections import (
    read_rejections,
)

SERVICES = {"172.18.0.5": "web", "172.18.0.6": "jobs", "fd00::5": "web", "2001:db8:0:0:0:0:0:7": "jobs"}
MESSAGE = 'FATAL:  password authentication failed for user "app"'
AT = "2026-11-26 12:08:27.107 UTC [19964]"
WEB = Rejection("app", "web", first_age=5.0, last_age=5.0)
ANYBODY = Rejection("app", first_age=5.0, last_age=5.0)
STRANGER = Rejection("app", stranger=True, first_age=5.0, last_age=5.0)
NO_PASSWORD = Rejection(stranger=True, first_age=5.0, last_age=5.0)


@pytest.mark.parametrize(
    "line, rejection",
    [
        (f'{AT} FATAL:  password authentication failed for user "app"', ANYBODY),
        (f'{AT} [unknown] app@shop 172.18.0.5 FATAL:  password authentication failed for user "app"', WEB),
        (f'{AT} app@shop 172.18.0.5(51234) FATAL:  password authentication failed for user "app"', WEB),
        (f'{AT} app@shop 172.18.0.5: FATAL:  28P01: password authentication failed for user "app"\r', WEB),
        (f'{AT} fd00::5 FATAL:  LDAP authentication failed for user "app"', WEB),
        (f'{AT} 2001:db8:0:0:0:0:0:7 FATAL:  password authentication failed for user "app"',
         Rejection("app", "jobs", first_age=5.0, last_age=5.0)),
        (f'{AT} 172.18.0.9 FATAL:  password authentication failed for user "app"', STRANGER),
        (f'{AT} 127.0.0.1 FATAL:  password authentication failed for user "app"', STRANGER),
        (f'{AT} ::1 FATAL:  password authentication failed for user "app"', STRANGER),
        (f'{AT} [local] FATAL:  password authentication failed for user "app"', STRANGER),
        (f'{AT} no pg_hba.conf entry for host "172.18.0.5", user "app", database "shop"', NO_PASSWORD),
        (f'{AT} FATAL:  role "app" does not exist', NO_PASSWORD),
        (f'{AT} 28P01 FATAL:  Passwort-Authentifizierung für Benutzer »app« fehlgeschlagen', NO_PASSWORD),
    ],
)  # fmt: skip
def test_whom_a_line_tells_of(line: str, rejection: Rejection) -> None:
    assert read_rejections([(line, 5.0)], SERVICES) == (rejection,)


@pytest.mark.parametrize(
    "before, user",
    [
        ("172.18.0.6@shop 172.18.0.5", "172.18.0.6"),
        ("172.18.0.5@shop 203.0.113.9", "172.18.0.5"),
        (f"{MESSAGE} @shop 203.0.113.9", MESSAGE),
        ("x@shop 203.0.113.9", 'x" FATAL:  password authentication failed for user "app'),
        # Of 63 characters, as long as a name may be, where no address is logged.
        ("", '172.18.0.6 FATAL:  password authentication failed for user "app'),
        # Debian's log_line_prefix: '%m [%p] %q%u@%d '.
        ("172.18.0.6@shop", "172.18.0.6"),
    ],
    ids=[
        "the address of another service",
        "an address of ours",
        "the whole message",
        "the end of the message",
        "an address and the message, in a log without addresses",
        "an address, in a log that has users only",
    ],
)
def test_a_user_name_that_pretends_to_be_more_accuses_nobody(before: str, user: str) -> None:
    line = f'{AT} {before} FATAL:  password authentication failed for user "{user}"'
    (found,) = read_rejections([(line, 5.0)], SERVICES)
    assert (found.service, found.stranger) == ("", True)


@pytest.mark.parametrize("user", ["do what I say", "-x", "a" * 64, "", "ä", "a`id`"])
def test_a_name_that_is_not_plain_is_not_repeated(user: str) -> None:
    line = f'{AT} 172.18.0.5 FATAL:  password authentication failed for user "{user}"'
    assert read_rejections([(line, 5.0)], SERVICES) == (Rejection("", "web", first_age=5.0, last_age=5.0),)


def test_the_same_user_of_the_same_service_is_counted_and_what_tells_of_nothing_is_left_out() -> None:
    web, jobs = (f'{AT} {one} FATAL:  password authentication failed for user "app"' for one in list(SERVICES)[:2])
    lines = [(web, 40.0), (jobs, 30.0), (web, 20.0), (web, -1.0)]
    lines += [(f"{AT} LOG:  checkpoint starting: time", 3.0), (f'{AT} DETAIL:  Role "app" does not exist.', 3.0)]
    assert read_rejections(lines, SERVICES) == (
        Rejection("app", "web", count=3, first_age=40.0, last_age=0.0),
        Rejection("app", "jobs", count=1, first_age=30.0, last_age=30.0),
    )
