# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_settings import (
    PostgresSettings,
    read_postgres_settings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import read_services


def test_nothing_has_to_be_said() -> None:
    assert read_postgres_settings(None) == PostgresSettings()


def test_a_managed_server_is_described() -> None:
    data = {
        "host": "db.example.com", "port": 6432, "user": "monitor", "database": "app", "client": "web",
        "password_file": "/etc/app/password", "standby": True, "protected_applications": ["etl"],
        "protected_users": ["auditor"],
    }  # fmt: skip
    settings = read_services({"db": {"postgres": data}})["db"].postgres
    assert (settings.host, settings.port, settings.user, settings.database) == (
        "db.example.com",
        6432,
        "monitor",
        "app",
    )
    assert (settings.client, settings.password_file, settings.standby) == ("web", "/etc/app/password", True)
    assert (settings.protected_applications, settings.protected_users) == (("etl",), ("auditor",))


@pytest.mark.parametrize(
    "data, option",
    [
        ({"pasword_file": "/x"}, "postgres.pasword_file"),
        ({"user": "-c"}, "postgres.user"),
        ({"database": "dbname=other host=elsewhere"}, "postgres.database"),
        ({"database": "postgresql://elsewhere/x"}, "postgres.database"),
        ({"user": "x" * 64}, "postgres.user"),
        ({"host": "db;id"}, "postgres.host"),
        ({"host": "-h"}, "postgres.host"),
        ({"port": 0}, "postgres.port"),
        ({"port": True}, "postgres.port"),
        ({"port": "5432"}, "postgres.port"),
        ({"client": "a b"}, "postgres.client"),
        ({"password_file": "relative"}, "postgres.password_file"),
        ({"standby": "yes"}, "postgres.standby"),
        ({"protected_users": "auditor"}, "postgres.protected_users"),
        ({"protected_applications": [""]}, "postgres.protected_applications"),
        ([], "postgres"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(data: Any, option: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        read_postgres_settings(data)
    assert error.value.option == option


def test_an_unknown_key_does_not_show_its_value() -> None:
    with pytest.raises(InvalidInputError) as error:
        read_postgres_settings({"password": "hunter2"})
    assert "hunter2" not in str(error.value)
