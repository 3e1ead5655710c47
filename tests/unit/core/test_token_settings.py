# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.token_settings import (
    TokenSettings,
    read_token_settings,
)

LOGIN = {"path": "/login", "user": "probe", "password_variable": "PROBE_PASSWORD"}


def test_nothing_said_is_no_issuer() -> None:
    assert read_token_settings(None) == TokenSettings()
    assert not read_token_settings(None).configured


def test_what_is_said_is_read() -> None:
    settings = read_token_settings({"login": LOGIN, "verify": {"orders": "/me"}, "variables": ["SIGNING_SECRET"]})
    assert settings.configured
    assert settings.login.is_configured
    assert (settings.login.user, settings.login.answer, settings.login.deadline) == ("probe", "token", 2.0)
    assert (settings.verify, settings.variables) == ({"orders": "/me"}, ("SIGNING_SECRET",))


def test_an_issuer_without_a_probe_account_can_be_named() -> None:
    assert not read_token_settings({}).login.is_configured
    assert read_token_settings({}).configured


@pytest.mark.parametrize(
    "given, option",
    [
        ("yes", "token"),
        ({"logn": {}}, "token.logn"),
        ({"login": "probe"}, "token.login"),
        ({"login": {**LOGIN, "password": "hunter2hunter2"}}, "token.login.password"),
        ({"login": {"path": "/login", "user": "probe"}}, "token.login"),
        ({"login": {**LOGIN, "password_file": "/etc/p"}}, "token.login"),
        ({"login": {"path": "/login", "user": "probe", "password_file": "p"}}, "token.login.password_file"),
        ({"login": {**LOGIN, "password_variable": "A-B"}}, "token.login.password_variable"),
        ({"login": {**LOGIN, "path": "login"}}, "token.login.path"),
        ({"login": {**LOGIN, "path": "//evil.example.com"}}, "token.login.path"),
        ({"login": {**LOGIN, "user": "two\nlines"}}, "token.login.user"),
        ({"login": {**LOGIN, "body": {"user": "x"}}}, "token.login.body"),
        ({"login": {**LOGIN, "answer": "data..token"}}, "token.login.answer"),
        ({"login": {**LOGIN, "deadline": 0}}, "token.login.deadline"),
        ({"verify": ["orders"]}, "token.verify"),
        ({"verify": {"-x": "/me"}}, "token.verify"),
        ({"verify": {"orders": "me"}}, "token.verify.orders"),
        ({"variables": []}, "token.variables"),
        ({"variables": ["A B"]}, "token.variables"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(given: Any, option: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_token_settings(given)
    assert caught.value.option == option


def test_a_password_in_the_inventory_is_refused_without_showing_it() -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_token_settings({"login": {**LOGIN, "password": "hunter2hunter2"}})
    assert "hunter2" not in str(caught.value)
