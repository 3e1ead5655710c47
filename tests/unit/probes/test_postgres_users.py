# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_users import user_of


@pytest.mark.parametrize(
    "environment, needs_it, user",
    [
        ({"DATABASE_URL": "postgres://app:secret@db:5432/shop"}, False, "app"),
        ({"URL": "postgresql+psycopg://app%40shop:x@db/shop"}, False, "app@shop"),
        ({"JDBC": "jdbc:postgresql://app@db/shop"}, False, "app"),
        ({"DATABASE_URL": "postgres://app:secret@other/shop"}, False, ""),
        ({"PGUSER": "app"}, True, "app"),
        ({"PGUSER": "app"}, False, ""),
        ({}, True, ""),
    ],
)
def test_the_role_of_a_service_is_told_by_its_environment(
    environment: dict[str, str], needs_it: bool, user: str
) -> None:
    assert user_of(environment, "db", needs_it=needs_it) == user
