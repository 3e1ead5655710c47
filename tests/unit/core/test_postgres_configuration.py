# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import (
    Configuration,
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
