# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.doc_fragments.platform import ModuleDocFragment
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import (
    HealthSettings,
    ServiceSettings,
    read_services,
)


def test_no_settings_mean_that_everything_is_told_by_docker() -> None:
    assert read_services(None) == {}
    assert read_services({"web": None}) == {"web": ServiceSettings()}
    assert read_services({"web": {}})["web"].health == HealthSettings(enabled=True, path="", statuses=())


def test_all_that_can_be_said_of_a_service_is_read() -> None:
    settings = read_services(
        {
            "api": {
                "kind": "http",
                "depends_on": ["db"],
                "declared": "stopped",
                "user_facing": True,
                "port": 3000,
                "health": {
                    "path": "/ready?full=1",
                    "expect": " status == 'ok' ",
                    "statuses": [200, 204],
                    "deadline": 1,
                },
            }
        }
    )["api"]
    assert settings == ServiceSettings(
        kind="http",
        depends_on=("db",),
        declared="stopped",
        user_facing=True,
        port=3000,
        health=HealthSettings(True, "/ready?full=1", "status == 'ok'", (200, 204), 1.0),
    )


@pytest.mark.parametrize("value", [False])
def test_a_health_check_can_be_switched_off(value: bool) -> None:
    assert read_services({"api": {"health": value}})["api"].health.enabled is False


@pytest.mark.parametrize(
    "settings, option",
    [
        (["api"], "services"),
        ({"": {}}, "services"),
        ({"../etc": {}}, "services"),
        ({3: {}}, "services"),
        ({"api": "http"}, "services.api"),
        ({"api": {"helath": {}}}, "services.api.helath"),
        ({"api": {"kind": "web"}}, "services.api.kind"),
        ({"api": {"declared": "paused"}}, "services.api.declared"),
        ({"api": {"declared": True}}, "services.api.declared"),
        ({"api": {"depends_on": "db"}}, "services.api.depends_on"),
        ({"api": {"depends_on": ["d b"]}}, "services.api.depends_on"),
        ({"api": {"user_facing": "yes"}}, "services.api.user_facing"),
        ({"api": {"port": "3000"}}, "services.api.port"),
        ({"api": {"port": 0}}, "services.api.port"),
        ({"api": {"port": 65536}}, "services.api.port"),
        ({"api": {"port": True}}, "services.api.port"),
        ({"api": {"health": "no"}}, "services.api.health"),
        ({"api": {"health": {"url": "/"}}}, "services.api.health.url"),
        ({"api": {"health": {"path": "health"}}}, "services.api.health.path"),
        ({"api": {"health": {"path": "//evil.example/health"}}}, "services.api.health.path"),
        ({"api": {"health": {"path": "/a b"}}}, "services.api.health.path"),
        ({"api": {"health": {"path": "/a\r\nX: y"}}}, "services.api.health.path"),
        ({"api": {"health": {"expect": 1}}}, "services.api.health.expect"),
        ({"api": {"health": {"statuses": []}}}, "services.api.health.statuses"),
        ({"api": {"health": {"statuses": [99]}}}, "services.api.health.statuses"),
        ({"api": {"health": {"statuses": [True]}}}, "services.api.health.statuses"),
        ({"api": {"health": {"deadline": 0}}}, "services.api.health.deadline"),
        ({"api": {"health": {"deadline": float("inf")}}}, "services.api.health.deadline"),
        ({"api": {"health": {"deadline": True}}}, "services.api.health.deadline"),
        ({"api": {"model_server": {"canray": {}}}}, "services.api.model_server.canray"),
    ],
)
def test_a_wrong_setting_is_refused_by_the_name_of_its_option(settings: Any, option: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_services(settings)
    assert caught.value.option == option
    assert caught.value.remedy


@pytest.mark.parametrize("key", [field.name for field in fields(ServiceSettings)])
def test_every_setting_of_a_service_is_documented(key: str) -> None:
    assert f"C({key})" in ModuleDocFragment.DOCUMENTATION
