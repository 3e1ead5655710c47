# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import (
    Configuration,
    Listening,
    Role,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_rows import (
    read_configuration,
)


def test_settings_and_roles_are_read() -> None:
    answer = {
        "settings": {"log_min_duration_statement": "200"},
        "roles": [
            {"name": "op", "superuser": True, "idle_in_transaction_session_timeout": None},
            {"name": "app", "superuser": False, "idle_in_transaction_session_timeout": "30s"},
            "no role",
        ],
    }

    assert read_configuration(answer, str) == Configuration(
        {"log_min_duration_statement": "200"}, (Role("op", True), Role("app", False, "30s"))
    )


@pytest.mark.parametrize("answer", [None, [], {"roles": []}, {"settings": None}])
def test_an_answer_of_another_shape_tells_nothing(answer: object) -> None:
    assert read_configuration(answer, str) is None


AUTO = "/var/lib/postgresql/data/postgresql.auto.conf"
# PostgreSQL 15, after `ALTER SYSTEM SET listen_addresses` and a reload; a plain role is not told the file.
TOLD = {
    "file": AUTO,
    "source": "configuration file",
    "changed": True,
    "addresses": "localhost",
}


@pytest.mark.parametrize(
    "told, listening",
    [
        (TOLD, Listening("localhost", "configuration file", AUTO, True)),
        (
            {"file": "", "source": "command line", "changed": False, "addresses": "*"},
            Listening("*", "command line"),
        ),
        ({**TOLD, "addresses": ""}, Listening("", "configuration file", AUTO, True)),
        ({"addresses": "*", "source": None, "file": None, "changed": "yes"}, Listening("*")),
        ({**TOLD, "addresses": None}, None),
        ({**TOLD, "addresses": ["*"]}, None),
        ("localhost", None),
        (None, None),
    ],
)
def test_where_the_server_listens_is_read_or_not_known(told: object, listening: Listening | None) -> None:
    read = read_configuration({"settings": {}, "listening": told}, str)
    assert read is not None
    assert read.listening == listening


def test_what_the_server_says_of_where_it_listens_is_cleaned() -> None:
    read = read_configuration({"settings": {}, "listening": TOLD}, lambda _text: "cleaned")
    assert read is not None
    assert read.listening == Listening("cleaned", "cleaned", "cleaned", True)
