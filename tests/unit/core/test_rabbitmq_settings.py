# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_settings import (
    RabbitmqSettings,
    read_rabbitmq_settings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import read_services


def test_nothing_needs_to_be_said() -> None:
    assert read_rabbitmq_settings(None) == read_rabbitmq_settings({}) == RabbitmqSettings()


def test_the_inventory_reaches_the_service() -> None:
    told = {
        "user": "monitor",
        "password_file": "/etc/secret",
        "management_port": 15671,
        "consumers": {"jobs": ["worker"]},
        "ignore_queues": ["*.dead"],
        "limits": {"jobs": 50},
    }
    assert read_services({"mq": {"rabbitmq": told}})["mq"].rabbitmq == RabbitmqSettings(
        "monitor", "/etc/secret", 15671, {"jobs": ("worker",)}, ("*.dead",), {"jobs": 50}
    )


@pytest.mark.parametrize(
    "data, option",
    [
        ("rabbitmq", "rabbitmq"),
        ({"pasword_file": "/x"}, "rabbitmq.pasword_file"),
        ({"password": "secret"}, "rabbitmq.password"),
        ({"user": "a:b"}, "rabbitmq.user"),
        ({"user": 7}, "rabbitmq.user"),
        ({"password_file": "relative"}, "rabbitmq.password_file"),
        ({"management_port": 0}, "rabbitmq.management_port"),
        ({"management_port": 65536}, "rabbitmq.management_port"),
        ({"management_port": "15672"}, "rabbitmq.management_port"),
        ({"management_port": True}, "rabbitmq.management_port"),
        ({"consumers": ["worker"]}, "rabbitmq.consumers"),
        ({"consumers": {"jobs": "worker"}}, "rabbitmq.consumers.jobs"),
        ({"consumers": {"jobs": []}}, "rabbitmq.consumers.jobs"),
        ({"consumers": {"jobs": ["--help"]}}, "rabbitmq.consumers.jobs"),
        ({"ignore_queues": "*.dead"}, "rabbitmq.ignore_queues"),
        ({"ignore_queues": [""]}, "rabbitmq.ignore_queues"),
        ({"limits": 5}, "rabbitmq.limits"),
        ({"limits": {"jobs": 0}}, "rabbitmq.limits.jobs"),
        ({"limits": {"jobs": "5"}}, "rabbitmq.limits.jobs"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_option(data: Any, option: str) -> None:
    with pytest.raises(InvalidInputError, match=option) as refused:
        read_rabbitmq_settings(data)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "queue, ignored",
    [("jobs", False), ("jobs.dead", True), ("dead", False), ("jobs.quarantine", True), (".quarantine", True)],
)
def test_queues_that_nobody_is_meant_to_consume(queue: str, ignored: bool) -> None:
    assert RabbitmqSettings(ignore_queues=("*.dead",)).ignores(queue) is ignored
